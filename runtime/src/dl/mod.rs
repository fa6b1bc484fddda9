//! Questions a running program asks about objects and symbols.

pub mod api;
pub mod calls;
pub mod close;
pub mod exports;
pub mod open;
pub mod symbol;

use crate::debugger::LinkMap;
use crate::process;
use ld_rs_loader::{page, report};
use ld_rs_plan::elf::LE;
use ld_rs_plan::error::Error;
use ld_rs_plan::resolve;

/// What dlerror tells where there was no memory even to begin: glibc's words for an object that it cannot take in.
pub const NO_MEMORY: &[u8] = b"cannot create shared object descriptor: Cannot allocate memory";

/// A function that no object defines was called through its PLT slot: says so and ends the process,
/// as glibc's lazy binding does.
pub(crate) fn report_missing_function(map: *const LinkMap, index: usize) -> ! {
    let process = process::read();
    let found = || {
        // One that a resolver calls while its object is taken in has no record yet.
        let object = process.objects.list.iter().find(|object| object.link_map == map as u64)?;
        let rela = object.dynamic.plt.get(index)?;
        let cause = resolve::undefined(&object.facts, rela.r_sym(LE, false)).ok()?;
        Some(Error::new(&object.name, cause))
    };
    if let Some(error) = found() {
        report::fail(&process::fixed().program, &[error])
    }
    report::last_words(page::line(format_args!("ld-rs.so: a function that does not exist was called")), 127)
}
