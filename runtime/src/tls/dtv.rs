//! A thread's DTV: how dlopen, in one thread, changes it while the thread it belongs to reads it
//! without a lock.
//!
//! ```text
//! place (%fs:8) -> entry 0        {generation, -}
//!                  entry m        {address of the block of module m, what is to be freed}
//!                  entry -1       {0, highest m there is room for}
//! ```
//! A block is whole before its address stands in the entry, and a DTV is whole before its address
//! stands in `place`; readers acquire both. The readers of compiled code are those of
//! `arch/x86_64/tls.rs`: the loads of [`block`] in the same order, where every load acquires.
//! Writers hold the registry's lock.

use crate::atomics::{AtomicPtr, AtomicU64, Ordering};

/// The mark of a module that has no block in this thread (glibc `TLS_DTV_UNALLOCATED`).
pub const UNALLOCATED: u64 = u64::MAX;

/// glibc's `dtv_t`, which libthread_db reads.
#[repr(C)]
pub struct Entry {
    /// Address of the block.
    pub value: AtomicU64,
    /// What the writer frees with it.
    pub to_free: AtomicU64,
}

impl Entry {
    fn set(&self, value: u64, to_free: u64) {
        self.to_free.store(to_free, Ordering::Relaxed);
        self.value.store(value, Ordering::Release);
    }
}

/// Entries that a DTV of `capacity` modules takes in memory.
#[must_use]
pub const fn size(capacity: u64) -> u64 {
    capacity + 2
}

/// Makes an empty DTV of memory that nobody else knows. Returns its entry 0.
///
/// # Safety
/// There are [`size`] of `capacity` entries at `memory`.
pub unsafe fn make(memory: *mut Entry, capacity: u64) -> *mut Entry {
    // SAFETY: the caller's promise.
    unsafe {
        (*memory).set(0, capacity);
        (*memory.add(1)).set(0, 0);
        for module in 1..=capacity as usize {
            (*memory.add(module + 1)).set(UNALLOCATED, 0);
        }
        memory.add(1)
    }
}

/// The highest module that the DTV at `place` has room for. For writers and the thread itself.
///
/// # Safety
/// `place` points to entry 0 of a DTV made by [`make`]; so it does for the functions below.
pub unsafe fn capacity(place: &AtomicPtr<Entry>) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { (*place.load(Ordering::Relaxed).sub(1)).to_free.load(Ordering::Relaxed) }
}

/// The block of `module`, read as the thread itself reads it.
///
/// # Safety
/// See [`capacity`].
#[must_use]
pub unsafe fn block(place: &AtomicPtr<Entry>, module: u64) -> Option<u64> {
    // SAFETY: the caller's promise; one load of `place` serves both, and entry and room are of one DTV.
    unsafe {
        let dtv = place.load(Ordering::Acquire);
        if module == 0 || module > (*dtv.sub(1)).to_free.load(Ordering::Relaxed) {
            return None;
        }
        let block = (*dtv.add(module as usize)).value.load(Ordering::Acquire);
        (block != UNALLOCATED).then_some(block)
    }
}

/// Enters a block, whose content is complete. There is room for `module`.
///
/// # Safety
/// See [`capacity`].
pub unsafe fn enter(place: &AtomicPtr<Entry>, module: u64, block: u64, to_free: u64) {
    // SAFETY: the caller's promise. Only writers store to `place`, and this is one.
    unsafe { (*place.load(Ordering::Relaxed).add(module as usize)).set(block, to_free) }
}

/// Takes a block out; what stood there. There is room for `module`.
///
/// # Safety
/// See [`capacity`].
pub unsafe fn clear(place: &AtomicPtr<Entry>, module: u64) -> [u64; 2] {
    // SAFETY: as in `enter`.
    unsafe {
        let entry = &*place.load(Ordering::Relaxed).add(module as usize);
        let old = [entry.value.load(Ordering::Relaxed), entry.to_free.load(Ordering::Relaxed)];
        entry.set(UNALLOCATED, 0);
        old
    }
}

/// Puts `new`, which is empty and larger, in the place of the DTV there, with its content. The old one
/// stays: its thread may be reading it, and both are right for what the thread knows.
///
/// # Safety
/// See [`capacity`]; `new` is what [`make`] returned.
pub unsafe fn replace(place: &AtomicPtr<Entry>, new: *mut Entry) {
    // SAFETY: as in `enter`.
    unsafe {
        let old = place.load(Ordering::Relaxed);
        for module in 0..=(*old.sub(1)).to_free.load(Ordering::Relaxed) as usize {
            let entry = &*old.add(module);
            let (value, to_free) = (entry.value.load(Ordering::Relaxed), entry.to_free.load(Ordering::Relaxed));
            (*new.add(module)).set(value, to_free);
        }
    }
    place.store(new, Ordering::Release);
}
