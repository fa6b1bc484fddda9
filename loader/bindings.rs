//! `--bindings walk`, `join` and `adaptive`: what each symbolic relocation binds to, as plain text.
//!
//! For tests, which compare the engines on whatever is installed; the walk is what is right. Nothing
//! of the objects is mapped to run. One line a relocation: the object that asks and the position among
//! its symbolic relocations, the object and symbol index found, all by number; then one line an error.

use crate::{Page, resolve, sys};
use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_loader::object::{Objects, Role};
use ld_rs_loader::resolve::{Engine, Scope};
use ld_rs_loader::uniques::Uniques;
use ld_rs_plan::error::Text;

pub fn print(objects: &Objects, engine: &[u8]) -> ! {
    let engine = match engine {
        b"walk" => Engine::Walk,
        b"join" => Engine::Join,
        _ => Engine::Adaptive,
    };
    let ours = |number: &usize| matches!(objects.list[*number].role, Role::Program | Role::Library);
    let numbers: Vec<usize> = (0..objects.list.len()).filter(ours).collect();
    let global = objects.scope();
    let mut uniques = Uniques::default();
    let mut scope = Scope { parts: [&global, &[]], uniques: &mut uniques, engine, lazy: true, postpone: None };
    let (mut errors, mut page) = (Vec::new(), Page::default());
    let found = resolve::resolve(objects, &numbers, &mut scope, &mut errors);
    for (number, bindings) in found.iter() {
        for (position, binding) in bindings.iter().enumerate() {
            let _ = writeln!(page, "{number} {position} {} {}", binding.object.cast_signed(), binding.symbol);
        }
    }
    for error in &errors {
        let _ = writeln!(page, "{}: {error}", Text(&error.object));
    }
    page.write(1);
    sys::exit(0)
}
