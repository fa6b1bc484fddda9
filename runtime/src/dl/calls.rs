//! Constructors and destructors are called by a loop in assembly (`arch::dl`), which asks here for one function after the
//! other: no frame of Rust stands below code of the program, so that exceptions, longjmp, pthread_exit and cancellation may
//! pass through dlopen and dlclose, as they do through glibc's.

use super::close;
use crate::calls::{Call, Work};
use crate::init;
use crate::libc::Constructors;
use crate::lock;
use crate::process::{self, Init, Tables};
use alloc::vec::Vec;
use core::ffi::c_int;
use ld_rs_loader::debug;
use ld_rs_loader::stages;
use ld_rs_plan::order::sort_by;

/// What a call answers, in two registers, and whether functions are to be called before it returns.
#[repr(C)]
pub struct Begun {
    value: u64,
    due: u64,
}

impl Begun {
    /// The answer of what this thread has begun in `frame`.
    pub fn new(value: u64, frame: u64) -> Self {
        let me = lock::thread_id();
        let begun = |call: &Call| call.frame == frame && call.thread == me;
        let due = process::try_read().is_some_and(|tables| tables.calling.iter().any(begun));
        Self { value, due: due.into() }
    }
}

/// A function to be called, with its arguments: constructors take them on every libc. 0 for none.
#[repr(C)]
pub struct Due {
    arguments: [u64; 3],
    function: u64,
}

/// What is to be called next in `frame`.
///
/// Each function was judged before any function of its object ran, or lies in an executable segment by plan's word (what
/// the program itself has stored in an array since is the program's to answer for); its object is relocated, and stays
/// mapped while it stands in `calling`.
pub extern "C" fn next(frame: u64) -> Due {
    let me = lock::thread_id();
    let vectors = process::fixed().vectors;
    let arguments = [vectors.argc as u64, vectors.argv as u64, vectors.envp as u64];
    let _lock = lock::LOAD.lock();
    loop {
        init::give_way();
        let mut tables = process::write();
        let waits_for = loop {
            let ours = |call: &Call| call.thread == me && call.frame == frame;
            let Some(call) = tables.calling.iter().rposition(ours) else { return Due { arguments, function: 0 } };
            match step(&mut tables, call) {
                Step::Call(function) => return Due { arguments, function },
                Step::Wait(thread) => break Some(thread),
                Step::Again if init::somebody_forks() => break None,
                Step::Again => {}
            }
        };
        drop(tables);
        waits_for.into_iter().for_each(init::wait_for);
    }
}

enum Step {
    /// This function is next.
    Call(u64),
    /// That thread has the object.
    Wait(u32),
    /// The next object, or the end.
    Again,
}

/// One step of call `at`.
fn step(tables: &mut Tables, at: usize) -> Step {
    let Call { work, step, .. } = tables.calling[at];
    let Some(number) = tables.calling[at].current() else {
        if work != Work::Close || !close::end(tables, at) {
            tables.calling.remove(at);
        }
        init::progress();
        return Step::Again;
    };
    let me = lock::thread_id();
    let (init, by) = (tables.records[number].init, tables.namespace.libc.constructors());
    let due = step.is_some()
        || match (work, init) {
            (Work::Construct, Init::Running(thread)) if thread != me && init::may_wait(tables, thread) => {
                return Step::Wait(thread);
            }
            (Work::Preinit, _) | (Work::Construct, Init::Due) | (Work::Close | Work::Exit, Init::Done) => true,
            // exit in a constructor.
            (Work::Exit, Init::Running(thread)) => thread == me && by == Constructors::ByLoader,
            _ => false,
        };
    let object = &tables.objects[number];
    let function = Some(step.unwrap_or(0)).filter(|_| due).and_then(|step| init::function(object, work, step, by));
    if due && step.is_none() {
        if work == Work::Construct {
            tables.constructed += 1;
            tables.records[number].turn = tables.constructed;
        }
        tables.records[number].init = match work {
            Work::Preinit => init,
            Work::Construct if function.is_some() => Init::Running(me),
            Work::Construct => Init::Done,
            Work::Close | Work::Exit => Init::Finished,
        };
        match work {
            Work::Construct if function.is_some() => debug::calling("calling init", &object.name, ""),
            Work::Close | Work::Exit if function.is_some() => debug::calling("calling fini", &object.name, " [0]"),
            _ => {}
        }
    }
    let call = &mut tables.calling[at];
    if let Some(function) = function {
        call.step = Some(step.unwrap_or(0) + 1);
        return Step::Call(function);
    }
    (call.at, call.step) = (call.at + 1, None);
    if work == Work::Construct && tables.records[number].init == Init::Running(me) && step.is_some() {
        tables.records[number].init = Init::Done;
    }
    if work == Work::Close {
        // From now on opening its file takes in another copy, and nothing constructs this one: it would not be destroyed.
        tables.records[number].init = Init::Finished;
        tables.namespace.names.remove(&tables.objects, number);
    }
    if step.is_some() {
        init::progress();
    }
    Step::Again
}

/// Start-up: the program's DT_PREINIT_ARRAY, then every library's constructors, in order.
pub extern "C" fn begin_start(_: u64, _: u64, _: u64, _: u64, frame: u64) -> Begun {
    process::share();
    let mut tables = process::write();
    let tables = &mut *tables;
    let order = stages::order(&tables.objects, &tables.objects.in_order(), tables.namespace.rules());
    let me = lock::thread_id();
    tables.calling.push(Call::new(me, frame, Work::Construct, order));
    // The innermost goes first.
    tables.calling.push(Call::new(me, frame, Work::Preinit, alloc::vec![tables.namespace.program]));
    Begun { value: 0, due: 1 }
}

/// The end of the process: the destructors of every object.
pub extern "C" fn begin_exit(_: u64, _: u64, _: u64, _: u64, frame: u64) -> Begun {
    let _lock = lock::LOAD.lock();
    let numbers = loop {
        let mut tables = process::write();
        init::left_below(&mut tables, frame);
        // What another thread's dlclose has begun it ends, as under glibc's lock.
        let closing = |call: &Call| call.work == Work::Close && call.thread != lock::thread_id();
        let closer = tables.calling.iter().find(|call| closing(call)).map(|call| call.thread);
        let Some(thread) = closer.filter(|thread| init::may_wait(&tables, *thread)) else { break last_order(&tables) };
        drop(tables);
        init::wait_for(thread);
    };
    process::write().calling.push(Call::new(lock::thread_id(), frame, Work::Exit, numbers));
    Begun { value: 0, due: 1 }
}

/// All objects in the order in which they are destroyed at the end: the program first, or whose constructors came last.
fn last_order(tables: &Tables) -> Vec<usize> {
    let mut numbers: Vec<usize> =
        (0..tables.records.len()).filter(|number| !tables.records[*number].link_map.is_null()).collect();
    if tables.namespace.rules().depth_first {
        sort_by(&mut numbers, &|number| !tables.records[number].turn);
        return numbers;
    }
    close::destructors_order(tables, numbers, Some(tables.namespace.program))
}

/// An unwinder passes the frame of the loop (`_Unwind_Personality_Fn`): it may go on. `actions` is that argument's value.
pub extern "C" fn passed_by_unwinder(_version: c_int, actions: c_int) -> c_int {
    /// _UA_CLEANUP_PHASE
    const CLEANUP: c_int = 2;
    /// _URC_CONTINUE_UNWIND
    const CONTINUE: c_int = 8;
    if actions & CLEANUP != 0
        && let Some(mut tables) = process::try_write()
    {
        init::left_innermost(&mut tables);
    }
    CONTINUE
}
