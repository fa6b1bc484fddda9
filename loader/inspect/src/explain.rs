//! `--explain NAME` and `--explain-symbol SYMBOL`: one question, with every step of the answer.

use super::{DIM, GREEN, RED, Subject, View, verdict};
use alloc::{format, string::String};
use core::fmt::Write;
use ld_rs_loader::object::{Object, Role};
use ld_rs_plan::error::{Cause, Text};
use ld_rs_plan::{elf::LE, elf::lookup::Query, elf::version::Version, libc::Kind};
use object::elf;

/// Who needs `name`, each place tried, which one won, and whether it has the versions asked for.
pub(super) fn name(view: &mut View<'_>, subject: &Subject, name: &[u8]) {
    let objects = &subject.objects;
    let found = subject.names.by_name(name).or_else(|| objects.list.iter().position(|object| object.name == name));
    let _ = writeln!(view.out, "{}: {}", Text(&subject.name), Text(name));
    let mut needed = false;
    for number in 0..objects.list.len() {
        if subject.needs(number).any(|(needed, need)| needed == name || need.is_some() && need == found) {
            needed = true;
            let _ = write!(view.out, "  needed by {}", Text(&objects[number].name));
            for by in subject.chain(number).into_iter().skip(1) {
                view.paint(DIM, format_args!(", which {} needs", Text(&objects[by].name)));
            }
            view.out.bytes(b"\n");
        }
    }
    if !needed && found != Some(0) {
        view.out.bytes(b"  nothing needs it\n");
    }
    for attempt in subject.log.attempts.iter().filter(|attempt| attempt.name == name) {
        let _ = write!(view.out, "  tried {} [{}]: ", Text(&attempt.path), subject.reason(attempt.place));
        match &attempt.rejected {
            Some(cause) => view.paint(RED, format_args!("{}", verdict(cause))),
            None => view.paint(GREEN, format_args!("taken")),
        }
        view.out.bytes(b"\n");
    }
    let Some(found) = found else {
        view.out.bytes(b"  result: ");
        view.paint(RED, format_args!("not found\n"));
        return view.fail(if needed { 127 } else { 1 });
    };
    let object = &objects[found];
    let _ = writeln!(view.out, "  result: {}", Text(&object.name));
    if object.role == Role::Loader {
        view.out.bytes(b"  note: ld-rs itself answers to this name\n");
    }
    if let Some(attempt) = subject.log.found(found).filter(|attempt| attempt.name != name) {
        let _ = writeln!(view.out, "  note: it was loaded already, as {}", Text(&attempt.name));
    }
    if let Some((libc, others)) = other_libc(subject, object) {
        let _ = writeln!(view.out, "  note: it needs {libc}; {} is a program of {others}", Text(&subject.name));
    }
    wanting(view, subject, found);
}

/// The libc of `object` where it is not the program's, and the program's.
pub(super) fn other_libc(subject: &Subject, object: &Object) -> Option<(&'static str, &'static str)> {
    let asks_for = |libc: Kind| libc.is_needed(&object.dynamic.needed);
    match subject.libc {
        Kind::Musl if asks_for(Kind::Glibc) => Some(("glibc's libc.so.6", "musl")),
        Kind::None | Kind::Glibc if asks_for(Kind::Musl) => Some(("musl's libc", "glibc")),
        _ => None,
    }
}

/// Versions that others want of object `found` and it does not have.
fn wanting(view: &mut View<'_>, subject: &Subject, found: usize) {
    let objects = &subject.objects;
    let name = &objects[found].name;
    for number in 0..objects.list.len() {
        for error in subject.version_errors(number).iter().filter(|error| error.object == *name) {
            view.out.bytes(b"  ");
            view.paint(RED, format_args!("{error}"));
            view.out.bytes(b"\n");
            if matches!(error.cause, Cause::MissingVersion { .. }) {
                view.fail(1);
            }
        }
    }
}

/// Which object's definition of `symbol` (or `symbol@version`) wins, which are shadowed, who asks.
pub(super) fn symbol(view: &mut View<'_>, subject: &Subject, symbol: &[u8]) {
    let at = symbol.iter().position(|byte| *byte == b'@').unwrap_or(symbol.len());
    let (name, version) = symbol.split_at(at);
    let version = version.iter().position(|byte| *byte != b'@').and_then(|start| version.get(start..));
    let wanted = version.map(|name| Version { hash: elf::hash(name), name, hidden: true });
    let query = Query { accepts_plt: false, newest: true, ..Query::new(name, wanted) };
    let _ = writeln!(view.out, "{}: {}", Text(&subject.name), Text(symbol));
    let mut defined = false;
    for number in subject.objects.scope() {
        let object = &subject.objects[number];
        if let Some(index) = object.dynamic.find(&query) {
            match core::mem::replace(&mut defined, true) {
                false => view.paint(GREEN, format_args!("  defined by ")),
                true => view.paint(DIM, format_args!("  shadowed in ")),
            }
            define(view, object, index);
        }
        let references = object.dynamic.symbols.iter().zip(0u32..).take(object.dynamic.symbol_count());
        let references = references.filter(|(symbol, _)| symbol.st_shndx.get(LE) == elf::SHN_UNDEF);
        for (symbol, index) in references.filter(|(symbol, _)| object.dynamic.symbol_name(symbol) == Some(name)) {
            let wanted = object.dynamic.versions.wanted(index);
            if version.is_some() && wanted.is_some_and(|wanted| Some(wanted.name) != version) {
                continue;
            }
            let weak = if symbol.st_bind() == elf::STB_WEAK { " (weak)" } else { "" };
            let _ = writeln!(view.out, "  wanted by {}{}{weak}", Text(&object.name), in_version(wanted));
        }
    }
    if !defined {
        view.out.bytes(b"  ");
        view.paint(RED, format_args!("not defined by any object\n"));
        for (object, symbol) in super::notes::near_misses(&subject.objects, name) {
            let _ = writeln!(view.out, "  note: {} has {}", Text(&object.name), Text(&symbol));
        }
        view.fail(1);
    }
}

fn in_version(version: Option<Version<'_>>) -> String {
    version.map(|version| format!(" in version {}", Text(version.name))).unwrap_or_default()
}

/// One definition: object, version, kind, size.
fn define(view: &mut View<'_>, object: &Object, index: u32) {
    let Some(symbol) = object.dynamic.symbols.get(index as usize) else { return };
    let kind = match symbol.st_type() {
        elf::STT_FUNC => "function",
        elf::STT_GNU_IFUNC => "function chosen at start (IFUNC)",
        elf::STT_OBJECT => "object",
        elf::STT_TLS => "thread-local object",
        _ => "symbol",
    };
    let bind = match symbol.st_bind() {
        elf::STB_WEAK => "weak ",
        elf::STB_GNU_UNIQUE => "unique ",
        _ => "",
    };
    let _ = write!(view.out, "{}{}", Text(&object.name), in_version(object.dynamic.versions.wanted(index)));
    let (value, size) = (symbol.st_value.get(LE), symbol.st_size.get(LE));
    let _ = writeln!(view.out, ": {bind}{kind} at 0x{value:x}, {size} bytes");
}
