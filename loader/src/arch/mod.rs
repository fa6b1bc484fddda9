//! What differs by architecture: entry, hand-over, thread pointer, the memory routines.

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;
