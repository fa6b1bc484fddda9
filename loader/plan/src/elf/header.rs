//! The program headers, judged by the file alone (gABI chapter 5); the ELF header is judged by `ident`.
//!
//! Called for every file before anything of it is mapped, for the program the kernel mapped, and
//! for the vdso. What passes can be mapped without surprise; what does not is refused with the
//! place and the value.

use super::LE;
use super::ident::Phdr;
pub use super::ident::{EHDR_SIZE, Ident, Kind, MAX_PHNUM, NO_ELF, PHDR_SIZE, claimed_size, ident, identify};
pub use super::segment::{MAX_ALIGN, Range, Segment};
use super::segment::{address_of, follows, segment};
use crate::arch::MAX_ADDRESS;
use crate::error::{Cause, Malformed};
use crate::{MIN_PAGE, align_down, align_up};
use alloc::boxed::Box;
use alloc::vec::Vec;
use object::elf;

/// An object spans no more than this: 16 TiB, an eighth of the user address space.
pub const MAX_SPAN: u64 = 1 << 44;
/// A thread's block of one module is no larger than this: 1 GiB.
pub const MAX_TLS_SIZE: u64 = 1 << 30;
/// The largest alignment of a TLS block: 2 MiB.
pub const MAX_TLS_ALIGN: u64 = 1 << 21;
/// Fixed addresses below this are refused: nothing may lie at address 0, which is nobody's.
pub const MIN_FIXED: u64 = MIN_PAGE;
/// PT_LOADs, and notes, that there is room for at first: as many as link editors write for most files.
const EXPECTED: usize = 4;
/// The sentence for a file that has nothing to map.
pub const NO_SEGMENTS: &str = "object file has no loadable segments";

/// PT_TLS: the initial image of a module's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tls {
    /// p_vaddr; only its remainder modulo `align` matters to the layout.
    pub vaddr: u64,
    /// p_offset.
    pub offset: u64,
    /// p_filesz: initialised bytes.
    pub filesz: u64,
    /// p_memsz: the block's size.
    pub memsz: u64,
    /// p_align, at least 1.
    pub align: u64,
    /// Whether the image lies in a PT_LOAD; otherwise it is to be read from the file.
    pub mapped: bool,
}

/// What the headers of an accepted file say.
#[derive(Debug, Clone)]
pub struct Headers {
    /// e_type, e_entry, e_phoff, e_phnum.
    pub ident: Ident,
    /// PT_LOAD in ascending order; at least one.
    pub segments: Vec<Segment>,
    /// From the first segment's first page to the end of the last segment's last.
    pub span: Range,
    /// The largest p_align, at least a page.
    pub align: u64,
    /// Bytes in a page of the kernel that maps them.
    pub page: u64,
    /// PT_DYNAMIC, inside one segment's file part.
    pub dynamic: Option<Range>,
    /// Its PF_W: whether its entries may be changed in memory.
    pub dynamic_writable: bool,
    /// PT_TLS with p_memsz > 0.
    pub tls: Option<Tls>,
    /// PT_GNU_RELRO.
    pub relro: Option<Range>,
    /// PT_INTERP in the file: offset and size.
    pub interp: Option<(u64, u64)>,
    /// PT_GNU_STACK asks for an executable stack. No such header asks for nothing, as to the kernel; glibc takes it for a
    /// request.
    pub executable_stack: bool,
    /// p_memsz of PT_GNU_STACK: to musl, how large the stacks of threads are to be at least.
    pub stack_size: u64,
    /// PT_GNU_EH_FRAME.
    pub eh_frame_hdr: Option<Range>,
    /// Where the program headers are in memory, if a segment holds them.
    pub phdrs: Option<u64>,
    /// PT_NOTE and PT_GNU_PROPERTY ranges inside segments' file parts.
    pub notes: Vec<Range>,
}

/// Judges the program headers, for pages of `page` bytes: `table` holds the bytes that [`Ident::table`] names.
pub fn headers(ident: Ident, table: &[u8], file_len: u64, page: u64) -> Result<Box<Headers>, Cause> {
    let phdrs: &[Phdr] = super::table(table, ident.phnum.into()).ok_or(Malformed::new(
        "e_phnum",
        ident.phnum.into(),
        "program headers inside the file",
    ))?;
    let mut segments: Vec<Segment> = Vec::with_capacity(EXPECTED);
    let mut align = page;
    for phdr in phdrs.iter().filter(|phdr| phdr.p_type.get(LE) == elf::PT_LOAD) {
        if let Some((segment, wanted)) = segment(phdr, file_len, page)? {
            align = align.max(wanted);
            // In order, though the kernel, and glibc of what the kernel mapped, do not ask for it.
            let place = segments.iter().rposition(|other| other.memory.vaddr <= segment.memory.vaddr);
            segments.insert(place.map_or(0, |place| place.saturating_add(1)), segment);
        }
    }
    for pair in segments.windows(2) {
        if let [before, segment] = pair {
            follows(segment, before, page)?;
        }
    }
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Err(Cause::Plain(NO_SEGMENTS));
    };
    let start = align_down(first.memory.vaddr, page);
    let end =
        align_up(last.memory.end(), page).ok_or(Malformed::new("p_memsz", last.memory.size, "an end below 2^64"))?;
    let span = Range { vaddr: start, size: end.wrapping_sub(start) };
    if span.size > MAX_SPAN {
        return Err(Malformed::new("span of PT_LOAD", span.size, "at most 2^44 bytes").into());
    }
    if ident.kind == Kind::Fixed && (start < MIN_FIXED || end > MAX_ADDRESS) {
        return Err(Malformed::new("p_vaddr of ET_EXEC", start, "a user address of 0x1000 or more").into());
    }
    let mut headers = Box::<Headers>::default();
    headers.phdrs = address_of(&segments, ident.phoff, ident.table().1);
    (headers.ident, headers.segments, headers.span) = (ident, segments, span);
    (headers.align, headers.page, headers.notes) = (align, page, Vec::with_capacity(EXPECTED));
    for phdr in phdrs {
        headers.take(phdr, file_len)?;
    }
    Ok(headers)
}

impl Default for Headers {
    fn default() -> Self {
        Self::none()
    }
}

impl Headers {
    /// The headers of no object: no segment, so that no address lies inside.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            ident: Ident { kind: Kind::Dynamic, entry: 0, phoff: 0, phnum: 0 },
            segments: Vec::new(),
            span: Range { vaddr: 0, size: 0 },
            align: MIN_PAGE,
            page: MIN_PAGE,
            dynamic: None,
            dynamic_writable: false,
            tls: None,
            relro: None,
            interp: None,
            executable_stack: false,
            stack_size: 0,
            eh_frame_hdr: None,
            phdrs: None,
            notes: Vec::new(),
        }
    }

    /// Takes one header that is no PT_LOAD.
    fn take(&mut self, phdr: &Phdr, file_len: u64) -> Result<(), Cause> {
        let range = Range { vaddr: phdr.p_vaddr.get(LE), size: phdr.p_memsz.get(LE) };
        let offset = phdr.p_offset.get(LE);
        let filesz = phdr.p_filesz.get(LE);
        match phdr.p_type.get(LE) {
            // Without bytes in the file, as in one that holds debug information alone, there is none.
            elf::PT_DYNAMIC if filesz.min(range.size) > 0 => {
                let part = Range { vaddr: range.vaddr, size: range.size.min(filesz) };
                if !self.in_file_part(part) {
                    return Err(
                        Malformed::new("p_vaddr of PT_DYNAMIC", range.vaddr, "inside a PT_LOAD's file part").into()
                    );
                }
                self.dynamic_writable = phdr.p_flags.get(LE).contains(elf::PF_W);
                self.dynamic = Some(part); // of several the last, as in glibc
            }
            elf::PT_TLS => self.take_tls(phdr, file_len)?,
            elf::PT_GNU_RELRO => {
                // By whole pages, as it is applied: mold begins it at a .tbss before the segment's first
                // byte, and its last page may reach behind the segment's last byte.
                let inside = self.segments.iter().filter(|segment| segment.write).any(|segment| {
                    let start = align_down(segment.memory.vaddr, self.page);
                    let end = align_up(segment.memory.end(), self.page).unwrap_or(segment.memory.end());
                    let pages = Range { vaddr: start, size: end.wrapping_sub(start) };
                    pages.holds(range.vaddr, range.size)
                });
                if range.size > 0 && !inside {
                    return Err(
                        Malformed::new("p_vaddr of PT_GNU_RELRO", range.vaddr, "inside a writable segment").into()
                    );
                }
                self.relro = Some(range);
            }
            elf::PT_INTERP => {
                if offset.checked_add(filesz).is_none_or(|end| end > file_len) || filesz > 4096 {
                    return Err(Malformed::new("p_filesz of PT_INTERP", filesz, "a path inside the file").into());
                }
                self.interp = Some((offset, filesz));
            }
            elf::PT_GNU_STACK => {
                self.executable_stack = phdr.p_flags.get(LE).contains(elf::PF_X);
                self.stack_size = range.size;
            }
            // What is not in memory tells unwinders nothing.
            elf::PT_GNU_EH_FRAME if self.in_file_part(range) => self.eh_frame_hdr = Some(range),
            elf::PT_NOTE | elf::PT_GNU_PROPERTY if self.in_file_part(range) => self.notes.push(range),
            _ => {}
        }
        Ok(())
    }

    fn take_tls(&mut self, phdr: &Phdr, file_len: u64) -> Result<(), Cause> {
        let tls = Tls {
            vaddr: phdr.p_vaddr.get(LE),
            offset: phdr.p_offset.get(LE),
            filesz: phdr.p_filesz.get(LE),
            memsz: phdr.p_memsz.get(LE),
            align: phdr.p_align.get(LE).max(1),
            mapped: self.in_file_part(Range { vaddr: phdr.p_vaddr.get(LE), size: phdr.p_filesz.get(LE) }),
        };
        if tls.memsz == 0 {
            return Ok(());
        }
        if tls.filesz > tls.memsz {
            return Err(Malformed::new("p_filesz of PT_TLS", tls.filesz, "at most p_memsz").into());
        }
        if tls.memsz > MAX_TLS_SIZE {
            return Err(Malformed::new("p_memsz of PT_TLS", tls.memsz, "at most 2^30 bytes").into());
        }
        if !tls.align.is_power_of_two() || tls.align > MAX_TLS_ALIGN {
            return Err(Malformed::new("p_align of PT_TLS", tls.align, "a power of two up to 2^21").into());
        }
        if tls.offset.checked_add(tls.filesz).is_none_or(|end| end > file_len && tls.filesz > 0) {
            return Err(Malformed::new("p_offset of PT_TLS", tls.offset, "an image inside the file").into());
        }
        if self.tls.replace(tls).is_some() {
            return Err(Malformed::new("PT_TLS", tls.vaddr, "only one").into());
        }
        Ok(())
    }

    /// The virtual address of `len` bytes at `offset` of the file, if a segment maps them.
    #[must_use]
    pub fn address_of(&self, offset: u64, len: u64) -> Option<u64> {
        address_of(&self.segments, offset, len)
    }

    /// Whether `range` lies inside one segment's file part.
    #[must_use]
    pub fn in_file_part(&self, range: Range) -> bool {
        self.segments.iter().any(|segment| segment.file_part().holds(range.vaddr, range.size))
    }

    /// The segment that holds `len` bytes at `vaddr`.
    #[must_use]
    pub fn segment_of(&self, vaddr: u64, len: u64) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.memory.holds(vaddr, len))
    }

    /// Whether code at `vaddr` can be run. A page that two segments share has the rights of the later, and one that becomes
    /// read-only, of a segment that was writable and executable, is no code any more.
    #[must_use]
    pub fn is_code(&self, vaddr: u64) -> bool {
        let begun = |segment: &&Segment| align_down(segment.memory.vaddr, self.page) <= vaddr;
        let mut holders = self.segments.iter().skip_while(|segment| !segment.memory.holds(vaddr, 1)).take_while(begun);
        let first = holders.next().is_some_and(|first| first.execute);
        let protected =
            |relro: Range| align_down(relro.vaddr, self.page) <= vaddr && vaddr < align_down(relro.end(), self.page);
        first && holders.last().is_none_or(|last| last.execute) && !self.relro.is_some_and(protected)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn file(phdrs: &[[u64; 8]]) -> Vec<u8> {
        let mut bytes = vec![0u8; EHDR_SIZE];
        bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        bytes[16] = 3;
        bytes[18] = 62;
        bytes[20] = 1;
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = u8::try_from(phdrs.len()).unwrap();
        for phdr in phdrs {
            bytes.extend(u32::try_from(phdr[0]).unwrap().to_le_bytes());
            bytes.extend(u32::try_from(phdr[1]).unwrap().to_le_bytes());
            for word in &phdr[2..] {
                bytes.extend(word.to_le_bytes());
            }
        }
        bytes
    }

    fn judge(phdrs: &[[u64; 8]], len: u64) -> Result<Box<Headers>, Cause> {
        judge_by(MIN_PAGE, phdrs, len)
    }

    fn judge_by(page: u64, phdrs: &[[u64; 8]], len: u64) -> Result<Box<Headers>, Cause> {
        let bytes = file(phdrs);
        let ident = ident(&bytes, len)?;
        headers(ident, &bytes[EHDR_SIZE..], len, page)
    }

    const LOAD: u64 = 1;

    #[test]
    fn an_ordinary_library_passes() {
        let headers = judge(
            &[
                [LOAD, 4, 0, 0, 0, 0x500, 0x500, 0x1000],
                [LOAD, 5, 0x1000, 0x1000, 0, 0x10, 0x10, 0x1000],
                [LOAD, 6, 0x1e00, 0x2e00, 0, 0x100, 0x1000, 0x1000],
                [7, 4, 0x1e00, 0x2e00, 0, 8, 0x20, 8],
            ],
            0x2000,
        )
        .unwrap();
        assert_eq!(headers.span, Range { vaddr: 0, size: 0x4000 });
        assert!(headers.is_code(0x1008) && !headers.is_code(0x1010));
        assert!(headers.tls.unwrap().mapped);
    }

    #[test]
    fn larger_pages_are_shared_or_refuse() {
        let data =
            |offset, vaddr| [[LOAD, 5, 0, 0, 0, 0x1000, 0x1000, 16], [LOAD, 6, offset, vaddr, 0, 16, 0x2000, 16]];
        let spans = |list: &[[u64; 8]]| [0x1000, 0x4000, 0x10000].map(|page| judge_by(page, list, 0x30000).ok());
        // 64 KiB apart in memory, as linkers lay them out for all pages that there are.
        for (headers, page) in spans(&data(0x1000, 0x11000)).into_iter().zip([0x1000, 0x4000, 0x10000]) {
            let headers = headers.unwrap();
            assert_eq!(
                (headers.page, headers.align, headers.span.end()),
                (page, page, 0x13000u64.next_multiple_of(page))
            );
            assert!(headers.is_code(0xfff) && !headers.is_code(0x11000));
        }
        // 4 KiB apart: on one larger page, which has to be the same page of the file with the rights of both.
        assert!(spans(&data(0x1000, 0x2000)).map(|headers| headers.is_some()) == [true, false, false]);
        let same = spans(&data(0x1000, 0x1000));
        let is_code = same.map(|headers| headers.unwrap().is_code(0x800));
        assert_eq!(is_code, [true, false, false]);
        // p_align of a page that is smaller than the kernel's is none.
        let small = [[LOAD, 4, 0x1000, 0x5000, 0, 16, 16, 0x1000]];
        assert!(spans(&small).map(|headers| headers.is_some()) == [true, true, false]);
        // RELRO in the last page of its segment's.
        let relro = [[LOAD, 6, 0, 0, 0, 0x100, 0x100, 16], [0x6474_e552, 4, 0, 0, 0, 0x3000, 0x3000, 1]];
        assert!(spans(&relro).map(|headers| headers.is_some()) == [false, true, true]);
    }

    #[test]
    fn a_page_that_two_segments_share_has_the_rights_of_the_later() {
        let two = |first: u64, second: u64| {
            let (first, second) =
                ([LOAD, first, 0, 0, 0, 0x1200, 0x1200, 16], [LOAD, second, 0x1800, 0x1800, 0, 0x900, 0x900, 16]);
            judge(&[first, second], 0x3000)
        };
        let code = |headers: &Headers, vaddrs: [u64; 3]| vaddrs.map(|vaddr| headers.is_code(vaddr));
        assert_eq!(code(&two(5, 6).unwrap(), [0xfff, 0x1000, 0x1800]), [true, false, false]);
        assert_eq!(code(&two(4, 5).unwrap(), [0xfff, 0x1000, 0x1800]), [false, false, true]);
        assert_eq!(code(&two(5, 5).unwrap(), [0xfff, 0x1000, 0x1800]), [true, true, true]);
        for (first, second) in [(6, 4), (6, 5), (4, 1), (6, 2)] {
            assert!(two(first, second).is_err(), "{first} {second}");
        }
    }

    #[test]
    fn what_mapping_does_not_need_is_not_asked_for() {
        const DYNAMIC: u64 = 2;
        const EH_FRAME: u64 = 0x6474_e550;
        let lawful = judge(
            &[
                // Out of order, of alignments that the places do not have or that are none, and bss behind the file's end.
                [LOAD, 6, 0x5000, 0x9000, 0, 0, 0x3000, 0x1000],
                [LOAD, 6, 0x1000, 0x3000, 0, 0x100, 0x100, 0x1800],
                [LOAD, 4, 0, 0, 0, 0x800, 0x800, 0x20_0000],
                [DYNAMIC, 6, 0, 0, 0, 0, 0x10, 8],
                [DYNAMIC, 6, 0x1000, 0x3000, 0, 0x10, 0x10, 8],
                [DYNAMIC, 6, 0x1010, 0x3010, 0, 0x20, 0x20, 8],
                [EH_FRAME, 4, 0x1800, 0x1800, 0, 0x20, 0x20, 4],
                [7, 4, 0, 0, 0, 0, 0, 3],
            ],
            0x2000,
        )
        .unwrap();
        let starts: Vec<u64> = lawful.segments.iter().map(|segment| segment.memory.vaddr).collect();
        assert_eq!((starts, lawful.align, lawful.span.end()), (vec![0, 0x3000, 0x9000], 0x20_0000, 0xc000));
        assert_eq!(lawful.dynamic, Some(Range { vaddr: 0x3010, size: 0x20 }));
        assert!(lawful.eh_frame_hdr.is_none() && lawful.tls.is_none());
        let none = judge(&[[DYNAMIC, 6, 0, 0, 0, 0, 0x10, 8], [LOAD, 4, 0, 0, 0, 0x10, 0x10, 0]], 0x2000);
        assert_eq!(none.unwrap().dynamic, None);
    }

    #[test]
    fn lies_are_refused() {
        let bad: &[&[[u64; 8]]] = &[
            &[],
            &[[LOAD, 4, 0, 0, 0, 0x3000, 0x3000, 0x1000]], // beyond the file
            &[[LOAD, 4, 0, 0x10, 0, 0x10, 0x10, 0x1000]],  // misaligned
            &[[LOAD, 4, 0, 0, 0, 0x20, 0x10, 0x1000]],     // filesz > memsz
            &[[LOAD, 4, 0, !0xfff, 0, 0x10, 0x1000, 0x1000]], // wraps
            &[[LOAD, 4, 0, 0, 0, 0x10, 1 << 50, 0x1000]],  // absurd
            &[[LOAD, 4, 0, 0, 0, 0x10, 0x10, 1 << 31]],    // p_align
            &[[LOAD, 4, 0, 0x1000, 0, 0x10, 0x10, 0], [LOAD, 4, 0, 0x1000, 0, 0x10, 0x10, 0]],
            &[[LOAD, 4, 0, 0x1000, 0, 0x10, 0x10, 0], [LOAD, 4, 0, 0, 0, 0x1010, 0x1010, 0]],
            &[[LOAD, 4, 0, 0, 0, 0x10, 0x10, 0], [2, 4, 0x10, 0x10, 0, 0x10, 0x10, 8]],
            &[[LOAD, 4, 0, 0, 0, 0x10, 0x10, 0], [7, 4, 0, 0, 0, 0, 8, 3]],
        ];
        for (case, phdrs) in bad.iter().enumerate() {
            assert!(judge(phdrs, 0x2000).is_err(), "case {case}");
        }
    }

    #[test]
    fn every_prefix_is_refused_without_panic() {
        let bytes = file(&[[LOAD, 4, 0, 0, 0, 0x10, 0x10, 0x1000]]);
        for len in 0..EHDR_SIZE {
            assert!(ident(&bytes[..len], len as u64).is_err());
        }
    }
}
