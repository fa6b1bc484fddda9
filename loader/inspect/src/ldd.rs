//! What ldd prints, line for line as glibc 2.36's loader and script do.

use super::{Subject, View, check};
use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_loader::{object::Role, page, sys};
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::{Bytes, errno::EACCES, libc::Kind, resolve::Engine};

/// The objects and what is missing, in load order; then what ldd's options ask for.
pub(super) fn list(view: &mut View<'_>, subject: &Subject) {
    let ldd = view.task.ldd;
    if view.is_ldd() && subject.program().headers.dynamic.is_none() {
        core::mem::take(&mut view.out).write(1);
        sys::write_all(2, b"\tnot a dynamic executable\n");
        return view.fail(1);
    }
    versions_wanting(view, subject);
    if ldd.unused {
        return unused(view, subject);
    }
    if subject.program().dynamic.needed.is_empty() && subject.preloaded.is_empty() {
        let _ = writeln!(view.out, "\tstatically linked");
    } else {
        // At a filtee that is not there --list ends, as glibc's; ldd goes on.
        let filtee = subject.log.missing.iter().find(|need| need.filtee.is_some());
        if let Some(need) = filtee.filter(|_| !view.is_ldd() && !view.task.traced) {
            view.tell(subject, &need.error);
            return view.fail(127);
        }
        lines(view, subject);
    }
    if ldd.warn {
        for line in check::undefined(subject, !ldd.bind_now) {
            view.warn(&page::line(format_args!("{line}")).take());
        }
    }
    if ldd.verbose {
        versions(view, subject);
    }
    damaged(view, subject);
}

fn lines(view: &mut View<'_>, subject: &Subject) {
    // The kernel's object follows the program, and the loader where nothing else stands between.
    let is_loader = |number: usize| subject.objects.list.get(number).is_some_and(|o| o.role == Role::Loader);
    let vdso_after = usize::from(is_loader(1));
    let vdso = |view: &mut View<'_>, number: usize| {
        if number == vdso_after && view.task.vdso != 0 && subject.libc != Kind::Musl {
            let _ = writeln!(view.out, "\tlinux-vdso.so.1 (0x{:016x})", view.task.vdso);
        }
    };
    vdso(view, 0);
    // musl's ldd begins with the loader, and pads no address.
    let width = if subject.libc == Kind::Musl { 0 } else { 18 };
    if let Some(libc) = subject.objects.own_loader().map(|number| &subject.objects[number]) {
        let start = libc.image.address(libc.headers.span.vaddr);
        let _ = writeln!(view.out, "\t{} ({start:#0width$x})", Text(&libc.name));
    }
    let mut missing = subject.log.missing.iter().filter(|need| need.filtee.is_none()).peekable();
    let traced = view.is_ldd() || view.task.traced;
    let filtees = subject.log.missing.iter().chain(&subject.log.auxiliary).filter(|need| need.filtee.is_some());
    let mut absent = |view: &mut View<'_>, before: usize| {
        while let Some(need) = missing.next_if(|need| need.before <= before) {
            let _ = writeln!(view.out, "\t{} => not found", Text(&need.name));
        }
    };
    for number in subject.objects.in_order().into_iter().filter(|number| *number != 0) {
        let object = &subject.objects[number];
        // The loader stands behind the object before it in the scope, where nothing missing is.
        let is_loader = is_loader(number);
        if !is_loader {
            absent(view, number);
        }
        for need in filtees.clone().filter(|need| traced && need.requester == number) {
            let _ = writeln!(view.out, "\t{} => not found", Text(&need.name));
        }
        let start = object.image.address(object.headers.span.vaddr);
        let (name, path) = (subject.asked_for(number), &object.name);
        let _ = match name == path || is_loader {
            true => writeln!(view.out, "\t{} ({start:#0width$x})", Text(path)),
            false => writeln!(view.out, "\t{} => {} ({start:#0width$x})", Text(name), Text(path)),
        };
        vdso(view, number);
        if is_loader {
            absent(view, number);
        }
    }
    absent(view, subject.objects.list.len());
    if !subject.log.missing.is_empty() && !traced {
        view.fail(127);
    }
}

/// Libraries that are there and damaged: glibc stops at the first, we say it of each.
fn damaged(view: &mut View<'_>, subject: &Subject) {
    let mut told: Vec<&Error> = Vec::new();
    for need in &subject.log.missing {
        let not_found = matches!(need.error.cause, Cause::System(..) | Cause::Class(_) | Cause::Machine(_));
        if !not_found && !told.contains(&&need.error) {
            told.push(&need.error);
            view.tell(subject, &need.error);
            view.fail(127);
        }
    }
}

/// Versions that the objects do not have, before everything else.
fn versions_wanting(view: &mut View<'_>, subject: &Subject) {
    for number in 0..subject.objects.list.len() {
        for error in &subject.version_errors(number) {
            if view.task.ldd.unused {
                // With any LD_DEBUG glibc tells of an error twice.
                let (what, object) = (&error.cause, Text(&error.object));
                let pid = sys::process_id();
                let line = format_args!("{pid:>10}:\t{object}: error: version lookup error: {what} (continued)");
                view.warn(&page::line(line).take());
            }
            view.tell(subject, error);
        }
    }
}

/// `-v`: which object has each version that is needed.
fn versions(view: &mut View<'_>, subject: &Subject) {
    let objects = &subject.objects;
    let mut first = true;
    for object in objects.list.iter().filter(|object| !object.dynamic.versions.needs.is_empty()) {
        if core::mem::take(&mut first) {
            let _ = writeln!(view.out, "\n\tVersion information:");
        }
        let _ = writeln!(view.out, "\t{}:", Text(&object.name));
        for need in &object.dynamic.versions.needs {
            let provider = subject.names.by_name(need.file).map(|number| &objects[number]).filter(|provider| {
                let defined = &provider.dynamic.versions.defined;
                provider.role == Role::Loader || defined.iter().any(|version| version.name == need.version.name)
            });
            let weak = if need.weak { "[WEAK] " } else { "" };
            let path = provider.map_or(&b"not found"[..], |provider| &provider.name);
            let (file, version) = (Text(need.file), Text(need.version.name));
            let _ = writeln!(view.out, "\t\t{file} ({version}) {weak}=> {}", Text(path));
        }
    }
}

/// `-u`: direct dependencies that the program binds nothing to.
fn unused(view: &mut View<'_>, subject: &Subject) {
    let objects = &subject.objects;
    let bindings = check::bindings(objects, &[0], Engine::Adaptive, false, &mut Vec::new());
    let mut first = true;
    for (name, need) in subject.needs(0) {
        let number = need.unwrap_or(usize::MAX);
        let mut bound = bindings.iter().flat_map(|bindings| bindings.all());
        let is_used = bound.any(|binding| binding.place().is_some_and(|(object, _)| object == number));
        let is_loader = objects.list.get(number).is_some_and(|object| object.role == Role::Loader);
        if is_used || is_loader {
            continue;
        }
        if core::mem::take(&mut first) {
            let _ = writeln!(view.out, "Unused direct dependencies:");
            view.fail(1);
        }
        let _ = writeln!(view.out, "\t{}", Text(objects.list.get(number).map_or(name, |object| &object.name)));
    }
}

/// What ldd says of a file it cannot list.
pub(super) fn refuse(view: &mut View<'_>, file: &[u8], error: &Error) {
    let path = if file.contains(&b'/') { file.owned() } else { [b"./", file].concat() };
    let path = Text(&path);
    let mut page = page::Page::default();
    let _ = match (sys::stat_path(&error.object), &error.cause) {
        (Err(_), _) => writeln!(page, "ldd: {path}: No such file or directory"),
        (Ok(facts), _) if !facts.regular => writeln!(page, "ldd: {path}: not regular file"),
        (Ok(_), Cause::System(_, EACCES)) => writeln!(page, "ldd: error: you do not have read permission for `{path}'"),
        (Ok(_), Cause::Plain(_) | Cause::Empty | Cause::Class(_) | Cause::Machine(_)) => {
            writeln!(page, "\tnot a dynamic executable")
        }
        // A damaged one: the reason is worth a line.
        (Ok(_), _) => writeln!(page, "\tnot a dynamic executable\n  note: {error}"),
    };
    core::mem::take(&mut view.out).write(1);
    page.write(2);
    view.fail(1);
}
