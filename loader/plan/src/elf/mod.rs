//! The one validation pass: a file's bytes become checked ranges before any pointer is made.
//!
//! [`header`] judges the ELF header and the program headers by the file alone; [`dynamic`] judges
//! the dynamic section and every table it names by the bytes of the segments; [`lookup`] finds
//! symbols in those tables. What they return is in bounds for as long as the bytes live.

pub mod dynamic;
pub mod hash;
pub mod header;
mod ident;
pub mod lookup;
pub mod note;
mod segment;
pub mod strings;
pub mod version;

use header::Range;
use object::LittleEndian;
use object::pod::{Pod, slice_from_bytes};

/// The byte order of every machine that there is a file of in `arch`.
pub const LE: LittleEndian = LittleEndian;
/// A symbol table entry.
pub type Sym = object::elf::Sym64<LittleEndian>;
/// A relocation with addend.
pub type Rela = object::elf::Rela64<LittleEndian>;
/// An entry of the dynamic section.
pub type Dyn = object::elf::Dyn64<LittleEndian>;
/// A 32-bit word of the file.
pub type Word = object::endian::U32<LittleEndian>;
/// A 64-bit word of the file.
pub type Xword = object::endian::U64<LittleEndian>;

/// The file parts of an object's PT_LOAD segments, by virtual address (before the load bias).
#[derive(Clone, Copy)]
pub struct Memory<'p, 'a> {
    parts: &'p [Part<'a>],
}

/// One segment's file part.
#[derive(Clone, Copy, Default)]
pub struct Part<'a> {
    /// p_vaddr.
    pub vaddr: u64,
    /// The p_filesz bytes found there.
    pub bytes: &'a [u8],
}

impl<'a> Part<'a> {
    const fn range(&self) -> Range {
        Range { vaddr: self.vaddr, size: self.bytes.len() as u64 }
    }

    /// The part up to address `end`.
    fn until(&self, end: u64) -> Self {
        let size = usize::try_from(end.saturating_sub(self.vaddr)).unwrap_or(usize::MAX);
        Self { vaddr: self.vaddr, bytes: self.bytes.get(..size).unwrap_or(self.bytes) }
    }

    /// All bytes from `vaddr` to its end, of which there is one.
    fn tail(&self, vaddr: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(vaddr.checked_sub(self.vaddr)?).ok()?;
        self.bytes.get(start..).filter(|bytes| !bytes.is_empty())
    }
}

impl<'p, 'a> Memory<'p, 'a> {
    /// A view of the segments in `parts`.
    #[must_use]
    pub const fn new(parts: &'p [Part<'a>]) -> Self {
        Self { parts }
    }

    /// The file part of the segment that holds `vaddr`.
    fn part(&self, vaddr: u64) -> Option<&'p Part<'a>> {
        self.parts.iter().find(|part| part.range().holds(vaddr, 1))
    }

    /// All bytes from `vaddr` to the end of the file part of its segment.
    #[must_use]
    pub fn tail(&self, vaddr: u64) -> Option<&'a [u8]> {
        self.part(vaddr)?.tail(vaddr)
    }

    /// `len` bytes at `vaddr`, inside one segment's file part.
    #[must_use]
    pub fn bytes(&self, vaddr: u64, len: u64) -> Option<&'a [u8]> {
        self.tail(vaddr)?.get(..usize::try_from(len).ok()?)
    }
}

/// As many whole `T` as `bytes` hold.
#[must_use]
pub fn array<T: Pod>(bytes: &[u8]) -> &[T] {
    let count = bytes.len().checked_div(size_of::<T>()).unwrap_or(0);
    slice_from_bytes(bytes, count).map_or(&[], |(slice, _)| slice)
}

/// `count` entries of `T` at the start of `bytes`.
#[must_use]
pub fn table<T: Pod>(bytes: &[u8], count: u64) -> Option<&[T]> {
    slice_from_bytes(bytes, usize::try_from(count).ok()?).ok().map(|(slice, _)| slice)
}
