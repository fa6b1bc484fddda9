//! `--json`: one document for all files, with stable keys. The keys' meaning is in the README; a key
//! that changes its meaning changes the schema number.

use super::{Subject, View, check, explain, verdict};
use alloc::format;
use ld_rs_loader::object::{Object, Role};
use ld_rs_loader::{search, search_log::Attempt};
use ld_rs_plan::json::{Json, SCHEMA};
use ld_rs_plan::{args::Action, elf::lookup::Query, error::Error, places::Place};

/// The head of the document.
pub(super) fn begin(view: &mut View<'_>) {
    let command = match view.task.options.action {
        Action::Tree => "tree",
        Action::Explain(_) => "explain",
        Action::ExplainSymbol(_) => "explain-symbol",
        Action::Paths => "paths",
        Action::Check => "check",
        Action::List | Action::Run | Action::Verify => "list",
    };
    view.json.open(b'{').key("schema").number(SCHEMA).key("command").text(command).key("files").open(b'[');
}

/// Its end.
pub(super) fn end(view: &mut View<'_>) {
    let text = view.json.close(b']').end();
    view.out.bytes(&text);
}

/// A file that cannot be looked at.
pub(super) fn refused(view: &mut View<'_>, file: &[u8], error: &Error) {
    view.json.open(b'{').key("file").string(file).key("error").text(&format!("{error}")).close(b'}');
    view.fail(error.exit_code());
}

/// One file with all it needs.
pub(super) fn subject(view: &mut View<'_>, subject: &Subject) {
    let (json, objects) = (&mut view.json, subject.objects.list.iter().enumerate());
    json.open(b'{').key("file").string(&subject.name);
    json.key("interpreter").or_null(subject.program().interpreter(), Json::string);
    json.key("libc").text(search::libc(&subject.objects).0.name());
    json.key("objects").list(objects, |json, (number, object)| one(json, subject, number, object));
    json.key("missing").list(&subject.log.missing, |json, need| {
        json.open(b'{').key("name").string(&need.name).key("needed_by").number(need.requester as u64);
        json.key("error").text(&format!("{}", need.error)).key("tried");
        json.list(subject.attempts(need), attempt).close(b'}');
    });
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
            json.key("errors").list(&errors, |json, error| _ = json.text(&format!("{error}")));
            if !errors.is_empty() {
                view.code = 1;
            }
        }
        Action::Explain(name) => {
            let found = subject.names.by_name(name);
            let other = found.and_then(|number| explain::other_libc(subject, &subject.objects[number]));
            let tried = subject.log.attempts.iter().filter(|attempt| attempt.name == name);
            json.key("explain").open(b'{').key("name").string(name).key("object").or_null(found, number);
            json.key("other_libc").or_null(other, |json, (libc, _)| json.text(libc));
            json.key("tried").list(tried, attempt).close(b'}');
        }
        Action::ExplainSymbol(name) => {
            let query = Query { accepts_plt: false, newest: true, ..Query::new(name, None) };
            let scope = subject.objects.scope().into_iter();
            let defining = scope.filter(|number| subject.objects[*number].dynamic.find(&query).is_some());
            json.key("symbol").open(b'{').key("name").string(name);
            json.key("defined_by").list(defining, |json, object| _ = number(json, object)).close(b'}');
        }
        _ => {}
    }
}

fn number(json: &mut Json, object: usize) -> &mut Json {
    json.number(object as u64)
}

fn one(json: &mut Json, subject: &Subject, object_number: usize, object: &Object) {
    let role = match object.role {
        Role::Program => "program",
        Role::Loader => "loader",
        _ => "library",
    };
    json.open(b'{').key("object").number(object_number as u64).key("role").text(role);
    json.key("name").string(subject.asked_for(object_number)).key("path").string(&object.name);
    json.key("soname").or_null(object.dynamic.soname, Json::string);
    json.key("source").or_null(subject.log.found(object_number), source).key("needs");
    json.list(subject.needs(object_number), |json, (name, need)| {
        json.open(b'{').key("name").string(name).key("object").or_null(need, number).close(b'}');
    });
    json.close(b'}');
}

fn source<'j>(json: &'j mut Json, attempt: &Attempt) -> &'j mut Json {
    let (kind, of) = match attempt.place {
        Place::Path => ("path", None),
        Place::Rpath(of) => ("rpath", Some(of)),
        Place::LibraryPath => ("library-path", None),
        Place::Runpath(of) => ("runpath", Some(of)),
        Place::Cache => ("cache", None),
        Place::Configured => ("ld.so.conf", None),
        Place::Default => ("default", None),
    };
    json.open(b'{').key("kind").text(kind);
    if let Some(of) = of {
        json.key("of").number(of as u64);
    }
    json.close(b'}')
}

fn attempt(json: &mut Json, attempt: &Attempt) {
    json.open(b'{').key("path").string(&attempt.path).key("source");
    source(json, attempt).key("rejected");
    json.or_null(attempt.rejected.as_ref(), |json, cause| json.text(&verdict(cause))).close(b'}');
}
