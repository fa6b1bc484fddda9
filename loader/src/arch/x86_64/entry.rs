//! The first and the last instructions of ld-rs.
//!
//! At `_start` the kernel's stack is all there is: no relocation of ours has been applied, so not
//! even a Rust function may be called (in a dev build it would jump through an unrelocated GOT).
//! Stage 1 applies our own relative relocations with rip-relative code only, then calls
//! `ld_rs_main(stack pointer)`, which returns where to go.

use core::arch::{global_asm, naked_asm};

// Our writable data begins with a page: it and the first of .bss are then one page, which the kernel has
// made writable when it cleared the rest of it. So does what becomes read-only, or it would lie on three for two; the R
// keeps a section that nothing refers to.
global_asm!(".pushsection .data", ".balign 4096", ".popsection");
global_asm!(".pushsection .data.rel.ro.first, \"awR\", @progbits", ".balign 4096", ".popsection");

/// The entry point (psABI "Process Initialization": rsp -> argc, 16-byte aligned).
///
/// DT_RELA (7), DT_RELASZ (8), DT_RELRSZ (35) and DT_RELR (36) of our own dynamic section are
/// applied; any type but R_X86_64_RELATIVE was excluded when ld-rs was linked (a test checks it).
///
/// # Safety
/// Called by the kernel only.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        ".hidden __ehdr_start",
        ".hidden _DYNAMIC",
        "mov rbp, rsp",
        "lea rbx, [rip + __ehdr_start]", // our load bias: we are linked at 0
        "lea rax, [rip + _DYNAMIC]",
        "xor r8d, r8d",  // DT_RELA
        "xor r9d, r9d",  // DT_RELASZ
        "xor r10d, r10d", // DT_RELR
        "xor r11d, r11d", // DT_RELRSZ
        "2: mov rcx, [rax]",
        "mov rdx, [rax + 8]",
        "add rax, 16",
        "cmp rcx, 7",
        "cmove r8, rdx",
        "cmp rcx, 8",
        "cmove r9, rdx",
        "cmp rcx, 36",
        "cmove r10, rdx",
        "cmp rcx, 35",
        "cmove r11, rdx",
        "test rcx, rcx",
        "jnz 2b",
        // RELA: place = bias + r_offset, value = bias + r_addend
        "add r8, rbx",
        "add r9, r8",
        "3: cmp r8, r9",
        "jae 4f",
        "mov rcx, [r8]",
        "mov rdx, [r8 + 16]",
        "add rdx, rbx",
        "mov [rbx + rcx], rdx",
        "add r8, 24",
        "jmp 3b",
        // RELR: an even word is a place; an odd one a bitmap for the 63 words after the last place
        "4: add r10, rbx",
        "add r11, r10",
        "5: cmp r10, r11",
        "jae 9f",
        "mov rcx, [r10]",
        "add r10, 8",
        "test cl, 1",
        "jnz 6f",
        "lea rdi, [rbx + rcx]",
        "add [rdi], rbx",
        "add rdi, 8",
        "jmp 5b",
        "6: mov rsi, rdi",
        "7: shr rcx, 1",
        "jz 8f",
        "test cl, 1",
        "jz 10f",
        "add [rsi], rbx",
        "10: add rsi, 8",
        "jmp 7b",
        "8: add rdi, 504",
        "jmp 5b",
        // Relocated. rbp keeps the kernel's stack pointer; ours stays 16-byte aligned.
        "9: mov rdi, rbp",
        "xor ebp, ebp",
        "and rsp, -16",
        "call {main}",
        "ud2",
        main = sym ld_rs_main,
    )
}

unsafe extern "C" {
    /// The pipeline, in the bin.
    #[cfg(not(test))]
    fn ld_rs_main(stack: *mut usize) -> !;
    static __ehdr_start: u8;
}
#[cfg(test)]
extern "C" fn ld_rs_main(_: *mut usize) -> ! {
    unreachable!()
}

/// The address our own ELF header is mapped at, which is our load bias.
#[must_use]
pub fn own_base() -> u64 {
    (&raw const __ehdr_start) as u64
}

/// Goes to the program's entry point with its stack (psABI: rdx = function to register with atexit).
///
/// # Safety
/// `stack` points to argc of a well-formed initial stack, `entry` is code of a relocated program.
#[unsafe(naked)]
pub unsafe extern "C" fn enter(entry: u64, stack: *mut usize, fini: u64) -> ! {
    naked_asm!(
        "mov rsp, rsi",
        "mov rax, rdi",
        "xor ebp, ebp",
        "xor ebx, ebx",
        "xor ecx, ecx",
        "xor esi, esi",
        "xor edi, edi",
        "xor r8d, r8d",
        "xor r9d, r9d",
        "xor r10d, r10d",
        "xor r11d, r11d",
        "xor r12d, r12d",
        "xor r13d, r13d",
        "xor r14d, r14d",
        "xor r15d, r15d",
        "jmp rax",
    )
}
