//! The registry of threads, and the functions by which a libc or a program makes and ends them.
//!
//! A thread is known from `_dl_allocate_tls` to `_dl_deallocate_tls`: that is as long as its stack
//! exists, also while a libc keeps the stack for the next thread.

use super::error;
use super::late::{self, Late};
use super::{Blueprint, Thread, record};
use crate::lock::{Guard, Mutex};
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_plan::errno::ENOMEM;

/// What is told of threads to whoever lives with them: the libc.
pub trait ThreadHooks {
    /// Comes once, before the process has a second thread; no lock is held.
    fn before_threads(&self) {}
    /// The thread-to-be at `tp` has its TLS; called by the thread that makes it.
    fn thread_begins(&self, _tp: u64) {}
    /// The thread at `tp` has ended, and its TLS goes.
    fn thread_ends(&self, _tp: u64) {}
    /// Sets this thread's errno: a libc reads it when a service of ours fails.
    fn set_errno(&self, _errno: i32) {}
}

/// Everything that thread creation and dlopen share.
pub(super) struct Registry {
    pub blueprint: Blueprint,
    /// Modules that came by dlopen.
    pub late: Late,
    /// Who is told of threads.
    hooks: &'static dyn ThreadHooks,
    /// Thread pointer of the first thread in the list, or 0.
    first: u64,
}

struct Cell {
    ready: AtomicBool,
    registry: UnsafeCell<Option<Registry>>,
}
// SAFETY: reached under LOCK only, once ready.
unsafe impl Sync for Cell {}
#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static CELL: Cell = Cell { ready: AtomicBool::new(false), registry: UnsafeCell::new(None) };
static LOCK: Mutex = Mutex::new();

/// The registry's lock, for fork: taken before, released after in the parent, made free in the child.
pub fn registry_lock() -> &'static Mutex {
    &LOCK
}

/// In the child of fork: the lock is free. The other threads' blocks stay registered, because a libc
/// keeps their stacks and gives them to new threads.
pub fn after_fork_in_child() {
    LOCK.reset();
}

/// Publishes the blueprint, images included, and registers the first thread. `hooks` are told of all others. Called once.
pub fn publish(blueprint: Blueprint, thread: Thread, hooks: &'static dyn ThreadHooks) {
    let late = Late::new(blueprint.modules);
    let mut registry = Registry { blueprint, late, hooks, first: 0 };
    registry.insert(thread);
    // SAFETY: nothing reads before `ready`, and there is one thread.
    unsafe { *CELL.registry.get() = Some(registry) };
    CELL.ready.store(true, Ordering::Release);
}

/// Works on the registry. `None` before it is published.
pub(super) fn with<T>(work: impl FnOnce(&mut Registry) -> T) -> Option<T> {
    if !CELL.ready.load(Ordering::Acquire) {
        return None;
    }
    let _guard: Guard = LOCK.lock();
    // SAFETY: the lock is ours, and `work` (in this module and `late`) does not come back here.
    unsafe { (*CELL.registry.get()).as_mut() }.map(work)
}

impl Registry {
    fn insert(&mut self, thread: Thread) {
        let own = thread.record();
        own.set(record::NEXT, self.first);
        own.set(record::PREVIOUS, 0u64);
        if let Some(next) = member(self.first) {
            next.record().set(record::PREVIOUS, thread.pointer());
        }
        self.first = thread.pointer();
    }

    fn remove(&mut self, thread: Thread) {
        let own = thread.record();
        let (next, previous) = (own.word(record::NEXT), own.word(record::PREVIOUS));
        if let Some(next) = member(next) {
            next.record().set(record::PREVIOUS, previous);
        }
        match member(previous) {
            None => self.first = next,
            Some(previous) => previous.record().set(record::NEXT, next),
        }
    }

    /// All threads.
    pub fn threads(&self) -> impl Iterator<Item = Thread> + '_ {
        core::iter::successors(member(self.first), |thread| member(thread.record().word(record::NEXT)))
    }
}

/// A member of the list, by a thread pointer in it; `None` for 0, its end.
fn member(tp: u64) -> Option<Thread> {
    // SAFETY: only threads were entered, and each leaves before its memory goes (`_dl_deallocate_tls`).
    (tp != 0).then(|| unsafe { Thread::at(tp) })
}

/// Gives the thread-to-be at `tp` its DTV and initialised TLS; for 0 maps a block too, with a
/// TCB of its own. Returns the thread pointer, or 0 when there is no memory (glibc `_dl_allocate_tls`).
///
/// # Safety
/// `tp` is 0, or lies in memory with room for static TLS below and a TCB from there on.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _dl_allocate_tls(tp: u64) -> u64 {
    static ANNOUNCED: AtomicBool = AtomicBool::new(false);
    let Some(hooks) = with(|registry| registry.hooks) else { return 0 };
    if !ANNOUNCED.swap(true, Ordering::Relaxed) {
        hooks.before_threads();
    }
    let made = with(|registry| {
        let blueprint = &registry.blueprint;
        // SAFETY: the caller's promise.
        let thread = if tp == 0 { blueprint.map_block(0) } else { Some(unsafe { Thread::at(tp) }) };
        let Some(thread) = thread else { return 0 };
        if tp == 0 {
            blueprint.set_tcb(thread);
        }
        let installed = blueprint.install(thread);
        if installed {
            blueprint.initialise(thread);
        }
        if !installed || !registry.late.give_all(&registry.blueprint, thread) {
            late::release_dtvs(thread);
            if tp == 0 {
                registry.blueprint.unmap_block(thread);
            }
            return 0;
        }
        registry.insert(thread);
        thread.pointer()
    });
    let thread = made.unwrap_or(0);
    match thread {
        0 => hooks.set_errno(ENOMEM),
        tp => hooks.thread_begins(tp),
    }
    thread
}

/// Initialises again the TLS of a thread whose stack is reused (glibc `_dl_allocate_tls_init`; a
/// second argument of some versions has no meaning for us).
///
/// # Safety
/// `tp` was given to [`_dl_allocate_tls`] before and its thread has ended.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _dl_allocate_tls_init(tp: u64) -> u64 {
    if tp != 0 {
        // SAFETY: the caller's promise.
        let thread = unsafe { Thread::at(tp) };
        with(|registry| {
            error::forget(thread.error_place());
            registry.blueprint.initialise(thread);
            registry.late.initialise_all(thread);
        });
    }
    tp
}

/// Frees what [`_dl_allocate_tls`] took; the block too, if `free_block` and it was mapped there.
///
/// # Safety
/// `tp` was given to or returned by [`_dl_allocate_tls`], and its thread has ended.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _dl_deallocate_tls(tp: u64, free_block: bool) {
    // SAFETY: the caller's promise.
    let thread = unsafe { Thread::at(tp) };
    with(|registry| {
        registry.hooks.thread_ends(tp);
        error::forget(thread.error_place());
        registry.remove(thread);
        registry.late.take_all(thread);
        late::release_dtvs(thread);
        if free_block {
            registry.blueprint.unmap_block(thread);
        }
    });
}

/// Size and alignment of static TLS with the TCB (glibc's and the sanitizers' private interface).
///
/// # Safety
/// Both pointers are valid for a store.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _dl_get_tls_static_info(size: *mut u64, align: *mut u64) {
    with(|registry| {
        // SAFETY: the caller's promise.
        unsafe {
            *size = registry.blueprint.below + registry.blueprint.tcb;
            *align = registry.blueprint.align;
        }
    });
}
