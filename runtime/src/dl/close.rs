//! dlclose: an object goes when no handle, no object and no pending thread-exit destructor holds it.

use super::NO_MEMORY;
use crate::calls::{Call, Work};
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::lock;
use crate::process::{self, Tables};
use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::vec::Vec;
use ld_rs_loader::debug;
use ld_rs_loader::object::{Module, Object};
use ld_rs_plan::debug::FILES;
use ld_rs_plan::error::Text;
use ld_rs_plan::order::{dependents_first, sort_by};

/// Gives a handle back, and begins in `frame` what destructors are due then. The text for dlerror if it is no handle.
pub fn close(handle: *const LinkMap, frame: u64) -> Result<(), Cow<'static, [u8]>> {
    let mut process = process::try_write().ok_or(&b"dlclose called by a signal handler while objects change"[..])?;
    let process = &mut *process;
    init::left_below(process, frame);
    let Some(number) = process.number_of(handle) else {
        return Err(b"shared object not open".into());
    };
    let (opens, permanent) = (process.records[number].opens, process.records[number].permanent.get());
    if permanent && !process.records[number].of_start {
        return Ok(()); // not even counted
    }
    if opens == 0 {
        // glibc knows the program by no name here.
        let is_program = number == process.namespace.program;
        let name = if is_program { &[][..] } else { &*[&*process.objects[number].name, b": "].concat() };
        return Err([name, b"shared object not open"].concat().into());
    }
    // From here to the end nothing may fail.
    if opens == 1 && !process.ensure_memory(0) {
        return Err(NO_MEMORY.into());
    }
    process.records[number].opens = opens - 1;
    let me = lock::thread_id();
    // What a destructor of dlclose closes goes when that dlclose is through with what it has begun; what an IFUNC resolver
    // closes may be what its own object is being bound to, and goes with the end of that dlopen.
    let in_close = process.calling.iter().any(|call| call.thread == me && call.work == Work::Close);
    let later = in_close || !process.resolving.is_empty();
    if opens > 1 || permanent || later {
        if debug::on(FILES) {
            debug::gap();
            let name = Text(&process.objects[number].name);
            debug::line(format_args!("closing file={name}; direct_opencount={}", opens - 1));
        }
        if opens == 1 && !permanent {
            process.pending.push(number);
            process.closed |= !process.resolving.is_empty();
        }
        return Ok(());
    }
    begin(process, alloc::vec![number], frame);
    Ok(())
}

/// Begins in `frame` to close what goes with `roots` and with what waited for a close.
pub fn begin(process: &mut Tables, roots: Vec<usize>, frame: u64) {
    let doomed = doom(process, roots);
    if !doomed.is_empty() {
        process.calling.push(Call::new(lock::thread_id(), frame, Work::Close, doomed));
    }
}

/// What goes with `roots` and with what waited for a close, in the order of destructors. This thread closes it.
fn doom(process: &mut Tables, mut roots: Vec<usize>) -> Vec<usize> {
    roots.append(&mut process.pending);
    let doomed = doomed(process, &roots);
    for number in &doomed {
        let record = &mut process.records[*number];
        record.closing = lock::thread_id();
        record.shared.set(false);
    }
    destructors_order(process, doomed, None)
}

/// The destructors of `calling[at]` have run. What nobody has come to hold meanwhile leaves the process. True if more is to
/// go: what destructors closed, and what the gone held.
pub fn end(process: &mut Tables, at: usize) -> bool {
    // Asked for in `close`; what a destructor used up may be there again.
    let _ = process.ensure_memory(0);
    let closed = core::mem::take(&mut process.calling[at].objects);
    let Tables { namespace, records, .. } = &mut *process;
    if closed.iter().any(|number| records[*number].global) {
        closed.iter().for_each(|number| records[*number].global = false);
        namespace.scope.retain(|member| records[*member].global);
    }
    let mut gone = doomed(process, &closed);
    // What only they held comes next, with its own destructors.
    gone.retain(|number| process.records[*number].closing != 0);
    closed.iter().for_each(|number| process.records[*number].closing = 0);
    let mut roots = Vec::new();
    for number in &gone {
        for other in holds(process, *number) {
            process.records[other].let_go();
            if process.records[other].opens == 0 && !process.records[other].permanent.get() {
                roots.push(other);
            }
        }
    }
    if !gone.is_empty() {
        process.narrow(&gone);
        unload(process, &gone);
    }
    roots.retain(|number| !process.records[*number].link_map.is_null());
    let doomed = doom(process, roots);
    let call = &mut process.calling[at];
    (call.objects, call.at, call.step) = (doomed, 0, None);
    !call.objects.is_empty()
}

/// `numbers` in the order of their destructors: by what they need and are bound to, in load order else.
#[must_use]
pub fn destructors_order(process: &Tables, mut numbers: Vec<usize>, first: Option<usize>) -> Vec<usize> {
    if numbers.len() < 2 {
        return numbers;
    }
    sort_by(&mut numbers, &|number| process.records[number].serial);
    let needed = |number, at| process.needed(number).get(at).copied();
    let bound = |number, at: usize| {
        let needed = process.needed(number);
        let others = process.records[number].bound_to.borrow();
        // The last first, as glibc goes over them.
        needed.get(at).or_else(|| others.iter().rev().nth(at - needed.len())).copied()
    };
    let is_bound = numbers.iter().any(|number| !process.records[*number].bound_to.borrow().is_empty());
    dependents_first(&numbers, &needed, is_bound.then_some(&bound), first)
}

/// The objects reachable from `roots` that nothing outside of them holds. Counts the holds that come
/// from inside, so that cycles go too; costs what the closure costs, whatever else is loaded.
fn doomed(process: &mut Tables, roots: &[usize]) -> Vec<usize> {
    let mut candidates: Vec<usize> = Vec::new();
    for root in roots {
        let record = &mut process.records[*root];
        if !record.permanent.get() && record.inside.replace(0).is_none() {
            candidates.push(*root);
        }
    }
    let mut at = 0;
    while let Some(number) = candidates.get(at).copied() {
        for other in holds(process, number) {
            let record = &mut process.records[other];
            match &mut record.inside {
                Some(count) => *count += 1,
                _ if record.permanent.get() => {}
                new => {
                    *new = Some(1);
                    candidates.push(other);
                }
            }
        }
        at += 1;
    }
    let Tables { calling, pending, records, namespace, .. } = &mut *process;
    // What a thread is calling functions of, or will be.
    let in_use = calling.iter().flat_map(Call::kept).filter(|number| records[**number].inside.is_some());
    let mut live: Vec<usize> = in_use.copied().collect();
    live.extend(candidates.iter().filter(|number| namespace.libc.is_pinned(records[**number].link_map)));
    for number in &live {
        if records[*number].opens == 0 && !pending.contains(number) {
            pending.push(*number);
        }
    }
    live.extend(candidates.iter().filter(|number| {
        let record = &records[**number];
        record.opens > 0 || Some(record.incoming.get()) > record.inside
    }));
    // What lives holds on to others: they are no candidates any more.
    live.iter().for_each(|number| records[*number].inside = None);
    let mut at = 0;
    while let Some(number) = live.get(at).copied() {
        live.extend(holds(process, number).into_iter().filter(|other| process.records[*other].inside.take().is_some()));
        at += 1;
    }
    candidates.retain(|number| process.records[*number].inside.take().is_some());
    candidates
}

/// The objects that `number` holds on to.
fn holds(process: &Tables, number: usize) -> Vec<usize> {
    let needed = process.objects[number].needed.iter();
    needed.chain(process.records[number].bound_to.borrow().iter()).copied().collect()
}

/// Destructors have run: the objects leave the process.
#[inline(never)] // 170 bytes less than inside dlclose
fn unload(process: &mut Tables, doomed: &[usize]) {
    let mut gone: Vec<(Rc<Object>, *mut LinkMap)> = Vec::with_capacity(doomed.len());
    let modules: Vec<Module> = doomed.iter().filter_map(|number| process.objects[*number].module).collect();
    for module in &modules {
        process.namespace.libc.take_module(module);
    }
    debugger::tell(State::Delete);
    {
        let _list = lock::WRITE.lock();
        for number in doomed {
            let map = process.records[*number].link_map;
            if map == process.namespace.last_map {
                process.namespace.last_map = debugger::before(map);
            }
            debugger::unchain(map);
            gone.push((process.take_out(*number), map));
        }
        process.namespace.libc.objects_went(doomed.len(), &modules.iter().map(|module| module.id).collect::<Vec<_>>());
    }
    let Tables { pending, records, .. } = &mut *process;
    pending.retain(|number| !records[*number].link_map.is_null());
    process.publish_ranges();
    debugger::tell(State::Consistent);
    for (object, map) in gone {
        if debug::on(FILES) {
            debug::gap();
            debug::line(format_args!("file={} [0];  destroying link map", Text(&object.name)));
        }
        drop(object);
        debugger::free(map, process.namespace.libc.link_map_size());
    }
}
