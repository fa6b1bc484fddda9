//! What ld-rs remembers of the process after hand-over: published once, then read by every thread.

use crate::debugger::LinkMap;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_loader::object::{Object, Objects};
use ld_rs_loader::stack::Vectors;

/// The tables of a running process.
pub struct Process {
    /// All objects, in load order.
    pub objects: Objects,
    /// The program's scope.
    pub scope: Vec<usize>,
    /// One link map an object, by its number.
    pub link_maps: Vec<*mut LinkMap>,
    /// The order of constructors.
    pub order: Vec<usize>,
    /// argc, argv, envp, auxv.
    pub vectors: Vectors,
    /// The program's name, for messages.
    pub program: Vec<u8>,
}

impl Process {
    /// The number and object that hold `address`.
    #[must_use]
    pub fn object_at(&self, address: u64) -> Option<(usize, &Object)> {
        self.objects.list.iter().enumerate().find(|(_, object)| object.holds(address))
    }

    /// The number of the object whose link map is `map`.
    #[must_use]
    pub fn number_of(&self, map: *const LinkMap) -> Option<usize> {
        self.link_maps.iter().position(|known| core::ptr::eq(*known, map))
    }
}

struct Published {
    ready: AtomicBool,
    process: UnsafeCell<Option<Process>>,
}
// SAFETY: written once before `ready`, read only after it.
unsafe impl Sync for Published {}
static PROCESS: Published = Published { ready: AtomicBool::new(false), process: UnsafeCell::new(None) };

/// Publishes the tables. Called once, by the only thread.
pub fn publish(process: Process) -> &'static Process {
    if !PROCESS.ready.load(Ordering::Acquire) {
        // SAFETY: nothing reads before `ready`, and there is one thread.
        unsafe { *PROCESS.process.get() = Some(process) };
        PROCESS.ready.store(true, Ordering::Release);
    }
    match get() {
        Some(process) => process,
        None => ld_rs_loader::sys::exit(127),
    }
}

/// The tables, once published.
#[must_use]
pub fn get() -> Option<&'static Process> {
    if PROCESS.ready.load(Ordering::Acquire) {
        // SAFETY: written before `ready`, never again.
        unsafe { (*PROCESS.process.get()).as_ref() }
    } else {
        None
    }
}
