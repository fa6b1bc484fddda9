//! dlopen: the stages of start-up once more, for one object and what it needs. All or nothing: until
//! the commit nobody knows of the new objects, and dropping them undoes everything.

use crate::arch;
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::lock;
use crate::process::{self, Init, Process};
use crate::tls::late::{self, Refusal};
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::debug;
use ld_rs_loader::discover::Discovery;
use ld_rs_loader::object::Module;
use ld_rs_loader::open::Purpose;
use ld_rs_loader::relocate::{self, Pending, Services};
use ld_rs_loader::resolve::{self, Binding, Bindings, Scope, WHEN_CALLED};
use ld_rs_loader::sys;
use ld_rs_plan::Bytes;
use ld_rs_plan::debug::FILES;
use ld_rs_plan::error::{Cause, Error, Text};
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
pub fn open(name: &[u8], flags: i32, caller: u64) -> Result<*mut LinkMap, Vec<u8>> {
    if flags & mode::BINDING == 0 {
        return Err([name, b": invalid mode for dlopen(): Invalid argument"].concat());
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
fn take(process: &mut Process, name: &[u8], flags: i32, caller: u64) -> Result<(*mut LinkMap, Vec<usize>), Vec<u8>> {
    if process.busy {
        return Err(b"dlopen called by an IFUNC resolver".owned());
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
            taken.map_err(|error| text(&error))?
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
        false => Vec::new(), // the rule for an object opened again
    };
    process.records[root].closure = closure;
    Ok((handle, order))
}

/// dlerror's text for an error: what stands after the program's name at start-up.
fn text(error: &Error) -> Vec<u8> {
    format!("{error}").into_bytes()
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
        self.check()?;
        let local = self.process.closure(root);
        let bindings = self.resolve(&local)?;
        self.place_tls(&bindings)?;
        let order = init::order(&self.process.objects, &self.new);
        let pending = self.relocate(&bindings, &order)?;
        self.protect_and_judge()?;
        for number in &self.new {
            let object = &self.process.objects.list[*number];
            late::add(object).map_err(|refusal| refused(object.name.as_slice(), refusal))?;
        }
        self.commit(root, &bindings, pending)?;
        Ok(root)
    }

    fn discover(&mut self, name: &[u8], requester: usize) -> Result<usize, Error> {
        let Process { objects, search, .. } = &mut *self.process;
        search.revalidate();
        let (queue, observers) = (Vec::new(), debug::observers());
        let mut discovery = Discovery { objects, search, purpose: Purpose::Run, queue, observers };
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
        debug::scopes(objects, &self.new, parts);
        for (number, bindings) in bindings.iter() {
            debug::bound(objects, number, bindings, parts);
        }
        errors.into_iter().next().map_or(Ok(bindings), Err)
    }

    /// Assigns module ids, and one distance to the thread pointer to each module that some relocation
    /// reaches by initial-exec.
    fn place_tls(&mut self, bindings: &Bindings) -> Result<(), Error> {
        let mut initial_exec: Vec<usize> = Vec::new();
        for (number, bindings) in bindings.iter() {
            initial_exec.extend(relocate::initial_exec_targets(&self.process.objects, number, bindings));
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
        for (number, bindings) in bindings.iter().rev() {
            debug::relocating(&objects.list[number]);
            relocate::relocate(objects, number, bindings, &services(), &mut pending)?;
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

    /// From here on the objects exist for everybody.
    fn commit(&mut self, root: usize, bindings: &Bindings, pending: Pending) -> Result<(), Error> {
        let process = &mut *self.process;
        let mut maps: Vec<*mut LinkMap> = Vec::with_capacity(self.new.len());
        for number in &self.new {
            let map = debugger::link_map(&process.objects.list[*number], process.libc.link_map_size());
            if map.is_null() {
                return Err(Error::new(
                    &process.objects.list[*number].name,
                    Cause::System("cannot create a link map", 12),
                ));
            }
            maps.push(map);
        }
        for (number, map) in self.new.iter().zip(&maps) {
            let permanent = process.objects.list[*number].dynamic.has_flag_1(elf::DF_1_NODELETE);
            process.enter(*number, *map, root, permanent);
            process.records[*number].global = false;
        }
        for binding in process.uniques.since(self.uniques) {
            // What the whole process is bound to must stay.
            process.records[binding.object as usize].permanent = true;
        }
        process.records[root].descriptors = pending.descriptors;
        for (number, bindings) in bindings.iter() {
            connect(process, number, bindings);
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

/// Remembers which objects `number` holds on to: those it needs and those it is bound to.
fn connect(process: &mut Process, number: usize, bindings: &[Binding]) {
    let needed = process.objects.list[number].needed.clone();
    let mut bound_to: Vec<usize> = Vec::new();
    for binding in bindings.iter().filter(|binding| binding.object < WHEN_CALLED) {
        let other = binding.object as usize;
        if other != number
            && !process.records[other].permanent
            && !needed.contains(&other)
            && !bound_to.contains(&other)
        {
            bound_to.push(other);
        }
    }
    for other in needed.iter().chain(&bound_to) {
        process.records[*other].incoming += 1;
    }
    process.records[number].bound_to = bound_to;
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
