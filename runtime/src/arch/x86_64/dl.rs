//! The functions of <dlfcn.h> that behave by who calls them (RPATH, RTLD_NEXT, the caller's scope), as ld-rs
//! exports them: each hands its return address on as one more argument.

use crate::debugger::LinkMap;
use core::arch::naked_asm;
use core::ffi::{c_char, c_int};

/// dlopen of <dlfcn.h>; the return address tells the caller.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlopen(name: *const c_char, mode: c_int) -> *mut LinkMap {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym crate::dl::api::dlopen)
}

/// dlmopen of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlmopen(namespace: i64, name: *const c_char, mode: c_int) -> *mut LinkMap {
    naked_asm!("mov rcx, [rsp]", "jmp {}", sym crate::dl::api::dlmopen)
}

/// dlsym of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlsym(handle: u64, name: *const c_char) -> u64 {
    naked_asm!("mov rdx, [rsp]", "jmp {}", sym crate::dl::api::dlsym)
}

/// dlvsym of <dlfcn.h>.
///
/// # Safety
/// As in C.
#[unsafe(naked)]
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlvsym(handle: u64, name: *const c_char, version: *const c_char) -> u64 {
    naked_asm!("mov rcx, [rsp]", "jmp {}", sym crate::dl::api::dlvsym)
}
