//! The join: every object of the scope scanned once for all references.
//!
//! Called by `resolve`, whose walk defines what is right: the join must find the same.

use super::{ACCEPTS_PLT, BATCH, NONE, References, UNREAD, key};
use crate::arch::prefetch;
use crate::resolve::Binding;
use crate::uniques;
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::version::Verdict;

/// An object with more hash entries than this many times the references left is asked for each of
/// them instead of being scanned.
const SCAN_LIMIT: usize = 8;

impl References<'_> {
    /// Binds all references by going once through the hash entries of each object of the scope: the
    /// first object that answers wins, as in the walk. Whether it answers is asked in the same way as
    /// there; the scan only tells which references are worth asking for.
    pub fn join(&mut self, scope: [&[usize]; 2]) {
        let mut open = self.list.len();
        // Made when the first object is scanned.
        let mut filter: Option<Filter> = None;
        for number in scope.into_iter().flatten().copied() {
            if open == 0 {
                return;
            }
            let dynamic = &self.objects.list[number].dynamic;
            match &dynamic.gnu_hash {
                Some(hash) if hash.chains.len() <= open.saturating_mul(SCAN_LIMIT) => {
                    let filter = filter.get_or_insert_with(|| Filter::new(self.list.iter().map(|one| one.hash)));
                    let (mut batch, mut count) = ([(0, 0); BATCH], 0);
                    for (symbol, word) in (hash.symbol_base..).zip(hash.chains) {
                        let word = word.get(LE);
                        if filter.may_hold(word) {
                            prefetch(&self.buckets[self.bucket(word)]);
                            prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
                            batch[count] = (word, symbol);
                            count += 1;
                            if count == BATCH {
                                open -= self.offer_batch(number, &batch);
                                count = 0;
                            }
                        }
                    }
                    open -= self.offer_batch(number, &batch[..count]);
                }
                hash_table => {
                    for at in 0..self.list.len() as u32 {
                        let reference = &self.list[at as usize];
                        let Binding { object: NONE, symbol: length } = reference.found else { continue };
                        let mut hash = reference.hash;
                        // Its own definition answers, unless another symbol of the name might come first.
                        if length == UNREAD
                            && reference.asker >> 2 == number as u32
                            && hash_table.is_some_and(|table| table.is_alone(reference.symbol))
                            && dynamic.verdict_on_itself(reference.symbol, reference.asker & ACCEPTS_PLT != 0)
                                == Some(Verdict::Accept)
                        {
                            let found = Binding { object: number as u32, symbol: reference.symbol };
                            open -= usize::from(self.bind(at, found));
                            continue;
                        }
                        if length == UNREAD {
                            let (name, read) = self.name(reference);
                            hash = read;
                            let length = name.len() as u32;
                            let reference = &mut self.list[at as usize];
                            (reference.hash, reference.found.symbol) = (hash, length);
                        }
                        if dynamic.may_define(hash) {
                            open -= usize::from(self.ask(at, number));
                        }
                    }
                }
            }
        }
    }

    /// Object `number` has symbols with these hashes and indexes. What a step reads is asked for in the step
    /// before, for all together: otherwise most of the time would go by waiting for memory, name by name.
    fn offer_batch(&mut self, number: usize, batch: &[(u32, u32)]) -> usize {
        let dynamic = &self.objects.list[number].dynamic;
        let first = |hash: u32| self.list.get(self.buckets[self.bucket(hash)] as usize);
        for reference in batch.iter().filter_map(|(hash, _)| first(*hash)) {
            prefetch(reference);
        }
        // A reference that the object makes by this very symbol needs no names.
        for (hash, symbol) in batch {
            if let Some(asker) = first(*hash)
                && key(asker.hash) == key(*hash)
                && (asker.asker >> 2, asker.symbol) != (number as u32, *symbol)
            {
                prefetch(self.names.as_ptr().wrapping_add(asker.name as usize));
                let st_name = dynamic.symbols.get(*symbol as usize).map_or(0, |symbol| symbol.st_name.get(LE));
                prefetch(dynamic.strings.tail(st_name).as_ptr());
            }
        }
        batch.iter().map(|(hash, symbol)| self.offer(number, *hash, *symbol)).sum()
    }

    /// Symbol `symbol` of object `number` has this hash: binds the references that it answers.
    #[inline]
    fn offer(&mut self, number: usize, hash: u32, symbol: u32) -> usize {
        let dynamic = &self.objects.list[number].dynamic;
        let mut bound = 0;
        let mut at = self.buckets[self.bucket(hash)];
        while at != NONE {
            let reference = &self.list[at as usize];
            let next = reference.next;
            if key(reference.hash) == key(hash) && reference.found.object == NONE {
                let verdict = match (reference.asker >> 2, reference.symbol) == (number as u32, symbol) {
                    true => dynamic.verdict_on_itself(symbol, reference.asker & ACCEPTS_PLT != 0),
                    false => dynamic.verdict_at(&self.query(reference), symbol),
                };
                // Symbols come in the order of the chains: the first that is accepted is what the walk finds too.
                bound += usize::from(match verdict {
                    Some(Verdict::Accept) => self.bind(at, Binding { object: number as u32, symbol }),
                    Some(_) => self.ask(at, number),
                    None => false,
                });
            }
            at = next;
        }
        bound
    }

    /// Binds reference `at` if object `number` answers it.
    fn ask(&mut self, at: u32, number: usize) -> bool {
        let query = self.query(&self.list[at as usize]);
        let found = self.objects.list[number].dynamic.find(&query);
        found.is_some_and(|symbol| self.bind(at, Binding { object: number as u32, symbol }))
    }

    fn bind(&mut self, at: u32, found: Binding) -> bool {
        self.list[at as usize].found = found;
        if uniques::definition_of(self.objects, found).is_some() {
            self.uniques.resize(self.list.len().div_ceil(64), 0);
            self.uniques[at as usize / 64] |= 1 << (at % 64);
        }
        true
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
