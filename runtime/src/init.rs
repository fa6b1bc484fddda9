//! Constructors and destructors (gABI "Initialization and Termination Functions").
//!
//! All function addresses of an object are judged before the first is called (loader's `stages::judge`). No lock is held
//! while a function of the program runs: it may start threads that open objects, and wait for them. Here is which functions
//! an object has, who waits for whom, and what becomes of a function that is left; `dl::calls` goes through them.

use crate::calls::{Call, Work};
use crate::libc::Constructors;
use crate::lock;
use crate::process::{self, Init, PROGRESS, Tables};
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_loader::futex;
use ld_rs_loader::object::{Object, Role};
use ld_rs_loader::{stages, sys};

/// Function number `step` of those that `work` calls of `object`. The program's constructors are run by its start-up code,
/// where constructors come before it; then it also has a DT_PREINIT_ARRAY. The vdso and ld-rs have none, and a libc that is its
/// own loader runs its own.
#[must_use]
pub fn function(object: &Object, work: Work, step: usize, by: Constructors) -> Option<u64> {
    let dynamic = &object.dynamic;
    let entry = |array, index: usize| stages::entry(object, array, index as u64);
    let constructs = object.role == Role::Library || object.role == Role::Program && by == Constructors::ByLibc;
    match (work, object.role) {
        _ if object.is_own_loader => None,
        (Work::Preinit, Role::Program) if by == Constructors::ByLoader => entry(dynamic.preinit_array, step),
        // DT_INIT and DT_INIT_ARRAY.
        (Work::Construct, _) if constructs => match dynamic.init {
            Some(init) if step == 0 => Some(object.image.address(init)),
            init => entry(dynamic.init_array, step - usize::from(init.is_some())),
        },
        // DT_FINI_ARRAY backwards and DT_FINI.
        (Work::Close | Work::Exit, Role::Library | Role::Program) => {
            let count = (dynamic.fini_array.size / 8) as usize;
            match count.checked_sub(step + 1) {
                Some(index) => entry(dynamic.fini_array, index),
                None if step == count => Some(object.image.address(dynamic.fini?)),
                None => None,
            }
        }
        _ => None,
    }
}

/// What `call` of `tables.calling` has left to do is not done any more: a function was left by an exception, longjmp or the
/// end of its thread. Nobody waits for it; as under glibc its object counts as constructed, or as destroyed.
pub fn leave(tables: &mut Tables, call: usize) {
    let call = tables.calling.remove(call);
    let Tables { records, pending, .. } = tables;
    match (call.work, call.current()) {
        (Work::Construct, Some(number)) if records[number].init == Init::Running(call.thread) => {
            records[number].init = Init::Done;
        }
        (Work::Close, current) => {
            // The object that was left stays, for if its thread should come back to it after all.
            current.into_iter().for_each(|number| records[number].permanent.set(true));
            for number in &call.objects {
                records[*number].closing = 0;
                pending.push(*number);
            }
        }
        _ => {}
    }
    progress();
}

/// This thread stands at the stack pointer `at`: it has left what it called from frames below.
pub fn left_below(tables: &mut Tables, at: u64) {
    /// Bytes. Further away is another stack, on which coroutines and signal handlers run.
    const SAME_STACK: u64 = 1 << 20;
    let (me, is_left) = (lock::thread_id(), |frame: u64| at.checked_sub(frame).is_some_and(|depth| depth < SAME_STACK));
    for call in (0..tables.calling.len()).rev() {
        let Call { thread, frame, .. } = tables.calling[call];
        if thread == me && is_left(frame) {
            leave(tables, call);
        }
    }
    // Inner frames lie below outer ones.
    while let Some((_, objects)) = tables.resolving.pop_if(|(frame, _)| is_left(*frame)) {
        // A resolver was left. As under glibc its dlopen is not gone on with, and what it brought stays, with what that needs.
        for number in objects.into_iter().filter(|number| tables.records[*number].init == Init::Coming) {
            tables.records[number].permanent.set(true);
            tables.objects[number].needed.iter().for_each(|needed| tables.records[*needed].hold());
        }
    }
}

/// An unwinder passes the frame of this thread's innermost call.
pub fn left_innermost(tables: &mut Tables) {
    let me = lock::thread_id();
    let innermost = |tables: &Tables| tables.calling.iter().rposition(|call| call.thread == me);
    let Some(frame) = innermost(tables).map(|call| tables.calling[call].frame) else { return };
    while let Some(call) = innermost(tables).filter(|call| tables.calling[*call].frame == frame) {
        leave(tables, call);
    }
}

/// Threads that have ended have left all that they called.
fn left_by_the_dead(tables: &mut Tables) {
    for call in (0..tables.calling.len()).rev() {
        if sys::computed(tables.calling[call].thread).is_none() {
            leave(tables, call);
        }
    }
}

/// How long who waits sleeps before it looks for itself, in nanoseconds: nobody wakes it for a thread that ended.
const TICK: u64 = 500_000_000;

/// Whether this thread may wait for `thread`, which is to give up an object: not if that one waits for this one, be it
/// through others, and not inside of a lock that it would need. There glibc has one lock, and what happened under it in one
/// thread: the object is taken as it is.
#[must_use]
pub fn may_wait(tables: &Tables, thread: u32) -> bool {
    /// Whoever asks took the load lock for its own call, and for the tables.
    const OWN: u32 = 2;
    let me = lock::thread_id();
    // Where something is through since, who waits looks again, and may not need to wait any more.
    let now = PROGRESS.load(Ordering::SeqCst);
    let next = |thread: &u32| Some(tables.waiting.iter().find(|(waits, _, since)| waits == thread && *since == now)?.1);
    lock::LOAD.depth() <= OWN && !core::iter::successors(Some(thread), next).any(|thread| thread == me)
}

/// Waits for progress of `thread`, with the load lock, which was taken once, given back meanwhile.
pub fn wait_for(thread: u32) {
    let me = lock::thread_id();
    process::write().waiting.push((me, thread, PROGRESS.load(Ordering::SeqCst)));
    wait(TICK);
    let mut tables = process::write();
    tables.waiting.retain(|(waits, ..)| *waits != me);
    if sys::computed(thread).is_none() {
        left_by_the_dead(&mut tables);
    }
}

/// How long forks wait, in all, for one moment without functions, and those for it that have not begun; in nanoseconds.
const FORK_LONGEST: u64 = 5_000_000_000;
/// How long a fork sleeps before it looks again, in nanoseconds.
const FORK_TICK: u64 = 10_000_000;
/// How many threads wait to fork; changed under the lock.
static FORKING: AtomicU32 = AtomicU32::new(0);

/// Before fork, with the load lock taken: waits until no other thread runs constructors or
/// destructors, which hold locks of the libc (`__cxa_finalize`'s) that the child would never see
/// free. Not for ever: such a function may be waiting, asleep, for the very thread that forks, or may have been left.
pub fn settle_before_fork() {
    let me = lock::thread_id();
    // A signal handler that forks while its thread is inside of dlopen does not wait: nobody else may change what it sees.
    let Some(mut tables) = process::try_write() else { return };
    // Below what this thread calls now.
    left_below(&mut tables, (&raw const me) as u64);
    let awaited = |call: &&mut Call| call.thread != me && call.step.is_some() && call.patience > 0;
    if !tables.calling.iter_mut().any(|call| awaited(&call)) {
        return; // without asking for the time, a system call that glibc's fork does not make
    }
    drop(tables);
    let mut now = sys::now();
    let last = now.saturating_add(FORK_LONGEST);
    FORKING.fetch_add(1, Ordering::SeqCst);
    while now < last {
        let Some(thread) = process::write().calling.iter_mut().find(awaited).map(|call| call.thread) else { break };
        let computed = sys::computed(thread);
        wait(FORK_TICK);
        let slept = core::mem::replace(&mut now, sys::now());
        let spent = match (computed, sys::computed(thread)) {
            // What it waits for a processor counts a quarter.
            (Some(before), Some(after)) if sys::can_run(thread) => {
                after.saturating_sub(before).saturating_add(now.saturating_sub(slept) / 4)
            }
            (Some(_), Some(_)) => now.saturating_sub(slept),
            _ => u64::MAX,
        };
        for call in process::write().calling.iter_mut().filter(|call| call.thread == thread) {
            call.patience = call.patience.saturating_sub(spent);
        }
    }
    FORKING.fetch_sub(1, Ordering::SeqCst);
    progress();
}

/// Whether a thread waits to fork.
#[must_use]
pub fn somebody_forks() -> bool {
    FORKING.load(Ordering::SeqCst) > 0
}

/// Lets those pass that wait to fork: where threads open and close all the time, there would never be
/// a moment without a function running. Not within a function, for which the fork waits. The load lock was taken once.
pub fn give_way() {
    let me = lock::thread_id();
    if !somebody_forks() || process::read().calling.iter().any(|call| call.thread == me && call.step.is_some()) {
        return;
    }
    let deadline = sys::now().saturating_add(FORK_LONGEST);
    while somebody_forks() && sys::now() < deadline {
        wait(FORK_TICK);
    }
}

/// In the child of fork: what another thread was calling is never finished, and nobody
/// may wait for it (glibc too takes constructors for run); what the thread that forked calls goes on.
pub fn after_fork_in_child(forker: u32) {
    let me = lock::thread_id();
    FORKING.store(0, Ordering::SeqCst);
    WAITERS.store(0, Ordering::SeqCst);
    // Else a signal handler forked, and the call that it interrupted goes on in the child.
    let Some(mut tables) = process::try_write() else { return };
    tables.waiting.clear();
    for call in (0..tables.calling.len()).rev() {
        match tables.calling[call].thread == forker {
            true => tables.calling[call].thread = me,
            false => leave(&mut tables, call),
        }
    }
    for record in tables.records.iter_mut() {
        if record.init == Init::Running(forker) {
            record.init = Init::Running(me);
        }
        if record.closing == forker {
            record.closing = me;
        }
    }
}

/// How many threads wait at PROGRESS; counted under the lock, so that none is missed.
static WAITERS: AtomicU32 = AtomicU32::new(0);

/// Something is through that others may wait for.
pub fn progress() {
    PROGRESS.fetch_add(1, Ordering::SeqCst);
    if WAITERS.load(Ordering::SeqCst) > 0 {
        futex::wake(&PROGRESS, i32::MAX as u32);
    }
}

/// Waits for progress, for so many nanoseconds at most, with the load lock, which was taken once, given back meanwhile.
fn wait(at_most: u64) {
    let seen = PROGRESS.load(Ordering::Acquire);
    WAITERS.fetch_add(1, Ordering::SeqCst);
    lock::LOAD.release();
    futex::wait_for(&PROGRESS, seen, at_most);
    lock::LOAD.acquire();
    WAITERS.fetch_sub(1, Ordering::SeqCst);
}
