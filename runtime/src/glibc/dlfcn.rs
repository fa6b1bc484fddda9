//! `struct dlfcn_hook` (glibc 2.34 and later): every dl* call of the program and of libc itself comes
//! here, with the caller's address.

use super::{current, named};
use crate::debugger::LinkMap;
use crate::dl::api::{dladdr, dladdr1, dlclose, dlerror, dlinfo, dlmopen, dlopen, dlsym, dlvsym};
use crate::dl::open::mode;
use crate::dl::symbol;
use core::ffi::{c_char, c_int, c_void};
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::LE;

/// The table's layout, alike in all versions that have it.
///
/// libc's dlopen(3) and its sisters pass on what they were called with, by these types, and nothing else calls the
/// functions: a string is the C string that the standard asks of the program, a place to store to is one of its type.
#[repr(C)]
pub(super) struct Hook {
    dlopen: unsafe extern "C" fn(*const c_char, c_int, u64) -> *mut LinkMap,
    dlclose: unsafe extern "C" fn(u64) -> c_int,
    dlsym: unsafe extern "C" fn(u64, *const c_char, u64) -> u64,
    dlvsym: unsafe extern "C" fn(u64, *const c_char, *const c_char, u64) -> u64,
    dlerror: extern "C" fn() -> *const c_char,
    dladdr: unsafe extern "C" fn(u64, *mut symbol::Info) -> c_int,
    dladdr1: unsafe extern "C" fn(u64, *mut symbol::Info, *mut u64, c_int) -> c_int,
    dlinfo: unsafe extern "C" fn(u64, c_int, *mut c_void) -> c_int,
    dlmopen: unsafe extern "C" fn(i64, *const c_char, c_int, u64) -> *mut LinkMap,
    libc_dlopen: unsafe extern "C" fn(*const c_char, c_int) -> *mut LinkMap,
    libc_dlsym: unsafe extern "C" fn(u64, *const c_char) -> u64,
    libc_dlvsym: unsafe extern "C" fn(u64, *const c_char, *const c_char) -> u64,
    libc_dlclose: unsafe extern "C" fn(u64) -> c_int,
}

static HOOK: Hook = Hook {
    dlopen,
    dlclose,
    dlsym: program_dlsym,
    dlvsym: program_dlvsym,
    dlerror,
    dladdr,
    dladdr1,
    dlinfo,
    dlmopen,
    libc_dlopen,
    libc_dlsym,
    libc_dlvsym,
    libc_dlclose: dlclose,
};

/// The table's address.
pub(super) fn hook() -> *const Hook {
    &raw const HOOK
}

unsafe extern "C" fn libc_dlopen(name: *const c_char, mode: c_int) -> *mut LinkMap {
    // SAFETY: a C string of libc's own, see `Hook`. libc asks for itself, without RTLD_LAZY or RTLD_NOW at times.
    unsafe { dlopen(name, if mode & mode::BINDING == 0 { mode | mode::NOW } else { mode }, 0) }
}

/// Whoever looks names up may find the function that reads the leaves that start-up left out.
fn complete_cpu() {
    if let Some(glibc) = current() {
        glibc.complete_cpu();
    }
}

unsafe extern "C" fn program_dlsym(handle: u64, name: *const c_char, caller: u64) -> u64 {
    complete_cpu();
    // SAFETY: what the program gave to dlsym(3), see `Hook`.
    unsafe { dlsym(handle, name, caller) }
}

unsafe extern "C" fn program_dlvsym(handle: u64, name: *const c_char, version: *const c_char, caller: u64) -> u64 {
    complete_cpu();
    // SAFETY: what the program gave to dlvsym(3), see `Hook`.
    unsafe { dlvsym(handle, name, version, caller) }
}

unsafe extern "C" fn libc_dlsym(handle: u64, name: *const c_char) -> u64 {
    // SAFETY: a C string of libc's own, see `Hook`.
    unsafe { dlsym(handle, name, 0) }
}

unsafe extern "C" fn libc_dlvsym(handle: u64, name: *const c_char, version: *const c_char) -> u64 {
    // SAFETY: C strings of libc's own, see `Hook`.
    unsafe { dlvsym(handle, name, version, 0) }
}

/// What libc's own users of dlopen call before 2.34 (`struct dl_open_hook`).
#[repr(C)]
struct OpenHook {
    dlopen: unsafe extern "C" fn(*const c_char, c_int) -> *mut LinkMap,
    dlsym: unsafe extern "C" fn(u64, *const c_char) -> u64,
    dlclose: unsafe extern "C" fn(u64) -> c_int,
    dlvsym: unsafe extern "C" fn(u64, *const c_char, *const c_char) -> u64,
}

static OPEN_HOOK: OpenHook = OpenHook { dlopen: libc_dlopen, dlsym: libc_dlsym, dlclose, dlvsym: libc_dlvsym };

/// Before 2.34 variables of libdl and libc name the tables; they were made for a dlopen out of static
/// programs. No relocation writes them, so they are set as soon as the object is mapped: libdl's here.
pub(super) fn install_hook(object: &Object) {
    if object.soname() == b"libdl.so.2" {
        point(object, b"_dlfcn_hook", &raw const HOOK as u64);
    }
}

/// As [`install_hook`], for libc.so.6.
pub(super) fn install_open_hook(libc: &Object) {
    for name in [b"_dl_open_hook".as_slice(), b"_dl_open_hook2"] {
        point(libc, name, &raw const OPEN_HOOK as u64);
    }
}

/// Stores the address of `table` in the variable `name` of `object`.
fn point(object: &Object, name: &[u8], table: u64) {
    if let Some(symbol) = named(object, name) {
        // Where there is no such word in a writable segment, libc has no use for the table.
        let _ = object.image.set_word(&object.headers, symbol.st_value.get(LE), table);
    }
}
