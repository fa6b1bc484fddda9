//! runtime serves: everything a program calls, or a debugger reads, after its entry point. TLS
//! blocks and `__tls_get_addr`, thread hooks, constructors and destructors, the contract with a libc.
//!
//! Exported symbols are those of `linker.ld`; the program binds to them as to any object's. Their
//! names are a contract with glibc and gdb, so they are not ours to choose.
//!
//! Unsafe code is allowed in these rooms only:
//! * `arch`: entry points whose register contracts differ from a C function's
//! * `area`: memory that a libc reads and writes by a layout of its own
//! * `debugger`: the C structures that gdb reads
//! * `dl`: <dlfcn.h>: pointers from and to C
//! * `glibc`: the contract with a libc: its tables, its hooks, its threads
//! * `lazy`: functions are looked up at their first call, by a list that needs no lock
//! * `libc`: the contract with a guest, and the jump to the program
//! * `lock`: futexes, shared with a libc
//! * `musl`: the contract with a libc that is its own loader: its start, its functions, its threads
//! * `process`: the process's tables, behind a lock
//! * `ranges`: which object an address lies in, read by signal handlers
//! * `stages`: IFUNC resolvers are run
//! * `tls`: blocks and control blocks of threads
#![deny(unsafe_code)]
#![cfg_attr(not(test), no_std)] // tests run with the host's libc and its allocator,
#![cfg_attr(test, allow(dead_code))] // and nobody binds to what is exported
extern crate alloc;

#[allow(unsafe_code)]
pub mod arch;
#[allow(unsafe_code)]
pub mod area;
mod atomics;
pub mod calls;
#[allow(unsafe_code)]
pub mod debugger;
#[allow(unsafe_code)]
pub mod dl;
pub mod fork;
#[allow(unsafe_code)]
pub mod glibc;
pub mod init;
#[allow(unsafe_code)]
pub mod lazy;
#[allow(unsafe_code)]
pub mod libc;
#[allow(unsafe_code)]
pub mod lock;
#[allow(unsafe_code)]
pub mod musl;
pub mod namespace;
#[allow(unsafe_code)]
pub mod process;
#[allow(unsafe_code)]
pub mod ranges;
pub mod record;
pub mod scopes;
#[allow(unsafe_code)]
pub mod stages;
#[allow(unsafe_code)]
pub mod tls;
