//! What a search leaves behind for who wants to explain it: every place tried, every need not met.
//!
//! Filled by `discover` where an inspection asks for it, never when a program starts or opens objects.

use alloc::vec::Vec;
use ld_rs_plan::error::{Cause, Error};

/// What an inspection remembers of a search.
#[derive(Default)]
pub struct Trail {
    /// Every place asked for a library, in order.
    pub attempts: Vec<Attempt>,
    /// Every need that was not met, in order.
    pub missing: Vec<Missing>,
}

/// One place that was asked for a library.
pub struct Attempt {
    /// The name that was searched for.
    pub name: Vec<u8>,
    /// The object that needs it.
    pub requester: Option<usize>,
    /// What was opened.
    pub path: Vec<u8>,
    /// Why there.
    pub source: Source,
    /// Why it was passed over; `None` for the one that was taken.
    pub rejected: Option<Cause>,
}

/// A need that was not met.
pub struct Missing {
    /// How many objects there were at that time.
    pub before: usize,
    /// The name that was searched for.
    pub name: Vec<u8>,
    /// The object that needs it.
    pub requester: usize,
    /// What is wrong.
    pub error: Error,
    /// Which of the attempts were made for it.
    pub attempts: core::ops::Range<usize>,
}

/// Why a place is asked for a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The name is a path.
    Path,
    /// DT_RPATH of this object.
    Rpath(usize),
    /// LD_LIBRARY_PATH or `--library-path`.
    LibraryPath,
    /// DT_RUNPATH of this object.
    Runpath(usize),
    /// /etc/ld.so.cache.
    Cache,
    /// A directory that ld.so.conf names, in a tree without a cache.
    Configured,
    /// A default directory.
    Default,
}
