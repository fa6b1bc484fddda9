//! Finding a symbol by name and version in one object: DT_GNU_HASH and DT_HASH.
//!
//! Called by the scope walk for each object in turn. Rules are those of glibc's `do_lookup_x`
//! (2.36): a chain is walked to its end, versions decide between symbols of one name.

use super::dynamic::Dynamic;
use super::version::{Verdict, Version};
use super::{LE, Sym};
use object::elf;

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

impl<'a> Dynamic<'a> {
    /// What a reference by symbol `index` asks for; `None` if its name lies outside DT_STRTAB.
    #[inline(always)] // for each reference that is walked
    #[must_use]
    pub fn query(&self, index: u32, accepts_plt: bool) -> Option<Query<'a>> {
        let (name, hash) = self.strings.hashed(self.st_name(index))?;
        Some(Query { accepts_plt, newest: self.newest, ..Query::with_hash(name, hash, self.versions.wanted(index)) })
    }

    /// The index of the symbol that answers `query` in this object.
    #[must_use]
    pub fn find(&self, query: &Query<'_>) -> Option<u32> {
        let mut choice = None;
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
        choice.flatten().filter(|index| self.symbols.get(*index as usize).is_some_and(is_visible))
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
    fn answers(&self, query: &Query<'_>, index: u32, choice: &mut Option<Option<u32>>) -> bool {
        match self.verdict_at(query, index) {
            Some(Verdict::Accept) => return true,
            Some(Verdict::OnlyIfSingle) => *choice = Some(choice.is_none().then_some(index)),
            Some(Verdict::Reject) | None => {}
        }
        false
    }
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
