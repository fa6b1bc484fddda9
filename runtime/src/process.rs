//! What ld-rs remembers of the process after hand-over: every object with what runtime keeps of it.
//!
//! Reached under [`lock::LOAD`] only. No code of the program runs while it is borrowed for change:
//! constructors and destructors are called with the lock given back; IFUNC resolvers, which run
//! inside a relocation, may look symbols up but not open objects.

use crate::debugger::{self, LinkMap};
use crate::flavour::Libc;
use crate::lock::{self, Guard};
use crate::ranges::{self, List, Ranges};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use ld_rs_loader::heap;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::search::Search;
use ld_rs_loader::stack::Vectors;
use ld_rs_plan::PAGE;
use ld_rs_plan::names::{Index, address_hash};
use ld_rs_plan::resolve::{Engine, Uniques};

/// How far an object's constructors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// Not begun.
    Due,
    /// Begun by the thread with this id.
    Running(u32),
    /// Finished; destructors are due.
    Done,
    /// Destructors have run or are running.
    Finished,
}

/// What runtime keeps of an object, beside what loader keeps.
pub struct Record {
    /// Its link map, which is also its handle.
    pub link_map: *mut LinkMap,
    /// Handles that dlopen has given out.
    pub opens: u32,
    /// How many objects that may go need it or are bound to it.
    pub incoming: u32,
    /// Objects it is bound to beside those it needs.
    pub bound_to: Vec<usize>,
    /// Never unloaded: of start-up, or marked NODELETE.
    pub permanent: bool,
    /// Taken in at start-up.
    pub of_start: bool,
    /// Part of the program's scope.
    pub global: bool,
    /// How far its constructors are.
    pub init: Init,
    /// What a handle for it searches: itself and all it needs, breadth first.
    pub closure: Vec<usize>,
    /// The object opened when it was taken in: its closure is the local scope.
    pub root: usize,
    /// What its link map points into.
    pub entries: Vec<[u64; 2]>,
    /// Grows with every object taken in: load order, for numbers are used again.
    pub serial: u64,
    /// What its dynamic TLS descriptors point to.
    pub descriptors: Vec<Box<[u64; 2]>>,
}

/// The tables of a running process.
pub struct Process {
    /// All objects.
    pub objects: Objects,
    /// Our record of each, by number.
    pub records: Vec<Record>,
    /// Handles to numbers.
    handles: Index,
    /// The program's scope.
    pub scope: Vec<usize>,
    /// The last link map of the chain.
    pub last_map: *mut LinkMap,
    /// Objects closed while thread-exit destructors of theirs were due.
    pub pending: Vec<usize>,
    /// Serial number of the next object.
    next_serial: u64,
    /// First definitions of unique symbols.
    pub uniques: Uniques,
    /// argc, argv, envp, auxv.
    pub vectors: Vectors,
    /// The program's name, for messages.
    pub program: Vec<u8>,
    /// Where to look for libraries.
    pub search: Search,
    /// The libc's contract.
    pub libc: Box<dyn Libc>,
    /// LD_BIND_NOW.
    pub bind_now: bool,
    /// How references are bound.
    pub engine: Engine,
    /// Their address ranges.
    ranges: List,
    /// Ids of the threads that run constructors or destructors, once for each nested call.
    pub calling: Vec<u32>,
    /// An object is being taken in: an IFUNC resolver that opens another is refused.
    pub busy: bool,
}

impl Process {
    /// The tables of start-up, before any record is entered.
    #[must_use]
    pub fn new(
        objects: Objects,
        search: Search,
        libc: Box<dyn Libc>,
        vectors: Vectors,
        program: Vec<u8>,
        bind_now: bool,
    ) -> Self {
        Self {
            scope: objects.scope(),
            objects,
            records: Vec::new(),
            handles: Index::default(),
            last_map: core::ptr::null_mut(),
            pending: Vec::new(),
            next_serial: 0,
            uniques: Uniques::default(),
            vectors,
            program,
            search,
            libc,
            bind_now,
            engine: Engine::default(),
            ranges: List::default(),
            calling: Vec::new(),
            busy: false,
        }
    }

    /// Makes link maps for all start-up objects, enters them and chains them: the program, the vdso,
    /// the rest. False when there is no memory.
    #[must_use]
    pub fn enter_all(&mut self) -> bool {
        for number in 0..self.objects.list.len() {
            let map = debugger::link_map(&self.objects.list[number], self.libc.link_map_size());
            if map.is_null() {
                return false;
            }
            self.enter(number, map, 0, true);
            self.records[number].of_start = true;
        }
        let of = |number: usize| self.records[number].link_map;
        let mut chain: Vec<*mut LinkMap> = self.scope.iter().map(|number| of(*number)).collect();
        if let Some(vdso) = self.objects.position(Role::Vdso) {
            chain.insert(1.min(chain.len()), of(vdso));
        }
        debugger::chain(&chain);
        self.last_map = chain.last().copied().unwrap_or(core::ptr::null_mut());
        true
    }

    /// Enters a record for object `number`, which was just taken in for `root`.
    pub fn enter(&mut self, number: usize, link_map: *mut LinkMap, root: usize, permanent: bool) {
        let entries = self.libc.fill_link_map(&self.objects.list[number], link_map);
        let record = Record {
            link_map,
            opens: 0,
            incoming: 0,
            bound_to: Vec::new(),
            permanent,
            of_start: false,
            global: permanent,
            init: Init::Due,
            closure: Vec::new(),
            root,
            entries,
            serial: self.next_serial,
            descriptors: Vec::new(),
        };
        self.next_serial += 1;
        let object = &self.objects.list[number];
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

    /// Whether a stage of a change to the tables, with `coming` objects more, can be gone through whatever memory the kernel
    /// refuses (see `heap`). A stage needs a few lists over all objects, and for each that comes what [`Process::enter`] makes.
    #[must_use]
    pub fn ensure_memory(&self, coming: usize) -> bool {
        /// Bytes: four lists of numbers that grew by doubling, the tables of `ranges`, and 40 objects that it needs.
        const OBJECT: usize = 512;
        /// Bytes: a record, a place in the tables, the name and what the libc keeps, all at their next doubling.
        const COMING: usize = 2048;
        heap::ensure(heap::RESERVE / 2 + OBJECT * self.objects.list.len() + COMING * coming)
    }

    /// Takes the address range of an object that goes out of those to be published.
    pub fn forget_range(&mut self, number: usize) {
        self.ranges.remove(start_of(&self.objects.list[number]));
    }

    /// The handle of an object that goes is none any more; its link map stays until it is unchained.
    pub fn forget_handle_only(&mut self, number: usize) {
        let link_map = self.records[number].link_map;
        self.handles.remove(address_hash(link_map as u64), number as u32);
    }

    /// The number and object that hold `address`.
    #[must_use]
    pub fn object_at(&self, address: u64) -> Option<(usize, &Object)> {
        let number = range_at(address)?.number as usize;
        let object = self.objects.list.get(number)?;
        object.holds(address).then_some((number, object))
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
        if self.objects.list[root].needed.is_empty() {
            return alloc::vec![root];
        }
        let mut seen = alloc::vec![false; self.objects.list.len()];
        seen[root] = true;
        let mut list = alloc::vec![root];
        let mut at = 0;
        while let Some(number) = list.get(at).copied() {
            for needed in &self.objects.list[number].needed {
                if !core::mem::replace(&mut seen[*needed], true) {
                    list.push(*needed);
                }
            }
            at += 1;
        }
        list
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
    /// Where the last search for an address of the same page ended.
    static HINTS: [AtomicU32; 128] = [const { AtomicU32::new(0) }; 128];
    let page = (address / PAGE) as usize;
    RANGES.find(address, &HINTS[page % HINTS.len()])
}

/// Where an object's address range begins.
fn start_of(object: &Object) -> u64 {
    object.image.address(object.headers.span.vaddr)
}

struct Published {
    ready: AtomicBool,
    process: UnsafeCell<Option<Process>>,
}
// SAFETY: written once before `ready`, then reached under the load lock.
unsafe impl Sync for Published {}
#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static PROCESS: Published = Published { ready: AtomicBool::new(false), process: UnsafeCell::new(None) };
/// Changes whenever constructors or destructors of some object finish; waited for as a futex.
pub static PROGRESS: AtomicU32 = AtomicU32::new(0);

/// Puts the tables in their place, and gives them back to the only thread there is.
pub fn publish(process: Process) -> &'static mut Process {
    // SAFETY: nothing reads before `ready`, and there is one thread.
    let place = unsafe { &mut *PROCESS.process.get() };
    let process = place.insert(process);
    PROCESS.ready.store(true, Ordering::Release);
    process
}

/// The tables, with the lock that guards them.
pub struct Locked {
    _guard: Guard,
}

impl core::ops::Deref for Locked {
    type Target = Process;
    fn deref(&self) -> &Process {
        get()
    }
}

impl core::ops::DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut Process {
        // SAFETY: the guard is held; see the module's head for nested calls.
        match unsafe { (*PROCESS.process.get()).as_mut() } {
            Some(process) => process,
            None => ld_rs_loader::sys::exit(127),
        }
    }
}

/// Takes the load lock and gives the tables.
#[must_use]
pub fn lock() -> Locked {
    Locked { _guard: lock::LOAD.lock() }
}

/// The tables without the lock: for the only thread at start-up, and for what never changes.
#[must_use]
pub fn get() -> &'static Process {
    if PROCESS.ready.load(Ordering::Acquire) {
        // SAFETY: written before `ready`.
        if let Some(process) = unsafe { (*PROCESS.process.get()).as_ref() } {
            return process;
        }
    }
    // Nothing of the program runs before the tables are in place.
    ld_rs_loader::sys::exit(127)
}
