//! Constructors and destructors (gABI "Initialization and Termination Functions").
//!
//! All function addresses of an object are judged before the first is called (loader's `stages::judge`). No lock is held
//! while a function of the program runs: it may start threads that open objects, and wait for them.

use crate::lock;
use crate::process::{self, Init, PROGRESS, Tables, Writing};
use alloc::vec::Vec;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_loader::debug;
use ld_rs_loader::futex;
use ld_rs_loader::object::{Object, Role};
use ld_rs_loader::stages::{functions, order};
use ld_rs_loader::sys;
use ld_rs_plan::order::sort_by;

type Function = extern "C" fn(c_int, *mut usize, *mut usize);

/// Calls `functions` one after the other, with the lock given back meanwhile.
///
/// # Safety
/// Each was judged before any function of its object ran, or lies in an executable segment by plan's word (what the
/// program itself has stored in an array since is the program's to answer for), and its object is relocated and stays
/// mapped.
unsafe fn call(mut process: Writing, functions: &[u64]) {
    if functions.is_empty() {
        return;
    }
    let (me, vectors) = (lock::thread_id(), process::fixed().vectors);
    process.calling.push(me);
    drop(process);
    for address in functions {
        // SAFETY: the caller's promise; constructors take (argc, argv, envp) on every libc.
        let function = unsafe { core::mem::transmute::<u64, Function>(*address) };
        function(vectors.argc as c_int, vectors.argv, vectors.envp);
    }
    let mut process = process::write();
    if let Some(at) = process.calling.iter().rposition(|thread| *thread == me) {
        process.calling.remove(at);
    }
    progress();
}

/// How long fork waits for functions of threads that sleep, in nanoseconds.
const FORK_PATIENCE: u64 = 100_000_000;
/// How long, in all, for those of threads that could run; and those for it that have not begun.
const FORK_LONGEST: u64 = 5_000_000_000;
/// How many threads wait to fork; changed under the lock.
static FORKING: AtomicU32 = AtomicU32::new(0);

/// Before fork, with the load lock taken: waits until no other thread runs constructors or
/// destructors, which hold locks of the libc (`__cxa_finalize`'s) that the child would never see
/// free. Not for ever: such a function may be waiting, asleep, for the very thread that forks. On a
/// busy machine it may also wait for a processor, as long as that takes.
pub fn settle_before_fork() {
    let me = lock::thread_id();
    // A signal handler that forks while its thread is inside of dlopen does not wait: nobody else may change what it sees.
    let others_call = || process::try_read().is_some_and(|tables| tables.calling.iter().any(|thread| *thread != me));
    if !others_call() {
        return;
    }
    FORKING.fetch_add(1, Ordering::SeqCst);
    let last = sys::now().saturating_add(FORK_LONGEST);
    let mut asleep_since = sys::now();
    while others_call() {
        let now = sys::now();
        if process::read().calling.iter().any(|thread| *thread != me && sys::can_run(*thread)) {
            asleep_since = now;
        }
        if now > last || now.saturating_sub(asleep_since) > FORK_PATIENCE {
            break;
        }
        wait(|| lock::LOAD.release(), Some(FORK_PATIENCE / 10), || lock::LOAD.acquire());
    }
    FORKING.fetch_sub(1, Ordering::SeqCst);
    progress();
}

/// Lets those pass that wait to fork: where threads open and close all the time, there would never be
/// a moment without a function running. Not within a function, for which the fork waits.
fn give_way(mut process: Writing) -> Writing {
    if FORKING.load(Ordering::SeqCst) == 0 || process.calling.contains(&lock::thread_id()) {
        return process;
    }
    let deadline = sys::now().saturating_add(FORK_LONGEST);
    while FORKING.load(Ordering::SeqCst) > 0 && sys::now() < deadline {
        process = wait(|| drop(process), Some(FORK_PATIENCE / 10), process::write);
    }
    process
}

/// DT_INIT and DT_INIT_ARRAY of a library. The program's own are run by its start-up code, and the
/// vdso and ld-rs have none.
fn constructors(object: &Object) -> Vec<u64> {
    if object.role != Role::Library {
        return Vec::new();
    }
    let init = object.dynamic.init.map(|init| object.image.address(init));
    init.into_iter().chain(functions(object, object.dynamic.init_array)).collect()
}

/// DT_FINI_ARRAY backwards and DT_FINI.
fn destructors(object: &Object) -> Vec<u64> {
    if !matches!(object.role, Role::Library | Role::Program) {
        return Vec::new();
    }
    let fini = object.dynamic.fini.map(|fini| object.image.address(fini));
    functions(object, object.dynamic.fini_array).rev().chain(fini).collect()
}

/// Start-up: the program's DT_PREINIT_ARRAY, then every library's constructors, in order.
pub fn run_all() {
    process::share();
    let process = process::write();
    let program = process.objects.list.get(process.namespace.program);
    let preinit: Vec<u64> =
        program.iter().flat_map(|program| functions(program, program.dynamic.preinit_array)).collect();
    let numbers = order(&process.objects, &process.objects.in_order());
    // SAFETY: judged before hand-over.
    unsafe { call(process, &preinit) };
    run(&numbers);
    let program = &process::fixed().program;
    debug::calling("initialize program", program, "");
    debug::calling("transferring control", program, "");
}

/// Runs the constructors that are due of the objects `numbers`, which are in order. Waits for those
/// that another thread is running.
pub fn run(numbers: &[usize]) {
    // Most objects have nothing to run: they pass under one lock.
    let mut process = process::write();
    for number in numbers {
        loop {
            process = give_way(process);
            match step(&mut process, *number) {
                Step::Nothing => break,
                Step::Call(functions) => {
                    debug::calling("calling init", &process.objects[*number].name, "");
                    // SAFETY: judged when the object was taken in.
                    unsafe { call(process, &functions) };
                    process = process::write();
                    process.records[*number].init = Init::Done;
                    progress();
                    break;
                }
                Step::Wait => process = wait(|| drop(process), None, process::write),
            }
        }
    }
}

/// What is to be done for an object.
enum Step {
    /// Its constructors have run, or run in this very thread (a cycle).
    Nothing,
    /// These are to be called; the object is marked.
    Call(Vec<u64>),
    /// Another thread runs them.
    Wait,
}

fn step(process: &mut Tables, number: usize) -> Step {
    let me = lock::thread_id();
    match process.records[number].init {
        Init::Running(thread) if thread != me => Step::Wait,
        Init::Due => {
            let functions = constructors(&process.objects[number]);
            process.records[number].init = if functions.is_empty() { Init::Done } else { Init::Running(me) };
            if functions.is_empty() { Step::Nothing } else { Step::Call(functions) }
        }
        _ => Step::Nothing,
    }
}

/// In the child of fork: constructors that another thread was running are never finished, and nobody
/// may wait for them (glibc too takes them for run); those of the thread that forked go on.
pub fn after_fork_in_child(forker: u32) {
    let me = lock::thread_id();
    FORKING.store(0, Ordering::SeqCst);
    WAITERS.store(0, Ordering::SeqCst);
    // Else a signal handler forked, and the call that it interrupted goes on in the child.
    let Some(mut process) = process::try_write() else { return };
    process.calling.retain(|thread| *thread == forker);
    process.calling.fill(me);
    for record in process.records.iter_mut() {
        if let Init::Running(thread) = record.init {
            record.init = if thread == forker { Init::Running(me) } else { Init::Done };
        }
    }
}

/// How many threads wait at PROGRESS; counted under the lock, so that none is missed.
static WAITERS: AtomicU32 = AtomicU32::new(0);

fn progress() {
    PROGRESS.fetch_add(1, Ordering::SeqCst);
    if WAITERS.load(Ordering::SeqCst) > 0 {
        futex::wake(&PROGRESS, i32::MAX as u32);
    }
}

/// Waits for progress, for so many nanoseconds at most, with the lock given back meanwhile: by `release`, and taken again by
/// `take`.
fn wait<T>(release: impl FnOnce(), at_most: Option<u64>, take: impl FnOnce() -> T) -> T {
    let seen = PROGRESS.load(Ordering::Acquire);
    WAITERS.fetch_add(1, Ordering::SeqCst);
    release();
    match at_most {
        Some(nanoseconds) => futex::wait_for(&PROGRESS, seen, nanoseconds),
        None => futex::wait(&PROGRESS, seen),
    }
    let taken = take();
    WAITERS.fetch_sub(1, Ordering::SeqCst);
    taken
}

/// Runs the destructors of the objects `numbers` whose constructors have run: dependents first, as
/// glibc sorts them at the end, whatever the order of constructors was.
pub fn run_destructors(numbers: &[usize]) {
    let mut order = order(&process::read().objects, numbers);
    order.reverse();
    for number in order {
        let mut process = give_way(process::write());
        if process.records[number].init != Init::Done {
            continue;
        }
        process.records[number].init = Init::Finished;
        let functions = destructors(&process.objects[number]);
        if !functions.is_empty() {
            debug::calling("calling fini", &process.objects[number].name, " [0]");
        }
        // SAFETY: judged when the object was taken in; it stays mapped until its destructors are done.
        unsafe { call(process, &functions) };
    }
}

/// Runs the destructors of every object. The program gets its address in rdx at entry and registers
/// it with atexit.
pub extern "C" fn finish() {
    loop {
        let numbers: Vec<usize> = {
            let process = process::read();
            let done = |number: &usize| process.records[*number].init == Init::Done;
            let mut numbers: Vec<usize> = (0..process.records.len()).filter(done).collect();
            sort_by(&mut numbers, &|number| process.records[number].serial);
            numbers
        };
        if numbers.is_empty() {
            return;
        }
        // Once more for what a destructor opened.
        run_destructors(&numbers);
    }
}
