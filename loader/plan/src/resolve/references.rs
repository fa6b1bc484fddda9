//! The table of the distinct references of all objects that are being resolved; [`super::join`] binds them.
//!
//! A name that fifty libraries refer to is hashed fifty times but looked up once; one that an object defines itself is
//! not even read.

use super::binding::Packed;
use super::{Class, Prefetch};
use crate::elf::dynamic::Dynamic;
use crate::elf::lookup::Query;
use crate::elf::version::{Version, Versions};
use crate::elf::{LE, Rela, Sym};
use crate::facts::Facts;
use crate::fallible::{NoMemory, filled, push, refill, with_capacity};
use crate::names::Index;
use alloc::vec::Vec;
use core::marker::PhantomData;
use object::elf;

const NONE: u32 = u32::MAX;
/// Batch size: relocations, or hashes, for which a pass of [`References::prepare`] or of the join prefetches together.
pub(super) const BATCH: usize = 32;
/// From this many buckets on (16 KiB of them) the table misses the nearer caches: names are then copied beside it, and
/// prefetching pays. In a smaller one both cost more than they save.
const MANY: usize = 4096;

/// There are thousands, on pages that nobody has touched; none lies in two lines of the cache.
#[repr(align(32))]
pub(super) struct Reference {
    /// The name's hash in DT_GNU_HASH; without its lowest bit as long as the name is [`UNREAD`].
    pub hash: u32,
    /// The next reference of the same bucket.
    pub next: u32,
    /// Number of an object that asks, above the bits [`ACCEPTS_PLT`] and [`IS_WEAK`].
    asker: u32,
    /// The symbol's index there.
    pub symbol: u32,
    /// Where the name begins in [`References::names`]; NONE if it is not there but only in the tables of the
    /// object that asks.
    pub name: u32,
    /// The version's number in [`References::versions`].
    version: u32,
    /// Number of the object it was bound to, or NONE.
    pub definer: u32,
    /// The index of the symbol it was bound to. As long as there is none the name's length, which need not be found out
    /// again for each object that is asked, or UNREAD.
    pub found: u32,
}

impl Reference {
    /// Number of the object that asks.
    pub const fn asker(&self) -> usize {
        (self.asker >> 2) as usize
    }

    /// Whether a PLT entry is an answer.
    pub const fn accepts_plt(&self) -> bool {
        self.asker & ACCEPTS_PLT != 0
    }

    pub const fn is_open(&self) -> bool {
        self.definer == NONE
    }
}

/// In place of a name's length: the name was not looked at.
pub(super) const UNREAD: u32 = u32::MAX;

/// What is known of the name of a symbol that is referred to: nothing yet, or itself, if it was read, and its hash.
///
/// The hash alone is from the object's own DT_GNU_HASH: all but the lowest bit, which is unknown, equals the name's hash.
/// Only for a symbol that the object defines itself, not under DT_SYMBOLIC: most of a large library's references
/// are of that kind, and their names are then never read, which saves a walk over pages that nobody else looks
/// at. (Where a damaged table has another hash than the name's, nobody finds the symbol by name; it binds to
/// itself.)
pub(super) type Name<'a> = Option<(Option<&'a [u8]>, u32)>;

/// How a reference is made: a PLT entry is an answer.
pub(super) const ACCEPTS_PLT: u32 = 1;
/// How a reference is made: there need not be an answer.
pub(super) const IS_WEAK: u32 = 2;

/// The table of references, by hash.
pub(super) struct References<'f, 'a, P> {
    pub objects: &'f [&'f Facts<'a>],
    pub list: Vec<Reference>,
    /// How many of them the join has still to bind.
    pub open: usize,
    /// First reference of each bucket; a power of two.
    buckets: Vec<u32>,
    /// The names of a large table, one behind the other: to compare with them here costs less than to look
    /// them up in the tables of a hundred objects.
    pub names: Vec<u8>,
    /// Versions asked for, the first being none.
    versions: Vec<Option<Version<'a>>>,
    by_version: Index,
    /// Numbers of the versions of the object whose references come now.
    translated: Vec<u32>,
    /// What is known of the names of a batch. Not on the stack, of which threads that open libraries have little at times.
    prepared: Vec<Name<'f>>,
    /// Whether a reference was bound to an STB_GNU_UNIQUE symbol, by number, 64 a word; empty if none was.
    pub uniques: Vec<u64>,
    prefetch: PhantomData<P>,
}

/// DT_GNU_HASH keeps all but the lowest bit of a hash in its chains: what both sides can compare.
pub(super) const fn key(hash: u32) -> u32 {
    hash >> 1
}

impl<'f, 'a, P: Prefetch> References<'f, 'a, P> {
    /// One table with room for `count` references, of which half are expected to be distinct, with names of `bytes` together.
    #[inline(never)] // a large structure until it is in the heap
    pub fn with_capacity(objects: &'f [&'f Facts<'a>], count: usize, bytes: usize) -> Result<Vec<Self>, NoMemory> {
        let buckets = filled(NONE, (count / 2).checked_next_power_of_two().ok_or(NoMemory)?.max(64))?;
        let bytes = if buckets.len() >= MANY { bytes.min(count.saturating_mul(128)) } else { 0 };
        let mut table = with_capacity(1)?;
        table.push(Self {
            objects,
            list: with_capacity(count)?,
            open: 0,
            buckets,
            names: with_capacity(bytes)?,
            versions: filled(None, 1)?,
            by_version: Index::default(),
            translated: Vec::new(),
            prepared: filled(None, BATCH)?,
            uniques: Vec::new(),
            prefetch: PhantomData,
        });
        Ok(table)
    }

    pub fn dynamic(&self, number: usize) -> Option<&'f Dynamic<'a>> {
        Some(&self.objects.get(number)?.dynamic)
    }

    pub fn reference(&self, at: u32) -> Option<&Reference> {
        self.list.get(at as usize)
    }

    /// The first reference of the bucket that `hash` is in.
    pub fn first(&self, hash: u32) -> u32 {
        self.buckets.get(self.bucket(hash)).copied().unwrap_or(NONE)
    }

    /// Where [`References::first`] reads, to be asked for ahead.
    pub fn place_of_first(&self, hash: u32) -> *const u32 {
        self.buckets.as_ptr().wrapping_add(self.bucket(hash))
    }

    /// The references that come now are those of object `asker`.
    pub fn begin(&mut self, asker: usize) -> Result<(), NoMemory> {
        let count = self.dynamic(asker).map_or(0, |dynamic| dynamic.versions.table.len());
        refill(&mut self.translated, NONE, count)
    }

    /// The number of the version with the number `own` in the object whose references come now.
    fn version(&mut self, versions: &Versions<'a>, own: usize) -> Result<u32, NoMemory> {
        let (Some(Some(version)), Some(number)) = (versions.table.get(own), self.translated.get_mut(own)) else {
            return Ok(0);
        };
        if *number == NONE {
            let is = |number: &u32| self.versions.get(*number as usize) == Some(&Some(*version));
            let known = self.by_version.candidates(version.hash).find(is);
            *number = known.unwrap_or(self.versions.len() as u32);
            if known.is_none() {
                self.by_version.try_insert(version.hash, *number)?;
                push(&mut self.versions, Some(*version))?;
            }
        }
        Ok(*number)
    }

    /// The name and its hash.
    pub fn name(&self, reference: &Reference) -> (&[u8], u32) {
        let Some(dynamic) = self.dynamic(reference.asker()) else { return Default::default() };
        let st_name = || dynamic.st_name(reference.symbol);
        let name = match reference.found {
            _ if !reference.is_open() => dynamic.strings.get(st_name().into()),
            UNREAD => return dynamic.strings.hashed(st_name()).unwrap_or_default(),
            length => match self.names.get(reference.name as usize..) {
                Some(tail) if reference.name != NONE => tail.get(..length as usize),
                _ => dynamic.strings.tail(st_name()).get(..length as usize),
            },
        };
        (name.unwrap_or_default(), reference.hash)
    }

    /// What is asked for.
    pub fn query(&self, reference: &Reference) -> Query<'_> {
        let (name, hash) = self.name(reference);
        let version = self.versions.get(reference.version as usize).copied().flatten();
        Query { accepts_plt: reference.accepts_plt(), ..Query::with_hash(name, hash, version) }
    }

    /// Whether the table outgrows the nearer caches: names are then kept together, and memory is asked for ahead.
    fn is_large(&self) -> bool {
        self.buckets.len() >= MANY
    }

    /// The number of the reference to symbol `symbol` of object `asker`, entered if it is new. `None` if its name
    /// lies outside DT_STRTAB.
    pub fn intern(&mut self, asker: usize, symbol: u32, name: Name<'_>, kind: u32) -> Result<Option<u32>, NoMemory> {
        if self.list.len() >= self.buckets.len() {
            self.grow()?;
        }
        let Some(dynamic) = self.dynamic(asker) else { return Ok(None) };
        let Some((mut name, hash)) = name.or_else(|| read(dynamic, symbol)) else { return Ok(None) };
        let length = name.map_or(UNREAD, |name| name.len() as u32);
        let asker = (asker as u32) << 2 | kind;
        let version = self.version(&dynamic.versions, dynamic.versions.number(symbol))?;
        let first = self.first(hash);
        let mut at = first;
        while let Some(known) = self.reference(at) {
            let unread = length == UNREAD || known.found == UNREAD;
            if (known.hash == hash || unread && key(known.hash) == key(hash))
                && (known.asker ^ asker) & (ACCEPTS_PLT | IS_WEAK) == 0
                && known.version == version
            {
                if (known.asker, known.symbol) == (asker, symbol) {
                    return Ok(Some(at));
                }
                name = name.or_else(|| dynamic.strings.get(dynamic.st_name(symbol).into()));
                let Some(name) = name else { return Ok(None) };
                if self.name(known).0 == name {
                    return Ok(Some(at));
                }
            }
            at = known.next;
        }
        let stored = match name.filter(|_| length != UNREAD && self.is_large()) {
            Some(name) => self.store(name)?,
            None => NONE,
        };
        let number = self.list.len() as u32;
        let new = Reference { hash, next: first, asker, symbol, name: stored, version, definer: NONE, found: length };
        push(&mut self.list, new)?;
        let bucket = self.bucket(hash);
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            *bucket = number;
        }
        Ok(Some(number))
    }

    /// Where `name` begins among the names kept, to which it is added; NONE where they have outgrown the numbers.
    fn store(&mut self, name: &[u8]) -> Result<u32, NoMemory> {
        let Some(at) = u32::try_from(self.names.len()).ok().filter(|at| *at != NONE) else { return Ok(NONE) };
        self.names.try_reserve(name.len())?;
        self.names.extend_from_slice(name);
        Ok(at)
    }

    /// Names of the symbols that `relocations` of object `asker` refer to, but for those that `known` has. What
    /// [`References::intern`] is going to read for them is asked for, step by step for all together: otherwise
    /// most of the time would go by waiting for memory, name by name. A small table is near anyway.
    pub fn prepare(&mut self, asker: usize, relocations: &[Rela], known: impl Fn(u32) -> bool) {
        let mut names = core::mem::take(&mut self.prepared);
        names.fill(None);
        self.look_at_names(asker, relocations, &mut names, known);
        self.prepared = names;
    }

    /// What [`References::prepare`] found out about the name of relocation `at` of the batch.
    pub fn prepared(&self, at: usize) -> Name<'f> {
        self.prepared.get(at).copied().flatten()
    }

    fn look_at_names(&self, asker: usize, relocations: &[Rela], names: &mut [Name<'f>], known: impl Fn(u32) -> bool) {
        let Some(dynamic) = self.dynamic(asker) else { return };
        let symbols = || relocations.iter().take(BATCH).map(|rela| rela.r_sym(LE, false));
        let listed = |index: u32, symbol: &Sym| {
            // DT_SYMBOLIC: the object is asked by name first.
            let listed = symbol.st_shndx.get(LE) != elf::SHN_UNDEF && !dynamic.symbolic;
            dynamic.listed_hash(index).filter(|_| listed && dynamic.strings.may_name(symbol.st_name.get(LE)))
        };
        let ahead = if self.is_large() { BATCH } else { 0 };
        for symbol in symbols().take(ahead) {
            P::prefetch(dynamic.symbols.as_ptr().wrapping_add(symbol as usize));
            if let Some(word) = dynamic.gnu_hash.as_ref().and_then(|table| table.listed(symbol)) {
                P::prefetch(word);
            }
            if let Some(entry) = dynamic.versions.entry(symbol) {
                P::prefetch(entry);
            }
        }
        let mut before = 0;
        for (place, index) in names.iter_mut().zip(symbols()) {
            if index != before
                && !known(index)
                && let Some(symbol) = dynamic.symbols.get(index as usize)
            {
                if let Some(hash) = listed(index, symbol) {
                    *place = Some((None, hash));
                } else if ahead > 0 {
                    let tail = dynamic.strings.tail(symbol.st_name.get(LE));
                    P::prefetch(tail.as_ptr());
                    *place = Some((Some(tail), 0));
                }
            }
            before = index;
        }
        self.read_names(dynamic, symbols().take(ahead), names.get_mut(..ahead).unwrap_or_default());
    }

    /// Second half of [`References::prepare`]: what was asked for is read, and what the table has for it is asked for.
    fn read_names(&self, dynamic: &'f Dynamic<'a>, symbols: impl Iterator<Item = u32>, names: &mut [Name<'f>]) {
        for (place, index) in names.iter_mut().zip(symbols) {
            if let Some((Some(_), _)) = place {
                *place = read(dynamic, index);
            }
            if let Some((_, hash)) = place {
                P::prefetch(self.place_of_first(*hash));
            }
        }
        let hashes = || names.iter().flatten().map(|(_, hash)| *hash);
        for hash in hashes() {
            P::prefetch(self.list.as_ptr().wrapping_add(self.first(hash) as usize));
        }
        let same = |hash: u32| self.reference(self.first(hash)).filter(|reference| key(reference.hash) == key(hash));
        for reference in hashes().filter_map(same) {
            P::prefetch(self.names.as_ptr().wrapping_add(reference.name as usize));
        }
    }

    fn bucket(&self, hash: u32) -> usize {
        key(hash) as usize & self.buckets.len().wrapping_sub(1)
    }

    fn grow(&mut self) -> Result<(), NoMemory> {
        let size = self.buckets.len().saturating_mul(4).max(256);
        refill(&mut self.buckets, NONE, size)?;
        for (number, reference) in self.list.iter_mut().enumerate() {
            let bucket = key(reference.hash) as usize & size.wrapping_sub(1);
            if let Some(bucket) = self.buckets.get_mut(bucket) {
                reference.next = core::mem::replace(bucket, number as u32);
            }
        }
        Ok(())
    }

    /// Asks for what [`References::found`] is going to read.
    #[inline]
    pub fn prefetch(&self, number: u32) {
        P::prefetch(self.list.as_ptr().wrapping_add(number as usize));
    }

    /// Whether a reference was bound to a unique symbol.
    #[inline]
    pub fn is_unique(&self, number: u32) -> bool {
        self.uniques.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    /// What a reference was bound to.
    #[inline]
    pub fn found(&self, number: u32) -> Packed {
        match self.reference(number) {
            Some(reference) if !reference.is_open() => Packed::symbol(reference.definer as usize, reference.found),
            Some(reference) if reference.asker & IS_WEAK == 0 => Packed::MISSING,
            _ => Packed::UNDEFINED,
        }
    }
}

/// Reads the name of symbol `index`; `None` if it lies outside DT_STRTAB.
fn read<'a>(dynamic: &Dynamic<'a>, index: u32) -> Name<'a> {
    dynamic.strings.hashed(dynamic.st_name(index)).map(|(name, hash)| (Some(name), hash))
}

/// What symbols were found to bind to, by object, symbol index and the class of the relocation: what was asked last
/// for each place, so that the symbols which an object names again and again are asked for once.
pub(super) struct Memo {
    slots: Vec<(u64, Packed)>,
}

impl Memo {
    /// For objects with up to `count` relocations.
    pub fn new(count: usize) -> Result<Self, NoMemory> {
        const MOST: usize = 128; // half a page
        let count = count.min(MOST).checked_next_power_of_two().unwrap_or(MOST);
        Ok(Self { slots: filled((0, Packed::UNDEFINED), count)? })
    }

    const fn key(object: usize, symbol: u32, class: Class) -> u64 {
        (object as u64).wrapping_add(1) << 36 | (symbol as u64) << 4 | class as u64
    }

    fn place(&self, symbol: u32, class: Class) -> usize {
        (symbol as usize).wrapping_add(class as usize) & self.slots.len().wrapping_sub(1)
    }

    pub fn get(&self, object: usize, symbol: u32, class: Class) -> Option<Packed> {
        let (key, binding) = self.slots.get(self.place(symbol, class))?;
        (*key == Self::key(object, symbol, class)).then_some(*binding)
    }

    /// Whether [`Memo::get`] has the symbol as an address or a call: nearly all are one of these.
    pub fn has(&self, object: usize, symbol: u32) -> bool {
        [Class::Address, Class::Call].into_iter().any(|class| self.get(object, symbol, class).is_some())
    }

    pub fn put(&mut self, object: usize, symbol: u32, class: Class, binding: Packed) {
        let place = self.place(symbol, class);
        if let Some(slot) = self.slots.get_mut(place) {
            *slot = (Self::key(object, symbol, class), binding);
        }
    }
}
