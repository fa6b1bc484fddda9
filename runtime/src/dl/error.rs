//! dlerror: each thread's last failure, told once.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ffi::c_char;
use core::ptr::null;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_loader::arch;

/// A thread's failure.
struct Entry {
    thread: u64,
    message: CString,
    /// Told already: kept only because the program may still read it.
    told: bool,
}

struct Errors {
    lock: AtomicBool,
    list: UnsafeCell<Vec<Entry>>,
}
// SAFETY: the list is reached only under the lock.
unsafe impl Sync for Errors {}
static ERRORS: Errors = Errors { lock: AtomicBool::new(false), list: UnsafeCell::new(Vec::new()) };

fn with<T>(work: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
    while ERRORS.lock.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        core::hint::spin_loop();
    }
    // SAFETY: the lock is ours.
    let result = work(unsafe { &mut *ERRORS.list.get() });
    ERRORS.lock.store(false, Ordering::Release);
    result
}

/// Remembers `message` for this thread.
pub fn set(mut message: Vec<u8>) {
    message.retain(|byte| *byte != 0);
    let message = CString::new(message).unwrap_or_default();
    let thread = arch::thread_pointer();
    with(|list| match list.iter_mut().find(|entry| entry.thread == thread) {
        Some(entry) => (entry.message, entry.told) = (message, false),
        None => list.push(Entry { thread, message, told: false }),
    });
}

/// dlerror: the failure since the last call, or null. The text stays until the thread fails again.
pub fn take() -> *const c_char {
    let thread = arch::thread_pointer();
    with(|list| match list.iter_mut().find(|entry| entry.thread == thread && !entry.told) {
        Some(entry) => {
            entry.told = true;
            entry.message.as_ptr()
        }
        None => null(),
    })
}
