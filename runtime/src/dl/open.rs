//! dlopen: the stages of start-up once more, for one object and what it needs. All or nothing: until
//! the commit nobody knows of the new objects, and dropping them undoes everything.

use super::NO_MEMORY;
use crate::arch;
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::lock;
use crate::process::{self, Init, Process};
use crate::tls::late::{self, Refusal};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::debug;
use ld_rs_loader::discover::{Discovery, Purpose};
use ld_rs_loader::heap;
use ld_rs_loader::object::Module;
use ld_rs_loader::relocate::{self, Pending, Services};
use ld_rs_loader::resolve;
use ld_rs_loader::sys;
use ld_rs_plan::Bytes;
use ld_rs_plan::debug::FILES;
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::fallible::{self, NoMemory};
use ld_rs_plan::resolve::{Bindings, OfObject, Packed, Scope};
use object::elf;

/// Flags of <dlfcn.h>.
pub mod mode {
    /// RTLD_NOW
    pub const NOW: i32 = 2;
    /// RTLD_LAZY or RTLD_NOW
    pub const BINDING: i32 = 3;
    /// RTLD_NOLOAD
    pub const NOLOAD: i32 = 4;
    /// RTLD_DEEPBIND
    pub const DEEPBIND: i32 = 8;
    /// RTLD_GLOBAL
    pub const GLOBAL: i32 = 0x100;
    /// RTLD_NODELETE
    pub const NODELETE: i32 = 0x1000;
}

/// Addresses of the entry points that relocated words point to.
#[must_use]
pub fn services() -> Services {
    Services {
        tlsdesc_static: arch::tlsdesc_static as *const () as u64,
        tlsdesc_dynamic: arch::tlsdesc_dynamic as *const () as u64,
        tlsdesc_undefined: arch::tlsdesc_undefined as *const () as u64,
        bind_function: arch::bind_function as *const () as u64,
    }
}

/// Opens `name` for the code at `caller`. The handle, null for RTLD_NOLOAD of what is not there, or
/// the text for dlerror.
pub fn open(name: &[u8], flags: i32, caller: u64) -> Result<*mut LinkMap, Cow<'static, [u8]>> {
    if flags & mode::BINDING == 0 {
        return Err([name, b": invalid mode for dlopen(): Invalid argument"].concat().into());
    }
    let (handle, order) = {
        let mut process = process::lock();
        take(&mut process, name, flags, caller)?
    };
    // With the lock given back: a constructor may wait for a thread that opens something.
    if !order.is_empty() {
        init::run(&order);
    }
    Ok(handle)
}

/// The handle, and the objects whose constructors are due, in order.
fn take(
    process: &mut Process,
    name: &[u8],
    flags: i32,
    caller: u64,
) -> Result<(*mut LinkMap, Vec<usize>), Cow<'static, [u8]>> {
    if process.busy {
        return Err(b"dlopen called by an IFUNC resolver".into());
    }
    if !process.ensure_memory(0) {
        return Err(NO_MEMORY.into());
    }
    let requester = process.object_at(caller).map_or(0, |(number, _)| number);
    let root = match find_loaded(process, name, flags) {
        Some(root) => root,
        None if flags & mode::NOLOAD != 0 => return Ok((core::ptr::null_mut(), Vec::new())),
        None => {
            process.busy = true;
            let taken = {
                let uniques = process.uniques.len();
                Taking { process, flags, new: Vec::new(), modules: Vec::new(), uniques }
            }
            .run(name, requester);
            process.busy = false;
            taken.map_err(|error| format!("{error}").into_bytes())?
        }
    };
    if process.records[root].closure.is_empty() {
        process.records[root].closure = process.closure(root);
    }
    if debug::on(FILES) {
        let (name, count) = (Text(&process.objects.list[root].name), process.records[root].opens);
        debug::line(format_args!("opening file={name} [0]; direct_opencount={}", count.saturating_add(1)));
        debug::gap();
    }
    let record = &mut process.records[root];
    record.opens = record.opens.saturating_add(1);
    record.permanent |= flags & mode::NODELETE != 0;
    let handle = record.link_map;
    // Taken for the time of the loop; nothing in it looks at this closure.
    let closure = core::mem::take(&mut process.records[root].closure);
    if flags & mode::GLOBAL != 0 {
        for number in &closure {
            if !core::mem::replace(&mut process.records[*number].global, true) {
                process.scope.push(*number);
            }
        }
    }
    // Objects of start-up are start-up's to initialise: a constructor that opens the program, or a
    // library of it, must not run the others before their turn (glibc runs none for what is open).
    let due = |number: &usize| process.records[*number].init != Init::Done && !process.records[*number].of_start;
    let order = match closure.iter().any(due) {
        true => init::order(&process.objects, &closure).into_iter().filter(due).collect(),
        false => Vec::new(), // the usual case: it was open already, and there is nothing to run
    };
    process.records[root].closure = closure;
    Ok((handle, order))
}

/// An object that is loaded and answers to `name`. That an unknown name is a known file shows when it
/// is opened to be taken in, unless it is not to be opened.
fn find_loaded(process: &Process, name: &[u8], flags: i32) -> Option<usize> {
    if name.is_empty() {
        return Some(0);
    }
    process.objects.by_name(name).or_else(|| {
        let root = &process.search.root;
        let asked = flags & mode::NOLOAD != 0 && name.contains(&b'/');
        let facts = asked.then(|| root.stat(&root.choose(name.owned())).ok()).flatten()?;
        process.objects.by_file(facts.identity)
    })
}

/// Objects being taken in.
struct Taking<'a> {
    process: &'a mut Process,
    flags: i32,
    /// Their numbers, breadth first.
    new: Vec<usize>,
    /// TLS modules reserved for them.
    modules: Vec<Module>,
    /// How many unique symbols were bound to before.
    uniques: usize,
}

impl Taking<'_> {
    fn run(mut self, name: &[u8], requester: usize) -> Result<usize, Error> {
        match self.stages(name, requester) {
            Ok(root) => Ok(root),
            Err(error) => {
                self.undo();
                Err(error)
            }
        }
    }

    /// Nobody has heard of the objects: they leave no trace.
    fn undo(&mut self) {
        for module in &self.modules {
            late::remove(module.id, &module.tls, module.offset);
        }
        self.process.uniques.truncate(self.uniques);
        for number in self.new.iter().rev() {
            drop(self.process.objects.remove(*number));
        }
    }

    fn stages(&mut self, name: &[u8], requester: usize) -> Result<usize, Error> {
        let root = self.discover(name, requester)?;
        if self.new.is_empty() {
            return Ok(root); // the same file under a new name
        }
        self.enough_memory(root)?;
        self.check()?;
        let local = self.process.closure(root);
        self.enough_memory(root)?;
        let bindings = self.resolve(&local)?;
        self.enough_memory(root)?;
        self.place_tls(&bindings)?;
        let order = init::order(&self.process.objects, &self.new);
        self.enough_memory(root)?;
        let pending = self.relocate(&bindings, &order)?;
        self.protect_and_judge()?;
        self.enough_memory(root)?;
        for number in &self.new {
            let object = &self.process.objects.list[*number];
            late::add(object).map_err(|refusal| refused(object.name.as_slice(), refusal))?;
        }
        self.commit(root, &bindings, pending)?;
        Ok(root)
    }

    /// Between stages: fails if memory ran out in the last, and makes sure of the next.
    fn enough_memory(&self, root: usize) -> Result<(), Error> {
        if !heap::exhausted() && self.process.ensure_memory(self.new.len()) {
            return Ok(());
        }
        Err(self.no_memory(root))
    }

    fn no_memory(&self, root: usize) -> Error {
        Error::new(&self.process.objects.list[root].name, NoMemory.into())
    }

    fn discover(&mut self, name: &[u8], requester: usize) -> Result<usize, Error> {
        let Process { objects, search, .. } = &mut *self.process;
        search.doubt();
        let mut discovery = Discovery { objects, search, purpose: Purpose::Run, queue: Vec::new() };
        let root = discovery.load(name, Some(requester));
        let errors = discovery.needed();
        self.new = discovery.queue;
        let root = root?;
        errors.into_iter().next().map_or(Ok(root), Err)
    }

    /// What must be refused before anything is bound.
    fn check(&self) -> Result<(), Error> {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        for number in &self.new {
            let object = &self.process.objects.list[*number];
            if !self.process.libc.admits(object.soname()) {
                let sentence = "a libc cannot join a process that was started without it";
                return Err(Error::new(&object.name, Cause::Plain(sentence)));
            }
            if object.headers.executable_stack == Some(true) && !self.process.search.allow.executable_stack {
                let sentence = "cannot enable executable stack as shared object requires";
                return Err(Error::new(&object.name, Cause::System(sentence, 13)));
            }
            debug::versions(&self.process.objects, *number);
            resolve::check_versions(&self.process.objects, *number, &mut errors, &mut warnings);
        }
        errors.into_iter().next().map_or(Ok(()), Err)
    }

    fn resolve(&mut self, local: &[usize]) -> Result<Bindings, Error> {
        let lazy = self.flags & mode::NOW == 0 && !self.process.bind_now;
        let Process { objects, uniques, engine, scope, .. } = &mut *self.process;
        let parts = if self.flags & mode::DEEPBIND != 0 { [local, scope] } else { [scope.as_slice(), local] };
        let mut scope = Scope { parts, uniques, engine: *engine, lazy, postpone: None };
        let mut errors = Vec::new();
        let bindings = resolve::resolve(objects, &self.new, &mut scope, &mut errors);
        let of = self.new.first().map_or(&[][..], |first| &objects.list[*first].name);
        let bindings = bindings.map_err(|cause| Error::new(of, cause.into()))?;
        debug::scopes(objects, &self.new, parts);
        for bindings in bindings.iter() {
            debug::bound(objects, bindings, parts);
        }
        errors.into_iter().next().map_or(Ok(bindings), Err)
    }

    /// Assigns module ids, and one distance to the thread pointer to each module that some relocation
    /// reaches by initial-exec.
    fn place_tls(&mut self, bindings: &Bindings) -> Result<(), Error> {
        let mut initial_exec: Vec<usize> = Vec::new();
        for bindings in bindings.iter() {
            initial_exec.extend(relocate::initial_exec_targets(&self.process.objects, bindings));
        }
        for number in &self.new {
            let object = &mut self.process.objects.list[*number];
            let Some(tls) = object.headers.tls else { continue };
            let (id, offset) = late::reserve(&tls, initial_exec.contains(number))
                .map_err(|refusal| refused(object.name.as_slice(), refusal))?;
            let module = Module { id, offset, tls };
            object.module = Some(module);
            self.modules.push(module);
        }
        debug::tls(&self.process.objects, &self.new);
        Ok(())
    }

    fn relocate(&mut self, bindings: &Bindings, order: &[usize]) -> Result<Pending, Error> {
        let objects = &self.process.objects;
        let mut pending = Pending::default();
        for bindings in bindings.iter().rev() {
            debug::relocating(&objects.list[bindings.object]);
            relocate::relocate(objects, bindings, &services(), &mut pending)?;
        }
        // SAFETY: the new objects have their words, and what they are bound to had them before.
        unsafe { relocate::finish(objects, &pending, order) }?;
        Ok(pending)
    }

    fn protect_and_judge(&self) -> Result<(), Error> {
        for number in &self.new {
            let object = &self.process.objects.list[*number];
            object.protect()?;
            init::check(&self.process.objects, object)?;
        }
        Ok(())
    }

    /// The objects begin to exist for everybody.
    fn commit(&mut self, root: usize, bindings: &Bindings, pending: Pending) -> Result<(), Error> {
        let (mut maps, size) = (Vec::with_capacity(self.new.len()), self.process.libc.link_map_size());
        for number in &self.new {
            let map = debugger::link_map(&self.process.objects.list[*number], size);
            if map.is_null() {
                break;
            }
            maps.push(map);
        }
        let held = all_bound_to(self.process, bindings);
        let enough = maps.len() == self.new.len() && self.enough_memory(root).is_ok();
        let Some(held) = held.ok().filter(|_| enough) else {
            maps.into_iter().for_each(|map| debugger::free(map, size));
            return Err(self.no_memory(root));
        };
        // From here on nothing fails, and nothing needs more memory than was just made sure of.
        let process = &mut *self.process;
        for (number, map) in self.new.iter().zip(&maps) {
            let permanent = process.objects.list[*number].dynamic.has_flag_1(elf::DF_1_NODELETE);
            process.enter(*number, *map, root, permanent);
            process.records[*number].global = false;
        }
        for definer in process.uniques.definers_since(self.uniques) {
            // What the whole process is bound to must stay.
            process.records[definer].permanent = true;
        }
        process.records[root].descriptors = pending.descriptors;
        for (bindings, held) in bindings.iter().zip(held) {
            connect(process, bindings.object, held);
        }

        debugger::tell(State::Add);
        {
            let _list = lock::WRITE.lock();
            for map in &maps {
                debugger::append(process.last_map, *map);
                process.last_map = *map;
            }
            process.libc.objects_came(process, &self.new);
        }
        process.publish_ranges();
        debugger::tell(State::Consistent);
        self.modules.clear();
        Ok(())
    }
}

/// [`bound_to`] of each in turn.
fn all_bound_to(process: &Process, bindings: &Bindings) -> Result<Vec<Vec<usize>>, NoMemory> {
    let mut held = Vec::new();
    for bindings in bindings.iter() {
        fallible::push(&mut held, bound_to(process, bindings)?)?;
    }
    Ok(held)
}

/// The objects that a new one is bound to and does not need, but for those known to stay.
fn bound_to(process: &Process, bindings: OfObject<'_>) -> Result<Vec<usize>, NoMemory> {
    let needed = &process.objects.list[bindings.object].needed;
    let mut bound_to: Vec<usize> = Vec::new();
    for (other, _) in bindings.all().filter_map(Packed::place) {
        // A new object has no record yet, or that of one that is gone, which was to go.
        let stays = || process.records.get(other).is_some_and(|record| record.permanent);
        if other != bindings.object && !needed.contains(&other) && !bound_to.contains(&other) && !stays() {
            fallible::push(&mut bound_to, other)?;
        }
    }
    Ok(bound_to)
}

/// Remembers which objects `number` holds on to: those it needs and `bound_to`.
fn connect(process: &mut Process, number: usize, mut bound_to: Vec<usize>) {
    bound_to.retain(|other| !process.records[*other].permanent);
    let Process { objects, records, .. } = process;
    for other in objects.list[number].needed.iter().chain(&bound_to) {
        records[*other].incoming += 1;
    }
    records[number].bound_to = bound_to;
}

/// The error for TLS that cannot be had, with the numbers.
fn refused(name: &[u8], refusal: Refusal) -> Error {
    const NO_ROOM: &str = "cannot allocate memory in static TLS block";
    let room = |doing, wanted, left| Error::new(name, Cause::Room { doing, wanted, left });
    match refusal {
        Refusal::Memory(wanted) => {
            room("cannot allocate memory for thread-local data", wanted, sys::address_space_left())
        }
        Refusal::Room(wanted, left) => room(NO_ROOM, wanted, Some(left)),
        Refusal::Alignment(wanted, given) => Error::new(name, Cause::Plain(NO_ROOM))
            .note(format!("alignment {wanted} wanted, thread pointers are aligned to {given}").as_bytes()),
    }
}
