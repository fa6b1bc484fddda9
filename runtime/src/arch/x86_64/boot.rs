//! Into a libc that is its own loader, and back: it is entered as by the kernel (psABI "Process Initialization") and comes
//! out where it takes the program's entry point to be.

use core::arch::naked_asm;

/// rsp while the libc runs.
static mut STACK: u64 = 0;

/// Enters `entry` with rsp = `stack`, and returns when [`booted`] is entered.
///
/// # Safety
/// `stack` points to argc of an initial stack with room below; `entry` is code that ends by a jump to [`booted`]. One thread.
#[unsafe(naked)]
pub unsafe extern "C" fn boot(stack: *const u64, entry: u64) {
    naked_asm!(
        "push rbx",
        "push rbp",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "mov [rip + {kept}], rsp",
        "mov rsp, rdi",
        "xor edx, edx", // rdx = 0: no function for atexit
        "xor ebp, ebp",
        "jmp rsi",
        kept = sym STACK,
    )
}

/// The program's entry point, as the libc sees it.
///
/// # Safety
/// See [`boot`].
#[unsafe(naked)]
pub unsafe extern "C" fn booted() {
    naked_asm!(
        "mov rsp, [rip + {kept}]",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbp",
        "pop rbx",
        "ret",
        kept = sym STACK,
    )
}
