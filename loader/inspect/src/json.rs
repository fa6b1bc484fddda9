//! `--json`: one document for all files, with stable keys. The keys' meaning is in the README; a key
//! that changes its meaning changes the schema number.

use super::{Subject, View, check, explain, verdict};
use alloc::format;
use ld_rs_loader::object::{Object, Role};
use ld_rs_loader::search;
use ld_rs_loader::search_log::Attempt;
use ld_rs_plan::args::Action;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::error::Error;
use ld_rs_plan::json::{Json, SCHEMA};
use ld_rs_plan::places::Place;

/// The head of the document.
pub(super) fn begin(view: &mut View<'_>) {
    let command: &[u8] = match view.task.options.action {
        Action::Tree => b"tree",
        Action::Explain(_) => b"explain",
        Action::ExplainSymbol(_) => b"explain-symbol",
        Action::Paths => b"paths",
        Action::Check => b"check",
        Action::List | Action::Run | Action::Verify => b"list",
    };
    view.json.open(b'{').key("schema").number(SCHEMA).key("command").string(command).key("files").open(b'[');
}

/// Its end.
pub(super) fn end(view: &mut View<'_>) {
    let mut text = view.json.close(b']').close(b'}').take();
    text.push(b'\n');
    view.out.bytes(&text);
}

/// A file that cannot be looked at.
pub(super) fn refused(view: &mut View<'_>, file: &[u8], error: &Error) {
    view.json.open(b'{').key("file").string(file).key("error").text(&format!("{error}")).close(b'}');
    view.fail(error.exit_code());
}

/// One file with all it needs.
pub(super) fn subject(view: &mut View<'_>, subject: &Subject) {
    let json = &mut view.json;
    let program = subject.program();
    json.open(b'{').key("file").string(&subject.name).key("interpreter").string_or_null(program.interpreter());
    json.key("libc").text(search::libc(&subject.objects).0.name()).key("objects").open(b'[');
    for (number, object) in subject.objects.list.iter().enumerate() {
        one(json, subject, number, object);
    }
    json.close(b']').key("missing").open(b'[');
    for need in &subject.log.missing {
        json.open(b'{').key("name").string(&need.name).key("needed_by").number(need.requester as u64);
        json.key("error").text(&format!("{}", need.error)).key("tried");
        attempts(json, subject.attempts(need).iter());
        json.close(b'}');
    }
    json.close(b']');
    answer(view, subject);
    view.json.close(b'}');
    if !subject.log.missing.is_empty() && view.code == 0 {
        view.code = 127;
    }
}

/// The members that only one command has.
fn answer(view: &mut View<'_>, subject: &Subject) {
    let json = &mut view.json;
    match view.task.options.action {
        Action::Check => {
            let errors = check::errors(subject);
            json.key("errors").open(b'[');
            for error in &errors {
                json.text(&format!("{error}"));
            }
            json.close(b']');
            if !errors.is_empty() {
                view.code = 1;
            }
        }
        Action::Explain(name) => {
            let found = subject.names.by_name(name);
            json.key("explain").open(b'{').key("name").string(name).key("object");
            number_or_null(json, found);
            let other = found.and_then(|number| explain::other_libc(subject, &subject.objects[number]));
            json.key("other_libc").string_or_null(other.map(|(libc, _)| libc.as_bytes())).key("tried");
            attempts(json, subject.log.attempts.iter().filter(|attempt| attempt.name == name));
            json.close(b'}');
        }
        Action::ExplainSymbol(name) => {
            json.key("symbol").open(b'{').key("name").string(name).key("defined_by").open(b'[');
            let query = Query { accepts_plt: false, newest: true, ..Query::new(name, None) };
            for number in subject.objects.scope() {
                if subject.objects[number].dynamic.find(&query).is_some() {
                    json.number(number as u64);
                }
            }
            json.close(b']').close(b'}');
        }
        _ => {}
    }
}

fn number_or_null(json: &mut Json, number: Option<usize>) {
    match number {
        Some(number) => json.number(number as u64),
        None => json.word("null"),
    };
}

fn one(json: &mut Json, subject: &Subject, number: usize, object: &Object) {
    let role: &[u8] = match object.role {
        Role::Program => b"program",
        Role::Loader => b"loader",
        _ => b"library",
    };
    json.open(b'{').key("object").number(number as u64).key("role").string(role);
    json.key("name").string(subject.asked_for(number)).key("path").string(&object.name);
    json.key("soname").string_or_null(object.dynamic.soname).key("source");
    source(json, subject.log.found(number).map(|attempt| attempt.place));
    json.key("needs").open(b'[');
    for (name, need) in subject.needs(number) {
        json.open(b'{').key("name").string(name).key("object");
        number_or_null(json, need);
        json.close(b'}');
    }
    json.close(b']').close(b'}');
}

fn source(json: &mut Json, place: Option<Place>) {
    let (kind, of): (&[u8], _) = match place {
        Some(Place::Path) => (b"path", None),
        Some(Place::Rpath(of)) => (b"rpath", Some(of)),
        Some(Place::LibraryPath) => (b"library-path", None),
        Some(Place::Runpath(of)) => (b"runpath", Some(of)),
        Some(Place::Cache) => (b"cache", None),
        Some(Place::Configured) => (b"ld.so.conf", None),
        Some(Place::Default) => (b"default", None),
        None => {
            json.word("null");
            return;
        }
    };
    json.open(b'{').key("kind").string(kind);
    if let Some(of) = of {
        json.key("of").number(of as u64);
    }
    json.close(b'}');
}

fn attempts<'a>(json: &mut Json, attempts: impl Iterator<Item = &'a Attempt>) {
    json.open(b'[');
    for attempt in attempts {
        json.open(b'{').key("path").string(&attempt.path).key("source");
        source(json, Some(attempt.place));
        let why = attempt.rejected.as_ref().map(verdict);
        match why {
            Some(why) => json.key("rejected").text(&why),
            None => json.key("rejected").word("null"),
        };
        json.close(b'}');
    }
    json.close(b']');
}
