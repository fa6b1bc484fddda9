//! The distinct references of all objects that are being resolved, and the two ways to bind them.
//!
//! Called by `resolve`. A name that fifty libraries refer to is hashed fifty times but looked up once.

use crate::arch::prefetch;
use crate::object::Objects;
use crate::resolve::{Binding, definition, first_definition};
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Rela, Word};
use object::elf;

const NONE: u32 = u32::MAX;
/// As many relocations, or hashes, are looked at together.
pub(crate) const BATCH: usize = 32;
/// A table with fewer buckets fits into the nearer caches.
const MANY: usize = 8192;

/// An object with more hash entries than this many times the references left is asked for each of
/// them instead of being scanned.
const SCAN_LIMIT: usize = 8;

/// 24 bytes: there are thousands, on pages that nobody has touched. What is asked for stands in the
/// tables of the object that asks.
struct Reference {
    /// The name's hash in DT_GNU_HASH.
    hash: u32,
    /// The next reference of the same bucket.
    next: u32,
    /// Number of an object that asks, above the bits [`ACCEPTS_PLT`] and [`IS_WEAK`].
    asker: u32,
    /// The symbol's index there.
    symbol: u32,
    /// What it was bound to. As long as that is open the object is NONE and the symbol the name's length,
    /// which need not be found out again for each object that is asked.
    found: Binding,
}

/// A PLT entry is an answer.
const ACCEPTS_PLT: u32 = 1;
/// The reference is weak: there need not be an answer.
const IS_WEAK: u32 = 2;

impl Reference {
    /// What is asked for.
    fn query<'a>(&self, objects: &'a Objects) -> Query<'a> {
        let dynamic = &objects.list[(self.asker >> 2) as usize].dynamic;
        let symbol = dynamic.symbols.get(self.symbol as usize);
        let name = symbol.and_then(|symbol| match self.found {
            Binding { object: NONE, symbol: length } => {
                dynamic.strings.tail(symbol.st_name.get(LE)).get(..length as usize)
            }
            _ => dynamic.symbol_name(symbol),
        });
        let name = name.unwrap_or_default();
        let accepts_plt = self.asker & ACCEPTS_PLT != 0;
        Query { accepts_plt, ..Query::with_hash(name, self.hash, dynamic.versions.wanted(self.symbol)) }
    }
}

/// The table of references, by hash.
pub(crate) struct References {
    list: Vec<Reference>,
    /// First reference of each bucket; a power of two.
    buckets: Vec<u32>,
    /// References bound to STB_GNU_UNIQUE symbols.
    uniques: Vec<u32>,
}

/// DT_GNU_HASH keeps all but the lowest bit of a hash in its chains: what both sides can compare.
fn key(hash: u32) -> u32 {
    hash >> 1
}

impl References {
    /// Room for `count` references.
    pub fn with_capacity(count: usize) -> Self {
        let buckets = vec![NONE; count.next_power_of_two().max(64)];
        Self { list: Vec::with_capacity(count), buckets, uniques: Vec::new() }
    }

    /// The number of the reference `query`, which is symbol `symbol` of object `asker`; entered if it
    /// is new.
    pub fn intern(&mut self, objects: &Objects, query: &Query<'_>, weak: bool, asker: usize, symbol: u32) -> u32 {
        if self.list.len() >= self.buckets.len() {
            self.grow();
        }
        let flags = if query.accepts_plt { ACCEPTS_PLT } else { 0 } | if weak { IS_WEAK } else { 0 };
        let bucket = self.bucket(query.hash);
        let mut at = self.buckets[bucket];
        while at != NONE {
            let known = &self.list[at as usize];
            if known.hash == query.hash && known.asker & (ACCEPTS_PLT | IS_WEAK) == flags {
                let dynamic = &objects.list[(known.asker >> 2) as usize].dynamic;
                let name = dynamic.symbols.get(known.symbol as usize).map_or(0, |symbol| symbol.st_name.get(LE));
                if dynamic.strings.is(name, query.name) && dynamic.versions.wanted(known.symbol) == query.version {
                    return at;
                }
            }
            at = known.next;
        }
        let number = self.list.len() as u32;
        let asker = (asker as u32) << 2 | flags;
        let found = Binding { object: NONE, symbol: query.name.len() as u32 };
        self.list.push(Reference { hash: query.hash, next: self.buckets[bucket], asker, symbol, found });
        self.buckets[bucket] = number;
        number
    }

    /// Names and hashes of the symbols that `relocations` of object `asker` refer to, but for those that
    /// `known` has. What [`References::intern`] is going to read for them is asked for, step by step for all
    /// together: otherwise most of the time would go by waiting for memory, name by name. A small table is
    /// near anyway.
    pub fn prepare<'a>(
        &self,
        objects: &'a Objects,
        asker: usize,
        relocations: &[Rela],
        known: impl Fn(u32) -> bool,
    ) -> [Option<(&'a [u8], u32)>; BATCH] {
        if self.buckets.len() < MANY {
            return [None; BATCH];
        }
        let dynamic = &objects.list[asker].dynamic;
        let symbols = || relocations.iter().take(BATCH).map(|rela| rela.r_sym(LE, false));
        for symbol in symbols() {
            prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
        }
        let st_name = |symbol: u32| Some(dynamic.symbols.get(symbol as usize)?.st_name.get(LE));
        for offset in symbols().filter_map(st_name) {
            prefetch(dynamic.strings.tail(offset).as_ptr());
        }
        let mut names = [None; BATCH];
        let mut before = 0;
        for (place, symbol) in names.iter_mut().zip(symbols()) {
            if symbol != before && !known(symbol) {
                *place = st_name(symbol).and_then(|offset| dynamic.strings.hashed(offset));
            }
            if let Some((_, hash)) = place {
                prefetch(&self.buckets[self.bucket(*hash)]);
            }
            before = symbol;
        }
        let first = |(_, hash): &(&[u8], u32)| self.buckets[self.bucket(*hash)] as usize;
        for at in names.iter().flatten().map(first) {
            prefetch(self.list.as_ptr().wrapping_add(at));
        }
        let first = |name: &(&[u8], u32)| self.list.get(first(name)).filter(|reference| reference.hash == name.1);
        for reference in names.iter().flatten().filter_map(first) {
            let symbols = objects.list[(reference.asker >> 2) as usize].dynamic.symbols;
            prefetch(symbols.as_ptr().wrapping_add(reference.symbol as usize));
        }
        for reference in names.iter().flatten().filter_map(first) {
            let dynamic = &objects.list[(reference.asker >> 2) as usize].dynamic;
            if let Some(symbol) = dynamic.symbols.get(reference.symbol as usize) {
                prefetch(dynamic.strings.tail(symbol.st_name.get(LE)).as_ptr());
            }
        }
        names
    }

    fn bucket(&self, hash: u32) -> usize {
        key(hash) as usize & (self.buckets.len() - 1)
    }

    fn grow(&mut self) {
        let size = (self.buckets.len() * 4).max(256);
        self.buckets.clear();
        self.buckets.resize(size, NONE);
        for (number, reference) in self.list.iter_mut().enumerate() {
            let bucket = key(reference.hash) as usize & (size - 1);
            reference.next = core::mem::replace(&mut self.buckets[bucket], number as u32);
        }
    }

    /// What a reference was bound to; an error for one that must be bound.
    #[inline]
    pub fn found(&self, number: u32) -> Result<Option<Binding>, ()> {
        let reference = &self.list[number as usize];
        match reference.found.object {
            NONE if reference.asker & IS_WEAK != 0 => Ok(None),
            NONE => Err(()),
            _ => Ok(Some(reference.found)),
        }
    }

    /// All references of the process to a unique symbol bind to its first definition: `first` tells it.
    pub fn unify(&mut self, objects: &Objects, mut first: impl FnMut(&[u8], Binding) -> Binding) {
        for number in &self.uniques {
            let reference = &mut self.list[*number as usize];
            reference.found = first(reference.query(objects).name, reference.found);
        }
    }

    /// Binds each reference by asking one object of the scope after the other.
    pub fn walk(&mut self, objects: &Objects, scope: [&[usize]; 2]) {
        for number in 0..self.list.len() as u32 {
            let query = self.list[number as usize].query(objects);
            let scope = scope.into_iter().flatten().copied();
            if let Some(found) = first_definition(objects, scope, &query) {
                self.bind(objects, number, found);
            }
        }
    }

    /// Binds all references by going once through the hash entries of each object of the scope: the
    /// first object that answers wins, as in the walk. Whether it answers is asked in the same way as
    /// there; the scan only tells which references are worth asking for.
    pub fn join(&mut self, objects: &Objects, scope: [&[usize]; 2]) {
        let mut open = self.list.len();
        // Made when the first object is scanned.
        let mut filter: Option<Filter> = None;
        for number in scope.into_iter().flatten().copied() {
            if open == 0 {
                return;
            }
            let dynamic = &objects.list[number].dynamic;
            match &dynamic.gnu_hash {
                Some(hash) if hash.chains.len() <= open.saturating_mul(SCAN_LIMIT) => {
                    let filter = filter.get_or_insert_with(|| Filter::new(self.list.iter().map(|one| one.hash)));
                    if self.buckets.len() < MANY {
                        for word in hash.chains.iter().map(|word| word.get(LE)).filter(|word| filter.may_hold(*word)) {
                            open -= self.offer(objects, number, word);
                        }
                        continue;
                    }
                    for (batch, words) in hash.chains.chunks(BATCH).enumerate() {
                        let first = hash.symbol_base as usize + batch * BATCH;
                        open -= self.offer_batch(objects, number, filter, words, first);
                    }
                }
                _ => {
                    for at in 0..self.list.len() as u32 {
                        let reference = &self.list[at as usize];
                        if reference.found.object == NONE && dynamic.may_define(reference.hash) {
                            open -= usize::from(self.ask(objects, at, number));
                        }
                    }
                }
            }
        }
    }

    /// Object `number` has symbols with these hashes, the first of them at index `first` of its table.
    /// What a step reads is asked for in the step before, for all together: otherwise most of the time
    /// would go by waiting for memory, name by name.
    fn offer_batch(
        &mut self,
        objects: &Objects,
        number: usize,
        filter: &Filter,
        words: &[Word],
        first: usize,
    ) -> usize {
        let dynamic = &objects.list[number].dynamic;
        let (mut batch, mut count) = ([(0u32, 0u32, 0u32); BATCH], 0);
        for (symbol, word) in (first as u32..).zip(words) {
            let hash = word.get(LE);
            if filter.may_hold(hash) {
                prefetch(&self.buckets[self.bucket(hash)]);
                prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
                batch[count] = (hash, symbol, NONE);
                count += 1;
            }
        }
        let batch = &mut batch[..count];
        for (hash, _, at) in batch.iter_mut() {
            *at = self.buckets[self.bucket(*hash)];
            prefetch(self.list.as_ptr().wrapping_add(*at as usize));
        }
        for (hash, symbol, at) in batch.iter() {
            if let Some(asker) = self.list.get(*at as usize).filter(|reference| key(reference.hash) == key(*hash)) {
                let symbols = objects.list[(asker.asker >> 2) as usize].dynamic.symbols;
                prefetch(symbols.as_ptr().wrapping_add(asker.symbol as usize));
                if let Some(symbol) = dynamic.symbols.get(*symbol as usize) {
                    prefetch(dynamic.strings.tail(symbol.st_name.get(LE)).as_ptr());
                }
            }
        }
        for (_, _, at) in batch.iter() {
            if let Some(asker) = self.list.get(*at as usize) {
                let dynamic = &objects.list[(asker.asker >> 2) as usize].dynamic;
                if let Some(symbol) = dynamic.symbols.get(asker.symbol as usize) {
                    prefetch(dynamic.strings.tail(symbol.st_name.get(LE)).as_ptr());
                }
            }
        }
        batch.iter().filter(|(_, _, at)| *at != NONE).map(|(hash, ..)| self.offer(objects, number, *hash)).sum()
    }

    /// Object `number` has a symbol with this hash: binds the references that it answers.
    #[inline]
    fn offer(&mut self, objects: &Objects, number: usize, hash: u32) -> usize {
        let mut bound = 0;
        let mut at = self.buckets[self.bucket(hash)];
        while at != NONE {
            let reference = &self.list[at as usize];
            let next = reference.next;
            if key(reference.hash) == key(hash) && reference.found.object == NONE {
                bound += usize::from(self.ask(objects, at, number));
            }
            at = next;
        }
        bound
    }

    /// Binds reference `at` if object `number` answers it.
    fn ask(&mut self, objects: &Objects, at: u32, number: usize) -> bool {
        let query = self.list[at as usize].query(objects);
        let found = objects.list[number].dynamic.find(&query);
        if let Some(symbol) = found {
            self.bind(objects, at, Binding { object: number as u32, symbol });
        }
        found.is_some()
    }

    fn bind(&mut self, objects: &Objects, at: u32, found: Binding) {
        self.list[at as usize].found = found;
        if definition(objects, found).is_some_and(|(_, symbol)| symbol.st_bind() == elf::STB_GNU_UNIQUE) {
            self.uniques.push(at);
        }
    }
}

/// A bitmap of the hashes that are referred to; small enough to stay in the cache.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn new(hashes: impl ExactSizeIterator<Item = u32>) -> Self {
        let mut filter = Self { words: vec![0; (hashes.len() / 4).next_power_of_two().max(16)] };
        for hash in hashes {
            let (word, bit) = filter.place(hash);
            filter.words[word] |= bit;
        }
        filter
    }

    fn place(&self, hash: u32) -> (usize, u64) {
        let key = key(hash);
        ((key >> 6) as usize & (self.words.len() - 1), 1 << (key & 63))
    }

    #[inline]
    fn may_hold(&self, hash: u32) -> bool {
        let (word, bit) = self.place(hash);
        self.words[word] & bit != 0
    }
}

/// What symbols were found to bind to, by object, symbol index and way of asking: what was asked last
/// for each place, so that the symbols which an object names again and again are asked for once.
pub(crate) struct Memo {
    slots: Vec<(u64, Binding)>,
}

impl Memo {
    /// For objects with up to `count` relocations.
    pub fn new(count: usize) -> Self {
        const MOST: usize = 128; // half a page
        Self { slots: vec![(0, Binding { object: NONE, symbol: 0 }); count.next_power_of_two().min(MOST)] }
    }

    fn key(object: usize, symbol: u32, way: u64) -> u64 {
        (object as u64 + 1) << 34 | u64::from(symbol) << 2 | way
    }

    fn place(&self, symbol: u32, way: u64) -> usize {
        (u64::from(symbol) + way) as usize & (self.slots.len() - 1)
    }

    pub fn get(&self, object: usize, symbol: u32, way: u64) -> Option<Binding> {
        let (key, binding) = self.slots[self.place(symbol, way)];
        (key == Self::key(object, symbol, way)).then_some(binding)
    }

    /// Whether [`Memo::get`] has the symbol as an address or a call: nearly all are one of these.
    pub fn has(&self, object: usize, symbol: u32) -> bool {
        [0, 1].into_iter().any(|way| self.slots[self.place(symbol, way)].0 == Self::key(object, symbol, way))
    }

    pub fn put(&mut self, object: usize, symbol: u32, way: u64, binding: Binding) {
        let place = self.place(symbol, way);
        self.slots[place] = (Self::key(object, symbol, way), binding);
    }
}
