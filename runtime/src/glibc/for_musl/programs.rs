//! For objects built for musl: <locale.h>, <pthread.h>, <unistd.h>, <string.h> and the like. Resolution binds their references
//! to these.

use super::{Pointer, Text, host};
use core::ffi::{c_char, c_int, c_long};
use core::ptr::null_mut;
use linux_raw_sys::general as nr;

// --- locale.h: LC_ALL_MASK has all bits there, and here those of twelve categories, of which musl knows six.

const LC_ALL_MASK: c_int = 0x1fbf;

musl! {
    /// newlocale.
    newlocale as "__ld_rs_musl_newlocale" (mask: c_int, name: Text, base: Pointer) -> Pointer {
        // SAFETY: the caller's promise.
        unsafe { host::newlocale(mask & LC_ALL_MASK, name, base) }
    }
    /// newlocale by its other name.
    newlocale_inside as "__ld_rs_musl___newlocale" (mask: c_int, name: Text, base: Pointer) -> Pointer {
        // SAFETY: the caller's promise.
        unsafe { newlocale(mask, name, base) }
    }
}

// --- crypt.h, pthread.h, unistd.h, utmpx.h

/// `struct __ptcb` of musl: glibc's frame is larger, and stands in memory of its own.
#[repr(C)]
pub struct Cleanup {
    call: Pointer,
    argument: Pointer,
    host: Pointer,
}

musl! {
    /// crypt_r: in its 260 bytes the answer begins at 4.
    crypt_r as "__ld_rs_musl_crypt_r" (key: Text, salt: Text, data: *mut c_char) -> *mut c_char {
        /// Bytes of libcrypt's `struct crypt_data`, and of musl's room for the answer.
        const HOST: usize = 32768;
        const ROOM: usize = 256;
        // SAFETY: the caller's promise; the answer of libcrypt is a C string in `memory`.
        unsafe {
            let memory = host::malloc(HOST);
            if memory.is_null() {
                return null_mut();
            }
            memory.write_bytes(0, HOST);
            let found = host::crypt_r(key, salt, memory);
            let mut answer = null_mut();
            if !found.is_null() {
                answer = data.add(4);
                let text = core::ffi::CStr::from_ptr(found).to_bytes();
                let text = &text[..text.len().min(ROOM - 1)];
                answer.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), text.len());
                answer.add(text.len()).write(0);
            }
            host::free(memory);
            answer
        }
    }
    /// What pthread_cleanup_push calls.
    cleanup_push as "__ld_rs_musl__pthread_cleanup_push" (frame: *mut Cleanup, call: Pointer, argument: Pointer) {
        /// Bytes of `struct _pthread_cleanup_buffer` of glibc.
        const HOST: usize = 32;
        // SAFETY: the caller's promise.
        unsafe {
            let host = host::malloc(HOST);
            frame.write(Cleanup { call, argument, host });
            if !host.is_null() {
                host::_pthread_cleanup_push(host, call, argument);
            }
        }
    }
    /// What pthread_cleanup_pop calls.
    cleanup_pop as "__ld_rs_musl__pthread_cleanup_pop" (frame: *mut Cleanup, run: c_int) {
        // SAFETY: the caller's promise: what `cleanup_push` filled.
        unsafe {
            let Cleanup { call, argument, host } = frame.read();
            match host.is_null() {
                false => {
                    host::_pthread_cleanup_pop(host, run);
                    host::free(host);
                }
                true if run != 0 => {
                    core::mem::transmute::<Pointer, unsafe extern "C" fn(Pointer)>(call)(argument);
                }
                true => {}
            }
        }
    }
    /// pthread_attr_setstacksize: musl takes 2,048 bytes, glibc 16,384.
    setstacksize as "__ld_rs_musl_pthread_attr_setstacksize" (attributes: Pointer, size: usize) -> c_int {
        const LEAST: usize = 16384;
        const MUSLS_LEAST: usize = 2048;
        // SAFETY: the caller's promise.
        unsafe { host::pthread_attr_setstacksize(attributes, if size < MUSLS_LEAST { size } else { size.max(LEAST) }) }
    }
    /// getopt: the first argument that is no option ends them. glibc does so if a `+` asks for it.
    getopt as "__ld_rs_musl_getopt" (argc: c_int, argv: Pointer, options: *const u8) -> c_int {
        /// Longer lists, of which there are none with a sense, are taken as glibc takes them.
        const ROOM: usize = 256;
        let mut text = [0; ROOM];
        text[0] = b'+';
        // SAFETY: the caller's promise of a C string.
        let given = unsafe { core::ffi::CStr::from_ptr(options.cast()) }.to_bytes();
        let asks = matches!(given.first(), Some(b'+' | b'-'));
        let plain = text.get_mut(1..=given.len()).filter(|room| !asks && room.len() < ROOM - 1);
        let options = match plain {
            Some(room) => {
                room.copy_from_slice(given);
                text.as_ptr()
            }
            None => options,
        };
        // SAFETY: as above.
        unsafe { host::getopt(argc, argv, options.cast()) }
    }
    /// atexit: at exit, whether the object has gone by then or not, for it never goes.
    atexit as "__ld_rs_musl_atexit" (call: Pointer) -> c_int {
        // SAFETY: a function that takes nothing may be given an argument.
        unsafe { host::__cxa_atexit(call, null_mut(), null_mut()) }
    }
    /// at_quick_exit.
    at_quick_exit as "__ld_rs_musl_at_quick_exit" (call: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__cxa_at_quick_exit(call, null_mut()) }
    }
    /// pthread_atfork.
    pthread_atfork as "__ld_rs_musl_pthread_atfork" (before: Pointer, parent: Pointer, child: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__register_atfork(before, parent, child, null_mut()) }
    }
    /// issetugid.
    issetugid as "__ld_rs_musl_issetugid" () -> c_int {
        0 // in secure mode no object built for another libc joins
    }
    /// membarrier.
    membarrier as "__ld_rs_musl_membarrier" (command: c_int, flags: c_int) -> c_int {
        // SAFETY: it takes no pointer.
        unsafe { host::syscall(nr::__NR_membarrier.into(), command.into(), flags.into(), 0) as c_int }
    }
    /// gettid.
    gettid as "__ld_rs_musl_gettid" () -> c_int {
        // SAFETY: it takes nothing.
        unsafe { host::syscall(nr::__NR_gettid.into(), 0, 0, 0) as c_int }
    }
    /// tgkill.
    tgkill as "__ld_rs_musl_tgkill" (group: c_int, thread: c_int, signal: c_int) -> c_int {
        // SAFETY: it takes no pointer.
        unsafe { host::syscall(nr::__NR_tgkill.into(), group.into(), thread.into(), signal.into()) as c_int }
    }
    /// posix_close.
    posix_close as "__ld_rs_musl_posix_close" (file: c_int, _flags: c_int) -> c_int {
        // SAFETY: it takes no pointer.
        unsafe { host::close(file) }
    }
    /// stime.
    stime as "__ld_rs_musl_stime" (seconds: *const c_long) -> c_int {
        // SAFETY: the caller's promise.
        unsafe {
            let time = [*seconds, 0];
            host::settimeofday(&raw const time, null_mut())
        }
    }
    /// isastream: there are no streams.
    isastream as "__ld_rs_musl_isastream" (file: c_int) -> c_int {
        const F_GETFD: c_int = 1;
        // SAFETY: it takes no pointer.
        if unsafe { host::fcntl(file, F_GETFD) } < 0 { -1 } else { 0 }
    }
    /// tcgetwinsize.
    tcgetwinsize as "__ld_rs_musl_tcgetwinsize" (file: c_int, size: Pointer) -> c_int {
        const TIOCGWINSZ: usize = 0x5413;
        // SAFETY: the caller's promise.
        unsafe { host::ioctl(file, TIOCGWINSZ, size) }
    }
    /// tcsetwinsize.
    tcsetwinsize as "__ld_rs_musl_tcsetwinsize" (file: c_int, size: Pointer) -> c_int {
        const TIOCSWINSZ: usize = 0x5414;
        // SAFETY: the caller's promise.
        unsafe { host::ioctl(file, TIOCSWINSZ, size) }
    }
    /// __flt_rounds: FLT_ROUNDS, from the rounding mode as the processor has it.
    flt_rounds as "__ld_rs_musl___flt_rounds" () -> c_int {
        // SAFETY: it takes nothing.
        match unsafe { host::fegetround() } {
            0 => 1,      // to nearest
            0x400 => 3,  // down
            0x800 => 2,  // up
            0xc00 => 0,  // to zero
            _ => -1,
        }
    }
}

/// Functions on the lists of who is logged in, of which musl has none: they do nothing, and find nothing.
macro_rules! nobody {
    ($($name:ident $export:literal)*) => {
        $(
            /// Finds nobody.
            #[cfg_attr(not(test), unsafe(export_name = $export))]
            pub extern "C" fn $name() -> Pointer {
                null_mut()
            }
        )*
    };
}
nobody! {
    setutxent "__ld_rs_musl_setutxent" endutxent "__ld_rs_musl_endutxent" getutxent "__ld_rs_musl_getutxent"
    getutxid "__ld_rs_musl_getutxid" getutxline "__ld_rs_musl_getutxline" pututxline "__ld_rs_musl_pututxline"
    updwtmpx "__ld_rs_musl_updwtmpx" setutent "__ld_rs_musl_setutent" endutent "__ld_rs_musl_endutent"
    getutent "__ld_rs_musl_getutent" getutid "__ld_rs_musl_getutid" getutline "__ld_rs_musl_getutline"
    pututline "__ld_rs_musl_pututline" updwtmp "__ld_rs_musl_updwtmp"
}

// --- string.h: from 2.38 on glibc has them.

musl! {
    /// strlcpy.
    strlcpy as "__ld_rs_musl_strlcpy" (to: *mut u8, from: Text, size: usize) -> usize {
        // SAFETY: the caller's promise of a C string and of room.
        unsafe {
            let text = core::ffi::CStr::from_ptr(from).to_bytes();
            if let Some(last) = size.checked_sub(1) {
                let copied = text.len().min(last);
                to.copy_from_nonoverlapping(text.as_ptr(), copied);
                to.add(copied).write(0);
            }
            text.len()
        }
    }
    /// strlcat.
    strlcat as "__ld_rs_musl_strlcat" (to: *mut u8, from: Text, size: usize) -> usize {
        // SAFETY: the caller's promise.
        unsafe {
            let length = (0..size).find(|at| *to.add(*at) == 0).unwrap_or(size);
            length + strlcpy(to.add(length), from, size - length)
        }
    }
}
