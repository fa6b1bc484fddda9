//! Where the lazy path of a PLT leads: functions of start-up objects that are bound when they are
//! first called, and functions that do not exist.

use core::arch::naked_asm;

/// Entered from PLT0 (psABI "Procedure Linkage Table"): GOT[1], our object number, and the index in
/// DT_JMPREL are on the stack, above them the caller's return address. Looks the function up and
/// goes there with every register but r11, the PLT's own, as the caller left it.
///
/// Of the vector registers the low halves of xmm0 to xmm15 are kept here: ld-rs is compiled for the
/// baseline, whose instructions leave all else as it is (a test looks at them). What an IFUNC resolver
/// might change is kept by [`ask_resolver`].
///
/// # Safety
/// Jumped to by a PLT whose GOT relocation filled. The stack may be misaligned.
#[unsafe(naked)]
pub unsafe extern "C" fn bind_function() {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rax", // the number of vector registers that hold variadic arguments
        "push rcx",
        "push rdx",
        "push rsi",
        "push rdi",
        "push r8",
        "push r9",
        "push r10", // the static chain
        "sub rsp, 256",
        "and rsp, -16",
        "movaps [rsp], xmm0",
        "movaps [rsp + 16], xmm1",
        "movaps [rsp + 32], xmm2",
        "movaps [rsp + 48], xmm3",
        "movaps [rsp + 64], xmm4",
        "movaps [rsp + 80], xmm5",
        "movaps [rsp + 96], xmm6",
        "movaps [rsp + 112], xmm7",
        "movaps [rsp + 128], xmm8",
        "movaps [rsp + 144], xmm9",
        "movaps [rsp + 160], xmm10",
        "movaps [rsp + 176], xmm11",
        "movaps [rsp + 192], xmm12",
        "movaps [rsp + 208], xmm13",
        "movaps [rsp + 224], xmm14",
        "movaps [rsp + 240], xmm15",
        "mov rdi, [rbp + 8]",
        "mov rsi, [rbp + 16]",
        "call {bind}",
        "mov r11, rax",
        "movaps xmm0, [rsp]",
        "movaps xmm1, [rsp + 16]",
        "movaps xmm2, [rsp + 32]",
        "movaps xmm3, [rsp + 48]",
        "movaps xmm4, [rsp + 64]",
        "movaps xmm5, [rsp + 80]",
        "movaps xmm6, [rsp + 96]",
        "movaps xmm7, [rsp + 112]",
        "movaps xmm8, [rsp + 128]",
        "movaps xmm9, [rsp + 144]",
        "movaps xmm10, [rsp + 160]",
        "movaps xmm11, [rsp + 176]",
        "movaps xmm12, [rsp + 192]",
        "movaps xmm13, [rsp + 208]",
        "movaps xmm14, [rsp + 224]",
        "movaps xmm15, [rsp + 240]",
        "lea rsp, [rbp - 64]",
        "pop r10",
        "pop r9",
        "pop r8",
        "pop rdi",
        "pop rsi",
        "pop rdx",
        "pop rcx",
        "pop rax",
        "pop rbp",
        "lea rsp, [rsp + 16]",
        "jmp r11",
        bind = sym crate::lazy::bind,
    )
}

/// Calls the IFUNC resolver at `resolver` and returns its answer, with the vector state beyond xmm
/// kept if `extended` says that there is one (CPUID.1:ECX.OSXSAVE).
///
/// # Safety
/// `resolver` is code of a relocated object.
#[unsafe(naked)]
pub unsafe extern "C" fn ask_resolver(resolver: u64, extended: bool) -> u64 {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "push rbx",
        "mov ebx, esi",
        // XSAVE's standard form with AVX, opmask and zmm state ends below 2752 (Intel SDM 13.4, AMD APM 3).
        "sub rsp, 2752",
        "and rsp, -64",
        "test bl, bl",
        "jz 2f",
        "xor eax, eax",
        "xor edx, edx",
        "lea rcx, [rsp + 512]",
        "3: mov [rcx], rax", // the header
        "add rcx, 8",
        "lea rsi, [rsp + 576]",
        "cmp rcx, rsi",
        "jb 3b",
        "mov eax, 0xe4",
        "xsave64 [rsp]",
        "2: call rdi",
        "test bl, bl",
        "jz 4f",
        "mov rcx, rax",
        "mov eax, 0xe4",
        "xor edx, edx",
        "xrstor64 [rsp]",
        "mov rax, rcx",
        "4: mov rbx, [rbp - 8]",
        "leave",
        "ret",
    )
}
