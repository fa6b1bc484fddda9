//! `struct dlfcn_hook` (glibc 2.34 and later): every dl* call of the program and of libc itself comes
//! here, with the caller's address.

use super::{current, named};
use crate::arch::{dlclose, dlmopen_for, dlopen_for, dlopen_for_libc};
use crate::dl::api::{dladdr, dladdr1, dlerror, dlinfo, dlsym, dlvsym};
use core::ffi::c_char;
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::LE;

/// `N` functions. libc's dlopen(3) and its sisters pass on what they were called with, by the types of <dlfcn.h>, and
/// nothing else calls them: a string is the C string that the standard asks of the program, a place to store to is one of
/// its type.
pub(super) struct Table<const N: usize>([*const (); N]);
// SAFETY: never written.
unsafe impl<const N: usize> Sync for Table<N> {}

/// In the order of the structure, which is alike in all versions that have it.
static HOOK: Table<13> = Table([
    dlopen_for as _,
    dlclose as _,
    program_dlsym as _,
    program_dlvsym as _,
    dlerror as _,
    dladdr as _,
    dladdr1 as _,
    dlinfo as _,
    dlmopen_for as _,
    dlopen_for_libc as _,
    libc_dlsym as _,
    libc_dlvsym as _,
    dlclose as _, // libc's own
]);

/// The table's address.
pub(super) fn hook() -> *const Table<13> {
    &raw const HOOK
}

/// Whoever looks names up may find the function that reads the leaves that start-up left out.
fn complete_cpu() {
    if let Some(glibc) = current() {
        glibc.complete_cpu();
    }
}

unsafe extern "C" fn program_dlsym(handle: u64, name: *const c_char, caller: u64) -> u64 {
    complete_cpu();
    // SAFETY: what the program gave to dlsym(3), see `Table`.
    unsafe { dlsym(handle, name, caller) }
}

unsafe extern "C" fn program_dlvsym(handle: u64, name: *const c_char, version: *const c_char, caller: u64) -> u64 {
    complete_cpu();
    // SAFETY: what the program gave to dlvsym(3), see `Table`.
    unsafe { dlvsym(handle, name, version, caller) }
}

unsafe extern "C" fn libc_dlsym(handle: u64, name: *const c_char) -> u64 {
    // SAFETY: a C string of libc's own, see `Table`.
    unsafe { dlsym(handle, name, 0) }
}

unsafe extern "C" fn libc_dlvsym(handle: u64, name: *const c_char, version: *const c_char) -> u64 {
    // SAFETY: C strings of libc's own, see `Table`.
    unsafe { dlvsym(handle, name, version, 0) }
}

/// What libc's own users of dlopen call before 2.34 (`struct dl_open_hook`).
static OPEN_HOOK: Table<4> = Table([dlopen_for_libc as _, libc_dlsym as _, dlclose as _, libc_dlvsym as _]);

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
