//! loader does: it carries out what plan decided. It opens, maps, resolves, relocates and protects,
//! and hands over to the program. `main.rs` calls the stages in order; runtime's dlopen calls the
//! same stages again.
//!
//! Unsafe code is allowed in these rooms only:
//! * `arch`: instructions that Rust has no words for, and what is called before it may run
//! * `futex`: the kernel reads the words that threads wait for
//! * `heap`: the allocator
//! * `image`: an object's bytes: where an address becomes a slice, or is written to
//! * `last_error`: the last error's text, which a core dump shows under a name
//! * `map`: mappings are made
//! * `object`: an object of start-up is kept for good
//! * `open`: objects are made of what the kernel mapped
//! * `relocate`: IFUNC resolvers are called
//! * `stack`: the kernel's vectors
//! * `sys`: system calls rustix does not offer, or not for a descriptor that may be closed
#![deny(unsafe_code)]
#![cfg_attr(not(test), no_std)] // tests run with the host's libc and its allocator
extern crate alloc;

#[allow(unsafe_code)]
pub mod arch;
pub mod debug;
pub mod discover;
#[allow(unsafe_code)]
pub mod futex;
#[allow(unsafe_code)]
pub mod heap;
#[allow(unsafe_code)]
pub mod image;
#[allow(unsafe_code)]
pub mod last_error;
pub mod ld_so_cache;
mod listing;
#[allow(unsafe_code)]
pub mod map;
pub mod names;
#[allow(unsafe_code)]
pub mod object;
#[allow(unsafe_code)]
pub mod open;
pub mod page;
#[allow(unsafe_code)]
pub mod relocate;
pub mod report;
pub mod resolve;
pub mod root;
pub mod search;
pub mod search_log;
#[allow(unsafe_code)]
pub mod stack;
pub mod stages;
pub mod stats;
#[allow(unsafe_code)]
pub mod sys;
