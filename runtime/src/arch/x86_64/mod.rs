//! x86-64: all assembly of runtime.

mod dl;
mod plt;
mod tls;

pub use plt::{ask_resolver, bind_function};
pub use tls::{__tls_get_addr, tlsdesc_dynamic, tlsdesc_static, tlsdesc_undefined};
