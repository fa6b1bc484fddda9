//! dlopen: the stages of start-up once more, for one object and what it needs. All or nothing: until
//! the commit nobody knows of the new objects, and dropping them undoes everything.

use super::{NO_MEMORY, close};
use crate::calls::{Call, Work};
use crate::debugger::{self, LinkMap, State};
use crate::init;
use crate::libc::Libc;
use crate::lock;
use crate::namespace::Namespace;
use crate::process::{self, Init, Tables};
use crate::stages::{First, Joined, Joining, Occasion};
use crate::tls::late::Refusal;
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
use ld_rs_plan::order;
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

/// Opens `name` for the code at `caller`, and begins in `frame` what constructors are due. The handle, null for RTLD_NOLOAD
/// of what is not there, or the text for dlerror.
pub fn open(name: &[u8], flags: i32, caller: u64, frame: u64) -> Result<*mut LinkMap, Cow<'static, [u8]>> {
    let flags = match flags & mode::BINDING {
        0 if process::fixed().binds_now => flags & !mode::DEEPBIND | mode::NOW,
        _ if process::fixed().binds_now => flags & !mode::DEEPBIND,
        _ => flags,
    };
    if flags & mode::BINDING == 0 {
        return Err(Error::new(name, Cause::System("invalid mode for dlopen()", EINVAL)).text().into());
    }
    // Given back before constructors run: one may wait for a thread that opens something.
    let _lock = lock::LOAD.lock();
    let taken = loop {
        match take(name, flags, caller, frame) {
            Ok(handle) => break Ok(handle),
            Err(Stop::Error(text)) => break Err(text),
            Err(Stop::Busy(thread)) => init::wait_for(thread),
        }
    };
    if let Some(mut tables) = process::try_write().filter(|tables| tables.closed && tables.resolving.is_empty()) {
        tables.closed = false;
        close::begin(&mut tables, Vec::new(), frame);
    }
    taken
}

/// Why an object is not taken in.
enum Stop<E> {
    /// It cannot be.
    Error(E),
    /// Something that it needs is being closed by this thread, which will be waited for.
    Busy(u32),
}

impl<E> From<E> for Stop<E> {
    fn from(error: E) -> Self {
        Self::Error(error)
    }
}

/// The handle; constructors that are due are begun in `frame`.
fn take(name: &[u8], flags: i32, caller: u64, frame: u64) -> Result<*mut LinkMap, Stop<Cow<'static, [u8]>>> {
    let tables = process::try_write().ok_or(&b"dlopen called by a signal handler while objects change"[..]);
    let mut tables = tables.map_err(Cow::from)?;
    if !tables.resolving.is_empty() && !process::is_shared() {
        return Err(Cow::from(&b"dlopen called by an IFUNC resolver"[..]).into());
    }
    init::left_below(&mut tables, frame);
    if !tables.ensure_memory(0) {
        return Err(Cow::from(NO_MEMORY).into());
    }
    let loaded = match name.is_empty() {
        true => Some(tables.namespace.program),
        false => tables.namespace.names.find(&tables.objects, name),
    };
    if let Some(root) = loaded {
        let asks = flags & mode::NOLOAD != 0;
        match tables.closer(root) {
            // It is as good as gone.
            Some(_) if asks && !tables.is_visible(root) => return Ok(core::ptr::null_mut()),
            Some(thread) if !asks && init::may_wait(&tables, thread) => return Err(Stop::Busy(thread)),
            _ => return Ok(handle_of(&mut tables, root, flags, false, frame)),
        }
    }
    let requester = tables.object_at(caller).map_or(tables.namespace.program, |(number, _)| number);
    drop(tables);
    match Taking::run(name, flags, requester) {
        Ok((root, came)) => Ok(handle_of(&mut process::write(), root, flags, came, frame)),
        Err(Stop::Busy(thread)) => Err(Stop::Busy(thread)),
        Err(Stop::Error(error)) if error.cause == NOT_LOADED => Ok(core::ptr::null_mut()),
        // What stands after the program's name at start-up.
        Err(Stop::Error(error)) => Err(Stop::Error(error.text().into())),
    }
}

/// One more handle for `root`, which is loaded or just `came`. Constructors that are due are begun in `frame`.
fn handle_of(tables: &mut Tables, root: usize, flags: i32, came: bool, frame: u64) -> *mut LinkMap {
    let is_new = !core::mem::replace(&mut tables.records[root].opened, true);
    let first = came || is_new;
    if is_new {
        let closure = tables.closure(root);
        if closure.len() > 1 {
            // The opened object comes last. One that is new has no list of needs at that point of glibc's dlopen
            // (`force_first`): nothing is reached through it.
            let leads_nowhere = came || tables.records[root].init == Init::Coming;
            let needed =
                |number, at| tables.needed(number).get(at).copied().filter(|_| !(leads_nowhere && number == root));
            let mut sorted = match tables.namespace.rules().depth_first {
                true => order::depth_first(&closure, &|number, at| tables.objects[number].needed.get(at).copied()),
                false => order::dependencies_first(&closure, &needed, Some(root)),
            };
            sorted.reverse();
            tables.records[root].sorted = sorted;
        }
        tables.records[root].closure = closure;
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
    // library of it, must not run the others before their turn. Nor must one that opens what is being opened: glibc runs
    // none for what was opened before. There another thread would wait at the lock, here it waits for each.
    let me = lock::thread_id();
    let by_others = |number: usize| {
        let constructs = |call: &Call| call.work == Work::Construct && call.thread != me;
        tables.calling.iter().any(|call| constructs(call) && call.kept().contains(&number))
    };
    // What another thread closes, and could not be waited for, is taken as it is. Nothing of it is constructed, nor for it:
    // what threw could not be found any more.
    let goes = |number: usize| tables.closer(number).is_some();
    for number in closure.iter().filter(|number| goes(**number)) {
        tables.records[*number].shared.set(true);
    }
    let due = |number: &usize| {
        let record = &tables.records[*number];
        let is_not_through = matches!(record.init, Init::Due | Init::Running(_)) && !record.of_start;
        is_not_through && (first || by_others(*number)) && !goes(root) && !goes(*number)
    };
    // Not in the usual case: it is open already, and nothing is to be run.
    if closure.iter().any(due) {
        let sorted = if closure.len() > 1 { &tables.records[root].sorted } else { &closure };
        let mut order: Vec<usize> = sorted.iter().rev().copied().filter(due).collect();
        stages::initfirst(&tables.objects, &closure, &mut order);
        tables.calling.push(Call::new(me, frame, Work::Construct, order));
    }
    tables.records[root].closure = closure;
    handle
}

/// Objects being taken in.
struct Taking {
    /// The libc that they are to live with.
    libc: &'static dyn Libc,
    /// Their numbers, breadth first.
    new: Vec<usize>,
    /// The number of the one that is opened.
    root: usize,
    /// Whether their records are entered.
    entered: bool,
    /// TLS modules reserved for them.
    modules: Vec<Module>,
    /// How many unique symbols were bound to before.
    uniques: usize,
    /// RTLD_DEEPBIND.
    deep: bool,
}

impl Taking {
    /// Takes in `name` and all it needs; the number of its object, and whether it was not there before. All or nothing.
    fn run(name: &[u8], flags: i32, requester: usize) -> Result<(usize, bool), Stop<Error>> {
        let libc = process::read().namespace.libc;
        let deep = flags & mode::DEEPBIND != 0;
        let (new, modules) = (Vec::new(), Vec::new());
        let mut taking = Self { libc, new, root: 0, entered: false, modules, uniques: 0, deep };
        taking.stages(name, flags, requester).inspect_err(|_| taking.undo())
    }

    /// Nobody has heard of the objects: they leave no trace.
    fn undo(&mut self) {
        let mut tables = process::write();
        let tables = &mut *tables;
        // But for what a resolver opened: what that is bound to stays, and nobody else finds it.
        let entered = self.new.iter().filter(|_| self.entered);
        if entered.clone().any(|number| tables.records[*number].opens > 0 || tables.records[*number].incoming.get() > 0)
        {
            for number in entered {
                tables.records[*number].permanent.set(true);
                tables.namespace.names.remove(&tables.objects, *number);
            }
            return;
        }
        for module in &self.modules {
            self.libc.take_module(module);
        }
        tables.namespace.uniques.truncate(self.uniques);
        for number in self.new.iter().rev() {
            if self.entered {
                let map = tables.records[*number].link_map;
                drop(tables.take_out(*number));
                debugger::free(map, tables.namespace.libc.link_map_size());
            } else {
                tables.namespace.names.remove(&tables.objects, *number);
                drop(tables.objects.remove(*number));
            }
        }
    }

    fn stages(&mut self, name: &[u8], flags: i32, requester: usize) -> Result<(usize, bool), Stop<Error>> {
        let purpose = if flags & mode::NOLOAD != 0 { Purpose::Find } else { Purpose::Open };
        self.root = self.discover(name, requester, purpose)?;
        if self.deep {
            // glibc lets the closure of what is opened so come before an object that would ask itself first (DT_SYMBOLIC).
            let objects = &mut process::write().objects;
            for number in &self.new {
                if let Some(object) = objects.edit(*number) {
                    object.dynamic.symbolic = false;
                }
            }
        }
        let local = {
            let tables = process::read();
            let local = tables.closure(self.root);
            // New objects have no record yet, or that of one that is gone.
            let old = local.iter().filter(|number| **number < tables.records.len());
            if let Some(thread) =
                old.filter_map(|number| tables.closer(*number)).find(|it| init::may_wait(&tables, *it))
            {
                return Err(Stop::Busy(thread));
            }
            if self.new.is_empty() {
                return Ok((self.root, false)); // the same file under a new name
            }
            tables.namespace.libc.objects_will_come();
            local
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
        self.commit(joined)?;
        Ok((self.root, true))
    }

    fn discover(&mut self, name: &[u8], requester: usize, purpose: Purpose) -> Result<usize, Error> {
        let tables = &mut *process::write();
        let (objects, Namespace { names, search, uniques, .. }) = (&mut tables.objects, &mut tables.namespace);
        self.uniques = uniques.count();
        let (queue, observers) = (Vec::new(), debug::observers());
        let mut discovery = Discovery { objects, names, search, purpose, queue, observers };
        let root = discovery.wanted(name, requester);
        let errors = discovery.needed();
        self.new = discovery.queue;
        tables.namespace.search.finish();
        let root = root?;
        errors.into_iter().next().map_or(Ok(root), Err)
    }

    /// The objects begin to exist for everybody.
    #[inline(never)] // 900 bytes less than inside `run`
    fn commit(&mut self, joined: Joined) -> Result<(), Error> {
        let tables = &mut *process::write();
        let libc = tables.namespace.libc;
        let held: Result<Vec<_>, NoMemory> = joined.bindings.iter().map(|object| bound_to(tables, object)).collect();
        let enough = !heap::exhausted() && tables.ensure_memory(self.new.len());
        let Some(held) = held.ok().filter(|_| enough) else {
            return Err(Error::new(&tables.objects[self.root].name, NoMemory.into()));
        };
        // From here on nothing fails, and nothing needs more memory than was just made sure of.
        for definer in tables.namespace.uniques.definers_since(self.uniques) {
            // What the whole process is bound to must stay.
            tables.records[definer].permanent.set(true);
        }
        tables.records[self.root].descriptors = joined.descriptors;
        for (bindings, held) in joined.bindings.iter().zip(held) {
            connect(tables, bindings.object, held);
        }

        debugger::tell(State::Add);
        {
            let _list = lock::WRITE.lock();
            for number in &self.new {
                let map = tables.records[*number].link_map;
                tables.records[*number].init = Init::Due;
                debugger::append(tables.namespace.last_map, map);
                tables.namespace.last_map = map;
            }
            libc.objects_came(&tables.came(&self.new));
        }
        tables.publish_ranges();
        debugger::tell(State::Consistent);
        self.modules.clear();
        Ok(())
    }
}

impl Taking {
    /// What is there already may have asked for executable stacks; then they are.
    fn executable_stacks(&self, tables: &Tables) -> Result<(), Error> {
        let asking = |number: &usize| tables.objects[*number].headers.executable_stack;
        let Some(first) = self.new.iter().copied().find(asking) else { return Ok(()) };
        if (0..tables.objects.list.len()).any(|number| asking(&number) && !self.new.contains(&number)) {
            return Ok(());
        }
        let made = tables.namespace.libc.make_stacks_executable();
        made.map_err(|errno| Error::new(&tables.objects[first].name, facts::executable_stack(errno)))
    }
}

impl Occasion for Taking {
    fn refusal(&self, object: &Object) -> Option<Cause> {
        self.libc.refusal(object)
    }

    fn tls_kind(&self) -> TlsKind {
        TlsKind::Late
    }

    /// Module ids, and one distance to the thread pointer for each module that some relocation reaches by initial-exec.
    fn module(&mut self, object: &Object, initial_exec: bool) -> Result<Option<Module>, Error> {
        let Some(tls) = object.headers.tls else { return Ok(None) };
        let module = self.libc.reserve_module(&tls, initial_exec).map_err(|refusal| refused(&object.name, refusal))?;
        self.modules.push(module);
        Ok(Some(module))
    }

    /// Records are made, so that what IFUNC resolvers open finds these objects whole.
    fn placed(&mut self, tables: &mut Tables) -> Result<(), Error> {
        let size = tables.namespace.libc.link_map_size();
        let maps = self.new.iter().map(|number| tables.link_map(*number));
        let maps: Vec<*mut LinkMap> = maps.take_while(|map| !map.is_null()).collect();
        if maps.len() < self.new.len() || !tables.ensure_memory(self.new.len()) {
            maps.iter().for_each(|map| debugger::free(*map, size));
            return Err(Error::new(&tables.objects[self.root].name, NoMemory.into()));
        }
        for (number, map) in self.new.iter().zip(&maps) {
            tables.enter(*number, *map, Some(self.root), self.deep);
        }
        self.entered = true;
        self.executable_stacks(tables)
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
            self.libc.give_module(object).map_err(|refusal| refused(&object.name, refusal))?;
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
        let stays = || tables.records[other].permanent.get();
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
        Refusal::Libc(cause) => Error::new(name, cause),
        Refusal::Alignment(wanted, given) => Error::new(name, Cause::Plain(NO_ROOM))
            .note(format!("alignment {wanted} wanted, thread pointers are aligned to {given}").as_bytes()),
    }
}
