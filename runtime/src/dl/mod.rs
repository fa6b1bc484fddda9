//! Questions a running program asks about objects and symbols.

pub mod api;
pub mod close;
pub mod error;
pub mod exports;
pub mod open;
pub mod symbol;

use crate::process;
use core::fmt::Write;
use ld_rs_loader::object::Object;
use ld_rs_loader::report::Page;
use ld_rs_plan::Bytes;
use ld_rs_plan::elf::{LE, Sym};
use ld_rs_plan::error::{Cause, Error, Text};
use object::elf;

/// What dlerror tells where there was no memory even to begin: glibc's words for an object that it cannot take in.
pub const NO_MEMORY: &[u8] = b"cannot create shared object descriptor: Cannot allocate memory";

/// A function that no object defines was called through its PLT slot: says so and ends the process,
/// as glibc's lazy binding does.
pub(crate) fn report_missing_function(object: u64, index: u64) -> ! {
    let mut page = Page::default();
    let process = process::lock();
    let found = Some(&*process).and_then(|process| {
        let object = process.objects.list.get(usize::try_from(object).ok()?)?;
        let rela = object.dynamic.plt.get(usize::try_from(index).ok()?)?;
        let number = rela.r_sym(LE, false);
        let symbol = object.dynamic.symbols.get(number as usize)?;
        let name = object.dynamic.symbol_name(symbol)?;
        let version = object.dynamic.versions.wanted(number).map(|version| version.name.owned());
        Some((process, Error::new(&object.name, Cause::UndefinedSymbol { name: name.owned(), version })))
    });
    let _ = match found {
        Some((process, error)) => writeln!(page, "{}: {}{error}", Text(&process.program), error.heading()),
        None => writeln!(page, "ld-rs.so: a function that does not exist was called"),
    };
    page.last_words(127)
}

/// The symbol of `object` that `address` belongs to: the nearest at or below it that reaches there;
/// of several, the first in the table, as glibc's `determine_info` has it.
#[must_use]
pub fn nearest_symbol(object: &Object, address: u64) -> Option<&Sym> {
    let vaddr = address.wrapping_sub(object.image.bias);
    let symbols = object.dynamic.symbols.iter().take(object.dynamic.symbol_count());
    let first = object.dynamic.gnu_hash.map_or(0, |hash| hash.symbol_base as usize);
    let mut nearest: Option<&Sym> = None;
    for symbol in symbols.skip(first) {
        let (value, size) = (symbol.st_value.get(LE), symbol.st_size.get(LE));
        let undefined = symbol.st_shndx.get(LE) == elf::SHN_UNDEF;
        if undefined && value == 0 || symbol.st_type() == elf::STT_TLS || value > vaddr {
            continue;
        }
        let reaches = if undefined || size == 0 { vaddr == value } else { vaddr - value < size };
        if reaches && nearest.is_none_or(|nearest| nearest.st_value.get(LE) < value) {
            nearest = Some(symbol);
        }
    }
    nearest
}
