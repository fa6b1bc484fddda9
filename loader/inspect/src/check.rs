//! `--check`: everything resolved, nothing run, all that is unresolved reported.

use super::{GREEN, Subject, View, notes};
use alloc::{format, string::String, vec::Vec};
use core::fmt::Write;
use ld_rs_loader::object::{Objects, Role};
use ld_rs_loader::{report, resolve};
use ld_rs_plan::error::{Error, Text};
use ld_rs_plan::resolve::{Binding, Bindings, Engine, Scope, Uniques, undefined as cause_of};
use ld_rs_plan::{order, reloc::Class};
use object::elf;

/// Prints `ok` or what is wrong.
pub(super) fn check(view: &mut View<'_>, subject: &Subject) {
    let errors = errors(subject);
    for object in &subject.objects.list {
        for (what, _) in object.weaknesses() {
            let _ = writeln!(view.out, "{what}: {} (LD_RS_STRICT=1 refuses it)", Text(&object.name));
        }
    }
    if errors.is_empty() {
        view.paint(GREEN, format_args!("ok"));
        let _ = writeln!(view.out, ": {} objects", subject.objects.list.len());
        return;
    }
    core::mem::take(&mut view.out).write(1);
    report::say(&subject.name, &errors);
    view.fail(1);
}

/// Libraries, versions and symbols that cannot be had.
pub(super) fn errors(subject: &Subject) -> Vec<Error> {
    let mut errors = notes::all(subject);
    let (objects, mut symbols) = (&subject.objects, Vec::new());
    bindings(objects, &relocated(objects), Engine::Adaptive, false, &mut symbols);
    notes::objects(objects, &mut symbols);
    errors.extend(symbols);
    errors
}

/// The objects that are relocated, by number.
#[must_use]
pub fn relocated(objects: &Objects) -> Vec<usize> {
    let ours = |number: &usize| matches!(objects[*number].role, Role::Program | Role::Library);
    (0..objects.list.len()).filter(ours).collect()
}

/// What the references of `numbers` bind to, and what is wrong with them; `lazy` as in [`Scope`].
pub fn bindings(objects: &Objects, numbers: &[usize], engine: Engine, lazy: bool, errors: &mut Vec<Error>) -> Bindings {
    let (scope, mut uniques) = (objects.scope(), Uniques::default());
    let mut scope = Scope { parts: [&scope, &[]], uniques: &mut uniques, engine, lazy, postpone: None };
    resolve::resolve(objects, numbers, &mut scope, errors).unwrap_or_else(|cause| report::no_memory(cause))
}

/// ldd's lines for undefined symbols: one for each relocation, in glibc's order. A lookup that repeats
/// the one before it is answered from memory there, and not told again.
pub(super) fn undefined(subject: &Subject, lazy: bool) -> Vec<String> {
    let objects = &subject.objects;
    let bindings = bindings(objects, &relocated(objects), Engine::Adaptive, false, &mut Vec::new());
    let all: Vec<usize> = (0..objects.list.len()).collect();
    let needed = |number: usize, at: usize| objects[number].needed.get(at).copied();
    let mut lines = Vec::new();
    for number in order::dependencies_first(&all, &needed, None) {
        let Some(bindings) = bindings.iter().find(|bindings| bindings.object == number) else { continue };
        let object = &objects[number];
        let dynamic = &object.dynamic;
        let mut last = None;
        let [rela, plt] = bindings.tables(dynamic);
        let pairs = rela.map(|pair| (pair, false)).chain(plt.map(|pair| (pair, true)));
        let symbolic = pairs.filter_map(|((_, symbolic), plt)| Some((symbolic?, plt)));
        for ((index, class, binding), plt) in symbolic {
            if lazy && plt && class == Class::Call && !dynamic.bind_now {
                continue;
            }
            let Some(symbol) = dynamic.symbols.get(index as usize) else { continue };
            let repeats = last.replace((index, class)) == Some((index, class));
            if binding.binding() != Binding::Undefined || symbol.st_bind() == elf::STB_WEAK || repeats {
                continue;
            }
            let cause = cause_of(&object.facts, index).unwrap_or_else(|cause| report::no_memory(cause));
            lines.push(format!("{}\t({})", Error::new(b"", cause), Text(&object.name)));
        }
    }
    lines
}
