//! x86-64: all assembly of loader.

mod cpu;
mod entry;
mod instructions;
#[cfg(not(test))] // the host's libc has its own
mod memory;
mod thread;

pub use cpu::{INTEL, Leaf, cpuid, cycles, intel_platform, is_interpreted, micro_architecture_level, xgetbv0};
pub use entry::{_start, enter, own_base};
pub use instructions::{add, prefetch, syscall};
pub use thread::{set_thread_pointer, thread_pointer};
