//! Which object an address belongs to, answered without a lock: unwinders ask from any thread and
//! from signal handlers.
//!
//! Two tables, of which one is published. A writer fills the other and then publishes that; a reader
//! that was overtaken looks again. All words are atomic and no buffer is ever freed (they grow by
//! doubling, so the old ones together are no larger than the last), so a reader that was overtaken
//! reads wrong words at worst, and the counter tells it so before it uses them.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};

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

const WORDS: usize = 5;

/// A table: leaked memory of `capacity` entries, `length` in use, sorted by start.
struct Table {
    words: AtomicU64,
    length: AtomicUsize,
    capacity: AtomicUsize,
}

impl Table {
    const fn new() -> Self {
        Self { words: AtomicU64::new(0), length: AtomicUsize::new(0), capacity: AtomicUsize::new(0) }
    }

    fn slots(&self) -> &'static [AtomicU64] {
        let length = self.length.load(Ordering::Relaxed);
        let words = self.words.load(Ordering::Relaxed) as *const AtomicU64;
        // SAFETY: leaked memory of at least `length` entries, never freed; words are atomic.
        if words.is_null() { &[] } else { unsafe { core::slice::from_raw_parts(words, length * WORDS) } }
    }

    fn entry(&self, index: usize) -> Option<Entry> {
        let words = self.slots().get(index * WORDS..(index + 1) * WORDS)?;
        let [start, end, link_map, eh_frame_hdr, number] =
            [0, 1, 2, 3, 4].map(|word: usize| words[word].load(Ordering::Relaxed));
        Some(Entry { start, end, link_map, eh_frame_hdr, number })
    }

    fn find(&self, address: u64) -> Option<Entry> {
        let (mut low, mut high) = (0, self.slots().len() / WORDS);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.entry(middle)?.start <= address { low = middle + 1 } else { high = middle }
        }
        self.entry(low.checked_sub(1)?).filter(|entry| address < entry.end)
    }

    /// Replaces the content. Called by the one writer, on the table that is not published.
    fn fill(&self, entries: &[Entry]) {
        if self.capacity.load(Ordering::Relaxed) < entries.len() {
            // The smaller buffer is leaked: all of them together are no larger than this one.
            let capacity = entries.len().next_power_of_two().max(16);
            let memory: Vec<u64> = alloc::vec![0; capacity * WORDS];
            self.length.store(0, Ordering::Relaxed);
            self.words.store(memory.leak().as_ptr() as u64, Ordering::Relaxed);
            self.capacity.store(capacity, Ordering::Relaxed);
        }
        self.length.store(entries.len(), Ordering::Relaxed);
        for (words, entry) in self.slots().chunks_exact(WORDS).zip(entries) {
            let values = [entry.start, entry.end, entry.link_map, entry.eh_frame_hdr, entry.number];
            for (word, value) in words.iter().zip(values) {
                word.store(value, Ordering::Relaxed);
            }
        }
    }
}

#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static TABLES: [Table; 2] = [Table::new(), Table::new()];
/// Number of publications; its low bit names the published table.
#[unsafe(link_section = ".data")] // written at every start: on a page that is written anyway
static PUBLICATIONS: AtomicUsize = AtomicUsize::new(0);

/// The object that holds `address`.
#[must_use]
pub fn find(address: u64) -> Option<Entry> {
    loop {
        let before = PUBLICATIONS.load(Ordering::Acquire);
        let found = TABLES[before & 1].find(address);
        fence(Ordering::Acquire);
        // The table read is being written only from the next publication on.
        if PUBLICATIONS.load(Ordering::Relaxed) == before {
            return found;
        }
    }
}

/// Publishes `entries`, sorted by start. One writer at a time: under the load lock.
pub fn publish(entries: &[Entry]) {
    let next = PUBLICATIONS.load(Ordering::Relaxed).wrapping_add(1);
    TABLES[next & 1].fill(entries);
    PUBLICATIONS.store(next, Ordering::Release);
}
