//! The functions of <dlfcn.h> that behave by who calls them (RPATH, RTLD_NEXT, the caller's scope), as ld-rs
//! exports them: each hands its return address on as one more argument. And the loop that calls constructors and
//! destructors: in dlopen, in dlclose, at the start and at the end.

use crate::debugger::LinkMap;
use crate::dl::{api, calls};
use core::arch::naked_asm;
use core::ffi::{c_char, c_int};

/// Calls the function in r11, which answers what is to be returned and whether functions of objects are due; then these,
/// one after the other, as `calls::next` tells them. No other frame of ours is between them and the caller of dlopen: this
/// one has nothing to undo, so that exceptions, longjmp and the end of the thread pass through it. An unwinder tells
/// `calls::passed_by_unwinder` so. The frame: three arguments and a function.
#[unsafe(naked)]
extern "C" fn call_what_is_due() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_personality 0x1b, {passed}", // DW_EH_PE_pcrel | DW_EH_PE_sdata4
        "push rbx",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbx, 0",
        "sub rsp, 32",
        ".cfi_adjust_cfa_offset 32",
        "mov r8, rsp",
        "call r11",
        "mov rbx, rax",
        "test rdx, rdx",
        "jz 3f",
        "2:",
        "mov rdi, rsp", // where the answer is stored
        "mov rsi, rsp",
        "call {next}",
        "mov rax, [rsp + 24]",
        "test rax, rax",
        "jz 3f",
        "mov rdi, [rsp]",
        "mov rsi, [rsp + 8]",
        "mov rdx, [rsp + 16]",
        "call rax",
        "jmp 2b",
        "3:",
        "mov rax, rbx",
        "add rsp, 32",
        ".cfi_adjust_cfa_offset -32",
        "pop rbx",
        ".cfi_adjust_cfa_offset -8",
        ".cfi_restore rbx",
        "ret",
        ".cfi_endproc",
        passed = sym calls::passed_by_unwinder,
        next = sym calls::next,
    )
}

/// Calls the constructors of start-up.
#[unsafe(naked)]
pub extern "C" fn start() {
    naked_asm!("lea r11, [rip + {}]", "jmp {}", sym calls::begin_start, sym call_what_is_due)
}

/// Calls the destructors of every object. The program gets its address in rdx at entry and registers it with atexit.
#[unsafe(naked)]
pub extern "C" fn finish() {
    naked_asm!("lea r11, [rip + {}]", "jmp {}", sym calls::begin_exit, sym call_what_is_due)
}

/// dlopen of <dlfcn.h>; the return address tells the caller.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlopen(name: *const c_char, mode: c_int) -> *mut LinkMap {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym dlopen_for)
}

/// dlopen for code at `caller`; 0 is a libc that asks for itself.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
pub unsafe extern "C" fn dlopen_for(name: *const c_char, mode: c_int, caller: u64) -> *mut LinkMap {
    naked_asm!("lea r11, [rip + {}]", "jmp {}", sym api::open, sym call_what_is_due)
}

/// [`dlopen_for`] a libc that asks for itself.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
pub unsafe extern "C" fn dlopen_for_libc(name: *const c_char, mode: c_int) -> *mut LinkMap {
    naked_asm!("xor edx, edx", "jmp {}", sym dlopen_for)
}

/// dlmopen of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlmopen(namespace: i64, name: *const c_char, mode: c_int) -> *mut LinkMap {
    naked_asm!("mov rcx, [rsp]", "jmp {}", sym dlmopen_for)
}

/// dlmopen for code at `caller`.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
pub unsafe extern "C" fn dlmopen_for(namespace: i64, name: *const c_char, mode: c_int, caller: u64) -> *mut LinkMap {
    naked_asm!("lea r11, [rip + {}]", "jmp {}", sym api::open_in, sym call_what_is_due)
}

/// dlclose of <dlfcn.h>.
///
/// # Safety
/// None beyond what the program owes the objects it closes.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlclose(handle: u64) -> c_int {
    naked_asm!("lea r11, [rip + {}]", "jmp {}", sym api::close, sym call_what_is_due)
}

/// dlsym of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlsym(handle: u64, name: *const c_char) -> u64 {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym api::dlsym)
}

/// dlvsym of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlvsym(handle: u64, name: *const c_char, version: *const c_char) -> u64 {
    naked_asm!("mov rcx, [rsp]", "jmp {}", sym api::dlvsym)
}
