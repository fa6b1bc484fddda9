//! Constructors and destructors (gABI "Initialization and Termination Functions").
//!
//! All function addresses of an object are judged before the first is called. No lock is held while
//! a function of the program runs: it may start threads that open objects, and wait for them.

use crate::dl::nearest_symbol;
use crate::lock;
use crate::process::{self, Init, Locked, PROGRESS, Process};
use alloc::vec::Vec;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_loader::debug;
use ld_rs_loader::futex;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::sys;
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::header::Range;
use ld_rs_plan::error::{Error, Malformed};
use ld_rs_plan::order::sort_by;
use object::elf;

type Function = extern "C" fn(c_int, *mut usize, *mut usize);

/// The addresses in a function array, as relocation left them.
fn array(object: &Object, range: Range) -> impl DoubleEndedIterator<Item = u64> {
    (0..range.size / 8).filter_map(move |index| object.image.word(&object.headers, range.vaddr + 8 * index))
}

/// Judges every entry of an object's function arrays: each must be code of a loaded object; of ld-rs, next to which the
/// libraries lie, a function that it exports.
pub fn check(objects: &Objects, object: &Object) -> Result<(), Error> {
    let dynamic = &object.dynamic;
    for range in [dynamic.preinit_array, dynamic.init_array, dynamic.fini_array] {
        for function in array(object, range) {
            let exported = |other: &Object| {
                let vaddr = function.wrapping_sub(other.image.bias);
                nearest_symbol(other, function).is_some_and(|symbol| symbol.st_value.get(LE) == vaddr)
            };
            let may_run = |other: &Object| other.is_code(function) && (other.role != Role::Loader || exported(other));
            if !may_run(object) && !objects.list.iter().any(|other| may_run(other)) {
                let cause =
                    Malformed::new("entry of a function array", function, "an address in an executable segment");
                return Err(Error::new(&object.name, cause.into()));
            }
        }
    }
    Ok(())
}

/// The objects `numbers` in the order of their constructors.
#[must_use]
pub fn order(objects: &Objects, numbers: &[usize]) -> Vec<usize> {
    if numbers.len() <= 1 {
        return numbers.to_vec();
    }
    // By position in `numbers`; what is needed outside of them is ready already. Position 0 is no one's.
    let mut positions: Vec<u32> = alloc::vec![0; objects.list.len()];
    for (position, number) in (1..).zip(numbers) {
        positions[*number] = position;
    }
    let position = |number: &usize| (positions[*number] as usize).checked_sub(1);
    let needed: Vec<Vec<usize>> =
        numbers.iter().map(|number| objects.list[*number].needed.iter().filter_map(position).collect()).collect();
    let initfirst = numbers.iter().rposition(|number| objects.list[*number].dynamic.has_flag_1(elf::DF_1_INITFIRST));
    ld_rs_plan::order::dependencies_first(&needed, initfirst).into_iter().map(|position| numbers[position]).collect()
}

/// Calls `functions` one after the other, with the lock given back meanwhile.
///
/// # Safety
/// Each was judged by [`check`] or lies in an executable segment by plan's word, and its object is
/// relocated and stays mapped.
unsafe fn call(mut process: Locked, functions: &[u64]) {
    if functions.is_empty() {
        return;
    }
    let (me, vectors) = (lock::thread_id(), process.vectors);
    process.calling.push(me);
    drop(process);
    for address in functions {
        // SAFETY: the caller's promise; constructors take (argc, argv, envp) on every libc.
        let function = unsafe { core::mem::transmute::<u64, Function>(*address) };
        function(vectors.argc as c_int, vectors.argv, vectors.envp);
    }
    let mut process = process::lock();
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
    let others_call = || process::get().calling.iter().any(|thread| *thread != me);
    if !others_call() {
        return;
    }
    FORKING.fetch_add(1, Ordering::SeqCst);
    let last = sys::now().saturating_add(FORK_LONGEST);
    let mut asleep_since = sys::now();
    while others_call() {
        let now = sys::now();
        if process::get().calling.iter().any(|thread| *thread != me && sys::can_run(*thread)) {
            asleep_since = now;
        }
        if now > last || now.saturating_sub(asleep_since) > FORK_PATIENCE {
            break;
        }
        let seen = PROGRESS.load(Ordering::Acquire);
        WAITERS.fetch_add(1, Ordering::SeqCst);
        lock::LOAD.release();
        futex::wait_for(&PROGRESS, seen, FORK_PATIENCE / 10);
        lock::LOAD.acquire();
        WAITERS.fetch_sub(1, Ordering::SeqCst);
    }
    FORKING.fetch_sub(1, Ordering::SeqCst);
    progress();
}

/// Lets those pass that wait to fork: where threads open and close all the time, there would never be
/// a moment without a function running. Not within a function, for which the fork waits.
fn give_way(mut process: Locked) -> Locked {
    if FORKING.load(Ordering::SeqCst) == 0 || process.calling.contains(&lock::thread_id()) {
        return process;
    }
    let deadline = sys::now().saturating_add(FORK_LONGEST);
    while FORKING.load(Ordering::SeqCst) > 0 && sys::now() < deadline {
        let seen = PROGRESS.load(Ordering::Acquire);
        WAITERS.fetch_add(1, Ordering::SeqCst);
        drop(process);
        futex::wait_for(&PROGRESS, seen, FORK_PATIENCE / 10);
        process = process::lock();
        WAITERS.fetch_sub(1, Ordering::SeqCst);
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
    init.into_iter().chain(array(object, object.dynamic.init_array)).collect()
}

/// DT_FINI_ARRAY backwards and DT_FINI.
fn destructors(object: &Object) -> Vec<u64> {
    if !matches!(object.role, Role::Library | Role::Program) {
        return Vec::new();
    }
    let fini = object.dynamic.fini.map(|fini| object.image.address(fini));
    array(object, object.dynamic.fini_array).rev().chain(fini).collect()
}

/// Start-up: the program's DT_PREINIT_ARRAY, then every library's constructors, in order.
pub fn run_all() {
    let process = process::lock();
    let program = process.objects.list.first();
    let preinit: Vec<u64> = program.iter().flat_map(|program| array(program, program.dynamic.preinit_array)).collect();
    let numbers = init_order_of_start(&process);
    // SAFETY: judged by `check` before hand-over.
    unsafe { call(process, &preinit) };
    run(&numbers);
    let program = &process::get().program;
    debug::calling("initialize program", program, "");
    debug::calling("transferring control", program, "");
}

fn init_order_of_start(process: &Process) -> Vec<usize> {
    order(&process.objects, &(0..process.objects.list.len()).collect::<Vec<_>>())
}

/// Runs the constructors that are due of the objects `numbers`, which are in order. Waits for those
/// that another thread is running.
pub fn run(numbers: &[usize]) {
    // Most objects have nothing to run: they pass under one lock.
    let mut process = process::lock();
    for number in numbers {
        loop {
            process = give_way(process);
            match step(&mut process, *number) {
                Step::Nothing => break,
                Step::Call(functions) => {
                    debug::calling("calling init", &process.objects.list[*number].name, "");
                    // SAFETY: judged by `check` when the object was taken in.
                    unsafe { call(process, &functions) };
                    process = process::lock();
                    process.records[*number].init = Init::Done;
                    progress();
                    break;
                }
                Step::Wait => {
                    let seen = PROGRESS.load(Ordering::Acquire);
                    WAITERS.fetch_add(1, Ordering::SeqCst);
                    drop(process);
                    futex::wait(&PROGRESS, seen);
                    WAITERS.fetch_sub(1, Ordering::SeqCst);
                    process = process::lock();
                }
            }
        }
    }
}

/// What is to be done for an object.
enum Step {
    /// Its constructors have run, run in this very thread (a cycle), or there are none.
    Nothing,
    /// These are to be called; the object is marked.
    Call(Vec<u64>),
    /// Another thread runs them.
    Wait,
}

fn step(process: &mut Process, number: usize) -> Step {
    match process.records[number].init {
        Init::Running(thread) if thread != lock::thread_id() => Step::Wait,
        Init::Due => {
            let functions = constructors(&process.objects.list[number]);
            process.records[number].init =
                if functions.is_empty() { Init::Done } else { Init::Running(lock::thread_id()) };
            if functions.is_empty() { Step::Nothing } else { Step::Call(functions) }
        }
        _ => Step::Nothing,
    }
}

/// In the child of fork: constructors that another thread was running are never finished, and nobody
/// may wait for them (glibc too takes them for run); those of the thread that forked go on.
pub fn after_fork_in_child(forker: u32) {
    let me = lock::thread_id();
    let mut process = process::lock();
    FORKING.store(0, Ordering::SeqCst);
    WAITERS.store(0, Ordering::SeqCst);
    process.calling.retain(|thread| *thread == forker);
    process.calling.fill(me);
    for record in &mut process.records {
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

/// Runs the destructors of the objects `numbers` whose constructors have run: dependents first, as
/// glibc sorts them at the end, whatever the order of constructors was.
pub fn run_destructors(numbers: &[usize]) {
    let mut order = order(&process::lock().objects, numbers);
    order.reverse();
    for number in order {
        let mut process = give_way(process::lock());
        if process.records[number].init != Init::Done {
            continue;
        }
        process.records[number].init = Init::Finished;
        let functions = destructors(&process.objects.list[number]);
        if !functions.is_empty() {
            debug::calling("calling fini", &process.objects.list[number].name, " [0]");
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
            let process = process::lock();
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
