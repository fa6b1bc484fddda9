//! x86-64: all assembly of loader, and the call that depends on the machine.

mod cpu;
mod entry;
mod instructions;
#[cfg(not(test))] // the host's libc has its own
mod memory;
mod thread;

pub use cpu::{INTEL, Leaf, cpuid, cycles, intel_platform, is_interpreted, micro_architecture_level, xgetbv0};
pub use entry::{_start, enter, own_base};
pub use instructions::{add, prefetch, stop, syscall};
pub use thread::{set_thread_pointer, tcb, thread_pointer};

/// Calls the IFUNC resolver at address `resolver` and returns its answer.
///
/// # Safety
/// `resolver` is code of a relocated object.
#[must_use]
pub unsafe fn ask_resolver(resolver: u64) -> u64 {
    // SAFETY: the caller's promise; here a resolver takes no argument that it could rely on (psABI).
    unsafe { core::mem::transmute::<u64, extern "C" fn() -> u64>(resolver)() }
}
