//! x86-64: all assembly of runtime, and what it knows of the machine.

mod abi;
mod boot;
mod dl;
mod plt;
mod tls;

pub use abi::{FPU_DEFAULT, RSEQ_IN_PADDING, RSEQ_SIGNATURE, VDSO, VDSO_GETRANDOM, jumped_through, returned};
pub use boot::{boot, booted};
pub use dl::{dlclose, dlmopen_for, dlopen_for, dlopen_for_libc, finish, start};
pub use plt::{ask_resolver, bind_function};
pub use tls::{__tls_get_addr, tlsdesc_dynamic, tlsdesc_static, tlsdesc_undefined};
