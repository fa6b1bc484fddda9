//! Finding a symbol by name and version in one object: DT_GNU_HASH and DT_HASH.
//!
//! Called by the scope walk for each object in turn. Rules are those of glibc's `do_lookup_x`
//! (2.36): a chain is walked to its end, versions decide between symbols of one name.

use super::dynamic::Dynamic;
use super::version::{Verdict, Version};
use super::{LE, Sym, Word, Xword, table};
use crate::error::Malformed;
use object::elf;
use object::pod::from_bytes;

/// What a reference asks for.
#[derive(Debug, Clone, Copy)]
pub struct Query<'q> {
    /// The symbol's name.
    pub name: &'q [u8],
    /// Its hash in DT_GNU_HASH.
    pub hash: u32,
    /// The version, if the reference has one.
    pub version: Option<Version<'q>>,
    /// Whether an undefined symbol with a value (a function's PLT entry in a fixed program) is an
    /// answer: yes for addresses, no for calls (psABI "Function Addresses").
    pub accepts_plt: bool,
    /// Without a version, the default one is meant and not the oldest.
    pub newest: bool,
}

impl<'q> Query<'q> {
    /// A query for `name` in `version` as an ordinary address.
    #[must_use]
    pub fn new(name: &'q [u8], version: Option<Version<'q>>) -> Self {
        Self::with_hash(name, elf::gnu_hash(name), version)
    }

    /// As [`Query::new`], where the hash is known.
    #[must_use]
    pub fn with_hash(name: &'q [u8], hash: u32, version: Option<Version<'q>>) -> Self {
        Self { name, hash, version, accepts_plt: true, newest: false }
    }
}

/// DT_GNU_HASH with its arrays checked: at least one bucket, a bloom filter of 2^n words.
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
        const BAD: &str = "arrays inside the segment";
        let (header, rest) = from_bytes::<elf::GnuHashHeader<object::LittleEndian>>(bytes)
            .map_err(|()| Malformed::new("DT_GNU_HASH", bytes.len() as u64, BAD))?;
        let (buckets, words) = (header.bucket_count.get(LE), header.bloom_count.get(LE));
        if buckets == 0 {
            return Err(Malformed::new("nbuckets of DT_GNU_HASH", 0, "at least 1"));
        }
        if !words.is_power_of_two() {
            return Err(Malformed::new("bloom size of DT_GNU_HASH", words.into(), "a power of two"));
        }
        let bloom: &[Xword] =
            table(rest, words.into()).ok_or(Malformed::new("bloom size of DT_GNU_HASH", words.into(), BAD))?;
        let rest = rest.get(size_of_val(bloom)..).unwrap_or_default();
        let buckets: &[Word] =
            table(rest, buckets.into()).ok_or(Malformed::new("nbuckets of DT_GNU_HASH", buckets.into(), BAD))?;
        let symbol_base = header.symbol_base.get(LE);
        let chains: &[Word] = super::array(rest.get(size_of_val(buckets)..).unwrap_or_default());
        let count = symbols.saturating_sub(symbol_base as usize);
        let chains = chains.get(..count).unwrap_or(chains);
        // Every bucket begins a chain that is there. All are looked at in a loop without a way out.
        let strays = |index: u32| (index != 0) & (index.wrapping_sub(symbol_base) as usize >= chains.len());
        let indexes = || buckets.iter().map(|bucket| bucket.get(LE));
        if indexes().fold(false, |any, index| any | strays(index))
            && let Some(index) = indexes().find(|index| strays(*index))
        {
            return Err(Malformed::new("bucket of DT_GNU_HASH", index.into(), "a symbol index of the table"));
        }
        Ok(Self { symbol_base, bloom, bloom_shift: header.bloom_shift.get(LE), buckets, chains })
    }

    /// One past the last symbol that a chain holds; those before `symbol_base` are counted too.
    #[must_use]
    pub fn symbol_count(&self) -> usize {
        let last = self.buckets.iter().map(|bucket| bucket.get(LE)).max().unwrap_or(0);
        let length = match last {
            0 => 0,
            _ => self
                .chain(last)
                .unwrap_or_default()
                .iter()
                .take_while(|word| word.get(LE) & 1 == 0)
                .count()
                .saturating_add(1),
        };
        if length == 0 { self.symbol_base as usize } else { (last as usize).saturating_add(length) }
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
    fn may_hold(&self, hash: u32) -> bool {
        let word = (hash as usize >> 6) & self.bloom.len().wrapping_sub(1);
        let word = self.bloom.get(word).map_or(0, |word| word.get(LE));
        let second = hash.checked_shr(self.bloom_shift).unwrap_or(0);
        (word >> (hash & 63)) & (word >> (second & 63)) & 1 != 0
    }

    /// The chain that symbols whose hash is `hash` are in, and the index of its first symbol.
    #[inline]
    fn chain_of(&self, hash: u32) -> (&'a [Word], u32) {
        let first = match self.may_hold(hash) {
            true => hash.checked_rem(self.buckets.len() as u32).and_then(|bucket| self.buckets.get(bucket as usize)),
            false => None,
        };
        let first = first.map_or(0, |word| word.get(LE));
        let chain = if first == 0 { None } else { self.chain(first) };
        (chain.unwrap_or_default(), first)
    }
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
        let bad = |place, found| Malformed::new(place, found, "arrays inside the segment");
        let (header, rest) = from_bytes::<elf::HashHeader<object::LittleEndian>>(bytes)
            .map_err(|()| bad("DT_HASH", bytes.len() as u64))?;
        let (nbucket, nchain) = (header.bucket_count.get(LE), header.chain_count.get(LE));
        if nbucket == 0 {
            return Err(Malformed::new("nbucket of DT_HASH", 0, "at least 1"));
        }
        let buckets: &[Word] = table(rest, nbucket.into()).ok_or(bad("nbucket of DT_HASH", nbucket.into()))?;
        let rest = rest.get(size_of_val(buckets)..).unwrap_or_default();
        let chains: &[Word] = table(rest, nchain.into()).ok_or(bad("nchain of DT_HASH", nchain.into()))?;
        // Whether every link stays inside and every chain ends is seen by counting visits: a table
        // whose chains are disjoint visits each symbol at most once.
        let mut left = chains.len();
        for bucket in if walk { buckets } else { &[] } {
            let mut index = bucket.get(LE);
            while index != 0 {
                left = left.checked_sub(1).ok_or(Malformed::new(
                    "chain of DT_HASH",
                    index.into(),
                    "chains that end and do not cross",
                ))?;
                index = chains
                    .get(index as usize)
                    .ok_or(Malformed::new("chain of DT_HASH", index.into(), "an index below nchain"))?
                    .get(LE);
            }
        }
        Ok(Self { buckets, chains })
    }

    /// nchain: the number of symbols.
    #[must_use]
    pub fn symbols(&self) -> usize {
        self.chains.len()
    }

    fn candidates(&self, name: &[u8]) -> impl Iterator<Item = u32> + use<'a> {
        let bucket = (elf::hash(name) as usize).checked_rem(self.buckets.len()).unwrap_or(0);
        let chains = self.chains;
        let first = self.buckets.get(bucket).map_or(0, |word| word.get(LE));
        core::iter::successors((first != 0).then_some(first), move |index| {
            chains.get(*index as usize).map(|word| word.get(LE)).filter(|next| *next != 0)
        })
    }
}

impl<'a> Dynamic<'a> {
    /// The index of the symbol that answers `query` in this object.
    #[must_use]
    pub fn find(&self, query: &Query<'_>) -> Option<u32> {
        let mut choice = Choice::default();
        if let Some(hash) = &self.gnu_hash {
            let (chain, first) = hash.chain_of(query.hash);
            for (word, index) in chain.iter().zip(first..) {
                let word = word.get(LE);
                if (word ^ query.hash) >> 1 == 0 && self.answers(query, index, &mut choice) {
                    return Some(index);
                }
                if word & 1 != 0 {
                    break;
                }
            }
        } else {
            let mut candidates = self.sysv_hash.as_ref()?.candidates(query.name);
            if let Some(index) = candidates.find(|index| self.answers(query, *index, &mut choice)) {
                return Some(index);
            }
        }
        let single = choice.single.filter(|_| choice.defaults == 1);
        single.filter(|index| self.symbols.get(*index as usize).is_some_and(is_visible))
    }

    /// Whether the object may define a symbol with this hash: what the bloom filter says.
    #[inline]
    #[must_use]
    pub fn may_define(&self, hash: u32) -> bool {
        self.gnu_hash.as_ref().is_none_or(|table| table.may_hold(hash))
    }

    /// The hash of symbol `index` as DT_GNU_HASH has it, which says nothing about the lowest bit; `None` for a
    /// symbol that is not in the table.
    #[inline]
    #[must_use]
    pub fn listed_hash(&self, index: u32) -> Option<u32> {
        Some(self.gnu_hash.as_ref()?.listed(index)?.get(LE))
    }

    /// How symbol `index` answers `query`; `None` if it has another name or is no definition.
    #[inline]
    #[must_use]
    pub fn verdict_at(&self, query: &Query<'_>, index: u32) -> Option<Verdict> {
        let symbol = self.symbols.get(index as usize)?;
        let answers = is_definition(symbol, query.accepts_plt) && self.strings.is(symbol.st_name.get(LE), query.name);
        answers.then(|| self.verdict(symbol, index, query.version.as_ref(), query.newest))
    }

    /// As [`Dynamic::verdict_at`] for a reference that this object makes by the same index: its name need
    /// not be read.
    #[must_use]
    pub fn verdict_on_itself(&self, index: u32, accepts_plt: bool) -> Option<Verdict> {
        let symbol = self.symbols.get(index as usize)?;
        let wanted = self.versions.wanted(index);
        is_definition(symbol, accepts_plt).then(|| self.verdict(symbol, index, wanted.as_ref(), false))
    }

    fn verdict(&self, symbol: &Sym, index: u32, wanted: Option<&Version<'_>>, newest: bool) -> Verdict {
        match self.versions.verdict(index, wanted, newest) {
            Verdict::Accept if !is_visible(symbol) => Verdict::Reject,
            verdict => verdict,
        }
    }

    /// Whether symbol `index` is the answer to `query`; notes in `choice` if it may be.
    fn answers(&self, query: &Query<'_>, index: u32, choice: &mut Choice) -> bool {
        match self.verdict_at(query, index) {
            Some(Verdict::Accept) => return true,
            Some(Verdict::OnlyIfSingle) => {
                choice.defaults = choice.defaults.saturating_add(1);
                choice.single.get_or_insert(index);
            }
            Some(Verdict::Reject) | None => {}
        }
        false
    }
}

/// An unversioned reference may have a versioned symbol, if it is the only default one.
#[derive(Default)]
struct Choice {
    single: Option<u32>,
    defaults: u32,
}

/// Whether `symbol` can answer at all: defined, and of a type that names code or data.
fn is_definition(symbol: &Sym, accepts_plt: bool) -> bool {
    let kind = symbol.st_type();
    let section = symbol.st_shndx.get(LE);
    let has_value = symbol.st_value.get(LE) != 0 || section == elf::SHN_ABS || kind == elf::STT_TLS;
    let defined = has_value && (section != elf::SHN_UNDEF || accepts_plt && kind != elf::STT_TLS);
    defined
        && matches!(
            kind,
            elf::STT_NOTYPE | elf::STT_OBJECT | elf::STT_FUNC | elf::STT_COMMON | elf::STT_TLS | elf::STT_GNU_IFUNC
        )
}

/// Whether other objects may bind to `symbol`.
fn is_visible(symbol: &Sym) -> bool {
    matches!(symbol.st_bind(), elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE)
        && !matches!(symbol.st_visibility(), elf::STV_HIDDEN | elf::STV_INTERNAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

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
