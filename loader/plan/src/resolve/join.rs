//! The join: every object of the scope scanned once for all references.
//!
//! Called by resolution, whose walk defines what is right: the join must find the same.

use super::references::{BATCH, References, UNREAD, key};
use super::{Packed, Prefetch, uniques};
use crate::elf::LE;
use crate::elf::dynamic::Dynamic;
use crate::elf::hash::GnuHash;
use crate::elf::version::Verdict;
use crate::fallible::{NoMemory, filled};
use alloc::vec::Vec;

/// An object with more hash entries than this many times the references left is asked for each of
/// them instead of being scanned: a look-up costs about as much as eight entries.
const SCAN_LIMIT: usize = 8;

impl<P: Prefetch> References<'_, '_, P> {
    /// Binds all references by going once through the hash entries of each object of the scope: the
    /// first object that answers wins, as in the walk. Whether it answers is asked in the same way as
    /// there; the scan only tells which references are worth asking for.
    pub fn join(&mut self, scope: [&[usize]; 2]) -> Result<(), NoMemory> {
        self.open = self.list.len();
        // Made when the first object is scanned.
        let mut filter: Option<Filter> = None;
        for number in scope.into_iter().flatten().copied() {
            let Some(dynamic) = self.dynamic(number).filter(|_| self.open > 0) else { continue };
            let most = self.open.saturating_mul(SCAN_LIMIT);
            let Some(hash) = dynamic.gnu_hash.filter(|hash| hash.chains.len() <= most) else {
                self.ask_each(number, dynamic)?;
                continue;
            };
            let filter = match &mut filter {
                Some(filter) => filter,
                none => none.insert(Filter::new(self.list.iter().map(|reference| reference.hash))?),
            };
            self.scan(number, dynamic, &hash, filter)?;
        }
        Ok(())
    }

    /// Goes through the entries of `hash`, the table of object `number`, and binds the references that it answers.
    #[inline(never)] // inside its only caller its loop has fewer registers
    fn scan(&mut self, number: usize, dynamic: &Dynamic<'_>, hash: &GnuHash, filter: &Filter) -> Result<(), NoMemory> {
        let (mut batch, mut count) = ([(0, 0); BATCH], 0usize);
        for (symbol, word) in (hash.symbol_base..).zip(hash.chains) {
            let word = word.get(LE);
            if filter.may_hold(word)
                && let Some(place) = batch.get_mut(count)
            {
                P::prefetch(self.place_of_first(word));
                P::prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
                *place = (word, symbol);
                count = count.wrapping_add(1);
                if count == BATCH {
                    self.offer_batch(number, dynamic, &batch)?;
                    count = 0;
                }
            }
        }
        self.offer_batch(number, dynamic, batch.get(..count).unwrap_or_default())
    }

    /// Asks object `number` for each reference that is open.
    fn ask_each(&mut self, number: usize, dynamic: &Dynamic<'_>) -> Result<(), NoMemory> {
        for at in 0..self.list.len() as u32 {
            let Some(reference) = self.reference(at).filter(|reference| reference.is_open()) else { continue };
            let mut hash = reference.hash;
            if reference.found == UNREAD {
                // Its own definition answers, unless another symbol of the name might come first.
                if reference.asker() == number
                    && dynamic.gnu_hash.is_some_and(|table| table.is_alone(reference.symbol))
                    && dynamic.verdict_on_itself(reference.symbol, reference.accepts_plt()) == Some(Verdict::Accept)
                {
                    self.bind(at, number, reference.symbol)?;
                    continue;
                }
                let (name, read) = self.name(reference);
                let length = name.len() as u32;
                hash = read;
                if let Some(reference) = self.list.get_mut(at as usize) {
                    (reference.hash, reference.found) = (hash, length);
                }
            }
            if dynamic.may_define(hash) {
                self.ask(at, number, dynamic)?;
            }
        }
        Ok(())
    }

    /// Object `number` has symbols with these hashes and indexes. What a step reads is asked for in the step
    /// before, for all together: otherwise most of the time would go by waiting for memory, name by name.
    fn offer_batch(&mut self, number: usize, dynamic: &Dynamic<'_>, batch: &[(u32, u32)]) -> Result<(), NoMemory> {
        for (hash, _) in batch {
            P::prefetch(self.list.as_ptr().wrapping_add(self.first(*hash) as usize));
        }
        // A reference that the object makes by this very symbol needs no names.
        for (hash, symbol) in batch {
            if let Some(reference) = self.reference(self.first(*hash))
                && key(reference.hash) == key(*hash)
                && (reference.asker(), reference.symbol) != (number, *symbol)
            {
                P::prefetch(self.names.as_ptr().wrapping_add(reference.name as usize));
                P::prefetch(dynamic.strings.tail(dynamic.st_name(*symbol)).as_ptr());
            }
        }
        batch.iter().try_for_each(|(hash, symbol)| self.offer(number, dynamic, *hash, *symbol))
    }

    /// Symbol `symbol` of object `number` has this hash: binds the references that it answers.
    #[inline]
    fn offer(&mut self, number: usize, dynamic: &Dynamic<'_>, hash: u32, symbol: u32) -> Result<(), NoMemory> {
        let mut at = self.first(hash);
        while let Some(reference) = self.reference(at) {
            let next = reference.next;
            if key(reference.hash) == key(hash) && reference.is_open() {
                let verdict = match (reference.asker(), reference.symbol) == (number, symbol) {
                    true => dynamic.verdict_on_itself(symbol, reference.accepts_plt()),
                    false => dynamic.verdict_at(&self.query(reference), symbol),
                };
                // Symbols come in the order of the chains: the first that is accepted is what the walk finds too.
                match verdict {
                    Some(Verdict::Accept) => self.bind(at, number, symbol)?,
                    Some(_) => self.ask(at, number, dynamic)?,
                    None => {}
                }
            }
            at = next;
        }
        Ok(())
    }

    /// Binds reference `at` if object `number` answers it.
    fn ask(&mut self, at: u32, number: usize, dynamic: &Dynamic<'_>) -> Result<(), NoMemory> {
        let found = self.reference(at).and_then(|reference| dynamic.find(&self.query(reference)));
        found.map_or(Ok(()), |symbol| self.bind(at, number, symbol))
    }

    fn bind(&mut self, at: u32, number: usize, symbol: u32) -> Result<(), NoMemory> {
        let count = self.list.len().div_ceil(64);
        if uniques::definition_of(self.objects, Packed::symbol(number, symbol)).is_some() {
            if self.uniques.is_empty() {
                self.uniques = filled(0, count)?;
            }
            if let Some(word) = self.uniques.get_mut(at as usize / 64) {
                *word |= 1 << (at % 64);
            }
        }
        if let Some(reference) = self.list.get_mut(at as usize) {
            (reference.definer, reference.found) = (number as u32, symbol);
            self.open = self.open.saturating_sub(1);
        }
        Ok(())
    }
}

/// A bitmap of the hashes that are referred to; small enough to stay in the cache.
struct Filter {
    words: Vec<u64>,
}

impl Filter {
    fn new(hashes: impl ExactSizeIterator<Item = u32>) -> Result<Self, NoMemory> {
        let count = (hashes.len() / 4).checked_next_power_of_two().ok_or(NoMemory)?.max(16);
        let mut filter = Self { words: filled(0, count)? };
        for hash in hashes {
            let (word, bit) = filter.place(hash);
            if let Some(word) = filter.words.get_mut(word) {
                *word |= bit;
            }
        }
        Ok(filter)
    }

    fn place(&self, hash: u32) -> (usize, u64) {
        let key = key(hash);
        ((key >> 6) as usize & self.words.len().wrapping_sub(1), 1 << (key & 63))
    }

    #[inline]
    fn may_hold(&self, hash: u32) -> bool {
        let (word, bit) = self.place(hash);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}
