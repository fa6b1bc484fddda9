//! Single instructions for which Rust has no words, or only words that the compiler takes otherwise.

use core::arch::asm;

/// System call `number`, which [`crate::sys`] counts, with up to four arguments; the result is negative errno on failure.
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

/// Adds `value` to word `index` behind `place` by an instruction that writes at once: on a page of a file that
/// nobody has written, a load before the store would be a fault of its own.
///
/// # Safety
/// The word is valid for reads and writes; it need not be aligned.
#[inline]
pub unsafe fn add(place: *mut u64, index: u64, value: u64) {
    // SAFETY: the caller's promise.
    unsafe { asm!("add [{} + 8*{}], {}", in(reg) place, in(reg) index, in(reg) value, options(nostack)) };
}

/// Asks for what is at `address` to be brought near: a hint, for whatever address.
#[inline]
pub fn prefetch<T>(address: *const T) {
    // SAFETY: a prefetch neither faults nor changes anything.
    unsafe { core::arch::x86_64::_mm_prefetch::<{ core::arch::x86_64::_MM_HINT_T0 }>(address.cast()) }
}

/// Ends the process by a signal: an instruction of the kernel alone.
pub fn stop() -> ! {
    // SAFETY: it does not return.
    unsafe { asm!("hlt", options(noreturn, nomem, nostack)) };
}
