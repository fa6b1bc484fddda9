//! plan decides: it judges files, paths, variables and layouts, and never touches the system.
//!
//! Called by loader (which carries a plan out), by runtime (which serves by it), and by unit tests,
//! Miri and fuzzers on the host. No system calls, no globals, no unsafe, no panic on any input.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

use alloc::vec::Vec;

pub mod arch;
pub mod args;
pub mod auxv;
pub mod cache;
pub mod conf;
pub mod debug;
pub mod edit_distance;
pub mod elf;
pub mod errno;
pub mod error;
pub mod facts;
pub mod fallible;
pub mod hints;
pub mod json;
pub mod libc;
pub mod map;
pub mod musl;
pub mod names;
pub mod observe;
pub mod order;
pub mod other_libc;
pub mod patch;
pub mod places;
pub mod reloc;
pub mod resolve;
pub mod search;
pub mod tls;
pub mod tunables;
pub mod uses;

// An address, or an offset in a file, is an index wherever plan is compiled.
const _: () = assert!(usize::BITS == 64);

/// Names that are kept.
pub trait Bytes {
    /// A copy, by one function: written out it is as long as ten calls, and names are copied everywhere.
    fn owned(&self) -> Vec<u8>;
}

impl Bytes for [u8] {
    #[inline(never)]
    fn owned(&self) -> Vec<u8> {
        self.to_vec()
    }
}

/// Bytes in the smallest page of any Linux; which it is here, AT_PAGESZ tells ([`auxv::page_size`]).
pub const MIN_PAGE: u64 = 4096;
/// Bytes in the largest page that a Linux is built with.
pub const MAX_PAGE: u64 = 64 * 1024;

/// `value` rounded down to a multiple of `align`, a power of two.
#[must_use]
pub const fn align_down(value: u64, align: u64) -> u64 {
    value & !align.wrapping_sub(1)
}

/// `value` rounded up to a multiple of `align`, a power of two; `None` when it does not fit.
#[must_use]
pub const fn align_up(value: u64, align: u64) -> Option<u64> {
    match value.checked_add(align.wrapping_sub(1)) {
        Some(sum) => Some(align_down(sum, align)),
        None => None,
    }
}
