//! memcpy and its family, which the compiler calls on its own. Naked, because a Rust loop would be
//! compiled into a call to itself.

use core::arch::naked_asm;

/// Bytes up to which vectors copy and set, and above which `rep` does, which interpreters (valgrind, qemu) count byte by byte.
/// Here at most the rest of a page is cleared behind a file's last bytes. Measured, hot, ns for vectors and `rep`: of 256
/// bytes set 5 and 24, of 1024 20 and 33, of 4096 79 and 59; copied 7 and 14, 22 and 24, 79 and 65.
const VECTORS: usize = 4096;

/// Copies `count` bytes between areas that do not overlap.
///
/// # Safety
/// As C's memcpy.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "cmp rdx, 16",
        "jb 3f",
        "cmp rdx, {vectors}",
        "ja 2f",
        // Whole vectors, four at a time, the last one overlapping
        "movups xmm4, [rsi + rdx - 16]",
        "lea rcx, [rdi + rdx - 16]",
        "sub rdx, 64",
        "jb 5f",
        "1: movups xmm0, [rsi]",
        "movups xmm1, [rsi + 16]",
        "movups xmm2, [rsi + 32]",
        "movups xmm3, [rsi + 48]",
        "movups [rdi], xmm0",
        "movups [rdi + 16], xmm1",
        "movups [rdi + 32], xmm2",
        "movups [rdi + 48], xmm3",
        "add rsi, 64",
        "add rdi, 64",
        "sub rdx, 64",
        "jae 1b",
        "5: cmp rdi, rcx",
        "jae 8f",
        "movups xmm0, [rsi]",
        "movups [rdi], xmm0",
        "add rsi, 16",
        "add rdi, 16",
        "jmp 5b",
        "8: movups [rcx], xmm4",
        "ret",
        "2: mov rcx, rdx",
        "rep movsb",
        "ret",
        "3: cmp edx, 8",
        "jb 4f",
        "mov rcx, [rsi]",
        "mov r8, [rsi + rdx - 8]",
        "mov [rdi], rcx",
        "mov [rdi + rdx - 8], r8",
        "ret",
        "4: cmp edx, 4",
        "jb 6f",
        "mov ecx, [rsi]",
        "mov r8d, [rsi + rdx - 4]",
        "mov [rdi], ecx",
        "mov [rdi + rdx - 4], r8d",
        "ret",
        "6: test edx, edx",
        "jz 7f",
        "movzx ecx, byte ptr [rsi]",
        "movzx r8d, byte ptr [rsi + rdx - 1]",
        "mov r9d, edx",
        "shr r9d, 1",
        "movzx r10d, byte ptr [rsi + r9]",
        "mov [rdi + r9], r10b",
        "mov [rdi + rdx - 1], r8b",
        "mov [rdi], cl",
        "7: ret",
        vectors = const VECTORS,
    )
}

/// Copies `count` bytes between areas that may overlap.
///
/// # Safety
/// As C's memmove.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    naked_asm!(
        "mov rcx, rdi",
        "sub rcx, rsi",
        "cmp rcx, rdx", // to - from >= count (unsigned): forwards is safe
        "jae {memcpy}",
        "cmp rdx, 16", // there all is loaded before any of it is stored
        "jb {memcpy}",
        "mov rax, rdi",
        "movups xmm1, [rsi]", // backwards in whole vectors, the first one overlapping
        "2: cmp rdx, 16",
        "jbe 3f",
        "movups xmm0, [rsi + rdx - 16]",
        "movups [rdi + rdx - 16], xmm0",
        "sub rdx, 16",
        "jmp 2b",
        "3: movups [rdi], xmm1",
        "ret",
        memcpy = sym memcpy,
    )
}

/// Sets `count` bytes to `value`.
///
/// # Safety
/// As C's memset.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(to: *mut u8, value: i32, count: usize) -> *mut u8 {
    naked_asm!(
        "mov rax, rdi",
        "cmp rdx, 16",
        "jb 3f",
        "cmp rdx, {vectors}",
        "ja 2f",
        // Whole vectors, four at a time, the last one overlapping
        "movd xmm0, esi",
        "punpcklbw xmm0, xmm0",
        "pshuflw xmm0, xmm0, 0",
        "movlhps xmm0, xmm0",
        "lea rcx, [rdi + rdx - 16]",
        "sub rdx, 64",
        "jb 5f",
        "1: movups [rdi], xmm0",
        "movups [rdi + 16], xmm0",
        "movups [rdi + 32], xmm0",
        "movups [rdi + 48], xmm0",
        "add rdi, 64",
        "sub rdx, 64",
        "jae 1b",
        "5: cmp rdi, rcx",
        "jae 6f",
        "movups [rdi], xmm0",
        "add rdi, 16",
        "jmp 5b",
        "6: movups [rcx], xmm0",
        "ret",
        "2: mov r8, rax",
        "mov eax, esi",
        "mov rcx, rdx",
        "rep stosb",
        "mov rax, r8",
        "ret",
        "3: test edx, edx",
        "jz 4f",
        "mov [rdi + rdx - 1], sil",
        "dec edx",
        "jmp 3b",
        "4: ret",
        vectors = const VECTORS,
    )
}

/// Compares `count` bytes.
///
/// # Safety
/// As C's memcmp.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    naked_asm!(
        "xor ecx, ecx",
        "sub rdx, 16",
        "jb 5f",
        "2: movups xmm0, [rdi + rcx]", // whole vectors, the last one overlapping
        "movups xmm1, [rsi + rcx]",
        "pcmpeqb xmm0, xmm1",
        "pmovmskb eax, xmm0",
        "xor eax, 0xffff",
        "jnz 6f",
        "cmp rcx, rdx",
        "je 4f",
        "add rcx, 16",
        "cmp rcx, rdx",
        "cmova rcx, rdx",
        "jmp 2b",
        "6: bsf eax, eax", // the first byte that differs
        "add rcx, rax",
        "movzx eax, byte ptr [rdi + rcx]",
        "movzx r8d, byte ptr [rsi + rcx]",
        "sub eax, r8d",
        "ret",
        "5: add rdx, 16",
        "cmp edx, 8",
        "jb 3f",
        "mov rax, [rdi]",
        "cmp rax, [rsi]",
        "jne 3f",
        "lea ecx, [rdx - 8]",
        "mov rax, [rdi + rcx]",
        "cmp rax, [rsi + rcx]",
        "je 4f",
        "3: cmp rcx, rdx",
        "jae 4f",
        "movzx eax, byte ptr [rdi + rcx]",
        "movzx r8d, byte ptr [rsi + rcx]",
        "inc rcx",
        "sub eax, r8d",
        "jz 3b",
        "ret",
        "4: xor eax, eax",
        "ret",
    )
}

/// As memcmp; only zero or not is meant.
///
/// # Safety
/// As C's bcmp.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bcmp(left: *const u8, right: *const u8, count: usize) -> i32 {
    naked_asm!("jmp {}", sym memcmp)
}

/// The length of a NUL-terminated string.
///
/// # Safety
/// As C's strlen.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strlen(text: *const u8) -> usize {
    naked_asm!(
        "mov rax, rdi",
        "and rax, -16", // whole vectors where they are aligned: none goes beyond the page of the last byte
        "pxor xmm0, xmm0",
        "pcmpeqb xmm0, [rax]",
        "pmovmskb edx, xmm0",
        "mov ecx, edi",
        "and ecx, 15",
        "shr edx, cl",   // what stands before the text does not count
        "test edx, edx", // a shift by 0 sets no flags
        "jnz 3f",
        "pxor xmm0, xmm0",
        "2: add rax, 16",
        "pcmpeqb xmm0, [rax]", // stays zero until a byte is
        "pmovmskb edx, xmm0",
        "test edx, edx",
        "jz 2b",
        "bsf edx, edx",
        "sub rax, rdi",
        "add rax, rdx",
        "ret",
        "3: bsf eax, edx",
        "ret",
    )
}

/// C's strcmp. Nothing calls it: newer valgrinds (3.24) take no loader of the system's name that lacks it, since it puts its
/// own in the place of glibc's.
///
/// # Safety
/// As C's strcmp.
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strcmp(left: *const u8, right: *const u8) -> i32 {
    naked_asm!(
        "2: movzx eax, byte ptr [rdi]",
        "movzx ecx, byte ptr [rsi]",
        "inc rdi",
        "inc rsi",
        "sub eax, ecx",
        "jne 3f",
        "test ecx, ecx",
        "jne 2b",
        "3: ret",
    )
}
