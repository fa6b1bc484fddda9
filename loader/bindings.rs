//! `--bindings walk`, `join` and `adaptive`: what each symbolic relocation binds to, as plain text.
//!
//! For tests, which compare the engines on whatever is installed; the walk is what is right. Nothing
//! of the objects is mapped to run. One line a relocation: the object that asks and the position among
//! its symbolic relocations, the object and symbol index found, all by number; then one line an error.

use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_inspect::check;
use ld_rs_loader::{object::Objects, page::Page};
use ld_rs_plan::error::Text;
use ld_rs_plan::resolve::{Binding, Engine};

pub fn print(objects: &Objects, engine: &[u8]) -> ! {
    let engine = match engine {
        b"walk" => Engine::Walk,
        b"join" => Engine::Join,
        _ => Engine::Adaptive,
    };
    let (mut errors, mut page) = (Vec::new(), Page::default());
    for bindings in check::bindings(objects, &check::relocated(objects), engine, true, &mut errors).iter() {
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
    page.exit(1, 0)
}
