//! loader does: it carries out what plan decided. It opens, maps, resolves, relocates and protects,
//! and hands over to the program. `main.rs` calls the stages in order; runtime's dlopen calls the
//! same stages again.
//!
//! Unsafe code lives in `arch` (registers, system calls rustix does not offer), `heap`, `stack`,
//! `image` (the only place where an address becomes a slice) and `mem`.
#![no_std]
extern crate alloc;

pub mod arch;
pub mod debug;
pub mod discover;
pub mod heap;
pub mod image;
pub mod inspect;
pub mod last_error;
pub mod ld_so_cache;
mod listing;
pub mod map;
pub mod object;
pub mod open;
pub mod relocate;
pub mod report;
pub mod resolve;
pub mod root;
pub mod search;
pub mod search_log;
pub mod stack;
pub mod stages;
pub mod stats;
pub mod sys;
pub mod usage;
