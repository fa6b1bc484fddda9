//! The dynamic section and every table it names, as checked slices (gABI chapter 5).
//!
//! Called once per object, after its headers were accepted and its bytes can be read. Everything
//! later (search, look-up, relocation, init order) works on the result.

use super::hash::{GnuHash, SysvHash};
use super::header::{Headers, Range, Segment};
use super::strings::Strings;
use super::version::Versions;
use super::{Dyn, LE, Memory, Part, Rela, Sym, Xword, array, table};
use crate::error::{Cause, Malformed};
use crate::fallible::{push, with_capacity};
use alloc::vec::Vec;
use object::elf::{self, DynamicTag};

/// More entries than any dynamic section holds.
pub const MAX_DYNAMIC: usize = 1 << 16;

/// An object that is searched before the one that names it, its filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filtee {
    /// DT_FILTER: without it the filter cannot be used.
    Wanted,
    /// DT_AUXILIARY: where it cannot be had the filter does alone.
    Auxiliary,
}

/// An object's dynamic section. Addresses are before the load bias.
#[derive(Debug, Default)]
pub struct Dynamic<'a> {
    /// DT_STRTAB.
    pub strings: Strings<'a>,
    /// DT_SYMTAB, up to what follows it: an upper bound, for the count is nowhere stated.
    pub symbols: &'a [Sym],
    /// DT_GNU_HASH.
    pub gnu_hash: Option<GnuHash<'a>>,
    /// DT_HASH.
    pub sysv_hash: Option<SysvHash<'a>>,
    /// Symbol versions.
    pub versions: Versions<'a>,
    /// DT_RELA.
    pub rela: &'a [Rela],
    /// DT_JMPREL.
    pub plt: &'a [Rela],
    /// DT_RELR.
    pub relr: &'a [Xword],
    /// DT_NEEDED in order, and among them DT_FILTER and DT_AUXILIARY.
    pub needed: Vec<&'a [u8]>,
    /// Which of `needed` are not DT_NEEDED.
    pub filtees: Vec<(usize, Filtee)>,
    /// DT_SONAME.
    pub soname: Option<&'a [u8]>,
    /// DT_RPATH; without effect when DT_RUNPATH exists.
    pub rpath: Option<&'a [u8]>,
    /// DT_RUNPATH.
    pub runpath: Option<&'a [u8]>,
    /// DT_INIT, inside an executable segment.
    pub init: Option<u64>,
    /// DT_FINI, inside an executable segment.
    pub fini: Option<u64>,
    /// DT_PREINIT_ARRAY.
    pub preinit_array: Range,
    /// DT_INIT_ARRAY.
    pub init_array: Range,
    /// DT_FINI_ARRAY.
    pub fini_array: Range,
    /// DT_SYMBOLIC or DF_SYMBOLIC: references look here first.
    pub symbolic: bool,
    /// DT_BIND_NOW, DF_BIND_NOW or DF_1_NOW.
    pub bind_now: bool,
    /// References without a version mean the default one and not the oldest: those of an object built for another libc.
    pub newest: bool,
    /// DT_FLAGS_1.
    pub flags_1: u64,
    /// Where DT_DEBUG's value is.
    pub debug: Option<u64>,
    /// Ranges of the tables above that lie in writable segments: relocations must not change them.
    pub guarded: Vec<Range>,
    /// DT_TEXTREL: relocations change segments that are not writable.
    pub text_relocations: bool,
    /// The entries as they stand in the file, for the tables a libc or a debugger reads.
    pub entries: Vec<(i64, u64)>,
}

/// The entries that are needed before the others can be judged.
#[derive(Default)]
struct Raw {
    strtab: Option<u64>,
    strsz: u64,
    symtab: Option<u64>,
    gnu_hash: Option<u64>,
    hash: Option<u64>,
    versym: Option<u64>,
    verneed: Option<u64>,
    verdef: Option<u64>,
    verdefnum: u64,
    rela: (Option<u64>, u64),
    jmprel: (Option<u64>, u64),
    relr: (Option<u64>, u64),
}

/// A table's address, and its size where one is stated.
type Table = (Option<u64>, Option<u64>);

impl Raw {
    /// Every table, those without a stated size first.
    const fn tables(&self) -> [Table; 10] {
        [
            (self.symtab, None),
            (self.gnu_hash, None),
            (self.hash, None),
            (self.versym, None),
            (self.verneed, None),
            (self.verdef, None),
            (self.strtab, Some(self.strsz)),
            (self.rela.0, Some(self.rela.1)),
            (self.jmprel.0, Some(self.jmprel.1)),
            (self.relr.0, Some(self.relr.1)),
        ]
    }
}

/// Where the tables in `part` of a segment end: at the latest with those whose size is stated, if one of these
/// begins last. What follows is code and data.
fn end(tables: &[Table; 10], part: Range) -> u64 {
    let (mut last, mut end) = ((0, false), 0);
    for (at, size) in tables {
        let Some(at) = at.filter(|at| *size != Some(0) && part.holds(*at, 1)) else { continue };
        last = last.max((at, size.is_none()));
        end = end.max(size.and_then(|size| at.checked_add(size)).filter(|end| *end <= part.end()).unwrap_or(0));
    }
    if last.1 || end == 0 { part.end() } else { end }
}

/// What [`Dynamic::parse`] reads of an object beside its dynamic `section`: in the file part of each segment, from the
/// first table to the end of the last. Of a section that it refuses, nothing.
#[must_use]
pub fn tables(headers: &Headers, section: &[u8]) -> Vec<Range> {
    let collected = headers.dynamic.and_then(|range| Dynamic::default().collect(headers, range, section).ok());
    let Some(raw) = collected else { return Vec::new() };
    let tables = raw.tables();
    let of = |part: Range| {
        let places = tables.iter().filter(|(_, size)| *size != Some(0)).filter_map(|(at, _)| *at);
        let vaddr = places.filter(|at| part.holds(*at, 1)).min()?;
        Some(Range { vaddr, size: end(&tables, part).saturating_sub(vaddr) })
    };
    headers.segments.iter().map(Segment::file_part).filter_map(of).collect()
}

/// A table's place, or the error that names the tag.
fn found<T>(value: Option<T>, tag: &'static str, at: u64) -> Result<T, Malformed> {
    value.ok_or(Malformed::new(tag, at, "a table inside one segment's file part"))
}

impl<'a> Dynamic<'a> {
    /// As [`Dynamic::fill`], of an empty one.
    pub fn parse(headers: &Headers, memory: Memory<'_, 'a>) -> Result<Self, Cause> {
        let mut dynamic = Self::default();
        dynamic.fill(headers, memory)?;
        Ok(dynamic)
    }

    /// Judges the dynamic section of an object with `headers`, whose bytes are in `memory`. In place, for threads that open
    /// libraries have small stacks at times. Without one (a static program) nothing changes. Long, for each table is judged
    /// by those before it, and their order is best seen in one place.
    pub fn fill(&mut self, headers: &Headers, memory: Memory<'_, 'a>) -> Result<(), Cause> {
        let Some(range) = headers.dynamic else { return Ok(()) };
        let section = found(memory.bytes(range.vaddr, range.size), "PT_DYNAMIC", range.vaddr)?;
        let dynamic = self;
        let raw = dynamic.collect(headers, range, section)?;
        let tables = raw.tables();
        let bounded = |part: &Part<'a>| {
            let uncounted =
                tables.iter().any(|(at, size)| size.is_none() && at.is_some_and(|at| part.range().holds(at, 1)));
            if uncounted { part.until(end(&tables, part.range())) } else { *part }
        };
        let parts: Vec<Part<'a>> = memory.parts.iter().map(bounded).collect();
        let memory = Memory::new(&parts);

        if let Some(at) = raw.strtab {
            dynamic.strings = Strings(found(memory.bytes(at, raw.strsz), "DT_STRTAB", at)?);
            dynamic.guard(headers, at, raw.strsz);
        }
        if let Some(at) = raw.symtab {
            let mut bytes = found(memory.tail(at), "DT_SYMTAB", at)?;
            // Where the string table follows in the same segment the symbols end before it.
            if let Some(room) = raw.strtab.and_then(|strtab| strtab.checked_sub(at)) {
                bytes = usize::try_from(room).ok().and_then(|room| bytes.get(..room)).unwrap_or(bytes);
            }
            dynamic.symbols = array(bytes);
        }
        let tail = |at: Option<u64>, tag| at.map(|at| found(memory.tail(at), tag, at)).transpose();
        if let Some(bytes) = tail(raw.gnu_hash, "DT_GNU_HASH")? {
            dynamic.gnu_hash = Some(GnuHash::parse(bytes, dynamic.symbols.len())?);
        }
        if let Some(bytes) = tail(raw.hash, "DT_HASH")? {
            let hash = SysvHash::parse(bytes, raw.gnu_hash.is_none())?;
            let count = hash.symbols();
            if count > dynamic.symbols.len() {
                let expected = "as many symbols as DT_SYMTAB holds";
                return Err(Malformed::new("nchain of DT_HASH", count as u64, expected).into());
            }
            // Without DT_HASH the count is unknown: the chains end at the last exported symbol, which is
            // the table's last entry for every linker, but an object that exports nothing tells nothing.
            dynamic.symbols = dynamic.symbols.get(..count).unwrap_or_default();
            dynamic.sysv_hash = Some(hash);
        }
        let versym = tail(raw.versym, "DT_VERSYM")?.unwrap_or_default();
        let (needed, defined) = (tail(raw.verneed, "DT_VERNEED")?, tail(raw.verdef, "DT_VERDEF")?);
        dynamic.versions = Versions::parse(versym, needed, (defined, raw.verdefnum), dynamic.strings)?;

        dynamic.rela = entries(memory, raw.rela, "DT_RELA", "DT_RELASZ")?;
        dynamic.plt = entries(memory, raw.jmprel, "DT_JMPREL", "DT_PLTRELSZ")?;
        dynamic.relr = entries(memory, raw.relr, "DT_RELR", "DT_RELRSZ")?;
        if let Some(at) = raw.symtab {
            dynamic.end_symbols(headers, at);
        }
        for (at, size) in [raw.rela, raw.jmprel, raw.relr] {
            dynamic.guard(headers, at.unwrap_or(0), size);
        }
        for (tag, offset) in &dynamic.entries {
            let name = || dynamic.strings.named("name in the dynamic section", *offset);
            match DynamicTag(*tag) {
                elf::DT_NEEDED | elf::DT_FILTER | elf::DT_AUXILIARY => {
                    let filtee = match DynamicTag(*tag) {
                        elf::DT_FILTER => Some(Filtee::Wanted),
                        elf::DT_AUXILIARY => Some(Filtee::Auxiliary),
                        _ => None,
                    };
                    if let Some(filtee) = filtee {
                        push(&mut dynamic.filtees, (dynamic.needed.len(), filtee))?;
                    }
                    push(&mut dynamic.needed, name()?)?;
                }
                elf::DT_SONAME => dynamic.soname = Some(name()?),
                elf::DT_RPATH => dynamic.rpath = Some(name()?),
                elf::DT_RUNPATH => dynamic.runpath = Some(name()?),
                _ => {}
            }
        }
        Ok(dynamic.check_code(headers)?)
    }

    /// One pass over the entries up to DT_NULL. Long, with one arm a tag.
    fn collect(&mut self, headers: &Headers, range: Range, section: &[u8]) -> Result<Raw, Cause> {
        let mut raw = Raw::default();
        let all: &[Dyn] = array(section);
        // Once, for vectors that grow side by side leave many pages behind that were touched for nothing.
        self.entries = with_capacity(all.len().min(MAX_DYNAMIC))?;
        let mut at = range.vaddr;
        for entry in all {
            let (tag, value) = (entry.d_tag.get(LE), entry.d_val.get(LE));
            match tag {
                elf::DT_NULL => return Ok(raw),
                elf::DT_STRTAB => raw.strtab = Some(value),
                elf::DT_STRSZ => raw.strsz = value,
                elf::DT_SYMTAB => raw.symtab = Some(value),
                elf::DT_SYMENT => expect("DT_SYMENT", value, 24, "24")?,
                elf::DT_GNU_HASH => raw.gnu_hash = Some(value),
                elf::DT_HASH => raw.hash = Some(value),
                elf::DT_VERSYM => raw.versym = Some(value),
                elf::DT_VERNEED => raw.verneed = Some(value),
                elf::DT_VERDEF => raw.verdef = Some(value),
                elf::DT_VERDEFNUM => raw.verdefnum = value,
                elf::DT_RELA => raw.rela.0 = Some(value),
                elf::DT_RELASZ => raw.rela.1 = value,
                elf::DT_RELAENT => expect("DT_RELAENT", value, 24, "24")?,
                elf::DT_JMPREL => raw.jmprel.0 = Some(value),
                elf::DT_PLTRELSZ => raw.jmprel.1 = value,
                elf::DT_PLTREL => expect("DT_PLTREL", value, 7, "7 (DT_RELA)")?,
                elf::DT_RELR => raw.relr.0 = Some(value),
                elf::DT_RELRSZ => raw.relr.1 = value,
                elf::DT_RELRENT => expect("DT_RELRENT", value, 8, "8")?,
                elf::DT_REL => {
                    return Err(Malformed::new("DT_REL", value, crate::arch::NO_REL).into());
                }
                elf::DT_INIT => self.init = Some(value).filter(|init| *init != 0),
                elf::DT_FINI => self.fini = Some(value).filter(|fini| *fini != 0),
                elf::DT_PREINIT_ARRAY => self.preinit_array.vaddr = value,
                elf::DT_PREINIT_ARRAYSZ => self.preinit_array.size = value,
                elf::DT_INIT_ARRAY => self.init_array.vaddr = value,
                elf::DT_INIT_ARRAYSZ => self.init_array.size = value,
                elf::DT_FINI_ARRAY => self.fini_array.vaddr = value,
                elf::DT_FINI_ARRAYSZ => self.fini_array.size = value,
                elf::DT_SYMBOLIC => self.symbolic = true,
                elf::DT_BIND_NOW => self.bind_now = true,
                elf::DT_TEXTREL => self.text_relocations = true,
                elf::DT_FLAGS => {
                    self.text_relocations |= value & elf::DF_TEXTREL.0 != 0;
                    self.symbolic |= value & elf::DF_SYMBOLIC.0 != 0;
                    self.bind_now |= value & elf::DF_BIND_NOW.0 != 0;
                }
                elf::DT_FLAGS_1 => {
                    self.flags_1 = value;
                    self.bind_now |= value & elf::DF_1_NOW.0 != 0;
                }
                elf::DT_DEBUG => {
                    let place = at.wrapping_add(8);
                    self.debug = headers.segment_of(place, 8).filter(|segment| segment.write).map(|_| place);
                }
                _ => {}
            }
            self.entries.push((tag.0, value));
            if self.entries.len() > MAX_DYNAMIC {
                break;
            }
            at = at.wrapping_add(16);
        }
        // The section's end is an end, too: what follows is zero in memory where a file has no DT_NULL.
        if self.entries.len() <= MAX_DYNAMIC {
            return Ok(raw);
        }
        Err(Malformed::new("PT_DYNAMIC", self.entries.len() as u64, "at most 2^16 entries").into())
    }

    /// What is to be guarded of DT_SYMTAB at `at`: as many symbols as the hash tables and the relocations know. Behind
    /// these may be data.
    fn end_symbols(&mut self, headers: &Headers, at: u64) {
        if headers.segment_of(at, 1).is_some_and(|segment| segment.write) {
            let named = self.rela.iter().chain(self.plt).map(|rela| rela.r_sym(LE, false) as usize).max();
            let count = self.symbol_count().max(named.unwrap_or(0).saturating_add(1));
            self.symbols = self.symbols.get(..count).unwrap_or(self.symbols);
            self.guard(headers, at, size_of_val(self.symbols) as u64);
        }
    }

    fn guard(&mut self, headers: &Headers, vaddr: u64, size: u64) {
        if size > 0 && headers.segment_of(vaddr, 1).is_some_and(|segment| segment.write) {
            self.guarded.push(Range { vaddr, size });
        }
    }

    /// Functions and function arrays lie where they can be run and read.
    fn check_code(&self, headers: &Headers) -> Result<(), Malformed> {
        for (tag, vaddr) in [("DT_INIT", self.init), ("DT_FINI", self.fini)] {
            if let Some(vaddr) = vaddr.filter(|vaddr| !headers.is_code(*vaddr)) {
                return Err(Malformed::new(tag, vaddr, "an address in an executable segment"));
            }
        }
        for (tag, range) in [
            ("DT_PREINIT_ARRAY", self.preinit_array),
            ("DT_INIT_ARRAY", self.init_array),
            ("DT_FINI_ARRAY", self.fini_array),
        ] {
            if range.size > 0 && (range.vaddr % 8 != 0 || headers.segment_of(range.vaddr, range.size).is_none()) {
                return Err(Malformed::new(tag, range.vaddr, "an aligned table inside one segment"));
            }
        }
        Ok(())
    }

    /// What `needed[index]` is, if it is no DT_NEEDED.
    #[must_use]
    pub fn filtee(&self, index: usize) -> Option<Filtee> {
        self.filtees.iter().find(|(at, _)| *at == index).map(|(_, filtee)| *filtee)
    }

    /// Bounds what an inspection goes through by the bytes that the file `held`: a longer table has holes, of which all
    /// entries are void.
    pub fn cut(&mut self, held: u64) {
        self.symbols = within(self.symbols, held);
        (self.rela, self.plt, self.relr) = (within(self.rela, held), within(self.plt, held), within(self.relr, held));
        if let Some(hash) = &mut self.gnu_hash {
            hash.chains = within(hash.chains, held);
        }
    }

    /// How many symbols the hash tables tell of: nchain, or one past the last entry of the last chain.
    #[must_use]
    pub fn symbol_count(&self) -> usize {
        match (&self.sysv_hash, &self.gnu_hash) {
            (Some(hash), _) => hash.symbols(),
            (None, Some(hash)) => hash.symbol_count(),
            (None, None) => 0,
        }
    }

    /// st_name of symbol `index`; 0, the empty name, if there is none.
    #[must_use]
    pub fn st_name(&self, index: u32) -> u32 {
        self.symbols.get(index as usize).map_or(0, |symbol| symbol.st_name.get(LE))
    }

    /// The name of `symbol`.
    #[must_use]
    pub fn symbol_name(&self, symbol: &Sym) -> Option<&'a [u8]> {
        self.strings.get(symbol.st_name.get(LE).into())
    }

    /// DT_RELA in two parts: what DT_RELACOUNT says is relative, which relocation checks, and the rest.
    #[must_use]
    pub fn relative_and_rest(&self) -> (&'a [Rela], &'a [Rela]) {
        let relative = self.entry(elf::DT_RELACOUNT).unwrap_or(0);
        let relative = usize::try_from(relative).unwrap_or(usize::MAX).min(self.rela.len());
        self.rela.split_at_checked(relative).unwrap_or((&[], self.rela))
    }

    /// The value of the last entry with `tag`, which counts, as it stands in the file.
    #[must_use]
    pub fn entry(&self, tag: DynamicTag) -> Option<u64> {
        self.entries.iter().rfind(|(known, _)| *known == tag.0).map(|(_, value)| *value)
    }

    /// The entries with `tags` in a section that may be written: where the value of each stands, and what the file has there.
    pub fn values(&self, headers: &Headers, tags: &[DynamicTag]) -> impl Iterator<Item = (u64, u64)> {
        let start = headers.dynamic.filter(|_| headers.dynamic_writable).map(|range| range.vaddr);
        tags.iter().filter_map(move |tag| {
            let index = self.entries.iter().rposition(|(known, _)| *known == tag.0)?;
            let entry = start?.wrapping_add((index as u64).wrapping_mul(16));
            Some((entry.wrapping_add(8), self.entries.get(index)?.1))
        })
    }

    /// The text that entry `tag` names.
    #[must_use]
    #[inline(never)] // for tags that hardly a file has
    pub fn text(&self, tag: DynamicTag) -> Option<&'a [u8]> {
        self.strings.get(self.entry(tag)?)
    }

    /// Whether DT_FLAGS_1 has all bits of `flag`.
    #[must_use]
    pub fn has_flag_1(&self, flag: elf::DynamicFlags1) -> bool {
        self.flags_1 & flag.0 != 0
    }
}

pub(super) fn expect(place: &'static str, found: u64, want: u64, expected: &'static str) -> Result<(), Malformed> {
    if found == want { Ok(()) } else { Err(Malformed::new(place, found, expected)) }
}

/// As many entries of `table` as `held` bytes have room for.
fn within<T>(table: &[T], held: u64) -> &[T] {
    let count = usize::try_from(held).unwrap_or(usize::MAX).checked_div(size_of::<T>()).unwrap_or(0);
    table.get(..count).unwrap_or(table)
}

/// A table given by address and size in bytes. One of size 0 is empty wherever it says it is.
fn entries<'a, T: object::pod::Pod>(
    memory: Memory<'_, 'a>,
    (at, size): (Option<u64>, u64),
    tag: &'static str,
    size_tag: &'static str,
) -> Result<&'a [T], Malformed> {
    let Some(at) = at.filter(|_| size > 0) else { return Ok(&[]) };
    let unit = size_of::<T>() as u64;
    if size.checked_rem(unit) != Some(0) {
        return Err(Malformed::new(size_tag, size, "a multiple of the entry size"));
    }
    let bytes = found(memory.bytes(at, size), tag, at)?;
    found(table(bytes, size.checked_div(unit).unwrap_or(0)), tag, at)
}
