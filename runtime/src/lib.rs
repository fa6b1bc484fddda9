//! runtime serves: everything a program calls, or a debugger reads, after its entry point. TLS
//! blocks and `__tls_get_addr`, thread hooks, constructors and destructors, the contract with a libc.
//!
//! Exported symbols are those of `linker.ld`; the program binds to them as to any object's. Their
//! names are a contract with glibc and gdb, so they are not ours to choose.
//!
//! Unsafe code lives in `arch`, `tls`, `ranges`, `area`, `init`, `debugger`, `dl` and `glibc`: each reads or
//! writes memory whose layout another party fixed.
#![no_std]
extern crate alloc;

pub mod arch;
pub mod area;
mod atomics;
pub mod debugger;
pub mod dl;
pub mod glibc;
pub mod init;
pub mod lazy;
pub mod libc;
pub mod lock;
pub mod namespace;
pub mod process;
pub mod ranges;
pub mod stages;
pub mod tls;
