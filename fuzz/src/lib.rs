//! Fuzzing of plan: what judges files, paths, variables and command lines must not panic, wrap, read outside, allocate
//! without bound or hang, whatever it is given, and what it accepts must hold what it promises.
//!
//! [`targets`] are functions of bytes with the promises as assertions, of which [`bindings`] has files of its own: it
//! generates a [`scope`] and compares with a [`model`]. [`seeds`] generates what to begin with, [`runner`] mutates and runs.

pub mod bindings;
pub mod model;
pub mod runner;
pub mod scope;
pub mod seeds;
pub mod targets;

/// A target. It returns facts it has seen as numbers, so that a runner without coverage knows new from old.
pub type Target = fn(&[u8]) -> Vec<u64>;

/// All targets by name.
pub const TARGETS: [(&str, Target); 9] = [
    ("elf", targets::elf),
    ("dynamic", targets::dynamic),
    ("cache", targets::cache),
    ("conf", targets::conf),
    ("search", targets::search),
    ("arguments", targets::arguments),
    ("tables", targets::tables),
    ("uses", targets::uses),
    ("bindings", bindings::bindings),
];
