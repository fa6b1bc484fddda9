//! Futexes, and the lock made of one that the heap has and runtime's mutexes build on: glibc's low-level lock
//! (`sysdeps/nptl/lowlevellock.h`). It needs no thread pointer. Who waits sleeps, so that a thread of any priority
//! lets the holder finish. All words are of this process alone (FUTEX_PRIVATE_FLAG).

use crate::sys;
use core::sync::atomic::{AtomicU32, Ordering};
use linux_raw_sys::general::{__NR_futex, FUTEX_WAIT_PRIVATE, FUTEX_WAKE_PRIVATE};

/// A free lock.
const FREE: u32 = 0;
/// Taken, and nobody waits for it.
const TAKEN: u32 = 1;
/// Taken, and others may wait for it.
const WAITED_FOR: u32 = 2;

/// Sleeps while `word` is `value`, until somebody wakes it; may return earlier.
pub fn wait(word: &AtomicU32, value: u32) {
    // SAFETY: the kernel reads the word; a null timeout waits for ever.
    unsafe { call(word, FUTEX_WAIT_PRIVATE, value, 0) }
}

/// As [`wait`], but no longer than `nanoseconds` (below a second).
pub fn wait_for(word: &AtomicU32, value: u32, nanoseconds: u64) {
    let timeout = [0u64, nanoseconds];
    // SAFETY: the kernel reads the word and the timeout, a struct timespec.
    unsafe { call(word, FUTEX_WAIT_PRIVATE, value, timeout.as_ptr() as usize) }
}

/// Wakes at most `count` of those that sleep at `word`.
pub fn wake(word: &AtomicU32, count: u32) {
    // SAFETY: waking reads and writes nothing.
    unsafe { call(word, FUTEX_WAKE_PRIVATE, count, 0) }
}

/// # Safety
/// `timeout` is 0 or the address of a struct timespec.
unsafe fn call(word: &AtomicU32, operation: u32, value: u32, timeout: usize) {
    let arguments = [word.as_ptr() as usize, operation as usize, value as usize, timeout];
    // SAFETY: the word is borrowed, the rest is the caller's promise.
    unsafe { sys::syscall(__NR_futex as usize, arguments) };
}

/// Takes the lock `word`, which this thread does not have: one compare-and-exchange if it is free.
#[inline(always)]
pub fn lock(word: &AtomicU32) {
    if !try_lock(word) {
        lock_contended(word);
    }
}

/// Takes the lock `word` if it is free; whether it was.
#[inline(always)]
pub fn try_lock(word: &AtomicU32) -> bool {
    word.compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Relaxed).is_ok()
}

#[cold]
#[inline(never)]
fn lock_contended(word: &AtomicU32) {
    while word.swap(WAITED_FOR, Ordering::Acquire) != FREE {
        wait(word, WAITED_FOR);
    }
}

/// Gives the lock `word` back.
#[inline(always)]
pub fn unlock(word: &AtomicU32) {
    if release(word) {
        wake_one(word);
    }
}

/// Gives the lock `word` back; whether somebody waits for it, who is still to be woken by [`wake_one`].
#[inline(always)]
pub fn release(word: &AtomicU32) -> bool {
    word.swap(FREE, Ordering::Release) == WAITED_FOR
}

/// Wakes one of those that wait for the lock `word`.
#[cold]
#[inline(never)]
pub fn wake_one(word: &AtomicU32) {
    wake(word, 1);
}
