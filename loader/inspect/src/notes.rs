//! What would help: facts added to an error as notes, each found by looking, not by guessing.
//!
//! Called when something is wrong, by start-up and by inspection; never on a start that succeeds.

use super::Subject;
use alloc::{format, string::String, vec::Vec};
use ld_rs_loader::object::{Object, Objects};
use ld_rs_loader::search_log::{Attempt, Missing};
use ld_rs_loader::sys;
use ld_rs_plan::errno::{EACCES, ELOOP, ENOENT};
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::search::{directory_of, join};
use ld_rs_plan::{arch::MUSL_DEBIAN_DIRECTORY, edit_distance, elf::LE, elf::header, hints, libc::Kind, places::Place};
use object::elf;

/// Places where libraries lie that no default path names, and whose folders are looked into as well.
const ELSEWHERE: [&[u8]; 3] = [b"/usr/local/lib", MUSL_DEBIAN_DIRECTORY, b"/opt"];
/// How many missing libraries get notes, for which directories are read; those after them are named only.
const NOTED: usize = 16;
/// The most notes of one error, and names in a note: nobody reads more.
const MOST: usize = 6;

fn note(error: &mut Error, text: String) {
    if error.notes.len() < MOST {
        error.notes.push(text.into_bytes());
    }
}

/// Every error of `subject`, with notes: what is missing, then versions of what is there.
pub(super) fn missing(subject: &Subject) -> Vec<Error> {
    let mut errors: Vec<Error> = Vec::new();
    // A file may need 65,000 libraries: notes only for as many as are read.
    for (at, need) in subject.log.missing.iter().enumerate() {
        if at >= NOTED {
            errors.push(need.error.clone());
            continue;
        }
        if errors.iter().any(|known| known.object == need.error.object) {
            continue;
        }
        let mut error = need.error.clone();
        error.notes.clear();
        needed_by(subject, need, &mut error);
        file(&mut error);
        if matches!(error.cause, Cause::System(_, ENOENT)) {
            elsewhere(subject, need, &mut error);
        } else {
            // A file that was there but would not do; of these rather one for another machine or class.
            let there = |attempt: &&Attempt| {
                attempt.path.ends_with(&attempt.name)
                    && !matches!(attempt.rejected, None | Some(Cause::System(_, ENOENT)))
            };
            let attempts = subject.attempts(need).iter().filter(there);
            let other = |attempt: &&Attempt| !matches!(attempt.rejected, Some(Cause::Plain(_)));
            if let Some(attempt) = attempts.clone().find(other).or_else(|| attempts.clone().next())
                && attempt.path != error.object
            {
                note(&mut error, format!("found {}", Text(&attempt.path)));
            }
        }
        errors.push(error);
    }
    errors
}

/// Who needs it, up to the program, where that is not the program itself.
fn needed_by(subject: &Subject, need: &Missing, error: &mut Error) {
    let chain = subject.chain(need.requester);
    if chain.len() > 1 {
        let names: Vec<String> =
            chain.iter().map(|number| format!("{}", Text(&subject.objects[*number].name))).collect();
        note(error, format!("needed by {}", names.join(", needed by ")));
    }
    let requester = &subject.objects[need.requester];
    let of = Text(&requester.name);
    let of_musl = subject.libc == Kind::Musl;
    if Kind::Musl.has_name(&need.name) && !of_musl {
        note(error, format!("{of} is made for musl, {} for glibc", Text(&subject.name)));
    }
}

/// NAME_MAX of Linux, in bytes: no file has a longer name.
const LONGEST_NAME: usize = 255;
/// The most directories that are read for one missing library, of a list however long.
const MOST_PLACES: usize = 256;

/// Where a library lies that was not found, or what is nearly it.
fn elsewhere(subject: &Subject, need: &Missing, error: &mut Error) {
    if need.name.len() > LONGEST_NAME {
        return;
    }
    // A list of the file that leads nowhere.
    for attempt in subject.attempts(need).iter().take(MOST_PLACES) {
        let (of, what) = match attempt.place {
            Place::Rpath(of) => (of, "rpath"),
            Place::Runpath(of) => (of, "runpath"),
            _ => continue,
        };
        let directory =
            if matches!(attempt.rejected, Some(Cause::Plain(_))) { &attempt.path } else { directory_of(&attempt.path) };
        if sys::stat_path(directory).is_err() {
            let of = Text(&subject.objects[of].name);
            note(error, format!("the {what} of {of} names {}, which is not there", Text(directory)));
        }
    }
    let places = subject.objects.list.iter().map(|object| directory_of(&object.name));
    let tried = subject.attempts(need).iter().filter(|attempt| attempt.place != Place::Cache);
    let places = places.chain(tried.map(|attempt| directory_of(&attempt.path)));
    let (mut seen, mut found, mut alike) = (Vec::new(), Vec::new(), Vec::new());
    for place in places.chain(Kind::Glibc.rules().default_dirs.iter().chain(&ELSEWHERE).copied()) {
        if seen.contains(&place) || seen.len() == MOST_PLACES {
            continue;
        }
        seen.push(place);
        for (name, is_directory) in sys::directory(place) {
            let Some(path) = join(place, &name) else { continue };
            if is_directory {
                let inside = [&b""[..], b"lib/"].map(|below| join(&path, &[below, &need.name].concat()));
                found.extend(inside.into_iter().flatten().filter(|path| sys::stat_path(path).is_ok()));
            } else if name == need.name {
                found.push(path);
            } else if hints::same_library(&need.name, &name) {
                alike.push(path);
            }
        }
    }
    for path in found.iter().take(2) {
        let musl = if path.windows(6).any(|part| part == b"-musl/") { ", made for musl" } else { "" };
        note(error, format!("there is {}{musl}, where nothing looks for it", Text(path)));
    }
    for path in alike.iter().take(2).filter(|_| found.is_empty()) {
        note(error, format!("there is {}", Text(path)));
    }
}

/// What a file is that is no object, or a damaged one.
pub fn file(error: &mut Error) {
    let path = error.object.clone();
    match error.cause {
        Cause::Machine(machine) => note(error, format!("the file is for {}", hints::machine(machine))),
        Cause::Class(1) => note(error, "the file is for 32-bit programs".into()),
        Cause::System(_, EACCES) => {
            let [_, uid, ..] = sys::ids();
            note(error, format!("the file is there, user {uid} may not read it"));
        }
        Cause::System(_, ELOOP) => note(error, "a symbolic link that leads back to itself".into()),
        Cause::Plain(_) | Cause::Empty => {
            let Ok(opened) = sys::open(&path) else { return };
            let Ok(facts) = sys::stat(&opened) else { return };
            let mut start = [0u8; 512];
            let Ok(count) = sys::read_at(&opened, &mut start, 0) else { return };
            let start = start.get(..count).unwrap_or_default();
            if let Some(kind) = hints::kind(start) {
                note(error, format!("the file is {kind}"));
            } else if let Some(end) = header::claimed_size(start).filter(|end| *end > facts.size) {
                note(error, format!("the file has {} bytes, its headers tell of {end}: cut short", facts.size));
            }
        }
        _ => {}
    }
}

/// Notes for versions and symbols that the loaded objects do not have. Those for versions follow the
/// last of their lines, which stand together as with glibc.
pub fn objects(objects: &Objects, errors: &mut [Error]) {
    let mut of_versions: Vec<Vec<u8>> = Vec::new();
    for error in errors.iter_mut() {
        match error.cause.clone() {
            Cause::MissingVersion { version, .. } => {
                versions(objects, &version, error);
                for note in error.notes.drain(..) {
                    if !of_versions.contains(&note) && of_versions.len() < MOST {
                        of_versions.push(note);
                    }
                }
            }
            Cause::UndefinedSymbol { name, version } => {
                let of_glibc = version.as_ref().is_some_and(|version| version.starts_with(b"GLIBC_"));
                if of_glibc && objects.own_loader().is_some() {
                    let (of, program) = (error.object.clone(), &objects[0].name);
                    note(error, format!("{} is made for glibc, {} for musl", Text(&of), Text(program)));
                }
                for (object, symbol) in near_misses(objects, &name) {
                    if version.is_none() || symbol != name {
                        note(error, format!("{} has {}", Text(&object.name), Text(&symbol)));
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(last) = errors.iter_mut().rfind(|error| matches!(error.cause, Cause::MissingVersion { .. })) {
        last.notes = of_versions;
    }
}

/// Versions that the library has, and what to do about it where it is a libc's.
fn versions(objects: &Objects, wanted: &[u8], error: &mut Error) {
    let Some(provider) = objects.list.iter().find(|object| object.name == error.object) else { return };
    let defined = &provider.dynamic.versions.defined;
    let newest = hints::newest(defined.iter().map(|version| version.name), wanted);
    let (wanted, soname) = (Text(wanted), Text(provider.soname()));
    match newest {
        Some(newest) => {
            let libc = Kind::Glibc.has_name(provider.soname()) && newest != wanted.0;
            let way = if libc { "; run with --sysroot DIR, where DIR holds a newer system" } else { "" };
            note(error, format!("needs {wanted}, this {soname} goes to {}{way}", Text(newest)));
        }
        None => {
            let names: Vec<String> = defined.iter().skip(1).map(|v| format!("{}", Text(v.name))).take(MOST).collect();
            note(error, format!("this {soname} has {}", names.join(", ")));
        }
    }
}

/// Symbols of the loaded objects that are nearly called `name`: the object, and `symbol` or
/// `symbol@version`. At most three.
pub(super) fn near_misses<'a>(objects: &'a Objects, name: &[u8]) -> Vec<(&'a Object, Vec<u8>)> {
    const SHOWN: usize = 3;
    let mut best: Vec<(usize, &'a Object, Vec<u8>)> = Vec::new();
    for object in &objects.list {
        let dynamic = &object.dynamic;
        for (symbol, index) in dynamic.symbols.iter().zip(0u32..).take(dynamic.symbol_count()) {
            if symbol.st_shndx.get(LE) == elf::SHN_UNDEF || symbol.st_bind() == elf::STB_LOCAL {
                continue;
            }
            let Some(other) = dynamic.symbol_name(symbol) else { continue };
            let Some(distance) = edit_distance::distance(name, other) else { continue };
            let at = best.iter().position(|(known, ..)| distance < *known).unwrap_or(best.len());
            if at >= SHOWN {
                continue;
            }
            let version = dynamic.versions.wanted(index).map(|version| [b"@", version.name].concat());
            best.insert(at, (distance, object, [other, &version.unwrap_or_default()].concat()));
            best.truncate(SHOWN);
        }
    }
    best.into_iter().map(|(_, object, text)| (object, text)).collect()
}

/// Everything that is wrong with `subject` short of its symbols.
pub(super) fn all(subject: &Subject) -> Vec<Error> {
    let mut errors = missing(subject);
    let versions = (0..subject.objects.list.len()).flat_map(|number| subject.version_errors(number));
    let mut versions: Vec<Error> =
        versions.filter(|error| matches!(error.cause, Cause::MissingVersion { .. })).collect();
    objects(&subject.objects, &mut versions);
    errors.extend(versions);
    errors
}
