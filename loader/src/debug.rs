//! LD_DEBUG: what the loader is doing, told while it does it, in glibc's format.
//!
//! Off, each place that could tell something costs one test of a word that never changes. Lines are
//! collected and written one by one: a program that dies has said all it did.

use crate::report::Page;
use crate::sys;
use alloc::format;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_plan::debug::{CATEGORIES, HELP, Mask, parse};
use ld_rs_plan::error::Text;

static MASK: AtomicU32 = AtomicU32::new(0);
/// Where lines go.
static OUTPUT: AtomicU32 = AtomicU32::new(2);

/// Whether any of `categories` is wanted.
#[inline]
#[must_use]
pub fn on(categories: Mask) -> bool {
    MASK.load(Ordering::Relaxed) & categories != 0
}

/// One line; written with the process's number in front.
pub fn line(text: fmt::Arguments<'_>) {
    let mut page = Page::default();
    let _ = writeln!(page, "{:>10}:\t{text}", sys::process_id());
    page.write(OUTPUT.load(Ordering::Relaxed));
}

/// A line with nothing on it, as glibc sets off what belongs together.
pub fn gap() {
    line(format_args!(""));
}

/// Reads LD_DEBUG and LD_DEBUG_OUTPUT. `help` ends the process.
pub fn start(value: &[u8], output: Option<&[u8]>) {
    let (mask, unknown) = parse(value);
    for word in unknown {
        let mut page = Page::default();
        let _ = writeln!(page, "warning: debug option `{}' unknown; try LD_DEBUG=help", Text(word));
        page.write(2);
    }
    if mask & HELP != 0 {
        let mut page = Page::default();
        page.bytes(b"Valid options for the LD_DEBUG environment variable are:\n\n");
        for (name, _, meaning) in CATEGORIES {
            page.bytes(b"  ");
            page.bytes(name);
            page.bytes(b"            ".get(name.len()..).unwrap_or_default());
            page.bytes(meaning.as_bytes());
            page.bytes(b"\n");
        }
        page.bytes(b"\nLD_DEBUG_OUTPUT names a file for the text; the process's number is added to its name.\n");
        page.write(1);
        sys::exit(0)
    }
    MASK.store(mask, Ordering::Relaxed);
    if let Some(path) = output.filter(|_| mask != 0)
        && let Some(fd) = sys::create(&[path, format!(".{}", sys::process_id()).as_bytes()].concat())
    {
        OUTPUT.store(fd, Ordering::Relaxed);
    }
}

/// A list of names with `separator` between them.
#[must_use]
pub fn joined<'a>(names: impl Iterator<Item = &'a [u8]>, separator: u8) -> Vec<u8> {
    let mut list = Vec::new();
    for name in names {
        if !list.is_empty() {
            list.push(separator);
        }
        list.extend_from_slice(name);
    }
    list
}
