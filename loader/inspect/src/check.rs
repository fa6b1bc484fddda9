//! `--check`: everything resolved, nothing run, all that is unresolved reported.

use super::{GREEN, Subject, View, notes};
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::object::Role;
use ld_rs_loader::report;
use ld_rs_loader::resolve;
use ld_rs_plan::elf::Sym;
use ld_rs_plan::error::{Error, Text};
use ld_rs_plan::order;
use ld_rs_plan::reloc::Class;
use ld_rs_plan::resolve::{Binding, Bindings, Engine, Scope, Uniques};
use object::elf;

/// Prints `ok` or what is wrong.
pub(super) fn check(view: &mut View<'_>, subject: &Subject) {
    let errors = errors(subject);
    if errors.is_empty() {
        view.paint(GREEN, format_args!("ok"));
        let count = subject.objects.list.len();
        let _ = core::fmt::Write::write_fmt(&mut view.out, format_args!(": {count} objects\n"));
        return;
    }
    core::mem::take(&mut view.out).write(1);
    report::say(&subject.name, &errors);
    view.fail(1);
}

/// Libraries, versions and symbols that cannot be had.
pub(super) fn errors(subject: &Subject) -> Vec<Error> {
    let mut errors = notes::all(subject);
    let mut symbols = Vec::new();
    bindings(subject, &mut symbols);
    notes::objects(&subject.objects, &mut symbols);
    errors.extend(symbols);
    errors
}

/// The bindings of every object that is relocated, by number.
fn bindings(subject: &Subject, errors: &mut Vec<Error>) -> Bindings {
    let objects = &subject.objects;
    let ours = |number: &usize| matches!(objects[*number].role, Role::Program | Role::Library);
    let numbers: Vec<usize> = (0..objects.list.len()).filter(ours).collect();
    let scope = objects.scope();
    let mut uniques = Uniques::default();
    let mut scope =
        Scope { parts: [&scope, &[]], uniques: &mut uniques, engine: Engine::Adaptive, lazy: false, postpone: None };
    resolve::resolve(objects, &numbers, &mut scope, errors).unwrap_or_else(|cause| report::no_memory(cause))
}

/// ldd's lines for undefined symbols: one for each relocation, in glibc's order. A lookup that repeats
/// the one before it is answered from memory there, and not told again.
pub(super) fn undefined(subject: &Subject, lazy: bool) -> Vec<Vec<u8>> {
    let objects = &subject.objects;
    let bindings = bindings(subject, &mut Vec::new());
    let needed: Vec<Vec<usize>> = objects.list.iter().map(|object| object.needed.clone()).collect();
    let mut lines = Vec::new();
    for number in order::dependencies_first(&needed, None) {
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
            lines.push(line(subject, number, index, symbol));
        }
    }
    lines
}

fn line(subject: &Subject, number: usize, index: u32, symbol: &Sym) -> Vec<u8> {
    let object = &subject.objects[number];
    let name = Text(object.dynamic.symbol_name(symbol).unwrap_or_default());
    let of = Text(&object.name);
    match object.dynamic.versions.wanted(index) {
        Some(version) => format!("undefined symbol: {name}, version {}\t({of})\n", Text(version.name)),
        None => format!("undefined symbol: {name}\t({of})\n"),
    }
    .into_bytes()
}
