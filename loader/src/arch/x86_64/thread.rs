//! The thread pointer: %fs (psABI 3.4.6).

use core::arch::asm;
use linux_raw_sys::general::__NR_arch_prctl;

/// Offsets in the control block at the thread pointer that compiled code knows (psABI, gcc's stack protector, glibc's
/// tcbhead_t).
pub mod tcb {
    /// The thread pointer itself.
    pub const SELF: usize = 0;
    /// The DTV's entry 0.
    pub const DTV: usize = 8;
    /// The thread pointer, for glibc.
    pub const SELF_AGAIN: usize = 16;
    /// What the stack protector compares with.
    pub const CANARY: usize = 0x28;
    /// By which setjmp and atexit disguise pointers.
    pub const POINTER_GUARD: usize = 0x30;
}

const ARCH_SET_FS: usize = 0x1002;

/// Sets %fs to `tp`; the kernel's answer, negative errno on failure.
///
/// # Safety
/// `tp` is the thread pointer of a complete thread control block: the word there is `tp` itself.
pub unsafe fn set_thread_pointer(tp: u64) -> isize {
    // SAFETY: the caller made the block at `tp`.
    unsafe { super::syscall(__NR_arch_prctl as usize, [ARCH_SET_FS, tp as usize, 0, 0]) }
}

/// The word at %fs:0, which is the thread pointer itself.
///
/// # Safety
/// This thread has a thread pointer: the first one from [`set_thread_pointer`] on, others from clone on.
#[must_use]
pub unsafe fn thread_pointer() -> u64 {
    let tp;
    // SAFETY: the caller's promise; the first word of a TCB is its own address (psABI 3.4.6).
    unsafe { asm!("mov {}, fs:[0]", out(reg) tp, options(nostack, readonly, preserves_flags)) };
    tp
}
