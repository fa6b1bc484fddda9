//! Access to thread-local storage. The fast paths take no lock and make no call.
//!
//! The DTV as these read it (see `crate::tls`): %fs:8 points to entry 0; entry m, 16 bytes each, holds
//! the block of module m or -1; the word before entry 0 is the highest m there is room for.
//!
//! What is not below `tls::IDS`, an unsigned number, is the key of a module whose block a libc keeps (plan's `tls::key`): a
//! distance from the thread pointer, which is negative, or, without bit 62, the number of the word in the libc's DTV that holds
//! the block's address. Under such a libc that number is 0: all are keys, and 1 is the program, to which a linker may have given
//! that id itself (mold, for code of general-dynamic that it does not relax).

use core::arch::naked_asm;

/// `__tls_get_addr(&{module, offset})` -> address (TLS ABI 3.4.6).
///
/// # Safety
/// Called by compiled code with a GOT pair that relocation filled. The stack may be misaligned.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn __tls_get_addr(pair: *const [u64; 2]) -> u64 {
    naked_asm!(
        "mov rcx, [rdi]",
        "cmp rcx, [rip + {ids}]",
        "jae 3f",
        "mov rax, fs:[8]",
        "cmp rcx, [rax - 8]",
        "ja 2f",
        "shl rcx, 4",
        "mov rax, [rax + rcx]",
        "cmp rax, -1",
        "je 2f",
        "add rax, [rdi + 8]",
        "ret",
        "2: push rbp",
        "mov rbp, rsp",
        "and rsp, -16",
        "call {slow}",
        "leave",
        "ret",
        "3: bt rcx, 62",
        "jnc 4f",
        "mov rax, fs:[0]",
        "6: add rax, rcx",
        "add rax, [rdi + 8]",
        "ret",
        "4: test rcx, rcx",
        "jns 5f",
        "mov rax, fs:[8]",
        "mov rax, [rax + rcx * 8]",
        "add rax, [rdi + 8]",
        "ret",
        "5: cmp rcx, 1",
        "jne 2b",
        "mov rax, fs:[0]",
        "mov rcx, [rip + {program}]",
        "jmp 6b",
        ids = sym crate::tls::IDS,
        program = sym crate::tls::PROGRAM,
        slow = sym crate::tls::slow_path,
    )
}

/// TLSDESC resolver for a block at a fixed distance from the thread pointer: the descriptor's second
/// word is the answer. Every register but rax is kept (TLSDESC specification).
///
/// # Safety
/// Called by compiled code with rax pointing to the descriptor.
#[unsafe(naked)]
pub unsafe extern "C" fn tlsdesc_static() {
    naked_asm!("mov rax, [rax + 8]", "ret")
}

/// TLSDESC resolver for an undefined weak symbol: the caller adds the thread pointer and gets the addend.
///
/// # Safety
/// As [`tlsdesc_static`].
#[unsafe(naked)]
pub unsafe extern "C" fn tlsdesc_undefined() {
    naked_asm!("mov rax, [rax + 8]", "sub rax, fs:[0]", "ret")
}

/// TLSDESC resolver for a block that may be anywhere: the descriptor's second word points to
/// {module, offset}. Every thread has the block since the object was opened, so there is no slow path.
///
/// # Safety
/// As [`tlsdesc_static`].
#[unsafe(naked)]
pub unsafe extern "C" fn tlsdesc_dynamic() {
    naked_asm!(
        "push rcx",
        "push rdx",
        "mov rax, [rax + 8]",
        "mov rcx, fs:[8]",
        "mov rdx, [rax]",
        "test rdx, rdx",
        "js 2f",
        "shl rdx, 4",
        "mov rcx, [rcx + rdx]",
        "jmp 3f",
        "2: mov rcx, [rcx + rdx * 8]",
        "3: add rcx, [rax + 8]",
        "sub rcx, fs:[0]",
        "mov rax, rcx",
        "pop rdx",
        "pop rcx",
        "ret",
    )
}
