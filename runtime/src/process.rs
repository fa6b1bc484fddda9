//! What ld-rs remembers of the process after hand-over, in two parts.
//!
//! [`Fixed`] never changes after it was published and is reached without a lock, by [`fixed`]. [`Tables`] change with every
//! dlopen and are reached under [`lock::LOAD`] only, by [`read`] and [`write`]. The lock is recursive, for the program may
//! call from within our calls (IFUNC resolvers, callbacks of dl_iterate_phdr); who reads and who writes is told apart by a
//! RefCell behind it. Code of the program (constructors, destructors, IFUNC resolvers) is called with nothing borrowed, for
//! it may look symbols up, open and close, fork, or leave for good.
//! A signal handler may come in while its own thread has the tables borrowed: who is called by such asks by [`try_read`].

use crate::calls::{Call, Work};
use crate::debugger::{self, LinkMap};
use crate::libc::{Kept, Libc};
use crate::lock::{self, Guard};
use crate::namespace::Namespace;
use crate::ranges::{self, List, Ranges};
pub use crate::record::{Init, Record, Records};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, Ref, RefCell, RefMut};
use core::ops::{Deref, DerefMut};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use ld_rs_loader::heap;
use ld_rs_loader::names::Names;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::relocate::Services;
use ld_rs_loader::search::Search;
use ld_rs_loader::stack::Vectors;
use ld_rs_plan::MIN_PAGE;
use ld_rs_plan::names::{Index, address_hash};
use ld_rs_plan::resolve::Uniques;
use object::elf;

/// What is known when the program is entered and never changes.
pub struct Fixed {
    /// argc, argv, envp, auxv.
    pub vectors: Vectors,
    /// The program's name, for messages.
    pub program: Vec<u8>,
    /// LD_BIND_NOW.
    pub bind_now: bool,
    /// LD_DYNAMIC_WEAK.
    pub dynamic_weak: bool,
    /// [`ld_rs_plan::libc::Rules::binds_now`]
    pub binds_now: bool,
    /// Where relocated words lead to that need a service: what suits the libc's threads.
    pub services: Services,
}

/// What changes while the program runs.
pub struct Tables {
    /// All objects, by number.
    pub objects: Objects,
    /// Our record of each, by number.
    pub records: Records,
    /// Handles to numbers.
    handles: Index,
    /// Objects without a handle that something keeps for now: thread-exit destructors that are due, a constructor, the
    /// destructor that closed them. The next dlclose looks at them again.
    pub pending: Vec<usize>,
    /// The stages that run IFUNC resolvers, one inside of the other: where the frame of each lies, and its new objects. What
    /// these hold is not counted yet. All are of the thread that has the load lock.
    pub resolving: Vec<(u64, Vec<usize>)>,
    /// An IFUNC resolver closed something.
    pub closed: bool,
    /// Serial number of the next object.
    next_serial: u64,
    /// Of how many objects constructors have begun.
    pub constructed: u64,
    /// Their address ranges.
    ranges: List,
    /// What threads call of objects; of one thread, the innermost last.
    pub calling: Vec<Call>,
    /// Threads that wait for another: its id, that of the other, and what [`PROGRESS`] was then.
    pub waiting: Vec<(u32, u32, u32)>,
    /// The one namespace.
    pub namespace: Namespace,
}

impl Tables {
    /// The tables of start-up, before any record is entered. The program is object 0.
    #[must_use]
    pub fn new(objects: Objects, names: Names, mut search: Search, libc: &'static dyn Libc) -> Self {
        search.old_glibc = Some(libc.searches_old_subdirectories());
        let namespace = Namespace {
            scope: objects.scope(),
            program: 0,
            names,
            last_map: null_mut(),
            uniques: Uniques::default(),
            search,
            libc,
        };
        Self {
            objects,
            records: Records::default(),
            handles: Index::default(),
            pending: Vec::new(),
            resolving: Vec::new(),
            closed: false,
            next_serial: 0,
            constructed: 0,
            ranges: List::default(),
            calling: Vec::new(),
            waiting: Vec::new(),
            namespace,
        }
    }

    /// Makes link maps for all start-up objects, enters them and chains them: the program, the vdso,
    /// the rest. False when there is no memory.
    #[must_use]
    pub fn enter_all(&mut self) -> bool {
        for number in 0..self.objects.list.len() {
            let map = self.link_map(number);
            if map.is_null() {
                return false;
            }
            self.enter(number, map, None, false);
        }
        let of = |number: usize| self.records[number].link_map;
        let mut chain: Vec<*mut LinkMap> = self.namespace.scope.iter().map(|number| of(*number)).collect();
        if let Some(vdso) = self.objects.position(Role::Vdso) {
            chain.insert(1.min(chain.len()), of(vdso));
        }
        debugger::chain(&chain);
        self.namespace.last_map = chain.last().copied().unwrap_or(null_mut());
        true
    }

    /// Makes the link map of object `number`, which nobody keeps yet; null when there is no memory.
    pub fn link_map(&mut self, number: usize) -> *mut LinkMap {
        let map = debugger::link_map(&self.objects[number], self.namespace.libc.link_map_size());
        if let Some(object) = self.objects.edit(number) {
            object.link_map = map as u64;
        }
        map
    }

    /// Enters a record for object `number`, which was just taken in: by dlopen of object `opened`, with
    /// RTLD_DEEPBIND or not, or at start-up.
    pub fn enter(&mut self, number: usize, link_map: *mut LinkMap, opened: Option<usize>, deep: bool) {
        let of_start = opened.is_none();
        let nodelete = self.objects[number].dynamic.has_flag_1(elf::DF_1_NODELETE);
        let directory = self.namespace.search.known_directory_of(&self.objects[number]);
        let kept = self.namespace.libc.fill_link_map(&self.objects[number], directory, link_map);
        let record = Record {
            link_map,
            // The program's own handle is never given back.
            opens: u32::from(of_start && number == self.namespace.program),
            incoming: Cell::new(0),
            bound_to: RefCell::new(Vec::new()),
            permanent: Cell::new(of_start || nodelete || !self.namespace.libc.unloads()),
            of_start,
            global: of_start,
            init: if of_start { Init::Due } else { Init::Coming },
            closing: 0,
            inside: None,
            shared: Cell::new(false),
            opened: false,
            closure: Vec::new(),
            sorted: Vec::new(),
            openers: Vec::new(),
            deep,
            loader: opened.filter(|root| *root != number).and(self.objects[number].needed_by),
            kept,
            serial: self.next_serial,
            turn: 0,
            descriptors: Vec::new(),
        };
        self.next_serial += 1;
        let object = &self.objects[number];
        if let Some(last) = object.headers.segments.last() {
            self.ranges.insert(ranges::Entry {
                start: start_of(object),
                end: object.image.address(last.memory.end()),
                link_map: link_map as u64,
                eh_frame_hdr: object.headers.eh_frame_hdr.map_or(0, |range| object.image.address(range.vaddr)),
                number: number as u64,
            });
        }
        match self.records.get_mut(number) {
            Some(slot) => *slot = record,
            None => self.records.push(record),
        }
        self.handles.insert(address_hash(link_map as u64), number as u32);
    }

    /// What a libc is told of objects that came.
    #[must_use]
    pub fn came(&self, numbers: &[usize]) -> Vec<(*mut LinkMap, Option<u64>)> {
        let module = |number: usize| self.objects[number].module.map(|module| module.id);
        numbers.iter().map(|number| (self.records[*number].link_map, module(*number))).collect()
    }

    /// Whether a stage of a change to the tables, with `coming` objects more, can be gone through whatever memory the kernel
    /// refuses (see `heap`). A stage needs a few lists over all objects, and for each that comes what [`Tables::enter`] makes.
    #[must_use]
    pub fn ensure_memory(&self, coming: usize) -> bool {
        /// Bytes: four lists of numbers that grew by doubling, the tables of `ranges`, and 40 objects that it needs.
        const OBJECT: usize = 512;
        /// Bytes: a record, a place in the tables, the name and what the libc keeps, all at their next doubling.
        const COMING: usize = 2048;
        heap::ensure(heap::RESERVE / 4 * 3 + OBJECT * self.objects.list.len() + COMING * coming)
    }

    /// Whether this thread finds the object: not while another one closes it, unless somebody had to take it as it is.
    #[must_use]
    pub fn is_visible(&self, number: usize) -> bool {
        self.closer(number).is_none() || self.records[number].shared.get()
    }

    /// The other thread that closes object `number`.
    #[must_use]
    pub fn closer(&self, number: usize) -> Option<u32> {
        Some(self.records[number].closing).filter(|thread| *thread != 0 && *thread != lock::thread_id())
    }

    /// The program's scope without what other threads close; `None` if they close nothing.
    #[must_use]
    pub fn visible_scope(&self) -> Option<Vec<usize>> {
        let closes = |call: &Call| call.work == Work::Close;
        let visible = || self.namespace.scope.iter().copied().filter(|number| self.is_visible(*number)).collect();
        self.calling.iter().any(closes).then(visible)
    }

    /// Takes object `number` out of all tables, with what its record points to; its link map is the caller's.
    pub fn take_out(&mut self, number: usize) -> Rc<Object> {
        self.ranges.remove(start_of(&self.objects[number]));
        self.namespace.names.remove(&self.objects, number);
        let record = &mut self.records[number];
        let link_map = core::mem::replace(&mut record.link_map, null_mut());
        record.descriptors.clear();
        record.kept = Kept::default();
        self.handles.remove(address_hash(link_map as u64), number as u32);
        self.objects.remove(number)
    }

    /// What an object leads to when destructors, or constructors of another, are put in order: the objects that it needs;
    /// once it was opened itself, all below it in its own order.
    #[must_use]
    pub fn needed(&self, number: usize) -> &[usize] {
        let sorted = &self.records[number].sorted;
        if sorted.is_empty() { &self.objects[number].needed } else { sorted }
    }

    /// The number and object that hold `address`.
    #[must_use]
    pub fn object_at(&self, address: u64) -> Option<(usize, &Object)> {
        let number = range_at(address)?.number as usize;
        let object = self.objects.list.get(number)?;
        // The room between segments is the object's too where we mapped it: the kernel leaves it to whoever comes.
        let is_its = object.role == Role::Library || object.holds(address);
        is_its.then_some((number, object))
    }

    /// The number of the object whose link map is `map`.
    #[must_use]
    pub fn number_of(&self, map: *const LinkMap) -> Option<usize> {
        let candidates = self.handles.candidates(address_hash(map as u64)).map(|number| number as usize);
        candidates.into_iter().find(|number| core::ptr::eq(self.records[*number].link_map, map))
    }

    /// `root` and all it needs, breadth first.
    #[must_use]
    pub fn closure(&self, root: usize) -> Vec<usize> {
        if self.objects[root].needed.is_empty() {
            return alloc::vec![root];
        }
        self.objects.closure(alloc::vec![root])
    }

    /// How many objects ever came, and how many of them went.
    #[must_use]
    pub fn changes(&self) -> (u64, u64) {
        let here = self.objects.list.iter().filter(|object| object.role != Role::Gone).count() as u64;
        (self.next_serial, self.next_serial.saturating_sub(here))
    }

    /// Publishes the address ranges of the objects entered and taken out.
    pub fn publish_ranges(&mut self) {
        self.ranges.publish(&RANGES);
    }
}

#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static RANGES: Ranges = Ranges::empty();

/// The address range that holds `address`, without a lock.
#[must_use]
#[inline(always)] // unwinders ask for each frame
pub fn range_at(address: u64) -> Option<ranges::Entry> {
    /// Where the last search for an address near by, in the same 4 KiB, ended.
    static HINTS: [AtomicU32; 128] = [const { AtomicU32::new(0) }; 128];
    let page = (address / MIN_PAGE) as usize;
    RANGES.find(address, &HINTS[page % HINTS.len()])
}

/// Where an object's address range begins.
fn start_of(object: &Object) -> u64 {
    object.image.address(object.headers.span.vaddr)
}

static PROCESS: AtomicPtr<(Fixed, RefCell<Tables>)> = AtomicPtr::new(null_mut());
/// Whether there may be more threads than one: from the first constructor on.
static SHARED: AtomicBool = AtomicBool::new(false);
/// Changes whenever constructors or destructors of some object finish; waited for as a futex.
pub static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Puts both parts in their places. Called once, while there is one thread.
pub fn publish(fixed: Fixed, tables: Tables) {
    PROCESS.store(Box::into_raw(Box::new((fixed, RefCell::new(tables)))), Ordering::Release);
}

/// From here on the program runs, and may make threads: the tables need their lock.
pub fn share() {
    SHARED.store(true, Ordering::Release);
}

/// Whether the program runs.
#[must_use]
pub fn is_shared() -> bool {
    SHARED.load(Ordering::Acquire)
}

/// Both parts. No `Sync`: what never changes is numbers, and pointers that nothing writes through; callers that look at the
/// tables hold the lock, or there is one thread.
fn process() -> &'static (Fixed, RefCell<Tables>) {
    // SAFETY: null, or what `publish` leaked.
    match unsafe { PROCESS.load(Ordering::Acquire).as_ref() } {
        Some(process) => process,
        // Nothing of the program runs before it is in place.
        None => ld_rs_loader::sys::exit(127),
    }
}

/// What never changes.
#[must_use]
pub fn fixed() -> &'static Fixed {
    &process().0
}

/// The lock, unless there is one thread, which has no id yet to take it by.
#[must_use]
pub fn guard() -> Option<Guard> {
    is_shared().then(|| lock::LOAD.lock())
}

/// The tables as `B` borrows them, with the lock. Dropped in this order.
pub struct Held<B> {
    tables: B,
    _guard: Option<Guard>,
}

/// The tables to look at.
pub type Reading = Held<Ref<'static, Tables>>;
/// The tables to change.
pub type Writing = Held<RefMut<'static, Tables>>;

impl<B: Deref<Target = Tables>> Deref for Held<B> {
    type Target = Tables;
    fn deref(&self) -> &Tables {
        &self.tables
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut Tables {
        &mut self.tables
    }
}

/// Takes the lock and gives the tables to look at. Not while this thread changes them.
#[inline(never)] // called in many places, none of them hot
#[must_use]
pub fn read() -> Reading {
    let guard = guard();
    Held { tables: process().1.borrow(), _guard: guard }
}

/// Takes the lock and gives the tables to change. Not while this thread looks at them.
#[inline(never)]
#[must_use]
pub fn write() -> Writing {
    let guard = guard();
    Held { tables: process().1.borrow_mut(), _guard: guard }
}

/// As [`read`]; `None` in a signal handler whose thread changes the tables.
#[inline(never)]
#[must_use]
pub fn try_read() -> Option<Reading> {
    let guard = guard();
    Some(Held { tables: process().1.try_borrow().ok()?, _guard: guard })
}

/// As [`write`]; `None` in a signal handler whose thread has the tables already.
#[inline(never)]
#[must_use]
pub fn try_write() -> Option<Writing> {
    let guard = guard();
    Some(Held { tables: process().1.try_borrow_mut().ok()?, _guard: guard })
}
