//! The system call instruction. [`crate::sys`] is its only caller: it counts the calls.

use core::arch::asm;

/// System call `number` with up to four arguments; the result is negative errno on failure.
///
/// # Safety
/// The arguments are right for call `number`.
#[inline]
pub unsafe fn syscall(number: usize, args: [usize; 4]) -> isize {
    let result;
    // SAFETY: the kernel keeps all registers but rax, rcx, r11; the caller answers for the rest.
    unsafe {
        asm!("syscall", inlateout("rax") number as isize => result,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2], in("r10") args[3],
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result
}
