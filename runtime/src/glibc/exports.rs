//! Symbols that libc.so.6 imports from its loader, with the meaning of glibc's `rtld.c` and `dl-*.c`.
//! Their names are glibc's.
#![allow(non_upper_case_globals, reason = "names are glibc's")]

use super::tables::ALL;
use super::{current, services, stacks};
use crate::area::Area;
use crate::debugger::LinkMap;
use crate::process;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use ld_rs_loader::stack::Vectors;
use ld_rs_loader::{page, sys};

/// Bytes of the two tables: the largest version's at least, which the assertion below sees to for every one.
const GLOBAL_SIZE: usize = 4608;
const GLOBAL_RO_SIZE: usize = 1024;
const _: () = {
    let mut at = 0;
    while at < ALL.len() {
        assert!(ALL[at].fits(GLOBAL_SIZE, GLOBAL_RO_SIZE), "a table reaches beyond its structure");
        at += 1;
    }
};

/// Sets what is known of the stack and of secure mode.
pub(super) fn set_start(vectors: Vectors, secure: bool) {
    _dl_argv.store(vectors.argv as u64, Ordering::Relaxed);
    __libc_stack_end.store(vectors.argv.wrapping_sub(1) as u64, Ordering::Relaxed);
    __libc_enable_secure.store(i32::from(secure), Ordering::Relaxed);
}

pub(super) fn set_rseq(offset: i64, size: u32) {
    __rseq_offset.store(offset.cast_unsigned(), Ordering::Relaxed);
    __rseq_size.store(size, Ordering::Relaxed);
}

/// Ends the process: `what` was called, which no libc does on a path that is open to it.
fn unreachable(what: &str) -> ! {
    page::line(format_args!("ld-rs.so: libc called {what}, which ld-rs has no use for")).exit(2, 127)
}

/// Functions that raise what glibc's own dlopen raises, which the hook replaces.
macro_rules! never_called {
    ($($name:ident)*) => { $(
        /// Of a `struct dl_exception`.
        #[cfg_attr(not(test), unsafe(no_mangle))]
        pub extern "C" fn $name() -> ! {
            unreachable(stringify!($name))
        }
    )* };
}
never_called! {
    _dl_exception_create _dl_exception_create_format _dl_exception_free _dl_signal_error _dl_signal_exception
}

/// Exports each item by its own name; not in tests, whose libc has its own of that name.
macro_rules! exported {
    ($($item:item)*) => { $(#[cfg_attr(not(test), unsafe(no_mangle))] $item)* };
}

exported! {
/// `struct rtld_global`.
pub static _rtld_global: Area<GLOBAL_SIZE> = Area::new();
/// `struct rtld_global_ro`. Stays writable to us after hand-over.
pub static _rtld_global_ro: Area<GLOBAL_RO_SIZE> = Area::new();
/// argv.
pub static _dl_argv: AtomicU64 = AtomicU64::new(0);
/// The address of argc.
pub static __libc_stack_end: AtomicU64 = AtomicU64::new(0);
/// AT_SECURE.
pub static __libc_enable_secure: AtomicI32 = AtomicI32::new(0);
/// Distance from the thread pointer to the rseq area.
pub static __rseq_offset: AtomicU64 = AtomicU64::new(0);
/// Bytes of it in use; 0 where it is not registered.
pub static __rseq_size: AtomicU32 = AtomicU32::new(0);
/// Its flags.
pub static __rseq_flags: AtomicU32 = AtomicU32::new(0);
/// Whether a debugger wants thread events; it writes here.
pub static __nptl_initial_report_events: AtomicU32 = AtomicU32::new(0);
/// By what 2.44 mangles pointers; before, a word of the control block.
pub static __pointer_chk_guard: AtomicU64 = AtomicU64::new(0);
/// 2.31 asks (weakly) whether the loader is still starting up.
pub static _dl_starting_up: AtomicI32 = AtomicI32::new(0);

/// The link map of the object that holds `address`, or null.
pub extern "C" fn _dl_find_dso_for_object(address: u64) -> *mut LinkMap {
    process::range_at(address).map_or(core::ptr::null_mut(), |entry| entry.link_map as *mut LinkMap)
}

/// Prints `format` as it stands and ends the process.
///
/// # Safety
/// `format` is a C string.
pub unsafe extern "C" fn _dl_fatal_printf(format: *const c_char) -> ! {
    // SAFETY: the caller's promise.
    sys::write_all(2, unsafe { CStr::from_ptr(format) }.to_bytes());
    sys::exit(127)
}

/// Runs `operate`; nothing of ours raises, so there is nothing to catch.
///
/// # Safety
/// The pointers are valid for a store, `operate` takes `args`.
pub unsafe extern "C" fn _dl_catch_error(
    object: *mut *const c_char,
    message: *mut *const c_char,
    malloced: *mut bool,
    operate: extern "C" fn(*mut c_void),
    args: *mut c_void,
) -> c_int {
    operate(args);
    // SAFETY: the caller's promise.
    unsafe {
        *object = core::ptr::null();
        *message = core::ptr::null();
        *malloced = false;
    }
    0
}

/// As [`_dl_catch_error`], for `struct dl_exception` {objname, errstring, message_buffer}.
///
/// # Safety
/// `exception` is null or valid for a store, `operate` takes `args`.
pub unsafe extern "C" fn _dl_catch_exception(
    exception: *mut [u64; 3],
    operate: extern "C" fn(*mut c_void),
    args: *mut c_void,
) -> c_int {
    operate(args);
    if !exception.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *exception = [0; 3] };
    }
    0
}

/// There are no auditors.
pub extern "C" fn _dl_audit_preinit() {}
/// There are no auditors.
pub extern "C" fn _dl_audit_symbind_alt() {}

/// dlinfo's search path query; served by the hook.
pub extern "C" fn _dl_rtld_di_serinfo() -> c_int {
    -1
}

/// Makes the first thread's stack executable, and new ones: 0 or an errno. Up to 2.33, whose libpthread calls it from the
/// function that it puts in `make_stack_executable_hook`'s place.
pub extern "C" fn _dl_make_stack_executable() -> c_int {
    current().map_or(0, |glibc| stacks::make_main_executable(&glibc.layout.global).err().unwrap_or(0))
}
/// Makes the stack of `thread`, a `struct pthread`, executable: 0 or an errno. libc calls it for one that it was making when
/// all were.
pub extern "C" fn __nptl_change_stack_perm(thread: u64) -> c_int {
    current().map_or(0, |glibc| stacks::make_one_executable(&glibc.layout.pthread, thread).err().unwrap_or(0))
}

/// Profiling (LD_PROFILE) is not offered.
pub extern "C" fn _dl_mcount() {}

/// `struct cpu_features` (2.33 and later), whose first member is `basic`.
pub extern "C" fn _dl_x86_get_cpu_features() -> u64 {
    services::cpu_features()
}

/// The value of a tunable.
///
/// # Safety
/// `place` is null or valid for the tunable's type; `callback` is null or takes a `tunable_val_t`.
pub unsafe extern "C" fn __tunable_get_val(id: u32, place: *mut c_void, callback: *const c_void) {
    if let Some(glibc) = current() {
        // SAFETY: the caller's promise.
        unsafe { glibc.tunables.get(id, place, callback) };
    }
}

/// Whether the user set a tunable.
pub extern "C" fn __tunable_is_initialized(id: u32) -> bool {
    current().is_some_and(|glibc| glibc.tunables.is_set(id))
}
}
