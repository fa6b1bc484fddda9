//! The two hash tables of a symbol table, their arrays checked: DT_GNU_HASH and DT_HASH (gABI "Hash Table").
//!
//! Made by [`super::dynamic`]; [`super::lookup`] and resolution walk them.

use super::{LE, Word, Xword, table};
use crate::error::Malformed;
use object::elf;
use object::pod::from_bytes;

/// How many buckets are judged, so that a table said to be of 16 GiB is not read from end to end: more than any real one
/// has. Look-ups stay inside the arrays and end in any case.
const JUDGED: usize = 1 << 20;

/// DT_GNU_HASH with its arrays checked: a bloom filter of 2^n words, or nothing at all.
#[derive(Debug, Clone, Copy)]
pub struct GnuHash<'a> {
    /// Index of the first symbol in the table.
    pub symbol_base: u32,
    /// Bloom filter.
    pub bloom: &'a [Xword],
    /// How far a hash is shifted for the filter's second bit.
    pub bloom_shift: u32,
    /// First symbol index of each bucket, or 0.
    pub buckets: &'a [Word],
    /// Hashes by symbol index from `symbol_base` on; bit 0 ends a chain. Runs to the segment's end
    /// or to the symbol table's, whichever is nearer.
    pub chains: &'a [Word],
}

impl<'a> GnuHash<'a> {
    pub(super) fn parse(bytes: &'a [u8], symbols: usize) -> Result<Self, Malformed> {
        let (header, rest) = from_bytes::<elf::GnuHashHeader<object::LittleEndian>>(bytes)
            .map_err(|()| cut("DT_GNU_HASH", bytes.len() as u64))?;
        let (buckets, words) = (header.bucket_count.get(LE), header.bloom_count.get(LE));
        if buckets == 0 {
            return Ok(Self { symbol_base: 0, bloom: &[], bloom_shift: 0, buckets: &[], chains: &[] }); // it holds nothing
        }
        if !words.is_power_of_two() {
            return Err(Malformed::new("bloom size of DT_GNU_HASH", words.into(), "a power of two"));
        }
        let bloom: &[Xword] = table(rest, words.into()).ok_or(cut("bloom size of DT_GNU_HASH", words.into()))?;
        let rest = rest.get(size_of_val(bloom)..).unwrap_or_default();
        let buckets: &[Word] = table(rest, buckets.into()).ok_or(cut("nbuckets of DT_GNU_HASH", buckets.into()))?;
        let symbol_base = header.symbol_base.get(LE);
        let chains: &[Word] = super::array(rest.get(size_of_val(buckets)..).unwrap_or_default());
        let count = symbols.saturating_sub(symbol_base as usize);
        let chains = chains.get(..count).unwrap_or(chains);
        // Every bucket begins a chain that is there.
        let judged = buckets.get(..JUDGED).unwrap_or(buckets);
        if let Some(index) = stray(rest, judged, symbol_base, chains.len()) {
            return Err(Malformed::new("bucket of DT_GNU_HASH", index.into(), "a symbol index of the table"));
        }
        Ok(Self { symbol_base, bloom, bloom_shift: header.bloom_shift.get(LE), buckets, chains })
    }

    /// One past the last symbol that a chain holds; those before `symbol_base` are counted too.
    #[must_use]
    pub fn symbol_count(&self) -> usize {
        let last = self.buckets.iter().map(|bucket| bucket.get(LE)).max().unwrap_or(0);
        let Some(chain) = self.chain(last).filter(|_| last != 0) else { return self.symbol_base as usize };
        let goes_on = chain.iter().take_while(|word| word.get(LE) & 1 == 0).count();
        (last as usize).saturating_add(goes_on).saturating_add(1)
    }

    /// Where the hash of symbol `index` stands.
    #[inline]
    #[must_use]
    pub fn listed(&self, index: u32) -> Option<&'a Word> {
        self.chains.get(index.checked_sub(self.symbol_base)? as usize)
    }

    /// Whether no other symbol in the chain of symbol `index` has its hash, as far as the table tells.
    #[must_use]
    pub fn is_alone(&self, index: u32) -> bool {
        let at = index.wrapping_sub(self.symbol_base) as usize;
        let (Some(before), Some(after)) = (self.chains.get(..at), self.chains.get(at..)) else { return false };
        let Some((own, after)) = after.split_first() else { return false };
        let own = own.get(LE);
        let before = before.iter().rev().map(|word| word.get(LE)).take_while(|word| word & 1 == 0);
        let mut goes_on = own & 1 == 0;
        let after =
            after.iter().map(|word| word.get(LE)).take_while(|word| core::mem::replace(&mut goes_on, word & 1 == 0));
        before.chain(after).all(|word| (word ^ own) >> 1 != 0)
    }

    /// The hashes from symbol `index` on.
    fn chain(&self, index: u32) -> Option<&'a [Word]> {
        let start = index.checked_sub(self.symbol_base)? as usize;
        self.chains.get(start..).filter(|chain| !chain.is_empty())
    }

    /// Whether the bloom filter lets `hash` pass.
    #[inline]
    pub(super) fn may_hold(&self, hash: u32) -> bool {
        let word = (hash as usize >> 6) & self.bloom.len().wrapping_sub(1);
        let word = self.bloom.get(word).map_or(0, |word| word.get(LE));
        let second = hash.checked_shr(self.bloom_shift).unwrap_or(0);
        (word >> (hash & 63)) & (word >> (second & 63)) & 1 != 0
    }

    /// The chain that symbols whose hash is `hash` are in, and the index of its first symbol.
    #[inline]
    pub(super) fn chain_of(&self, hash: u32) -> Option<(&'a [Word], u32)> {
        let first = self.buckets.get(hash.checked_rem(self.buckets.len() as u32)? as usize)?.get(LE);
        if first == 0 { None } else { Some((self.chain(first)?, first)) }
    }
}

/// The first of `indexes`, with which `bytes` begin, that is neither 0 nor one of the `count` from `base` on. They are looked at
/// two in a word: libc.so.6 has a thousand, for each process.
fn stray(bytes: &[u8], indexes: &[Word], base: u32, count: usize) -> Option<u32> {
    const TOP: u64 = 1 << 31;
    let both = |half: u64| half << 32 | half;
    let mut unknown = indexes;
    if let Some(room) = TOP.checked_sub((count as u64).saturating_add(base.into())) {
        // To each half something is added by which it gets its highest bit: from the end on; from `base` on; but for 0. What has
        // it before counts as found, too, for it runs over.
        let (behind, inside) = (both(room), both(TOP.saturating_sub(base.max(1).into())));
        let judge = |found: u64, pair: &Xword| {
            let pair = pair.get(LE);
            let inside = pair.wrapping_add(inside) ^ pair.wrapping_add(both(TOP.wrapping_sub(1)));
            found | pair | pair.wrapping_add(behind) | inside
        };
        let (twos, rest) = super::array::<Xword>(bytes.get(..size_of_val(indexes))?).as_chunks::<2>();
        let found = twos.iter().fold(0, |found, [one, other]| judge(judge(found, one), other));
        if rest.iter().fold(found, judge) & both(TOP) == 0 {
            // All but the last of an odd number.
            unknown = indexes.get(indexes.len() & !1..)?;
        }
    }
    let strays = |index: &u32| *index != 0 && index.wrapping_sub(base) as usize >= count;
    unknown.iter().map(|index| index.get(LE)).find(strays)
}

/// DT_HASH with its arrays checked.
#[derive(Debug, Clone, Copy)]
pub struct SysvHash<'a> {
    /// First symbol index of each bucket, or 0.
    pub buckets: &'a [Word],
    /// Next symbol index by symbol index, or 0.
    pub chains: &'a [Word],
}

impl<'a> SysvHash<'a> {
    /// `walk` asks for a look at every chain; without it only the arrays' bounds are judged, which is
    /// enough where DT_GNU_HASH answers and this table only tells the number of symbols.
    pub(super) fn parse(bytes: &'a [u8], walk: bool) -> Result<Self, Malformed> {
        let (header, rest) = from_bytes::<elf::HashHeader<object::LittleEndian>>(bytes)
            .map_err(|()| cut("DT_HASH", bytes.len() as u64))?;
        let (nbucket, nchain) = (header.bucket_count.get(LE), header.chain_count.get(LE));
        let buckets: &[Word] = table(rest, nbucket.into()).ok_or(cut("nbucket of DT_HASH", nbucket.into()))?;
        let rest = rest.get(size_of_val(buckets)..).unwrap_or_default();
        let chains: &[Word] = table(rest, nchain.into()).ok_or(cut("nchain of DT_HASH", nchain.into()))?;
        // Whether every link stays inside and every chain ends is seen by counting visits: a table
        // whose chains are disjoint visits each symbol at most once.
        let mut left = chains.len();
        for bucket in buckets.iter().take(if walk { JUDGED } else { 0 }) {
            let mut index = bucket.get(LE);
            while index != 0 {
                let bad = |expected| Malformed::new("chain of DT_HASH", index.into(), expected);
                left = left.checked_sub(1).ok_or(bad("chains that end and do not cross"))?;
                index = chains.get(index as usize).ok_or(bad("an index below nchain"))?.get(LE);
            }
        }
        Ok(Self { buckets, chains })
    }

    /// nchain: the number of symbols.
    #[must_use]
    pub fn symbols(&self) -> usize {
        self.chains.len()
    }

    pub(super) fn candidates(&self, name: &[u8]) -> impl Iterator<Item = u32> + use<'a> {
        let bucket = (elf::hash(name) as usize).checked_rem(self.buckets.len()).unwrap_or(0);
        let chains = self.chains;
        let first = self.buckets.get(bucket).map_or(0, |word| word.get(LE));
        core::iter::successors((first != 0).then_some(first), move |index| {
            chains.get(*index as usize).map(|word| word.get(LE)).filter(|next| *next != 0)
        })
        .take(chains.len())
    }
}

/// The arrays that field `place` counts do not lie inside the segment.
fn cut(place: &'static str, found: u64) -> Malformed {
    Malformed::new(place, found, "arrays inside the segment")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_stray_bucket_is_found_wherever_it_is() {
        let cases = [(0, 9), (1, 9), (7, 9), (7, 0), (0x7fff_fff0, 16), (0x7fff_fff0, 17), (1 << 31, 5), (u32::MAX, 1)];
        for (base, count) in cases {
            let end = base.wrapping_add(count);
            let some =
                [0, 1, base.wrapping_sub(1), base, base.wrapping_add(1), end.wrapping_sub(1), end, 1 << 31, u32::MAX];
            for (length, at, index) in (0..6).flat_map(|length| {
                (0..length).flat_map(move |at: usize| some.into_iter().map(move |index| (length, at, index)))
            }) {
                let good = if count > 0 { base } else { 0 };
                let words: Vec<u32> = (0..length).map(|word| if word == at { index } else { good }).collect();
                let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                let is_stray =
                    index != 0 && !(u64::from(base)..u64::from(base) + u64::from(count)).contains(&index.into());
                let found = stray(&bytes, super::super::array(&bytes), base, count as usize);
                assert_eq!(found, is_stray.then_some(index), "{words:x?} from {base:x}, {count}");
            }
        }
    }

    #[test]
    fn a_symbol_is_alone_if_its_chain_has_its_hash_once() {
        // Two chains, each ended by a lowest bit of 1: hashes 10, 20, 10 and 20, 30 but for that bit.
        let words: Vec<Word> = [10, 20, 11, 20, 31].into_iter().map(|word| Word::new(LE, word)).collect();
        let table = GnuHash { symbol_base: 7, bloom: &[], bloom_shift: 0, buckets: &[], chains: &words };
        let alone: Vec<bool> = (6..13).map(|index| table.is_alone(index)).collect();
        assert_eq!(alone, [false, false, true, false, true, true, false]);
        assert_eq!(table.listed(9).map(|word| word.get(LE)), Some(11));
        assert!(table.listed(6).is_none() && table.listed(12).is_none());
    }
}
