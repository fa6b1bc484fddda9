//! Which object an address belongs to, answered without a lock: unwinders ask from any thread and
//! from signal handlers.
//!
//! Two tables, of which one is published. A writer brings the other up to date and then publishes
//! that; a reader that was overtaken looks again. A table tells in which slot an object's range is
//! written; a slot is written anew only when no published table leads to it. All words are atomic and
//! no memory is ever freed (tables grow by doubling, slots are used again), so a reader that was
//! overtaken reads wrong words at worst, and the counter tells it so before it uses them.
//!
//! Tables are sorted by falling address. The kernel places what comes later lower, so that one more
//! object changes the end of a table, whatever else is loaded. What goes leaves its place empty, until
//! every other place is: one object less changes one word.

use crate::atomics::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, constant, fence};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ptr::null_mut;

/// An object's address range and what an unwinder wants of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    /// First address.
    pub start: u64,
    /// One past the last.
    pub end: u64,
    /// Its link map.
    pub link_map: u64,
    /// Address of PT_GNU_EH_FRAME, or 0.
    pub eh_frame_hdr: u64,
    /// Its number.
    pub number: u64,
}

/// Where an entry is written; at most one object at a time uses it.
struct Slot([AtomicU64; 5]);

impl Slot {
    fn new() -> &'static Self {
        Box::leak(Box::new(Self([0; 5].map(AtomicU64::new))))
    }

    fn set(&self, entry: &Entry) {
        let Entry { start, end, link_map, eh_frame_hdr, number } = *entry;
        for (word, value) in self.0.iter().zip([start, end, link_map, eh_frame_hdr, number]) {
            word.store(value, Ordering::Relaxed);
        }
    }

    #[inline(always)] // what is returned then stays in registers
    fn get(&self) -> Entry {
        let [start, end, link_map, eh_frame_hdr, number] = self.0.each_ref().map(|word| word.load(Ordering::Relaxed));
        Entry { start, end, link_map, eh_frame_hdr, number }
    }
}

/// Room for a table: what is searched, and where it leads to.
struct Buffer {
    starts: Box<[AtomicU64]>,
    slots: Box<[AtomicPtr<Slot>]>,
}

impl Buffer {
    /// One for good, with room for more than `count` entries.
    #[cold]
    #[inline(never)] // as `close_up`
    fn for_entries(count: usize) -> &'static Self {
        Box::leak(Box::new(Self::new(count.next_power_of_two().max(16))))
    }

    fn new(capacity: usize) -> Self {
        Self {
            starts: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
            slots: (0..capacity).map(|_| AtomicPtr::new(null_mut())).collect(),
        }
    }

    /// Entry `at`, if it holds `address`.
    #[inline(always)]
    fn holding(&self, at: usize, address: u64) -> Option<Entry> {
        // SAFETY: null or a slot, which is never freed; the words in it are atomic.
        let slot = unsafe { self.slots.get(at)?.load(Ordering::Acquire).as_ref() }?;
        let entry = slot.get();
        (entry.start <= address && address < entry.end).then_some(entry)
    }
}

/// The first of `starts`, which fall, that is not above `address`.
#[cold]
#[inline(never)]
fn search(starts: &[AtomicU64], address: u64) -> usize {
    starts.partition_point(|start| start.load(Ordering::Relaxed) > address)
}

/// A buffer, null before the first publication, and how many entries of it are in use.
struct Table {
    buffer: AtomicPtr<Buffer>,
    length: AtomicUsize,
}

impl Table {
    constant! {
        fn new() -> Self {
            Self { buffer: AtomicPtr::new(null_mut()), length: AtomicUsize::new(0) }
        }
    }

    fn buffer(&self) -> Option<&'static Buffer> {
        // SAFETY: null or leaked by `bring_up_to_date`; the words in it are atomic.
        unsafe { self.buffer.load(Ordering::Acquire).as_ref() }
    }

    #[inline(always)]
    fn find(&self, address: u64, hint: &AtomicU32) -> Option<Entry> {
        let buffer = self.buffer()?;
        // An overtaken reader may see the length of one buffer and the address of another.
        let length = self.length.load(Ordering::Relaxed).min(buffer.starts.len());
        let guess = hint.load(Ordering::Relaxed) as usize;
        if guess < length
            && let Some(entry) = buffer.holding(guess, address)
        {
            return Some(entry);
        }
        let at = search(&buffer.starts[..length], address);
        let entry = (at < length).then(|| buffer.holding(at, address))??;
        hint.store(at as u32, Ordering::Relaxed);
        Some(entry)
    }

    /// Makes the content `entries`, of which it has all but `changed` already. Called by the one
    /// writer, on the table that is not published.
    fn bring_up_to_date(&self, entries: &[Known], changed: (usize, usize)) {
        let old = self.buffer().filter(|buffer| entries.len() <= buffer.starts.len());
        let buffer = old.unwrap_or_else(|| Buffer::for_entries(entries.len()));
        let (from, to) = if old.is_some() { changed } else { (0, entries.len()) };
        let places = buffer.starts.iter().zip(&buffer.slots);
        for ((start, slot), known) in places.zip(entries).take(to).skip(from) {
            start.store(known.start, Ordering::Relaxed);
            slot.store(known.slot.map_or(null_mut(), |slot| core::ptr::from_ref(slot).cast_mut()), Ordering::Release);
        }
        if old.is_none() {
            self.buffer.store(core::ptr::from_ref(buffer).cast_mut(), Ordering::Release);
        }
        self.length.store(entries.len(), Ordering::Relaxed);
    }
}

/// What readers see.
pub struct Ranges {
    tables: [Table; 2],
    /// Number of publications; its low bit names the published table.
    publications: AtomicUsize,
}

impl Ranges {
    constant! {
        /// Nothing published yet.
        pub fn empty() -> Self {
            Self { tables: [Table::new(), Table::new()], publications: AtomicUsize::new(0) }
        }
    }

    /// The object that holds `address`. `hint` is where another call found its own: looked at first,
    /// so that asking for the same object again costs the same whatever else is loaded.
    #[inline(always)]
    pub fn find(&self, address: u64, hint: &AtomicU32) -> Option<Entry> {
        loop {
            let before = self.publications.load(Ordering::Acquire);
            let found = self.tables[before & 1].find(address, hint);
            fence(Ordering::Acquire);
            // The table read is being written only from the next publication on.
            if self.publications.load(Ordering::Relaxed) == before {
                return found;
            }
        }
    }
}

/// An entry as the writer knows it.
struct Known {
    start: u64,
    /// `None` where the object has gone: no other one begins there, and none reaches over it.
    slot: Option<&'static Slot>,
}

/// What the one writer knows: all entries, and where the tables differ from them.
#[derive(Default)]
pub struct List {
    entries: Vec<Known>,
    /// How many of them have gone.
    empty: usize,
    /// From where to where entries changed since the last publication, and since the one before.
    changed: [(usize, usize); 2],
    /// Slots that the published table may lead to, until the next publication.
    left: Vec<&'static Slot>,
    /// Slots to be used again.
    free: Vec<&'static Slot>,
}

impl List {
    /// Takes an entry in; seen by readers from the next publication on.
    pub fn insert(&mut self, entry: Entry) {
        let slot = self.free.pop().unwrap_or_else(Slot::new);
        // Whoever sees what is written here has been overtaken, and sees that too.
        fence(Ordering::Release);
        slot.set(&entry);
        // Empty places that it reaches over would hide it.
        let end = self.entries.partition_point(|other| other.start >= entry.start);
        let over = |other: &&Known| other.slot.is_none() && other.start < entry.end;
        let count = self.entries[..end].iter().rev().take_while(over).count();
        let at = end - count;
        self.entries.splice(at..end, [Known { start: entry.start, slot: Some(slot) }]);
        self.empty -= count;
        self.change(at, if count == 1 { end } else { usize::MAX });
    }

    /// Takes out the entry that begins at `start`.
    #[inline(never)] // as `close_up`
    pub fn remove(&mut self, start: u64) {
        let at = self.entries.partition_point(|other| other.start > start);
        let Some(entry) = self.entries.get_mut(at).filter(|entry| entry.start == start) else { return };
        let Some(slot) = entry.slot.take() else { return };
        self.left.push(slot);
        self.empty += 1;
        self.change(at, at + 1);
        // An object that lies around it is found where the place is no more.
        let around = self.entries.get(at + 1).and_then(|other| other.slot).is_some_and(|slot| slot.get().end > start);
        if around || self.empty * 2 > self.entries.len() {
            self.close_up();
        }
    }

    /// Drops the empty places.
    #[cold]
    #[inline(never)] // its frame would stand below every dlclose
    fn close_up(&mut self) {
        self.entries.retain(|entry| entry.slot.is_some());
        self.empty = 0;
        self.change(0, usize::MAX);
    }

    fn change(&mut self, from: usize, to: usize) {
        let [(first, end), _] = &mut self.changed;
        (*first, *end) = ((*first).min(from), (*end).max(to));
    }

    /// Publishes the entries. One writer at a time: under the load lock.
    pub fn publish(&mut self, ranges: &Ranges) {
        let next = ranges.publications.load(Ordering::Relaxed).wrapping_add(1);
        // Whoever sees a word written from here on sees the last publication too, and looks again.
        fence(Ordering::Release);
        // The hidden table has missed the last publication as well.
        let [(from, to), (older, end)] = self.changed;
        ranges.tables[next & 1].bring_up_to_date(&self.entries, (from.min(older), to.max(end)));
        ranges.publications.store(next, Ordering::Release);
        self.changed = [(usize::MAX, 0), self.changed[0]];
        self.free.append(&mut self.left);
    }
}
