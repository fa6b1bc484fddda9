//! `struct dlfcn_hook` (glibc 2.34 and later): every dl* call of the program and of libc itself comes
//! here, with the caller's address.

use crate::debugger::LinkMap;
use crate::dl::{error, symbol};
use crate::process::{self, Process};
use alloc::vec::Vec;
use core::ffi::{CStr, c_char, c_int};
use core::ptr::{null, null_mut};
use ld_rs_plan::elf::Sym;

/// The table's layout, alike in all versions that have it.
#[repr(C)]
pub(super) struct Hook {
    dlopen: unsafe extern "C" fn(*const c_char, c_int, u64) -> *mut LinkMap,
    dlclose: extern "C" fn(u64) -> c_int,
    dlsym: unsafe extern "C" fn(u64, *const c_char, u64) -> u64,
    dlvsym: unsafe extern "C" fn(u64, *const c_char, *const c_char, u64) -> u64,
    dlerror: extern "C" fn() -> *const c_char,
    dladdr: unsafe extern "C" fn(u64, *mut symbol::Info) -> c_int,
    dladdr1: unsafe extern "C" fn(u64, *mut symbol::Info, *mut u64, c_int) -> c_int,
    dlinfo: unsafe extern "C" fn(u64, c_int, *mut u64) -> c_int,
    dlmopen: unsafe extern "C" fn(i64, *const c_char, c_int, u64) -> *mut LinkMap,
    libc_dlopen: unsafe extern "C" fn(*const c_char, c_int) -> *mut LinkMap,
    libc_dlsym: unsafe extern "C" fn(u64, *const c_char) -> u64,
    libc_dlvsym: unsafe extern "C" fn(u64, *const c_char, *const c_char) -> u64,
    libc_dlclose: extern "C" fn(u64) -> c_int,
}

static HOOK: Hook = Hook {
    dlopen,
    dlclose,
    dlsym,
    dlvsym,
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

/// RTLD_DL_SYMENT and RTLD_DL_LINKMAP of dladdr1.
const DL_SYMENT: c_int = 1;
const DL_LINKMAP: c_int = 2;
/// RTLD_DI_LMID and RTLD_DI_LINKMAP of dlinfo.
const DI_LMID: c_int = 1;
const DI_LINKMAP: c_int = 2;

/// The bytes of a C string; empty for null.
unsafe fn text<'a>(string: *const c_char) -> &'a [u8] {
    // SAFETY: the program passes null or a C string.
    if string.is_null() { b"" } else { unsafe { CStr::from_ptr(string) }.to_bytes() }
}

fn fail(parts: &[&[u8]]) {
    error::set(parts.concat());
}

/// A handle for an object that is loaded.
fn loaded(process: &Process, name: &[u8]) -> Option<*mut LinkMap> {
    let number = if name.is_empty() {
        Some(0)
    } else {
        process.objects.by_name(name).or_else(|| {
            let facts = ld_rs_loader::sys::stat_path(name).ok()?;
            process.objects.by_file(facts.identity)
        })
    };
    number.and_then(|number| process.link_maps.get(number)).copied()
}

unsafe extern "C" fn dlopen(name: *const c_char, _mode: c_int, _caller: u64) -> *mut LinkMap {
    // SAFETY: as the program promises.
    let name = unsafe { text(name) };
    let handle = process::get().and_then(|process| loaded(process, name));
    handle.unwrap_or_else(|| {
        fail(&[name, b": cannot open shared object file: ld-rs does not load objects after start-up yet"]);
        null_mut()
    })
}

unsafe extern "C" fn libc_dlopen(name: *const c_char, mode: c_int) -> *mut LinkMap {
    // SAFETY: as the caller promises.
    unsafe { dlopen(name, mode, 0) }
}

unsafe extern "C" fn dlmopen(namespace: i64, name: *const c_char, mode: c_int, caller: u64) -> *mut LinkMap {
    if namespace == 0 {
        // SAFETY: as the caller promises.
        return unsafe { dlopen(name, mode, caller) };
    }
    fail(&[b"dlmopen: ld-rs has one namespace"]);
    null_mut()
}

extern "C" fn dlclose(handle: u64) -> c_int {
    match process::get().and_then(|process| process.number_of(handle as *const LinkMap)) {
        Some(_) => 0, // start-up objects stay
        None => {
            fail(&[b"dlclose: not a handle"]);
            -1
        }
    }
}

fn find(handle: u64, name: &[u8], version: Option<&[u8]>, caller: u64) -> u64 {
    let Some(process) = process::get() else { return 0 };
    match symbol::find(process, handle, name, version, caller) {
        Some((object, found)) => symbol::address(object, found).unwrap_or(0),
        None => {
            let place: Vec<u8> = process
                .number_of(handle as *const LinkMap)
                .or_else(|| process.object_at(caller).map(|(number, _)| number))
                .map_or(Vec::new(), |number| process.objects.list[number].name.clone());
            let version = version.map_or(Vec::new(), |version| [b", version ", version].concat());
            fail(&[&place, b": undefined symbol: ", name, &version]);
            0
        }
    }
}

unsafe extern "C" fn dlsym(handle: u64, name: *const c_char, caller: u64) -> u64 {
    // SAFETY: as the program promises.
    find(handle, unsafe { text(name) }, None, caller)
}

unsafe extern "C" fn dlvsym(handle: u64, name: *const c_char, version: *const c_char, caller: u64) -> u64 {
    // SAFETY: as the program promises.
    let (name, version) = unsafe { (text(name), text(version)) };
    find(handle, name, Some(version), caller)
}

unsafe extern "C" fn libc_dlsym(handle: u64, name: *const c_char) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { dlsym(handle, name, 0) }
}

unsafe extern "C" fn libc_dlvsym(handle: u64, name: *const c_char, version: *const c_char) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { dlvsym(handle, name, version, 0) }
}

extern "C" fn dlerror() -> *const c_char {
    error::take()
}

unsafe extern "C" fn dladdr(address: u64, info: *mut symbol::Info) -> c_int {
    // SAFETY: the program passes a Dl_info.
    let found = process::get().and_then(|process| unsafe { symbol::describe(process, address, info) });
    c_int::from(found.is_some())
}

unsafe extern "C" fn dladdr1(address: u64, info: *mut symbol::Info, extra: *mut u64, flags: c_int) -> c_int {
    let Some(process) = process::get() else { return 0 };
    // SAFETY: the program passes a Dl_info.
    let Some((number, found)) = (unsafe { symbol::describe(process, address, info) }) else { return 0 };
    let answer = match flags {
        DL_SYMENT => found.map_or(null::<Sym>(), core::ptr::from_ref) as u64,
        DL_LINKMAP => process.link_maps[number] as u64,
        _ => return 1,
    };
    // SAFETY: the program passes a place for the answer with these flags.
    unsafe { *extra = answer };
    1
}

unsafe extern "C" fn dlinfo(handle: u64, request: c_int, answer: *mut u64) -> c_int {
    let known = process::get().is_some_and(|process| process.number_of(handle as *const LinkMap).is_some());
    let value = match request {
        DI_LMID if known => 0,
        DI_LINKMAP if known => handle,
        _ => {
            fail(&[if known { b"dlinfo: unsupported request".as_slice() } else { b"dlinfo: not a handle" }]);
            return -1;
        }
    };
    // SAFETY: the program passes a place for the answer.
    unsafe { *answer = value };
    0
}
