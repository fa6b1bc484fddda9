//! `--bindings walk`, `join` and `adaptive`: what each symbolic relocation binds to, as plain text.
//!
//! For tests, which compare the engines on whatever is installed; the walk is what is right. Nothing
//! of the objects is mapped to run. One line a relocation: the object that asks and the position among
//! its symbolic relocations, the object and symbol index found, all by number; then one line an error.

use crate::{Page, resolve, sys};
use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_loader::object::{Objects, Role};
use ld_rs_plan::error::Text;
use ld_rs_plan::resolve::{Binding, Engine, Scope, Uniques};

pub fn print(objects: &Objects, engine: &[u8]) -> ! {
    let engine = match engine {
        b"walk" => Engine::Walk,
        b"join" => Engine::Join,
        _ => Engine::Adaptive,
    };
    let ours = |number: &usize| matches!(objects[*number].role, Role::Program | Role::Library);
    let numbers: Vec<usize> = (0..objects.list.len()).filter(ours).collect();
    let global = objects.scope();
    let mut uniques = Uniques::default();
    let mut scope = Scope { parts: [&global, &[]], uniques: &mut uniques, engine, lazy: true, postpone: None };
    let (mut errors, mut page) = (Vec::new(), Page::default());
    let found = resolve::resolve(objects, &numbers, &mut scope, &mut errors);
    for bindings in found.unwrap_or_else(|cause| crate::report::no_memory(cause)).iter() {
        for (position, binding) in bindings.all().enumerate() {
            let _ = write!(page, "{} {position} ", bindings.object);
            let _ = match binding.binding() {
                Binding::Symbol { object, symbol } => writeln!(page, "{object} {symbol}"),
                Binding::Undefined => writeln!(page, "undefined"),
                Binding::WhenCalled { symbol } => writeln!(page, "when called {symbol}"),
            };
        }
    }
    for error in &errors {
        let _ = writeln!(page, "{}: {error}", Text(&error.object));
    }
    page.write(1);
    sys::exit(0)
}
