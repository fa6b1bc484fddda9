//! PT_LOAD, judged by the file alone (gABI chapter 5): each segment, and each by the one before it in memory.
//!
//! Called by [`super::header`] for every file.

use super::LE;
use super::ident::Phdr;
use crate::error::{Cause, Malformed};
use crate::{align_down, align_up};
use object::elf;

/// The largest alignment of a segment that is honoured: 1 GiB, the largest page.
pub const MAX_ALIGN: u64 = 1 << 30;

/// A range of virtual addresses before the load bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// First address.
    pub vaddr: u64,
    /// Size in bytes.
    pub size: u64,
}

impl Range {
    /// One past the last address; ranges of accepted headers do not wrap.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.vaddr.wrapping_add(self.size)
    }

    /// Whether `len` bytes at `vaddr` lie inside.
    #[must_use]
    pub const fn holds(&self, vaddr: u64, len: u64) -> bool {
        vaddr >= self.vaddr && len <= self.size && vaddr.wrapping_sub(self.vaddr) <= self.size.wrapping_sub(len)
    }
}

/// A PT_LOAD segment.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// p_vaddr and p_memsz.
    pub memory: Range,
    /// p_offset.
    pub offset: u64,
    /// p_filesz.
    pub filesz: u64,
    /// PF_R.
    pub read: bool,
    /// PF_W.
    pub write: bool,
    /// PF_X.
    pub execute: bool,
}

impl Segment {
    /// The part that comes from the file.
    #[must_use]
    pub const fn file_part(&self) -> Range {
        Range { vaddr: self.memory.vaddr, size: self.filesz }
    }

    /// The file offset of what the segment maps at `vaddr`.
    #[must_use]
    pub const fn offset_of(&self, vaddr: u64) -> u64 {
        vaddr.wrapping_sub(self.memory.vaddr).wrapping_add(self.offset)
    }
}

/// Judges one PT_LOAD against the file; with the alignment it asks for. An empty one is lawful and maps nothing.
pub(super) fn segment(phdr: &Phdr, file_len: u64, page: u64) -> Result<Option<(Segment, u64)>, Cause> {
    let vaddr = phdr.p_vaddr.get(LE);
    let offset = phdr.p_offset.get(LE);
    let filesz = phdr.p_filesz.get(LE);
    let memsz = phdr.p_memsz.get(LE);
    // As in glibc since 2.35, mapping needs no more than agreement within a page, and what is no power of two says nothing:
    // there are tools that make the one or the other.
    let p_align = Some(phdr.p_align.get(LE)).filter(|align| align.is_power_of_two()).unwrap_or(1);
    let flags = phdr.p_flags.get(LE);
    if p_align > MAX_ALIGN {
        return Err(Malformed::new("p_align of PT_LOAD", p_align, "at most 2^30").into());
    }
    if vaddr.wrapping_sub(offset) & page.wrapping_sub(1) != 0 {
        return Err(Cause::Plain("ELF load command address/offset not page-aligned"));
    }
    if filesz > memsz {
        return Err(Malformed::new("p_filesz of PT_LOAD", filesz, "at most p_memsz").into());
    }
    // Where nothing is read the offset says nothing.
    if filesz > 0 && offset.checked_add(filesz).is_none_or(|end| end > file_len) {
        return Err(Cause::Plain("file too short"));
    }
    let memory = Range { vaddr, size: memsz };
    if vaddr.checked_add(memsz).and_then(|end| align_up(end, page)).is_none() {
        return Err(Malformed::new("p_memsz of PT_LOAD", memsz, "an end below 2^64").into());
    }
    if memsz == 0 {
        return Ok(None);
    }
    let segment = Segment {
        memory,
        offset,
        filesz,
        read: flags.contains(elf::PF_R),
        write: flags.contains(elf::PF_W),
        execute: flags.contains(elf::PF_X),
    };
    Ok(Some((segment, p_align)))
}

/// Judges a segment by the one `before` it in memory.
pub(super) fn follows(segment: &Segment, before: &Segment, page: u64) -> Result<(), Malformed> {
    let (vaddr, end) = (segment.memory.vaddr, before.memory.end());
    // Two segments may share a page only if both map the same page of the file, as ld -N's do.
    let shares = align_up(end, page).is_none_or(|end| end > align_down(vaddr, page));
    let same = before.memory.size == before.filesz
        && vaddr >= end
        && before.memory.vaddr.wrapping_sub(before.offset) == vaddr.wrapping_sub(segment.offset);
    if shares && !same {
        return Err(Malformed::new("p_vaddr of PT_LOAD", vaddr, "segments that do not overlap"));
    }
    // The page gets the rights of the later, and what is to be read or relocated of the former lies there too.
    if shares && (before.write && !segment.write || before.read && !segment.read) {
        let flags = u64::from(segment.read) << 2 | u64::from(segment.write) << 1 | u64::from(segment.execute);
        let expected = "the rights of the segment on whose last page it begins";
        return Err(Malformed::new("p_flags of PT_LOAD", flags, expected));
    }
    Ok(())
}

/// The virtual address of `len` bytes at `offset` of the file, if a segment maps them.
pub(super) fn address_of(segments: &[Segment], offset: u64, len: u64) -> Option<u64> {
    segments.iter().find_map(|segment| {
        let file = Range { vaddr: segment.offset, size: segment.filesz };
        file.holds(offset, len).then(|| segment.memory.vaddr.wrapping_add(offset.wrapping_sub(segment.offset)))
    })
}
