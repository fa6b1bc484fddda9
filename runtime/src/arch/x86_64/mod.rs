//! x86-64: all assembly of runtime, and what it knows of the machine.

mod abi;
mod dl;
mod plt;
mod tls;

pub use abi::{FPU_DEFAULT, RSEQ_IN_PADDING, RSEQ_SIGNATURE, jumped_through, returned, vdso};
pub use plt::{ask_resolver, bind_function};
pub use tls::{__tls_get_addr, tlsdesc_dynamic, tlsdesc_static, tlsdesc_undefined};
