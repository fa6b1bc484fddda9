//! `--tree`, `--tree --dot` and `--paths`: who needs what, and where it was found.

use super::{DIM, RED, Subject, View, verdict};
use alloc::{format, string::String, vec};
use core::fmt::Write;
use ld_rs_loader::{object::Role, search_log::Missing};
use ld_rs_plan::{arch::GLIBC_LOADER, error::Text, libc::Kind};

/// The tree. What was shown above is named only; a missing one is followed by every place tried.
pub(super) fn tree(view: &mut View<'_>, subject: &Subject) {
    let _ = writeln!(view.out, "{}", Text(&subject.name));
    needs(view, subject, (0, 1), "", &mut vec![false; subject.objects.list.len()]);
}

/// What object `parent` needs, which makes level `level` of the tree, and what that needs. `lines` are those of the
/// levels above.
fn needs(view: &mut View<'_>, subject: &Subject, (parent, level): (usize, usize), lines: &str, shown: &mut [bool]) {
    // Preloaded objects come first, as if the program needed them.
    let preloaded = if parent == 0 { &subject.preloaded[..] } else { &[] };
    let ahead = preloaded.iter().map(|number| (subject.asked_for(*number), Some(*number)));
    let mut children = ahead.chain(subject.needs(parent)).enumerate().peekable();
    while let Some((at, (name, need))) = children.next() {
        let last = children.peek().is_none();
        view.paint(DIM, format_args!("{lines}{}", if last { "└── " } else { "├── " }));
        let lines = format!("{lines}{}", if last { "    " } else { "│   " });
        let Some(found) = need else {
            absent(view, subject, name, subject.log.unmet(parent, name), &lines);
            continue;
        };
        let repeated = core::mem::replace(&mut shown[found], true);
        let mark = if at < preloaded.len() { Some("[LD_PRELOAD]") } else { None };
        let other = subject.objects[parent].needs_musl.is_some() && Kind::Musl.has_name(name);
        let mark = if other { Some("[built for musl: the program's libc]") } else { mark };
        object(view, subject, name, found, if repeated && !other { Some("(above)") } else { mark });
        if !repeated && level < view.task.options.depth.unwrap_or(MAX_DEPTH).min(MAX_DEPTH) {
            needs(view, subject, (found, level + 1), &lines, shown);
        }
    }
}

/// The most levels of a tree that are shown, whatever is asked for: each takes a part of the stack, and each line begins
/// with one column a level.
const MAX_DEPTH: usize = 256;

/// One object; `mark` says how it comes to stand there, if not because it was searched for.
fn object(view: &mut View<'_>, subject: &Subject, name: &[u8], number: usize, mark: Option<&str>) {
    let object = &subject.objects[number];
    let _ = match name == object.name.as_slice() {
        true => write!(view.out, "{}", Text(name)),
        false => write!(view.out, "{} => {}", Text(name), Text(&object.name)),
    };
    match (mark, subject.log.found(number)) {
        (Some(mark), _) => view.paint(DIM, format_args!(" {mark}")),
        _ if object.role == Role::Loader => view.paint(DIM, format_args!(" [the loader]")),
        (_, Some(attempt)) if attempt.name != name => view.paint(DIM, format_args!(" [as {}]", Text(&attempt.name))),
        (_, Some(attempt)) => view.paint(DIM, format_args!(" [{}]", subject.reason(attempt.place))),
        (None, None) => {}
    }
    view.out.bytes(b"\n");
}

fn absent(view: &mut View<'_>, subject: &Subject, name: &[u8], missing: Option<&Missing>, lines: &str) {
    let _ = write!(view.out, "{} => ", Text(name));
    view.paint(RED, format_args!("not found"));
    view.out.bytes(b"\n");
    for attempt in missing.iter().flat_map(|missing| subject.attempts(missing)) {
        let why = attempt.rejected.as_ref().map(verdict).unwrap_or_default();
        let reason = subject.reason(attempt.place);
        view.paint(DIM, format_args!("{lines}"));
        let _ = writeln!(view.out, "    tried {} [{reason}]: {why}", Text(&attempt.path));
    }
    for note in missing.iter().flat_map(|missing| &missing.error.notes) {
        view.paint(DIM, format_args!("{lines}"));
        let _ = writeln!(view.out, "    note: {}", Text(note));
    }
    view.fail(127);
}

/// The needs as a graph for graphviz.
pub(super) fn dot(view: &mut View<'_>, subject: &Subject) {
    for (number, object) in subject.objects.list.iter().enumerate() {
        for (name, need) in subject.needs(number) {
            let to = quoted(need.map_or(name, |found| &subject.objects[found].name));
            let label = match need {
                Some(found) => {
                    let reason = subject.log.found(found).map(|a| subject.reason(a.place)).unwrap_or_default();
                    format!("label={}", quoted(reason.as_bytes()))
                }
                None => "color=red,label=\"not found\"".into(),
            };
            view.once(format!("  {} -> {to} [{label}];", quoted(&object.name)));
            if need.is_none() {
                view.fail(127);
            }
        }
    }
}

/// A name as graphviz wants it.
fn quoted(name: &[u8]) -> String {
    format!("\"{}\"", format!("{}", Text(name)).replace('"', "\\\""))
}

/// Every file once: the program, its loader, what it needs.
pub(super) fn paths(view: &mut View<'_>, subject: &Subject) {
    let interpreter = subject.program().interpreter();
    let names = subject.objects.list.iter().map(|object| object.name.as_slice()).chain(interpreter);
    let no_loader = subject.objects.position(Role::Loader).is_none() && interpreter.is_none();
    for name in names.filter(|name| !no_loader || *name != GLIBC_LOADER) {
        view.once(format!("{}", Text(name)));
    }
    for need in &subject.log.missing {
        view.tell(subject, &need.error);
        view.fail(127);
    }
}
