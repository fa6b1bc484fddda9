//! The dlopen family as C functions, those that need it told their caller's address: glibc leads here through its
//! hook. Programs without a libc of their own bind to the names: to these functions, or to those in `crate::arch` that
//! tell the caller.

use super::calls::Begun;
use super::open::mode as flags;
use super::symbol::Target;
use super::{close, open, symbol};
use crate::debugger::LinkMap;
use crate::process;
use crate::tls::error;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::{null, null_mut};
use ld_rs_plan::elf::Sym;
use ld_rs_plan::errno::EINVAL;
use ld_rs_plan::error::{Cause, Error};

/// RTLD_DL_SYMENT and RTLD_DL_LINKMAP of dladdr1.
const DL_SYMENT: c_int = 1;
const DL_LINKMAP: c_int = 2;

/// The bytes of a C string; empty for null.
unsafe fn text<'a>(string: *const c_char) -> &'a [u8] {
    // SAFETY: the program passes null or a C string.
    if string.is_null() { b"" } else { unsafe { CStr::from_ptr(string) }.to_bytes() }
}

/// Namespaces of dlmopen: a new one, and that of the caller.
const LM_ID_NEWLM: i64 = -1;
const LM_ID_CALLER: i64 = -2;

/// What succeeded, or `failed` with the text for dlerror. What failed before was forgotten when the call began, as in glibc:
/// so a failure inside of a constructor or destructor is told after the call that ran it.
fn told<T>(result: Result<T, impl AsRef<[u8]>>, failed: T) -> T {
    result.unwrap_or_else(|message| {
        error::set(&[message.as_ref()]);
        failed
    })
}

/// dlopen, up to the constructors that are due in `frame`; the loop of `arch` calls it and runs them.
///
/// # Safety
/// `name` is null or a C string.
pub unsafe extern "C" fn open(name: *const c_char, mode: c_int, caller: u64, _: u64, frame: u64) -> Begun {
    // A libc that asks for itself says neither RTLD_LAZY nor RTLD_NOW at times.
    let mode = match caller {
        0 if mode & flags::BINDING == 0 => (mode | flags::NOW) & flags::KNOWN,
        0 => mode & flags::KNOWN,
        _ => mode,
    };
    if mode & !flags::KNOWN != 0 {
        return Begun::new(told(Err(b"invalid mode parameter"), 0), frame);
    }
    // SAFETY: the caller's promise.
    unsafe { opened(name, mode, caller, frame) }
}

/// # Safety
/// `name` is null or a C string.
unsafe fn opened(name: *const c_char, mode: c_int, caller: u64, frame: u64) -> Begun {
    error::clear();
    // SAFETY: the caller's promise.
    let opened = open::open(unsafe { text(name) }, mode, caller, frame);
    let handle = told(opened.inspect_err(|message| ld_rs_loader::last_error::save(message)), null_mut());
    Begun::new(handle as u64, frame)
}

/// dlmopen, as [`open`].
///
/// # Safety
/// As [`open`].
pub unsafe extern "C" fn open_in(namespace: i64, name: *const c_char, mode: c_int, caller: u64, frame: u64) -> Begun {
    let refusal = match namespace {
        0 => None,
        _ if name.is_null() => Some(Cause::System("invalid namespace", EINVAL)),
        _ if mode & flags::GLOBAL != 0 => Some(Cause::System("invalid mode", EINVAL)),
        LM_ID_CALLER => None,
        _ if mode & flags::BINDING == 0 => None,
        LM_ID_NEWLM => Some(Cause::Plain("cannot open in a new namespace: ld-rs has one (LM_ID_BASE)")),
        _ => Some(Cause::System("invalid target namespace in dlmopen()", EINVAL)),
    };
    let Some(cause) = refusal else {
        // SAFETY: the caller's promise.
        return unsafe { opened(name, mode, caller, frame) };
    };
    // SAFETY: the caller's promise. glibc names nothing where it refuses before it looks at the name.
    let name = if mode & flags::GLOBAL != 0 { b"" } else { unsafe { text(name) } };
    Begun::new(told(Err(Error::new(name, cause).text()), 0), frame)
}

/// dlclose, up to the destructors that are due in `frame`.
pub extern "C" fn close(handle: u64, _: u64, _: u64, _: u64, frame: u64) -> Begun {
    error::clear();
    let closed: c_int = told(close::close(handle as *const LinkMap, frame).map(|()| 0), -1);
    Begun::new(closed as u64, frame)
}

fn find(handle: u64, name: &[u8], version: Option<&[u8]>, caller: u64) -> u64 {
    error::clear();
    let _lock = process::guard();
    let Some(process) = process::try_read() else {
        error::set(&[b"dlsym called by a signal handler while objects change"]);
        return 0;
    };
    let found = symbol::find(&process, handle, name, version, caller);
    if let Ok(Some((definer, found))) = found {
        let target = Target::of(&process.objects[definer], found);
        if handle == symbol::DEFAULT {
            let caller = process.object_at(caller).map_or(process.namespace.program, |(number, _)| number);
            symbol::hold(&process, caller, definer);
        }
        drop(process);
        return target.and_then(Target::address).unwrap_or(0);
    }
    let place = process.number_of(handle as *const LinkMap).or_else(|| Some(process.object_at(caller)?.0));
    // The program is known by the name it was started by, and stands for code of no object.
    let place = &*process.objects[place.unwrap_or(process.namespace.program)].name;
    match (found, version) {
        (Err(message), _) => error::set(&[message]),
        (Ok(_), None) => error::set(&[place, b": undefined symbol: ", name]),
        (Ok(_), Some(version)) => error::set(&[place, b": undefined symbol: ", name, b", version ", version]),
    }
    0
}

/// # Safety
/// `name` is a C string.
pub unsafe extern "C" fn dlsym(handle: u64, name: *const c_char, caller: u64) -> u64 {
    // SAFETY: the caller's promise.
    find(handle, unsafe { text(name) }, None, caller)
}

/// # Safety
/// `name` and `version` are C strings.
pub unsafe extern "C" fn dlvsym(handle: u64, name: *const c_char, version: *const c_char, caller: u64) -> u64 {
    // SAFETY: the caller's promise.
    let (name, version) = unsafe { (text(name), text(version)) };
    find(handle, name, Some(version), caller)
}

/// The thread's failure since the last call.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn dlerror() -> *const c_char {
    error::take()
}

/// # Safety
/// `info` is valid for a store.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dladdr(address: u64, info: *mut symbol::Info) -> c_int {
    let Some(process) = process::try_read() else { return 0 };
    // SAFETY: the caller's promise.
    c_int::from(unsafe { symbol::describe(&process, address, info) }.is_some())
}

/// # Safety
/// `info` is valid for a store, and `extra` with the flags that ask for it.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dladdr1(address: u64, info: *mut symbol::Info, extra: *mut u64, flags: c_int) -> c_int {
    let Some(process) = process::try_read() else { return 0 };
    // SAFETY: the caller's promise.
    let Some((number, found)) = (unsafe { symbol::describe(&process, address, info) }) else { return 0 };
    let answer = match flags {
        DL_SYMENT => found.map_or(null::<Sym>(), core::ptr::from_ref) as u64,
        DL_LINKMAP => process.records[number].link_map as u64,
        _ => return 1,
    };
    // SAFETY: the caller's promise.
    unsafe { *extra = answer };
    1
}

/// # Safety
/// `answer` is what the request asks for in <dlfcn.h>.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dlinfo(handle: u64, request: c_int, answer: *mut c_void) -> c_int {
    error::clear();
    // SAFETY: the caller's promise.
    told(unsafe { symbol::info(handle, request, answer) }, -1)
}
