//! The registry of threads, and the functions by which a libc or a program makes and ends them.
//!
//! A thread is known from `_dl_allocate_tls` to `_dl_deallocate_tls`: that is as long as its stack
//! exists, also while a libc keeps the stack for the next thread.

use super::error;
use super::late::{self, Late};
use super::{Blueprint, Thread, record};
use crate::lock::Mutex;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use ld_rs_plan::errno::ENOMEM;
use ld_rs_plan::fallible;

/// What is told of threads to whoever lives with them: the libc.
pub trait ThreadHooks {
    /// Comes once, before the process has a second thread; no lock is held.
    fn before_threads(&self) {}
    /// The thread-to-be at `tp` has its TLS; called by the thread that makes it.
    fn thread_begins(&self, _tp: u64) {}
    /// The thread at `tp` has ended, and its TLS goes.
    fn thread_ends(&self, _tp: u64) {}
    /// Whether the end of every thread is told of ([`_dl_deallocate_tls`], [`_dl_allocate_tls_init`]).
    fn ends_are_told(&self) -> bool {
        true
    }
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
    /// Where ends of threads are not told of: the texts of errors, each with the address of its thread's word.
    texts: Vec<(u64, u64)>,
}

/// Null until it is published; changed under LOCK only.
#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static REGISTRY: AtomicPtr<Registry> = AtomicPtr::new(null_mut());
/// The registry's lock. In the child of fork it is made free, and the other threads' blocks stay registered, because a libc
/// keeps their stacks and gives them to new threads.
pub(crate) static LOCK: Mutex = Mutex::new();

/// Publishes the blueprint, images included, and registers the first thread. `hooks` are told of all others. Called once.
pub fn publish(blueprint: Blueprint, thread: Thread, hooks: &'static dyn ThreadHooks) {
    let late = Late::new(blueprint.modules);
    let mut registry = Registry { blueprint, late, hooks, first: 0, texts: Vec::new() };
    registry.insert(thread);
    REGISTRY.store(Box::into_raw(Box::new(registry)), Ordering::Release);
}

/// Works on the registry. `None` before it is published.
pub(super) fn with<T>(work: impl FnOnce(&mut Registry) -> T) -> Option<T> {
    let registry = NonNull::new(REGISTRY.load(Ordering::Acquire))?;
    let _guard = LOCK.lock();
    // SAFETY: leaked by `publish`; the lock is ours, and `work` (in this module and `late`) does not come back here.
    Some(work(unsafe { &mut *registry.as_ptr() }))
}

/// The thread whose word for errors is at `place` has a text at `new` instead of `old`, which is 0 for a new thread. The text
/// that a thread has left there which has ended: who comes to its place begins without one.
pub(super) fn left_text(place: u64, old: u64, new: u64) -> u64 {
    let left = with(|registry| {
        if registry.hooks.ends_are_told() {
            return 0;
        }
        match registry.texts.iter_mut().find(|(owner, _)| *owner == place) {
            Some((_, text)) => core::mem::replace(text, new),
            None => {
                // Without memory the text will not be given back.
                let _ = fallible::push(&mut registry.texts, (place, new));
                0
            }
        }
    });
    left.filter(|left| *left != old).unwrap_or(0)
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
        let mut complete = blueprint.install(thread);
        if complete {
            blueprint.initialise(thread);
            complete = registry.late.give_all(blueprint, thread);
        }
        if !complete {
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
