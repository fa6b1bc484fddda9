//! Symbol versions (gABI "Symbol Versioning", LSB 10.7): .gnu.version, .gnu.version_r, .gnu.version_d.
//!
//! Read once per object by [`super::dynamic`]; [`super::lookup`] compares with the result.

use super::dynamic::expect;
use super::strings::Strings;
use super::{LE, array};
use crate::error::{Cause, Malformed};
use crate::fallible::{NoMemory, push, with_capacity};
use alloc::vec::Vec;
use object::LittleEndian;
use object::elf::{self, Verdaux, Verdef, Vernaux, Verneed};
use object::endian::U16;
use object::pod::from_bytes;

/// A version by name and hash, as a definition or as a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version<'a> {
    /// The SysV hash of `name`.
    pub hash: u32,
    /// Such as `GLIBC_2.3`.
    pub name: &'a [u8],
    /// Whether the reference asks for exactly this version, never for a default (`VERSYM_HIDDEN`).
    pub hidden: bool,
}

impl Version<'_> {
    /// Whether it is `other`, by hash and name.
    #[inline]
    pub(crate) fn is(&self, other: &Version<'_>) -> bool {
        self.hash == other.hash && self.name == other.name
    }
}

/// A version that one object needs of another.
#[derive(Debug, Clone, Copy)]
pub struct Need<'a> {
    /// The other object's soname.
    pub file: &'a [u8],
    /// The version.
    pub version: Version<'a>,
    /// VER_FLG_WEAK: its absence is no error.
    pub weak: bool,
}

/// All version facts of an object.
#[derive(Debug, Default)]
pub struct Versions<'a> {
    /// One entry a symbol: index and hidden bit. Empty when the object has no versions.
    symbols: &'a [U16<LittleEndian>],
    /// By index, both definitions and needs; the base version is left out, as in glibc.
    pub table: Vec<Option<Version<'a>>>,
    /// Every version defined, the base version included.
    pub defined: Vec<Version<'a>>,
    /// Every version needed.
    pub needs: Vec<Need<'a>>,
    /// In a process of musl, whose loader does not know versions: who asks for one that the object does not have gets the
    /// default symbol of the name.
    pub are_wishes: bool,
}

/// More definitions than any library has, and more versions than one needs of another: what is beyond makes the tables grow.
const MOST_EXPECTED: usize = 256;
/// Room for versions needed, in the table of both.
const OTHERS: usize = 6;

/// The most versions that there are indexes of: each needed one is looked for among all that are defined.
const MOST: usize = 1 << 15;

/// VERSYM_HIDDEN.
const HIDDEN: u16 = 0x8000;

impl<'a> Versions<'a> {
    /// Takes the three tables; each slice runs to the end of its segment's file part. The number of
    /// definitions is what DT_VERDEFNUM says: a hint.
    pub(super) fn parse(
        symbols: &'a [u8],
        needed: Option<&'a [u8]>,
        (defined, count): (Option<&'a [u8]>, u64),
        strings: Strings<'a>,
    ) -> Result<Self, Cause> {
        let mut versions = Self { symbols: array(symbols), ..Self::default() };
        let count = usize::try_from(count).unwrap_or(0).min(MOST_EXPECTED);
        if count > 0 {
            versions.defined = with_capacity(count)?;
            versions.table = with_capacity(count.saturating_add(OTHERS))?;
        }
        if let Some(bytes) = needed {
            versions.parse_needed(bytes, strings)?;
        }
        if let Some(bytes) = defined {
            versions.parse_defined(bytes, strings)?;
        }
        Ok(versions)
    }

    // Both walks end: every step goes forward by at least an entry's size.
    fn parse_needed(&mut self, bytes: &'a [u8], strings: Strings<'a>) -> Result<(), Cause> {
        const BAD: Malformed = Malformed::new("DT_VERNEED", 0, "entries inside the segment");
        let mut rest = bytes;
        loop {
            let (need, _) = from_bytes::<Verneed<LittleEndian>>(rest).map_err(|()| BAD)?;
            expect("vn_version", need.vn_version.get(LE).into(), 1, "1")?;
            let file = strings.named("vn_file", need.vn_file.get(LE))?;
            let mut aux = step(rest, need.vn_aux.get(LE), 16).ok_or(BAD)?;
            self.needs.try_reserve(usize::from(need.vn_cnt.get(LE)).min(MOST_EXPECTED)).map_err(NoMemory::from)?;
            for _ in 0..need.vn_cnt.get(LE) {
                let (entry, _) = from_bytes::<Vernaux<LittleEndian>>(aux).map_err(|()| BAD)?;
                let name = strings.named("vna_name", entry.vna_name.get(LE))?;
                let index = entry.vna_other.get(LE).0;
                let version = Version { hash: entry.vna_hash.get(LE), name, hidden: index & HIDDEN != 0 };
                let weak = entry.vna_flags.get(LE).contains(elf::VER_FLG_WEAK);
                push(&mut self.needs, Need { file, version, weak })?;
                self.put(index, version)?;
                // Entries may stand anywhere, but each has bytes of its own.
                let count = self.needs.len();
                if count.saturating_mul(16) > bytes.len() || count > MOST {
                    return Err(Malformed::new("DT_VERNEED", count as u64, "entries that do not overlap").into());
                }
                match entry.vna_next.get(LE) {
                    0 => break,
                    next => aux = step(aux, next, 16).ok_or(BAD)?,
                }
            }
            match need.vn_next.get(LE) {
                0 => return Ok(()),
                next => rest = step(rest, next, 16).ok_or(BAD)?,
            }
        }
    }

    fn parse_defined(&mut self, bytes: &'a [u8], strings: Strings<'a>) -> Result<(), Cause> {
        const BAD: Malformed = Malformed::new("DT_VERDEF", 0, "entries inside the segment");
        let mut rest = bytes;
        loop {
            let (def, _) = from_bytes::<Verdef<LittleEndian>>(rest).map_err(|()| BAD)?;
            expect("vd_version", def.vd_version.get(LE).into(), 1, "1")?;
            let aux = step(rest, def.vd_aux.get(LE), 20).ok_or(BAD)?;
            let (aux, _) = from_bytes::<Verdaux<LittleEndian>>(aux).map_err(|()| BAD)?;
            let name = strings.named("vda_name", aux.vda_name.get(LE))?;
            let version = Version { hash: def.vd_hash.get(LE), name, hidden: false };
            push(&mut self.defined, version)?;
            if self.defined.len() > MOST {
                return Err(Malformed::new("DT_VERDEF", self.defined.len() as u64, "at most 2^15 entries").into());
            }
            if !def.vd_flags.get(LE).contains(elf::VER_FLG_BASE) {
                self.put(def.vd_ndx.get(LE).0, version)?;
            }
            match def.vd_next.get(LE) {
                0 => return Ok(()),
                next => rest = step(rest, next, 20).ok_or(BAD)?,
            }
        }
    }

    #[inline]
    fn put(&mut self, index: u16, version: Version<'a>) -> Result<(), NoMemory> {
        let index = usize::from(index & !HIDDEN);
        // Mostly they come in the order of their indexes.
        if self.table.len() == index {
            return push(&mut self.table, Some(version));
        }
        self.put_elsewhere(index, version)
    }

    fn put_elsewhere(&mut self, index: usize, version: Version<'a>) -> Result<(), NoMemory> {
        if self.table.len() < index {
            self.table.try_reserve(index.saturating_add(OTHERS).saturating_sub(self.table.len()))?;
            self.table.resize(index.saturating_add(1), None);
        }
        if let Some(slot) = self.table.get_mut(index) {
            *slot = Some(version);
        }
        Ok(())
    }

    /// The version that symbol `index` asks for, if any.
    #[must_use]
    pub fn wanted(&self, index: u32) -> Option<Version<'a>> {
        self.version(self.entry(index)?.get(LE)).copied()
    }

    /// The number in [`Versions::table`] of the version that symbol `index` asks for; there need be none, and without
    /// an entry in .gnu.version there is none.
    #[inline]
    #[must_use]
    pub fn number(&self, index: u32) -> usize {
        self.entry(index).map_or(usize::MAX, |entry| usize::from(entry.get(LE) & !HIDDEN))
    }

    /// What .gnu.version says of symbol `index`.
    #[inline]
    #[must_use]
    pub fn entry(&self, index: u32) -> Option<&'a U16<LittleEndian>> {
        self.symbols.get(index as usize)
    }

    #[inline]
    fn version(&self, entry: u16) -> Option<&Version<'a>> {
        self.table.get(usize::from(entry & !HIDDEN))?.as_ref()
    }

    /// How symbol `index`, found by name, answers a reference to `wanted` (glibc `check_match`).
    /// Without a version the oldest is meant, as an old program does, or the default one (`newest`),
    /// as dlsym does.
    #[must_use]
    pub fn verdict(&self, index: u32, wanted: Option<&Version<'_>>, newest: bool) -> Verdict {
        let Some(entry) = self.entry(index).map(|entry| entry.get(LE)) else { return Verdict::Accept };
        let hidden = entry & HIDDEN != 0;
        match (wanted, self.version(entry)) {
            (Some(wanted), Some(found)) if found.is(wanted) => Verdict::Accept,
            // A symbol without a version of its own serves any reference that is not hidden.
            (Some(wanted), None) if !hidden && !wanted.hidden => Verdict::Accept,
            (Some(_), _) if self.are_wishes && !hidden => Verdict::OnlyIfSingle,
            (Some(_), _) => Verdict::Reject,
            // Index 2 is the first version an object ever defined: old, unversioned programs mean that.
            (None, _) if entry & !HIDDEN < if newest || self.are_wishes { 2 } else { 3 } => Verdict::Accept,
            (None, _) if hidden => Verdict::Reject,
            (None, _) => Verdict::OnlyIfSingle,
        }
    }
}

/// Whether a symbol of the right name has the right version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the one.
    Accept,
    /// It is another version.
    Reject,
    /// It serves an unversioned reference if the object has no other default version of the name.
    OnlyIfSingle,
}

/// `bytes` from `by` on; `None` if that is no step forward of at least `least` bytes.
fn step(bytes: &[u8], by: u32, least: u32) -> Option<&[u8]> {
    if by < least { None } else { bytes.get(by as usize..) }
}
