//! dlopen: the stages of start-up once more, for one object and what it needs. All or nothing: until
//! the commit nobody knows of the new objects, and dropping them undoes everything.

use super::NO_MEMORY;
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::lock;
use crate::namespace::Namespace;
use crate::process::{self, Init, Tables};
use crate::stages::{First, Joined, Joining, Occasion};
use crate::tls::late::{self, Refusal};
use alloc::borrow::Cow;
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::debug;
use ld_rs_loader::discover::Discovery;
use ld_rs_loader::heap;
use ld_rs_loader::object::{Module, Object, Objects};
use ld_rs_loader::open::{NOT_LOADED, Purpose};
use ld_rs_loader::stages::{self, TlsKind};
use ld_rs_loader::sys;
use ld_rs_plan::debug::FILES;
use ld_rs_plan::errno::EINVAL;
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::facts;
use ld_rs_plan::fallible::{self, NoMemory};
use ld_rs_plan::resolve::{OfObject, Packed};

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
    /// What dlopen may be given: these, and the mark by which sprof opens what it only looks at.
    pub const KNOWN: i32 = BINDING | NOLOAD | DEEPBIND | GLOBAL | NODELETE | 0x4000_0000;
}

/// Opens `name` for the code at `caller`. The handle, null for RTLD_NOLOAD of what is not there, or
/// the text for dlerror.
pub fn open(name: &[u8], flags: i32, caller: u64) -> Result<*mut LinkMap, Cow<'static, [u8]>> {
    if flags & mode::BINDING == 0 {
        return Err(Error::new(name, Cause::System("invalid mode for dlopen()", EINVAL)).text().into());
    }
    let (handle, order) = {
        let _lock = lock::LOAD.lock();
        take(name, flags, caller)?
    };
    // With the lock given back: a constructor may wait for a thread that opens something.
    if !order.is_empty() {
        init::run(&order);
    }
    Ok(handle)
}

/// The handle, and the objects whose constructors are due, in order.
fn take(name: &[u8], flags: i32, caller: u64) -> Result<(*mut LinkMap, Vec<usize>), Cow<'static, [u8]>> {
    let mut tables = process::try_change().ok_or(&b"dlopen called by an IFUNC resolver"[..])?;
    if !tables.ensure_memory(0) {
        return Err(NO_MEMORY.into());
    }
    let loaded = match name.is_empty() {
        true => Some(tables.namespace.program),
        false => tables.namespace.names.by_name(name),
    };
    if let Some(root) = loaded {
        return Ok(handle_of(&mut tables, root, flags));
    }
    let requester = tables.object_at(caller).map_or(tables.namespace.program, |(number, _)| number);
    drop(tables);
    let taken = Taking::run(name, flags, requester);
    let tables = &mut *process::write();
    tables.give_back();
    match taken {
        Ok(root) => Ok(handle_of(tables, root, flags)),
        Err(error) if error.cause == NOT_LOADED => Ok((core::ptr::null_mut(), Vec::new())),
        // What stands after the program's name at start-up.
        Err(error) => Err(error.text().into()),
    }
}

/// One more handle for `root`, which is loaded, and the objects of it whose constructors are due, in order.
fn handle_of(tables: &mut Tables, root: usize, flags: i32) -> (*mut LinkMap, Vec<usize>) {
    if tables.records[root].closure.is_empty() {
        tables.records[root].closure = tables.closure(root);
        tables.widen(root);
    }
    if debug::on(FILES) {
        let (name, count) = (Text(&tables.objects[root].name), tables.records[root].opens);
        debug::line(format_args!("opening file={name} [0]; direct_opencount={}", count.saturating_add(1)));
        debug::gap();
    }
    let record = &mut tables.records[root];
    record.opens = record.opens.saturating_add(1);
    if flags & mode::NODELETE != 0 {
        record.permanent.set(true);
    }
    let handle = record.link_map;
    // Taken for the time of the loop; nothing in it looks at this closure.
    let closure = core::mem::take(&mut record.closure);
    if flags & mode::GLOBAL != 0 {
        for number in &closure {
            if !core::mem::replace(&mut tables.records[*number].global, true) {
                tables.namespace.scope.push(*number);
            }
        }
    }
    // Objects of start-up are start-up's to initialise: a constructor that opens the program, or a
    // library of it, must not run the others before their turn (glibc runs none for what is open).
    let due = |number: &usize| tables.records[*number].init != Init::Done && !tables.records[*number].of_start;
    let order = match closure.iter().any(due) {
        true => stages::order(&tables.objects, &closure).into_iter().filter(due).collect(),
        // The usual case: it is open already, and nothing is to be run.
        false => Vec::new(),
    };
    tables.records[root].closure = closure;
    (handle, order)
}

/// Objects being taken in.
#[derive(Default)]
struct Taking {
    /// Their numbers, breadth first.
    new: Vec<usize>,
    /// TLS modules reserved for them.
    modules: Vec<Module>,
    /// How many unique symbols were bound to before.
    uniques: usize,
    /// RTLD_DEEPBIND.
    deep: bool,
}

impl Taking {
    /// Takes in `name` and all it needs; the number of its object. All or nothing.
    fn run(name: &[u8], flags: i32, requester: usize) -> Result<usize, Error> {
        let mut taking = Self { deep: flags & mode::DEEPBIND != 0, ..Self::default() };
        taking.stages(name, flags, requester).inspect_err(|_| taking.undo())
    }

    /// Nobody has heard of the objects: they leave no trace.
    fn undo(&mut self) {
        for module in &self.modules {
            late::remove(module.id, &module.tls, module.distance);
        }
        let mut tables = process::write();
        tables.namespace.uniques.truncate(self.uniques);
        for number in self.new.iter().rev() {
            let tables = &mut *tables;
            tables.namespace.names.remove(&tables.objects, *number);
            drop(tables.objects.remove(*number));
        }
    }

    fn stages(&mut self, name: &[u8], flags: i32, requester: usize) -> Result<usize, Error> {
        let purpose = if flags & mode::NOLOAD != 0 { Purpose::Find } else { Purpose::Open };
        let root = self.discover(name, requester, purpose)?;
        if self.new.is_empty() {
            return Ok(root); // the same file under a new name
        }
        let local = {
            let tables = process::read();
            tables.namespace.libc.objects_will_come();
            tables.closure(root)
        };
        let new = self.new.clone();
        let joining = Joining {
            numbers: &new,
            local: &local,
            first: if self.deep { First::Local } else { First::Global },
            lazy: flags & mode::NOW == 0 && !process::fixed().bind_now,
            postpone: None,
        };
        let joined = crate::stages::join(&joining, self).map_err(first)?;
        self.commit(root, joined)?;
        Ok(root)
    }

    fn discover(&mut self, name: &[u8], requester: usize, purpose: Purpose) -> Result<usize, Error> {
        let tables = &mut *process::write();
        let (objects, Namespace { names, search, uniques, .. }) = (&mut tables.objects, &mut tables.namespace);
        self.uniques = uniques.count();
        search.revalidate();
        let (queue, observers) = (Vec::new(), debug::observers());
        let mut discovery = Discovery { objects, names, search, purpose, queue, observers };
        let root = discovery.load(name, Some(requester));
        let errors = discovery.needed();
        self.new = discovery.queue;
        let root = root?;
        errors.into_iter().next().map_or(Ok(root), Err)
    }

    /// The objects begin to exist for everybody.
    #[inline(never)] // 900 bytes less than inside `run`
    fn commit(&mut self, root: usize, joined: Joined) -> Result<(), Error> {
        let tables = &mut *process::write();
        let libc = tables.namespace.libc;
        let maps = self.new.iter().map(|number| debugger::link_map(&tables.objects[*number], libc.link_map_size()));
        let maps: Vec<*mut LinkMap> = maps.take_while(|map| !map.is_null()).collect();
        let held: Result<Vec<_>, NoMemory> = joined.bindings.iter().map(|object| bound_to(tables, object)).collect();
        let enough = maps.len() == self.new.len() && !heap::exhausted() && tables.ensure_memory(self.new.len());
        let Some(held) = held.ok().filter(|_| enough) else {
            maps.iter().for_each(|map| debugger::free(*map, libc.link_map_size()));
            return Err(Error::new(&tables.objects[root].name, NoMemory.into()));
        };
        // From here on nothing fails, and nothing needs more memory than was just made sure of.
        for (number, map) in self.new.iter().zip(&maps) {
            tables.enter(*number, *map, Some(root), self.deep);
        }
        for definer in tables.namespace.uniques.definers_since(self.uniques) {
            // What the whole process is bound to must stay.
            tables.records[definer].permanent.set(true);
        }
        tables.records[root].descriptors = joined.descriptors;
        for (bindings, held) in joined.bindings.iter().zip(held) {
            connect(tables, bindings.object, held);
        }

        debugger::tell(State::Add);
        {
            let _list = lock::WRITE.lock();
            for map in &maps {
                debugger::append(tables.namespace.last_map, *map);
                tables.namespace.last_map = *map;
            }
            libc.objects_came(&tables.came(&self.new));
        }
        tables.publish_ranges();
        debugger::tell(State::Consistent);
        self.modules.clear();
        Ok(())
    }
}

impl Occasion for Taking {
    fn refusal(&self, object: &Object) -> Option<Cause> {
        process::read().namespace.libc.refusal(object)
    }

    /// What is there already may have asked for executable stacks; then they are.
    fn placed(&mut self, tables: &mut Tables) -> Result<(), Error> {
        let asking = |number: &usize| tables.objects[*number].headers.executable_stack;
        let Some(first) = self.new.iter().copied().find(asking) else { return Ok(()) };
        if (0..tables.objects.list.len()).any(|number| asking(&number) && !self.new.contains(&number)) {
            return Ok(());
        }
        let made = tables.namespace.libc.make_stacks_executable();
        made.map_err(|errno| Error::new(&tables.objects[first].name, facts::executable_stack(errno)))
    }

    fn tls_kind(&self) -> TlsKind {
        TlsKind::Late
    }

    /// Module ids, and one distance to the thread pointer for each module that some relocation reaches by initial-exec.
    fn module(&mut self, object: &Object, initial_exec: bool) -> Result<Option<Module>, Error> {
        let Some(tls) = object.headers.tls else { return Ok(None) };
        let (id, distance) = late::reserve(&tls, initial_exec).map_err(|refusal| refused(&object.name, refusal))?;
        let module = Module { id, distance, tls };
        self.modules.push(module);
        Ok(Some(module))
    }

    fn enough_memory(&self) -> Result<(), Error> {
        let tables = process::read();
        if !heap::exhausted() && tables.ensure_memory(self.new.len()) {
            return Ok(());
        }
        let of = self.new.first().map_or(&b""[..], |root| &tables.objects[*root].name);
        Err(Error::new(of, NoMemory.into()))
    }

    fn relocated(&mut self, objects: &Objects, numbers: &[usize]) -> Result<(), Error> {
        for object in numbers.iter().map(|number| &objects[*number]) {
            late::add(object).map_err(|refusal| refused(&object.name, refusal))?;
        }
        Ok(())
    }
}

/// dlerror tells of one error.
fn first(errors: Vec<Error>) -> Error {
    errors.into_iter().next().unwrap_or_else(|| Error::new(b"", NoMemory.into()))
}

/// The objects that a new one is bound to and does not need, but for those known to stay.
fn bound_to(tables: &Tables, bindings: OfObject<'_>) -> Result<Vec<usize>, NoMemory> {
    let needed = &tables.objects[bindings.object].needed;
    let mut bound_to: Vec<usize> = Vec::new();
    for (other, _) in bindings.all().filter_map(Packed::place) {
        // A new object has no record yet, or that of one that is gone, which was to go.
        let stays = || tables.records.get(other).is_some_and(|record| record.permanent.get());
        if other != bindings.object && !needed.contains(&other) && !bound_to.contains(&other) && !stays() {
            fallible::push(&mut bound_to, other)?;
        }
    }
    Ok(bound_to)
}

/// Remembers which objects `number` holds on to: those it needs and `bound_to`.
fn connect(tables: &mut Tables, number: usize, mut bound_to: Vec<usize>) {
    let Tables { objects, records, .. } = tables;
    bound_to.retain(|other| !records[*other].permanent.get());
    objects[number].needed.iter().chain(&bound_to).for_each(|other| records[*other].hold());
    records[number].bound_to.replace(bound_to);
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
