//! For objects built for musl: <ftw.h>, <sys/stat.h>, <stdio.h>. Resolution binds their references to these.

use super::{Pointer, Text, host};
use crate::lock::{self, Mutex};
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ffi::{c_int, c_uint};
use core::ptr::null;

// --- ftw.h: a file's kind is counted from 1 there, from 0 here. The callback has no argument by which it could be told
// apart, so that each walk's is kept by its thread.

/// A callback of ftw, or of nftw, which passes one argument more.
pub type Visit = unsafe extern "C" fn(Text, Pointer, c_int, Pointer) -> c_int;

/// The walks under way: thread and callback, the innermost of a thread last.
struct Walks(UnsafeCell<Vec<(u32, Visit)>>);
// SAFETY: reached only with WALKING held.
unsafe impl Sync for Walks {}
static WALKS: Walks = Walks(UnsafeCell::new(Vec::new()));
static WALKING: Mutex = Mutex::new();

fn with_walks<T>(work: impl FnOnce(&mut Vec<(u32, Visit)>) -> T) -> T {
    let _lock = WALKING.lock();
    // SAFETY: the lock is held, and `work` calls nobody.
    work(unsafe { &mut *WALKS.0.get() })
}

unsafe extern "C" fn visit(path: Text, facts: Pointer, kind: c_int, place: Pointer) -> c_int {
    let thread = lock::thread_id();
    let found = with_walks(|walks| walks.iter().rev().find(|(of, _)| *of == thread).map(|(_, call)| *call));
    // SAFETY: the callback of the walk that this thread is in, with what libc says.
    found.map_or(-1, |call| unsafe { call(path, facts, kind + 1, place) })
}

fn walk(call: Visit, work: impl FnOnce() -> c_int) -> c_int {
    let thread = lock::thread_id();
    with_walks(|walks| walks.push((thread, call)));
    let answer = work();
    with_walks(|walks| {
        if let Some(last) = walks.iter().rposition(|(of, _)| *of == thread) {
            walks.remove(last);
        }
    });
    answer
}

musl! {
    /// ftw.
    ftw as "__ld_rs_musl_ftw" (path: Text, call: Visit, fds: c_int) -> c_int {
        // SAFETY: the caller's promise.
        walk(call, || unsafe { host::ftw(path, visit, fds) })
    }
    /// nftw.
    nftw as "__ld_rs_musl_nftw" (path: Text, call: Visit, fds: c_int, flags: c_int) -> c_int {
        // SAFETY: the caller's promise.
        walk(call, || unsafe { host::nftw(path, visit, fds, flags) })
    }
    /// ftw by its old name.
    ftw64 as "__ld_rs_musl_ftw64" (path: Text, call: Visit, fds: c_int) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { ftw(path, call, fds) }
    }
    /// nftw by its old name.
    nftw64 as "__ld_rs_musl_nftw64" (path: Text, call: Visit, fds: c_int, flags: c_int) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { nftw(path, call, fds, flags) }
    }
}

// --- stdio_ext.h: by the part of glibc's FILE that <bits/types/struct_FILE.h> makes known.

/// The beginning of `struct _IO_FILE`.
#[repr(C)]
pub struct File {
    flags: c_int,
    read_at: *mut u8,
    read_end: *mut u8,
    read_base: *mut u8,
    write_base: *mut u8,
    write_at: *mut u8,
}

musl! {
    /// fpurge.
    fpurge as "__ld_rs_musl_fpurge" (file: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__fpurge(file) };
        0
    }
    /// __freadahead: how many bytes were read ahead.
    freadahead as "__ld_rs_musl___freadahead" (file: *const File) -> usize {
        // SAFETY: the caller's promise.
        let file = unsafe { &*file };
        if file.write_at > file.write_base { 0 } else { file.read_end.addr().saturating_sub(file.read_at.addr()) }
    }
    /// __freadptr: where they are; null where there are none.
    freadptr as "__ld_rs_musl___freadptr" (file: *const File, size: *mut usize) -> *const u8 {
        // SAFETY: the caller's promise.
        unsafe {
            match freadahead(file) {
                0 => null(),
                ahead => {
                    size.write(ahead);
                    (*file).read_at
                }
            }
        }
    }
    /// __freadptrinc: so many of them were taken.
    freadptrinc as "__ld_rs_musl___freadptrinc" (file: *mut File, taken: usize) {
        // SAFETY: the caller's promise.
        unsafe { (*file).read_at = (*file).read_at.add(taken) };
    }
    /// __fseterr: as if a write had failed.
    fseterr as "__ld_rs_musl___fseterr" (file: *mut File) {
        const IO_ERR_SEEN: c_int = 0x20;
        // SAFETY: the caller's promise.
        unsafe { (*file).flags |= IO_ERR_SEEN };
    }
}

// --- sys/stat.h: up to 2.32 these are in libc_nonshared.a, over functions that are told a version.

const STAT_VERSION: c_int = 1;
const MKNOD_VERSION: c_int = 0;

musl! {
    /// stat.
    stat as "__ld_rs_musl_stat" (path: Text, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__xstat(STAT_VERSION, path, facts) }
    }
    /// lstat.
    lstat as "__ld_rs_musl_lstat" (path: Text, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__lxstat(STAT_VERSION, path, facts) }
    }
    /// fstat.
    fstat as "__ld_rs_musl_fstat" (file: c_int, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__fxstat(STAT_VERSION, file, facts) }
    }
    /// fstatat.
    fstatat as "__ld_rs_musl_fstatat" (file: c_int, path: Text, facts: Pointer, flags: c_int) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { host::__fxstatat(STAT_VERSION, file, path, facts, flags) }
    }
    /// stat by its old name.
    stat64 as "__ld_rs_musl_stat64" (path: Text, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { stat(path, facts) }
    }
    /// lstat by its old name.
    lstat64 as "__ld_rs_musl_lstat64" (path: Text, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { lstat(path, facts) }
    }
    /// fstat by its old name.
    fstat64 as "__ld_rs_musl_fstat64" (file: c_int, facts: Pointer) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { fstat(file, facts) }
    }
    /// fstatat by its old name.
    fstatat64 as "__ld_rs_musl_fstatat64" (file: c_int, path: Text, facts: Pointer, flags: c_int) -> c_int {
        // SAFETY: the caller's promise.
        unsafe { fstatat(file, path, facts, flags) }
    }
    /// mknod.
    mknod as "__ld_rs_musl_mknod" (path: Text, mode: c_uint, device: u64) -> c_int {
        let mut device = device;
        // SAFETY: the caller's promise.
        unsafe { host::__xmknod(MKNOD_VERSION, path, mode, &raw mut device) }
    }
    /// mknodat.
    mknodat as "__ld_rs_musl_mknodat" (file: c_int, path: Text, mode: c_uint, device: u64) -> c_int {
        let mut device = device;
        // SAFETY: the caller's promise.
        unsafe { host::__xmknodat(MKNOD_VERSION, file, path, mode, &raw mut device) }
    }
}
