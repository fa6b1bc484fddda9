//! What objects built for musl are given where glibc has a name of musl's libc with another meaning, or does not have it.
//!
//! Which names these are, and why, stands in plan's `other_libc`; resolution binds them to the functions in these files by
//! their exported names. The driver of the stages has [`prepare`] called before code of such an object runs. All layouts are
//! those of x86-64: of musl 1.2.2 to 1.2.6, and of glibc 2.31 to 2.43.

use crate::dl::symbol::Target;
use core::ffi::{c_char, c_int, c_long, c_uint, c_void};
use core::sync::atomic::{AtomicU64, Ordering};
use files::Visit;
use ld_rs_loader::object::Objects;
use ld_rs_loader::page;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::other_libc;
use sockets::Message;

/// Exports each function for objects built for musl, under its own name behind `other_libc::OURS`.
macro_rules! musl {
    ($($(#[$note:meta])* $name:ident as $export:literal ($($arg:ident: $type:ty),*) $(-> $result:ty)? $body:block)*) => {
        $(
            $(#[$note])*
            ///
            /// # Safety
            /// As in C.
            #[cfg_attr(not(test), unsafe(export_name = $export))]
            pub unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? $body
        )*
    };
}

mod files;
mod programs;
mod regex;
mod sockets;

/// ENOMEM, and REG_ESPACE.
const OUT_OF_MEMORY: c_int = 12;

type Pointer = *mut c_void;
type Text = *const c_char;

/// Functions of glibc by their C types, each callable by its name in `host`.
macro_rules! host {
    ($($name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        #[allow(non_camel_case_types, reason = "the names are C's")]
        #[derive(Clone, Copy)]
        enum Place { $($name),* }
        /// With a space behind each: a list of strings would be words to be relocated in every process.
        const NAMES: &str = concat!($(stringify!($name), " "),*);
        const COUNT: usize = [$(Place::$name),*].len();
        /// Their addresses, once a first object needs them.
        static PLACES: [AtomicU64; COUNT] = [const { AtomicU64::new(0) }; COUNT];
        mod host {
            use super::*;
            $(
                #[allow(clippy::too_many_arguments, reason = "C's")]
                pub unsafe fn $name($($arg: $type),*) $(-> $result)? {
                    let address = PLACES[Place::$name as usize].load(Ordering::Relaxed);
                    // SAFETY: the function of this name, which is glibc's, by its C type; or `lacking`. `prepare` has stored it.
                    let function = unsafe {
                        core::mem::transmute::<u64, unsafe extern "C" fn($($type),*) $(-> $result)?>(address)
                    };
                    // SAFETY: the caller's promise.
                    unsafe { function($($arg),*) }
                }
            )*
        }
    };
}
host! {
    malloc(size: usize) -> Pointer;
    free(memory: Pointer);
    newlocale(mask: c_int, name: Text, base: Pointer) -> Pointer;
    ftw(path: Text, call: Visit, fds: c_int) -> c_int;
    nftw(path: Text, call: Visit, fds: c_int, flags: c_int) -> c_int;
    regcomp(expression: Pointer, text: Text, flags: c_int) -> c_int;
    regexec(expression: Pointer, text: Text, count: usize, found: *mut [c_int; 2], flags: c_int) -> c_int;
    regfree(expression: Pointer);
    sendmsg(socket: c_int, message: *const Message, flags: c_int) -> isize;
    recvmsg(socket: c_int, message: *mut Message, flags: c_int) -> isize;
    recvmmsg(socket: c_int, list: *mut Message, count: c_uint, flags: c_int, timeout: Pointer) -> c_int;
    crypt_r(key: Text, salt: Text, data: Pointer) -> *mut c_char;
    _pthread_cleanup_push(frame: Pointer, call: Pointer, argument: Pointer);
    _pthread_cleanup_pop(frame: Pointer, run: c_int);
    pthread_attr_setstacksize(attributes: Pointer, size: usize) -> c_int;
    getnameinfo(address: Pointer, size: c_uint, host: Pointer, hosts: c_uint, service: Pointer, services: c_uint, flags: c_int) -> c_int;
    getopt(argc: c_int, argv: Pointer, options: Text) -> c_int;
    __cxa_atexit(call: Pointer, argument: Pointer, object: Pointer) -> c_int;
    __cxa_at_quick_exit(call: Pointer, object: Pointer) -> c_int;
    __register_atfork(before: Pointer, parent: Pointer, child: Pointer, object: Pointer) -> c_int;
    __fpurge(file: Pointer);
    close(file: c_int) -> c_int;
    ioctl(file: c_int, request: usize, argument: Pointer) -> c_int;
    fcntl(file: c_int, request: c_int) -> c_int;
    settimeofday(time: *const [c_long; 2], zone: Pointer) -> c_int;
    syscall(number: c_long, first: c_long, second: c_long, third: c_long) -> c_long;
    fegetround() -> c_int;
    __xstat(version: c_int, path: Text, facts: Pointer) -> c_int;
    __lxstat(version: c_int, path: Text, facts: Pointer) -> c_int;
    __fxstat(version: c_int, file: c_int, facts: Pointer) -> c_int;
    __fxstatat(version: c_int, file: c_int, path: Text, facts: Pointer, flags: c_int) -> c_int;
    __xmknod(version: c_int, path: Text, mode: c_uint, device: *mut u64) -> c_int;
    __xmknodat(version: c_int, file: c_int, path: Text, mode: c_uint, device: *mut u64) -> c_int;
}

/// Ends the process: this glibc lacks what an object built for musl calls.
extern "C" fn lacking() -> ! {
    page::line(format_args!("ld-rs.so: libc lacks a function that a library built for musl calls")).exit(2, 127)
}

/// Looks up what glibc has, before code of an object that was built for musl runs. None of it is an IFUNC. What is lacking
/// may have come since the last time, with libcrypt.
pub(super) fn prepare(objects: &Objects, scope: &[usize]) {
    let lacking = lacking as *const () as u64;
    for (name, place) in
        NAMES.split(' ').zip(&PLACES).filter(|(_, place)| [0, lacking].contains(&place.load(Ordering::Relaxed)))
    {
        let query = Query { newest: true, ..Query::new(name.as_bytes(), None) };
        let mut parts = objects.list.iter().filter(|object| other_libc::is_part(object.soname()));
        let found = match name {
            // The program's own, if it has one.
            "malloc" | "free" => objects.find(scope, name.as_bytes()),
            _ => parts.find_map(|object| Some((&**object, object.find(&query)?))),
        };
        let target = found.and_then(|(object, symbol)| Target::of(object, symbol));
        let address = if let Some(Target::Address(address)) = target { address } else { lacking };
        place.store(address, Ordering::Relaxed);
    }
}
