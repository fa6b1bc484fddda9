//! dlerror: each thread's last failure, told once.

use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::ffi::c_char;
use core::ptr::null;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_loader::{arch, last_error};

/// A thread's failure.
struct Entry {
    thread: u64,
    /// With a NUL at its end.
    message: Vec<u8>,
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

/// Keeps the list whole across fork: nobody else is inside from here to [`let_go`].
pub fn hold() {
    while ERRORS.lock.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        core::hint::spin_loop();
    }
}

/// The end of [`hold`], in parent and child.
pub fn let_go() {
    ERRORS.lock.store(false, Ordering::Release);
}

fn with<T>(work: impl FnOnce(&mut Vec<Entry>) -> T) -> T {
    hold();
    // SAFETY: the lock is ours.
    let result = work(unsafe { &mut *ERRORS.list.get() });
    let_go();
    result
}

/// Remembers the text made of `parts` for this thread, in the memory of its text before.
pub fn set(parts: &[&[u8]]) {
    let thread = arch::thread_pointer();
    last_error::remember(parts);
    with(|list| {
        let at = list.iter().position(|entry| entry.thread == thread).unwrap_or_else(|| {
            list.push(Entry { thread, message: Vec::new(), told: false });
            list.len() - 1
        });
        let entry = &mut list[at];
        entry.told = false;
        entry.message.clear();
        entry.message.reserve(parts.iter().map(|part| part.len() + 1).sum());
        for part in parts {
            entry.message.extend_from_slice(part);
        }
        if entry.message.contains(&0) {
            entry.message.retain(|byte| *byte != 0);
        }
        entry.message.push(0);
    });
}

/// dlerror: the failure since the last call, or null. The text stays until the thread fails again.
pub fn take() -> *const c_char {
    let thread = arch::thread_pointer();
    with(|list| match list.iter_mut().find(|entry| entry.thread == thread && !entry.told) {
        Some(entry) => {
            entry.told = true;
            entry.message.as_ptr().cast()
        }
        None => null(),
    })
}
