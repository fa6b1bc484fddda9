//! The distinct references of all objects that are being resolved, and the two ways to bind them.
//!
//! Called by `resolve`. A name that fifty libraries refer to is hashed fifty times but looked up once.

use crate::object::Objects;
use crate::resolve::{Binding, first_definition};
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::lookup::Query;

const NONE: u32 = u32::MAX;

/// An object with more hash entries than this many times the references left is asked for each of
/// them instead of being scanned.
const SCAN_LIMIT: usize = 8;

struct Reference<'a> {
    query: Query<'a>,
    binding: Option<Binding>,
    /// The next reference of the same bucket.
    next: u32,
}

/// The table of references, by hash.
pub(crate) struct References<'a> {
    list: Vec<Reference<'a>>,
    /// First reference of each bucket; a power of two.
    buckets: Vec<u32>,
}

/// DT_GNU_HASH keeps all but the lowest bit of a hash in its chains: what both sides can compare.
fn key(hash: u32) -> u32 {
    hash >> 1
}

impl<'a> References<'a> {
    /// Room for `count` references.
    pub fn with_capacity(count: usize) -> Self {
        Self { list: Vec::with_capacity(count), buckets: vec![NONE; count.next_power_of_two().max(64)] }
    }

    /// The number of the reference `query`, entered if it is new.
    pub fn intern(&mut self, query: Query<'a>) -> u32 {
        if self.list.len() >= self.buckets.len() {
            self.grow();
        }
        let bucket = key(query.hash) as usize & (self.buckets.len() - 1);
        let mut at = self.buckets[bucket];
        while at != NONE {
            let known = &self.list[at as usize];
            if known.query.hash == query.hash
                && known.query.accepts_plt == query.accepts_plt
                && known.query.version == query.version
                && known.query.name == query.name
            {
                return at;
            }
            at = known.next;
        }
        let number = self.list.len() as u32;
        self.list.push(Reference { query, binding: None, next: self.buckets[bucket] });
        self.buckets[bucket] = number;
        number
    }

    fn grow(&mut self) {
        let size = (self.buckets.len() * 4).max(256);
        self.buckets.clear();
        self.buckets.resize(size, NONE);
        for (number, reference) in self.list.iter_mut().enumerate() {
            let bucket = key(reference.query.hash) as usize & (size - 1);
            reference.next = core::mem::replace(&mut self.buckets[bucket], number as u32);
        }
    }

    /// A reference and what it was bound to.
    pub fn get(&self, number: u32) -> (&Query<'a>, Option<Binding>) {
        let reference = &self.list[number as usize];
        (&reference.query, reference.binding)
    }

    /// Binds each reference by asking one object of the scope after the other.
    pub fn walk(&mut self, objects: &Objects, scope: [&[usize]; 2]) {
        for reference in &mut self.list {
            let scope = scope.into_iter().flatten().copied();
            reference.binding = first_definition(objects, scope, &reference.query);
        }
    }

    /// Binds all references by going once through the hash entries of each object of the scope: the
    /// first object that answers wins, as in the walk. Whether it answers is asked in the same way as
    /// there; the scan only tells which references are worth asking for.
    pub fn join(&mut self, objects: &Objects, scope: [&[usize]; 2]) {
        let mut open = self.list.len();
        let mut filter = Filter::new(open);
        for reference in &self.list {
            filter.add(reference.query.hash);
        }
        for number in scope.into_iter().flatten().copied() {
            if open == 0 {
                return;
            }
            let dynamic = &objects.list[number].dynamic;
            match &dynamic.gnu_hash {
                Some(hash) if hash.chains.len() <= open.saturating_mul(SCAN_LIMIT) => {
                    for word in hash.chains {
                        let word = word.get(LE);
                        if filter.may_hold(word) {
                            open -= self.offer(objects, number, word);
                        }
                    }
                }
                _ => {
                    for reference in self.list.iter_mut().filter(|reference| reference.binding.is_none()) {
                        if let Some(symbol) = dynamic.find(&reference.query) {
                            reference.binding = Some(Binding { object: number as u32, symbol });
                            open -= 1;
                        }
                    }
                }
            }
        }
    }

    /// Object `number` has a symbol with this hash: binds the references that it answers.
    fn offer(&mut self, objects: &Objects, number: usize, hash: u32) -> usize {
        let mut bound = 0;
        let mut at = self.buckets[key(hash) as usize & (self.buckets.len() - 1)];
        while at != NONE {
            let reference = &mut self.list[at as usize];
            if reference.binding.is_none()
                && key(reference.query.hash) == key(hash)
                && let Some(symbol) = objects.list[number].dynamic.find(&reference.query)
            {
                reference.binding = Some(Binding { object: number as u32, symbol });
                bound += 1;
            }
            at = reference.next;
        }
        bound
    }
}

/// A bitmap of the hashes that are referred to; small enough to stay in the cache.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn new(references: usize) -> Self {
        Self { words: vec![0; (references / 4).next_power_of_two().max(16)] }
    }

    fn place(&self, hash: u32) -> (usize, u64) {
        let key = key(hash);
        ((key >> 6) as usize & (self.words.len() - 1), 1 << (key & 63))
    }

    fn add(&mut self, hash: u32) {
        let (word, bit) = self.place(hash);
        self.words[word] |= bit;
    }

    #[inline]
    fn may_hold(&self, hash: u32) -> bool {
        let (word, bit) = self.place(hash);
        self.words[word] & bit != 0
    }
}

/// What the symbols of one object were found to bind to, by symbol index and way of asking.
pub(crate) struct Memo {
    /// {symbol index * 4 + way + 1, or 0, and the binding}; a power of two.
    slots: Vec<(u64, Binding)>,
    /// Slots in use, to be cleared.
    used: Vec<u32>,
}

impl Memo {
    /// Room for `count` symbols.
    pub fn with_capacity(count: usize) -> Self {
        let slots = vec![(0, Binding { object: 0, symbol: 0 }); (count * 2 + 2).next_power_of_two()];
        Self { slots, used: Vec::with_capacity(count) }
    }

    fn key(symbol: u32, way: u64) -> u64 {
        u64::from(symbol) * 4 + way + 1
    }

    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & mask;
        // Ends: at least half of the slots are free.
        while self.slots[at].0 != 0 && self.slots[at].0 != key {
            at = (at + 1) & mask;
        }
        at
    }

    pub fn get(&self, symbol: u32, way: u64) -> Option<Binding> {
        let key = Self::key(symbol, way);
        let (found, binding) = self.slots[self.slot(key)];
        (found == key).then_some(binding)
    }

    pub fn put(&mut self, symbol: u32, way: u64, binding: Binding) {
        if self.used.len() * 2 >= self.slots.len() {
            let old: Vec<(u64, Binding)> = self.used.drain(..).map(|at| self.slots[at as usize]).collect();
            let size = (self.slots.len() * 4).max(256);
            self.slots.clear();
            self.slots.resize(size, (0, Binding { object: 0, symbol: 0 }));
            for (key, binding) in old {
                self.store(key, binding);
            }
        }
        self.store(Self::key(symbol, way), binding);
    }

    fn store(&mut self, key: u64, binding: Binding) {
        let at = self.slot(key);
        self.slots[at] = (key, binding);
        self.used.push(at as u32);
    }

    /// Empties the memo for the next object.
    pub fn clear(&mut self) {
        for at in self.used.drain(..) {
            self.slots[at as usize].0 = 0;
        }
    }
}
