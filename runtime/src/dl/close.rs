//! dlclose: an object goes when no handle, no object and no pending thread-exit destructor holds it.

use super::NO_MEMORY;
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::lock;
use crate::process::{self, Init, Tables};
use crate::tls::late;
use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::vec::Vec;
use ld_rs_loader::debug;
use ld_rs_loader::object::{Module, Object};
use ld_rs_plan::debug::FILES;
use ld_rs_plan::error::Text;

/// Gives a handle back. The text for dlerror if it is none.
pub fn close(handle: *const LinkMap) -> Result<(), Cow<'static, [u8]>> {
    let doomed = {
        let Some(mut process) = process::try_change() else { return close_later(handle) };
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
        if opens > 1 || permanent {
            if debug::on(FILES) {
                debug::gap();
                let name = Text(&process.objects[number].name);
                debug::line(format_args!("closing file={name}; direct_opencount={}", opens - 1));
            }
            return Ok(());
        }
        let mut roots = core::mem::take(&mut process.pending);
        roots.push(number);
        let doomed = doomed(&mut process, &roots);
        for number in &doomed {
            hide(&mut process, *number);
        }
        if doomed.iter().any(|number| process.records[*number].global) {
            let Tables { namespace, records, .. } = &mut *process;
            // Of no use any more: what is hidden opens nothing and is opened by nobody.
            doomed.iter().for_each(|number| records[*number].global = false);
            namespace.scope.retain(|member| records[*member].global);
        }
        if !doomed.is_empty() {
            process.narrow(&doomed);
        }
        doomed
    };
    if !doomed.is_empty() {
        init::run_destructors(&doomed);
        unload(&doomed);
    }
    Ok(())
}

/// An IFUNC resolver that relocation runs closes what its own object may just have been bound to: who holds whom is counted
/// when that object is committed. The handle is given back at the end of that dlopen.
fn close_later(handle: *const LinkMap) -> Result<(), Cow<'static, [u8]>> {
    let tables = process::read();
    let mut closed = tables.closed.borrow_mut();
    let is_open = |number: &usize| {
        tables.records[*number].opens as usize > closed.iter().filter(|closed| *closed == number).count()
    };
    let number = tables.number_of(handle).filter(is_open).ok_or(&b"shared object not open"[..])?;
    closed.push(number);
    Ok(())
}

/// The objects reachable from `roots` that nothing outside of them holds. Counts the holds that come
/// from inside, so that cycles go too; costs what the closure costs, whatever else is loaded.
fn doomed(process: &mut Tables, roots: &[usize]) -> Vec<usize> {
    // By number: how many holds on a candidate come from inside.
    let mut inside: Vec<Option<u32>> = alloc::vec![None; process.objects.list.len()];
    let mut candidates: Vec<usize> = Vec::new();
    for root in roots.iter().filter(|root| !process.records[**root].permanent.get()) {
        if inside[*root].replace(0).is_none() {
            candidates.push(*root);
        }
    }
    let mut at = 0;
    while let Some(number) = candidates.get(at).copied() {
        for other in holds(process, number).into_iter().filter(|other| !process.records[*other].permanent.get()) {
            match &mut inside[other] {
                Some(count) => *count += 1,
                new => {
                    *new = Some(1);
                    candidates.push(other);
                }
            }
        }
        at += 1;
    }
    let mut live: Vec<usize> = Vec::new();
    for number in &candidates {
        let record = &process.records[*number];
        let pinned = process.namespace.libc.is_pinned(record.link_map);
        let held = record.opens > 0 || Some(record.incoming.get()) > inside[*number];
        if pinned || held || matches!(record.init, Init::Running(_)) {
            live.push(*number);
        }
        if pinned && record.opens == 0 && !process.pending.contains(number) {
            process.pending.push(*number);
        }
    }
    // What lives holds on to others: they are no candidates any more.
    live.iter().for_each(|number| inside[*number] = None);
    let mut at = 0;
    while let Some(number) = live.get(at).copied() {
        live.extend(holds(process, number).into_iter().filter(|other| inside[*other].take().is_some()));
        at += 1;
    }
    candidates.retain(|number| inside[*number].is_some());
    candidates
}

/// The objects that `number` holds on to.
fn holds(process: &Tables, number: usize) -> Vec<usize> {
    let needed = process.objects[number].needed.iter();
    needed.chain(process.records[number].bound_to.borrow().iter()).copied().collect()
}

/// Nobody can find the object any more; opening its file again takes in another copy.
fn hide(process: &mut Tables, number: usize) {
    for other in holds(process, number) {
        process.records[other].let_go();
    }
    process.namespace.names.remove(&process.objects, number);
    process.forget_handle_only(number);
}

/// Destructors have run: the objects leave the process.
#[inline(never)] // 170 bytes less than inside dlclose
fn unload(doomed: &[usize]) {
    let process = &mut *process::write();
    let mut gone: Vec<(Rc<Object>, *mut LinkMap)> = Vec::with_capacity(doomed.len());
    let modules: Vec<Module> = doomed.iter().filter_map(|number| process.objects[*number].module).collect();
    for module in &modules {
        late::remove(module.id, &module.tls, module.distance);
    }
    debugger::tell(State::Delete);
    {
        let _list = lock::WRITE.lock();
        for number in doomed {
            process.forget_range(*number);
            let map = core::mem::replace(&mut process.records[*number].link_map, core::ptr::null_mut());
            if map == process.namespace.last_map {
                process.namespace.last_map = debugger::before(map);
            }
            debugger::unchain(map);
            process.records[*number].descriptors.clear();
            process.records[*number].entries = Vec::new();
            gone.push((process.objects.remove(*number), map));
        }
        process.namespace.libc.objects_went(doomed.len(), &modules.iter().map(|module| module.id).collect::<Vec<_>>());
    }
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
