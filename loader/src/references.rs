//! The table of the distinct references of all objects that are being resolved; `join` binds them.
//!
//! Called by `resolve`. A name that fifty libraries refer to is hashed fifty times but looked up once; one that an
//! object defines itself is not even read.

mod join;

use crate::arch::prefetch;
use crate::object::Objects;
use crate::resolve::Binding;
use alloc::vec;
use alloc::vec::Vec;
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::version::{Version, Versions};
use ld_rs_plan::elf::{LE, Rela, Sym};
use ld_rs_plan::names::Index;
use object::elf;

const NONE: u32 = u32::MAX;
/// As many relocations, or hashes, are looked at together.
pub(crate) const BATCH: usize = 32;
/// A table with fewer buckets fits into the nearer caches.
const MANY: usize = 4096;

/// There are thousands, on pages that nobody has touched; none lies in two lines of the cache.
#[repr(align(32))]
struct Reference {
    /// The name's hash in DT_GNU_HASH; without its lowest bit as long as the name is [`UNREAD`].
    hash: u32,
    /// The next reference of the same bucket.
    next: u32,
    /// Number of an object that asks, above the bits [`ACCEPTS_PLT`] and [`IS_WEAK`].
    asker: u32,
    /// The symbol's index there.
    symbol: u32,
    /// Where the name begins in [`References::names`]; NONE if it is not there but only in the tables of the
    /// object that asks.
    name: u32,
    /// The version's number in [`References::versions`].
    version: u32,
    /// What it was bound to. As long as that is open the object is NONE and the symbol the name's length,
    /// which need not be found out again for each object that is asked, or UNREAD.
    found: Binding,
}

/// In place of a name's length: the name was not looked at.
const UNREAD: u32 = u32::MAX;

/// What is known of the name of a symbol that is referred to.
#[derive(Clone, Copy)]
pub(crate) enum Name<'a> {
    /// Nothing yet.
    Unknown,
    /// Its hash but for the lowest bit, from the object's own DT_GNU_HASH: enough for a symbol that the object
    /// defines itself, and most of a large library's references are of that kind. The names of those are
    /// then never read, which saves a walk over pages that nobody else looks at. (Where a damaged table has
    /// another hash than the name's, nobody finds the symbol by name; it binds to itself.)
    Listed(u32),
    /// Name and hash.
    Read(&'a [u8], u32),
}

impl Name<'_> {
    fn hash(self) -> Option<u32> {
        match self {
            Name::Unknown => None,
            Name::Listed(hash) | Name::Read(_, hash) => Some(hash),
        }
    }
}

/// A PLT entry is an answer.
const ACCEPTS_PLT: u32 = 1;
/// The reference is weak: there need not be an answer.
const IS_WEAK: u32 = 2;

/// The table of references, by hash.
pub(crate) struct References<'a> {
    objects: &'a Objects,
    list: Vec<Reference>,
    /// First reference of each bucket; a power of two.
    buckets: Vec<u32>,
    /// The names of a large table, one behind the other: to compare with them here costs less than to look
    /// them up in the tables of a hundred objects.
    names: Vec<u8>,
    /// Versions asked for, the first being none.
    versions: Vec<Option<Version<'a>>>,
    by_version: Index,
    /// Numbers of the versions of the object whose references come now.
    translated: Vec<u32>,
    /// Whether a reference was bound to an STB_GNU_UNIQUE symbol, by number, 64 a word; empty if none was.
    uniques: Vec<u64>,
}

/// DT_GNU_HASH keeps all but the lowest bit of a hash in its chains: what both sides can compare.
fn key(hash: u32) -> u32 {
    hash >> 1
}

impl<'a> References<'a> {
    /// Room for `count` references, of which half are expected to be distinct, with names of `bytes` together.
    pub fn with_capacity(objects: &'a Objects, count: usize, bytes: usize) -> Self {
        let buckets = vec![NONE; (count / 2).next_power_of_two().max(64)];
        let bytes = if buckets.len() >= MANY { bytes.min(count.saturating_mul(128)) } else { 0 };
        Self {
            objects,
            list: Vec::with_capacity(count),
            buckets,
            names: Vec::with_capacity(bytes),
            versions: vec![None],
            by_version: Index::default(),
            translated: Vec::new(),
            uniques: Vec::new(),
        }
    }

    /// The references that come now are those of object `asker`.
    pub fn begin(&mut self, asker: usize) {
        self.translated.clear();
        self.translated.resize(self.objects.list[asker].dynamic.versions.table().len(), NONE);
    }

    /// The number of the version with the number `own` in the object whose references come now.
    fn version(&mut self, versions: &Versions<'a>, own: usize) -> u32 {
        let Some(Some(version)) = versions.table().get(own) else { return 0 };
        if self.translated[own] == NONE {
            let is = |number: &u32| self.versions[*number as usize] == Some(*version);
            let known = self.by_version.candidates(version.hash).find(is);
            self.translated[own] = known.unwrap_or(self.versions.len() as u32);
            if known.is_none() {
                self.by_version.insert(version.hash, self.translated[own]);
                self.versions.push(Some(*version));
            }
        }
        self.translated[own]
    }

    fn asker(&self, reference: &Reference) -> &'a Dynamic<'static> {
        &self.objects.list[(reference.asker >> 2) as usize].dynamic
    }

    /// The name and its hash.
    fn name(&self, reference: &Reference) -> (&[u8], u32) {
        let dynamic = self.asker(reference);
        let st_name = || dynamic.symbols.get(reference.symbol as usize).map_or(0, |symbol| symbol.st_name.get(LE));
        let name = match reference.found {
            Binding { object: NONE, symbol: UNREAD } => return dynamic.strings.hashed(st_name()).unwrap_or_default(),
            Binding { object: NONE, symbol: length } if reference.name != NONE => {
                self.names.get(reference.name as usize..).and_then(|tail| tail.get(..length as usize))
            }
            Binding { object: NONE, symbol: length } => dynamic.strings.tail(st_name()).get(..length as usize),
            _ => dynamic.strings.get(st_name().into()),
        };
        (name.unwrap_or_default(), reference.hash)
    }

    /// What is asked for.
    fn query(&self, reference: &Reference) -> Query<'_> {
        let (name, hash) = self.name(reference);
        let accepts_plt = reference.asker & ACCEPTS_PLT != 0;
        Query { accepts_plt, ..Query::with_hash(name, hash, self.versions[reference.version as usize]) }
    }

    /// Whether the table outgrows the nearer caches: names are then kept together, and memory is asked for ahead.
    fn is_large(&self) -> bool {
        self.buckets.len() >= MANY
    }

    /// The number of the reference to symbol `symbol` of object `asker`, as an answer to which a PLT entry will
    /// do or not, entered if it is new. `None` if its name lies outside DT_STRTAB.
    pub fn intern(
        &mut self,
        (asker, symbol): (usize, u32),
        name: Name<'_>,
        (accepts_plt, weak): (bool, bool),
    ) -> Option<u32> {
        if self.list.len() >= self.buckets.len() {
            self.grow();
        }
        let dynamic = &self.objects.list[asker].dynamic;
        let st_name = || Some(dynamic.symbols.get(symbol as usize)?.st_name.get(LE));
        let (mut name, hash) = match name {
            Name::Listed(hash) => (None, hash),
            Name::Read(name, hash) => (Some(name), hash),
            Name::Unknown => dynamic.strings.hashed(st_name()?).map(|(name, hash)| (Some(name), hash))?,
        };
        let length = name.map_or(UNREAD, |name| name.len() as u32);
        let asker = (asker as u32) << 2 | if accepts_plt { ACCEPTS_PLT } else { 0 } | if weak { IS_WEAK } else { 0 };
        let version = self.version(&dynamic.versions, dynamic.versions.number(symbol));
        let bucket = self.bucket(hash);
        let mut at = self.buckets[bucket];
        while at != NONE {
            let known = &self.list[at as usize];
            let unread = length == UNREAD || known.found.symbol == UNREAD;
            if (known.hash == hash || unread && key(known.hash) == key(hash))
                && (known.asker ^ asker) & (ACCEPTS_PLT | IS_WEAK) == 0
                && known.version == version
            {
                if (known.asker, known.symbol) == (asker, symbol) {
                    return Some(at);
                }
                let name = match name {
                    Some(name) => name,
                    None => *name.insert(dynamic.strings.get(st_name()?.into())?),
                };
                if self.name(known).0 == name {
                    return Some(at);
                }
            }
            at = known.next;
        }
        let number = self.list.len() as u32;
        let stored = match name.filter(|_| length != UNREAD && self.is_large()) {
            Some(name) => {
                let at = u32::try_from(self.names.len()).unwrap_or(NONE);
                if at != NONE {
                    self.names.extend_from_slice(name);
                }
                at
            }
            None => NONE,
        };
        let found = Binding { object: NONE, symbol: length };
        self.list.push(Reference { hash, next: self.buckets[bucket], asker, symbol, name: stored, version, found });
        self.buckets[bucket] = number;
        Some(number)
    }

    /// Names of the symbols that `relocations` of object `asker` refer to, but for those that `known` has. What
    /// [`References::intern`] is going to read for them is asked for, step by step for all together: otherwise
    /// most of the time would go by waiting for memory, name by name. A small table is near anyway.
    pub fn prepare(
        &self,
        asker: usize,
        relocations: &[Rela],
        names: &mut [Name<'a>; BATCH],
        known: impl Fn(u32) -> bool,
    ) {
        let dynamic = &self.objects.list[asker].dynamic;
        let symbols = || relocations.iter().take(BATCH).map(|rela| rela.r_sym(LE, false));
        let listed = |index: u32, symbol: &Sym| {
            // DT_SYMBOLIC: the object is asked by name first.
            let listed = symbol.st_shndx.get(LE) != elf::SHN_UNDEF && !dynamic.symbolic;
            dynamic.listed_hash(index).filter(|_| listed && dynamic.strings.may_name(symbol.st_name.get(LE)))
        };
        if !self.is_large() {
            for (place, index) in names.iter_mut().zip(symbols()) {
                let symbol = dynamic.symbols.get(index as usize);
                *place = symbol.and_then(|symbol| listed(index, symbol)).map_or(Name::Unknown, Name::Listed);
            }
            return;
        }
        for symbol in symbols() {
            prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
            if let Some(word) = dynamic.gnu_hash.as_ref().and_then(|table| table.listed(symbol)) {
                prefetch(word);
            }
            if let Some(entry) = dynamic.versions.entry(symbol) {
                prefetch(entry);
            }
        }
        let mut before = 0;
        for (place, index) in names.iter_mut().zip(symbols()) {
            if index != before
                && !known(index)
                && let Some(symbol) = dynamic.symbols.get(index as usize)
            {
                match listed(index, symbol) {
                    Some(hash) => *place = Name::Listed(hash),
                    None => {
                        let tail = dynamic.strings.tail(symbol.st_name.get(LE));
                        prefetch(tail.as_ptr());
                        *place = Name::Read(tail, 0);
                    }
                }
            }
            before = index;
        }
        for (place, index) in names.iter_mut().zip(symbols()) {
            if let Name::Read(..) = place {
                let st_name = dynamic.symbols.get(index as usize).map_or(0, |symbol| symbol.st_name.get(LE));
                *place = dynamic.strings.hashed(st_name).map_or(Name::Unknown, |(name, hash)| Name::Read(name, hash));
            }
            if let Some(hash) = place.hash() {
                prefetch(&self.buckets[self.bucket(hash)]);
            }
        }
        let hashes = || names.iter().filter_map(|name| name.hash());
        let first = |hash: u32| self.buckets[self.bucket(hash)] as usize;
        for hash in hashes() {
            prefetch(self.list.as_ptr().wrapping_add(first(hash)));
        }
        let same = |hash: u32| self.list.get(first(hash)).filter(|reference| key(reference.hash) == key(hash));
        for reference in hashes().filter_map(same) {
            prefetch(self.names.as_ptr().wrapping_add(reference.name as usize));
        }
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

    /// Asks for what [`References::found`] is going to read.
    #[inline]
    pub fn prefetch(&self, number: u32) {
        prefetch(self.list.as_ptr().wrapping_add(number as usize));
    }

    /// Whether a reference was bound to a unique symbol.
    #[inline]
    pub fn is_unique(&self, number: u32) -> bool {
        self.uniques.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
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
