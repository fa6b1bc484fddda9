//! `--tree`, `--tree --dot` and `--paths`: who needs what, and where it was found.

use super::{DIM, RED, Subject, View, verdict};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_loader::object::Role;
use ld_rs_loader::search_log::Missing;
use ld_rs_plan::arch::GLIBC_LOADER;
use ld_rs_plan::error::Text;

/// The tree. What was shown above is named only; a missing one is followed by every place tried.
pub(super) fn tree(view: &mut View<'_>, subject: &Subject) {
    let objects = &subject.objects;
    let _ = writeln!(view.out, "{}", Text(&subject.name));
    let mut shown = vec![false; objects.list.len()];
    // Objects on the way down, and how many of their needs were shown.
    let mut path: Vec<(usize, usize)> = vec![(0, 0)];
    let preloaded = &subject.preloaded;
    let branch = |view: &mut View<'_>, path: &[(usize, usize)], last: bool| -> String {
        let mut lines = String::new();
        for (number, at) in path.iter().take(path.len().saturating_sub(1)) {
            lines.push_str(if *at < children(subject, *number) { "│   " } else { "    " });
        }
        view.paint(DIM, format_args!("{lines}{}", if last { "└── " } else { "├── " }));
        lines.push_str(if last { "    " } else { "│   " });
        lines
    };
    while let Some((number, at)) = path.last_mut() {
        let count = children(subject, *number);
        if *at >= count {
            path.pop();
            continue;
        }
        let (parent, child) = (*number, *at);
        *at += 1;
        let last = *at == count;
        let lines = branch(view, &path, last);
        // Preloaded objects come first, as if the program needed them.
        let ahead = if parent == 0 { preloaded.len() } else { 0 };
        let (name, need) = match preloaded.get(child).filter(|_| child < ahead) {
            Some(preloaded) => (subject.asked_for(*preloaded), Some(*preloaded)),
            None => match objects[parent].dynamic.needed.get(child - ahead) {
                Some(name) => (*name, subject.names.by_name(name)),
                None => continue,
            },
        };
        match need {
            Some(found) => {
                let branch = match core::mem::replace(&mut shown[found], true) {
                    true => Branch::Repeated,
                    false if child < ahead => Branch::Preloaded,
                    false => Branch::New,
                };
                object(view, subject, name, found, branch);
                let deeper = view.task.options.depth.is_none_or(|depth| path.len() < depth);
                if branch != Branch::Repeated && deeper && path.len() < MAX_DEPTH {
                    path.push((found, 0));
                }
            }
            None => absent(view, subject, name, subject.missing(parent, name), &lines),
        }
    }
}

/// The most levels of a tree that are shown, whatever is asked for: each line begins with one column a level.
const MAX_DEPTH: usize = 256;

/// How many branches object `number` has; preloaded objects are the program's.
fn children(subject: &Subject, number: usize) -> usize {
    let own = subject.objects[number].dynamic.needed.len();
    if number == 0 { own + subject.preloaded.len() } else { own }
}

/// How an object comes to stand in the tree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    /// For the first time, needed.
    New,
    /// For the first time, preloaded.
    Preloaded,
    /// It stands further up, with all it needs.
    Repeated,
}

fn object(view: &mut View<'_>, subject: &Subject, name: &[u8], number: usize, branch: Branch) {
    let object = &subject.objects[number];
    let _ = match name == object.name.as_slice() {
        true => write!(view.out, "{}", Text(name)),
        false => write!(view.out, "{} => {}", Text(name), Text(&object.name)),
    };
    match subject.log.found(number) {
        _ if branch == Branch::Repeated => view.paint(DIM, format_args!(" (above)")),
        _ if branch == Branch::Preloaded => view.paint(DIM, format_args!(" [LD_PRELOAD]")),
        _ if object.role == Role::Loader => view.paint(DIM, format_args!(" [the loader]")),
        Some(attempt) if attempt.name != name => view.paint(DIM, format_args!(" [as {}]", Text(&attempt.name))),
        Some(attempt) => view.paint(DIM, format_args!(" [{}]", subject.reason(attempt.place))),
        None => {}
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

/// The needs as a graph for graphviz; `shown` holds the lines of the files before.
pub(super) fn dot(view: &mut View<'_>, subject: &Subject, shown: &mut Vec<Vec<u8>>) {
    let mut line = |view: &mut View<'_>, text: String| {
        if !shown.iter().any(|known| known == text.as_bytes()) {
            view.out.bytes(text.as_bytes());
            shown.push(text.into_bytes());
        }
    };
    for (number, object) in subject.objects.list.iter().enumerate() {
        for (name, need) in subject.needs(number) {
            let from = Quoted(&object.name);
            let mut text = String::new();
            match need {
                Some(found) => {
                    let reason = subject.log.found(found).map(|a| subject.reason(a.place)).unwrap_or_default();
                    let to = &subject.objects[found].name;
                    let _ = writeln!(text, "  {from} -> {} [label={}];", Quoted(to), Quoted(reason.as_bytes()));
                }
                None => {
                    let _ = writeln!(text, "  {from} -> {} [color=red,label=\"not found\"];", Quoted(name));
                    view.fail(127);
                }
            }
            line(view, text);
        }
    }
}

/// A name as graphviz wants it.
struct Quoted<'a>(&'a [u8]);

impl core::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let escaped: Vec<u8> = self
            .0
            .iter()
            .flat_map(|byte| match byte {
                b'"' => &[b'\\', b'"'][..],
                other => core::slice::from_ref(other),
            })
            .copied()
            .collect();
        write!(f, "\"{}\"", Text(&escaped))
    }
}

/// Every file once: the program, its loader, what it needs.
pub(super) fn paths(view: &mut View<'_>, subject: &Subject, shown: &mut Vec<Vec<u8>>) {
    let program = subject.program().interpreter().map(ld_rs_plan::Bytes::owned);
    let names = subject.objects.list.iter().map(|object| object.name.clone());
    let mut names: Vec<Vec<u8>> = names.chain(program).collect();
    if subject.objects.position(Role::Loader).is_none() && subject.program().interpreter().is_none() {
        names.retain(|name| name != GLIBC_LOADER);
    }
    for name in names {
        if !shown.contains(&name) {
            let _ = writeln!(view.out, "{}", Text(&name));
            shown.push(name);
        }
    }
    for need in &subject.log.missing {
        let mut page = ld_rs_loader::page::Page::default();
        let _ = writeln!(page, "{}: {}{}", Text(&subject.name), need.error.heading(), need.error);
        view.warn(&page.take());
        view.fail(127);
    }
}
