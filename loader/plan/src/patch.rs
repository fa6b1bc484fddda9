//! Segments that are not writable and of which bytes change between their mapping and their own protection: those
//! with text relocations. The headers keep the file's word meanwhile.
//!
//! Called by loader's object once text relocations are allowed. Image opens the pages for as long as it takes,
//! and asks for every store outside of writable segments whether it is in one of these.

use crate::arch;
use crate::elf::LE;
use crate::elf::dynamic::Dynamic;
use crate::elf::header::{Headers, Range, Segment};
use crate::fallible::{NoMemory, push};
use crate::map::own_pages;
use alloc::vec::Vec;

/// What may be changed: the file parts of these segments.
#[derive(Debug, Default)]
pub struct Patches(Vec<Range>);

impl Patches {
    /// Nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Where the text relocations of an object are. A place that does not lie whole in the file part of one segment
    /// is none; relocation refuses it. COPY fills .bss, never text.
    pub fn of_text(headers: &Headers, dynamic: &Dynamic<'_>) -> Result<Self, NoMemory> {
        let mut patches = Self::none();
        for rela in dynamic.rela.iter().chain(dynamic.plt) {
            patches.add(headers, Range { vaddr: rela.r_offset.get(LE), size: arch::width(rela.r_type(LE, false)) })?;
        }
        // DT_RELR: an address, or a bitmap of the 63 words behind the last.
        let mut next = 0u64;
        for entry in dynamic.relr.iter().map(|entry| entry.get(LE)) {
            let (first, bits) = if entry & 1 == 0 { (entry, 1) } else { (next, entry >> 1) };
            for bit in (0u64..63).filter(|bit| bits >> bit & 1 != 0) {
                patches.add(headers, Range { vaddr: first.wrapping_add(bit.wrapping_mul(8)), size: 8 })?;
            }
            next = first.wrapping_add(if entry & 1 == 0 { 8 } else { 63 * 8 });
        }
        Ok(patches)
    }

    fn add(&mut self, headers: &Headers, site: Range) -> Result<(), NoMemory> {
        let mut fixed = headers.segments.iter().filter(|segment| !segment.write).map(Segment::file_part);
        if site.size > 0
            && self.around(site.vaddr, site.size).is_none()
            && let Some(part) = fixed.find(|part| part.holds(site.vaddr, site.size))
        {
            push(&mut self.0, part)?;
        }
        Ok(())
    }

    /// The range with `size` bytes at `vaddr` that may be changed.
    #[must_use]
    pub fn around(&self, vaddr: u64, size: u64) -> Option<Range> {
        self.0.iter().copied().find(|part| part.holds(vaddr, size))
    }

    /// The pages to be opened for the changes, each with the segment whose rights they have.
    pub fn pages<'a>(&'a self, headers: &'a Headers) -> impl Iterator<Item = (Range, &'a Segment)> {
        let meets = |pages: &Range| self.0.iter().any(|part| part.vaddr < pages.end() && pages.vaddr < part.end());
        own_pages(headers).filter(move |(pages, segment)| !segment.write && meets(pages))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;
    use crate::elf::{Rela, Xword};
    use object::elf::{self, RelocationType};
    use object::endian::{I64, U64};

    fn segment(vaddr: u64, filesz: u64, size: u64, write: bool) -> Segment {
        Segment { memory: Range { vaddr, size }, offset: vaddr, filesz, read: true, write, execute: !write }
    }

    fn headers(segments: &[Segment]) -> Headers {
        Headers { segments: segments.to_vec(), ..Headers::none() }
    }

    /// Text to 0x1800 with bss behind it, data, and read-only data.
    fn usual() -> Headers {
        headers(&[
            segment(0, 0x1800, 0x1900, false),
            segment(0x3000, 0x100, 0x100, true),
            segment(0x4000, 0x100, 0x100, false),
        ])
    }

    fn patches(
        headers: &Headers,
        rela: &[(u64, RelocationType)],
        plt: &[(u64, RelocationType)],
        relr: &[u64],
    ) -> Patches {
        let table = |entries: &[(u64, RelocationType)]| -> Vec<Rela> {
            let entry = |&(place, kind): &(u64, RelocationType)| Rela {
                r_offset: U64::new(LE, place),
                r_info: U64::new(LE, kind.0.into()),
                r_addend: I64::new(LE, 0),
            };
            entries.iter().map(entry).collect()
        };
        let relr: Vec<Xword> = relr.iter().map(|entry| U64::new(LE, *entry)).collect();
        let (rela, plt) = (table(rela), table(plt));
        Patches::of_text(headers, &Dynamic { rela: &rela, plt: &plt, relr: &relr, ..Dynamic::default() }).unwrap()
    }

    fn starts(patches: &Patches) -> Vec<u64> {
        patches.0.iter().map(|part| part.vaddr).collect()
    }

    #[test]
    fn segments_are_found_by_every_table() {
        let found = |rela: &[_], plt: &[_], relr: &[u64]| starts(&patches(&usual(), rela, plt, relr));
        assert_eq!(found(&[(0x10, elf::R_X86_64_RELATIVE), (0x18, elf::R_X86_64_64)], &[], &[]), [0]);
        assert_eq!(found(&[(0x4010, elf::R_X86_64_64), (0x10, elf::R_X86_64_64)], &[], &[]), [0x4000, 0]);
        assert_eq!(found(&[], &[(0x80, elf::R_X86_64_JUMP_SLOT)], &[]), [0]);
        assert_eq!(found(&[], &[], &[0x100]), [0]);
        // The last of the 63 words behind 0x3e08.
        assert_eq!(found(&[], &[], &[0x3e10, 1 << 63 | 1]), [0x4000]);
        assert_eq!(found(&[], &[], &[0x3e00, 1, 1 << 1 | 1]), [0x4000]);
        assert_eq!(found(&[], &[], &[0x3000, 0b11]), []);
    }

    #[test]
    fn a_place_counts_only_inside_of_text_from_the_file() {
        let found = |place, kind| starts(&patches(&usual(), &[(place, kind)], &[], &[]));
        assert_eq!(found(0x17f8, elf::R_X86_64_64), [0]);
        assert_eq!(found(0x17f9, elf::R_X86_64_64), []);
        assert_eq!(found(0x17fc, elf::R_X86_64_PC32), [0]);
        assert_eq!(found(0x17f8, elf::R_X86_64_TLSDESC), []);
        for (place, kind) in [(0x1800, elf::R_X86_64_64), (0x3000, elf::R_X86_64_64), (0x2000, elf::R_X86_64_64)] {
            assert_eq!(found(place, kind), [], "{place:#x}");
        }
        assert_eq!(found(u64::MAX - 3, elf::R_X86_64_64), []);
        assert_eq!(found(0x10, elf::R_X86_64_NONE), []);
        assert_eq!(found(0x10, elf::R_X86_64_COPY), []);
        let text = patches(&usual(), &[(0x10, elf::R_X86_64_64)], &[], &[]);
        assert_eq!(text.around(0x17f8, 8), Some(Range { vaddr: 0, size: 0x1800 }));
        assert_eq!((text.around(0x17f9, 8), text.around(0x3000, 8), text.around(0x4000, 8)), (None, None, None));
        assert_eq!(Patches::none().around(0, 1), None);
    }

    #[test]
    fn pages_have_the_rights_of_the_segment_that_begins_there_last() {
        let pages = |headers: &Headers, place: u64| {
            let patches = patches(headers, &[(place, elf::R_X86_64_64)], &[], &[]);
            let found = patches.pages(headers).map(|(pages, segment)| (pages.vaddr, pages.size, segment.memory.vaddr));
            found.collect::<Vec<_>>()
        };
        assert_eq!(pages(&usual(), 0x10), [(0, 0x2000, 0)]);
        assert_eq!(pages(&usual(), 0x3000), []);
        // The page at 0x1000 is that of the second, which is writable anyway, or is opened as well.
        let shared = |write| headers(&[segment(0, 0x1200, 0x1200, false), segment(0x1800, 0x900, 0x900, write)]);
        assert_eq!(pages(&shared(true), 0x10), [(0, 0x1000, 0)]);
        assert_eq!(pages(&shared(false), 0x10), [(0, 0x1000, 0), (0x1000, 0x2000, 0x1800)]);
        assert_eq!(pages(&shared(false), 0x1800), [(0x1000, 0x2000, 0x1800)]);
    }
}
