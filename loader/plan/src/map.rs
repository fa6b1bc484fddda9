//! How an object's segments become mappings: a list of steps over a reserved span.
//!
//! Called with accepted headers; loader's map carries the steps out in order.

use crate::arch::HUGE;
use crate::elf::LE;
use crate::elf::dynamic::{Dynamic, tables};
use crate::elf::header::{Headers, Kind, Range, Segment};
use crate::{align_down, align_up};
use alloc::vec::Vec;

/// What one segment needs, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Pages that come from the file; mostly empty when p_filesz is 0.
    pub file: Range,
    /// File offset of those pages, in bytes.
    pub offset: u64,
    /// Bytes after the file part, on its last page, that must read as zero.
    pub zero: Range,
    /// Whole pages of zeroes after that.
    pub bss: Range,
    /// PROT_READ.
    pub read: bool,
    /// PROT_WRITE.
    pub write: bool,
    /// PROT_EXEC.
    pub execute: bool,
}

/// The steps for all segments of `headers`. Sums cannot wrap: the headers were accepted.
#[must_use]
pub fn steps(headers: &Headers) -> Vec<Step> {
    let page = headers.page;
    let befores = core::iter::once(None).chain(headers.segments.iter().map(Some));
    headers
        .segments
        .iter()
        .zip(befores)
        .map(|(segment, before)| {
            let start = align_down(segment.memory.vaddr, page);
            // Of a segment without bytes in the file the first page may be the last of the one before it.
            let from_file = segment.filesz > 0 || before.is_some_and(|before| before.memory.end() > start);
            let file_end = segment.file_part().end();
            let pages_end = align_up(file_end, page).unwrap_or(file_end);
            let file = Range { vaddr: start, size: if from_file { pages_end.wrapping_sub(start) } else { 0 } };
            let memory_end = segment.memory.end();
            let bss_end = align_up(memory_end, page).unwrap_or(memory_end);
            let zero_end = if from_file { pages_end } else { file_end };
            Step {
                file,
                offset: align_down(segment.offset, page),
                // Only where bss begins: other trailing bytes are the file's and no one's business.
                zero: match segment.memory.size > segment.filesz {
                    true => Range { vaddr: file_end, size: zero_end.wrapping_sub(file_end) },
                    false => Range { vaddr: file_end, size: 0 },
                },
                bss: Range { vaddr: file.end(), size: bss_end.saturating_sub(file.end()) },
                read: segment.read,
                write: segment.write,
                execute: segment.execute,
            }
        })
        .collect()
}

/// The first of `steps`, where the pages of its file may at first be mapped over the whole span, which then
/// needs no reservation: the other steps cover all of what lies behind it, so that nothing shows through.
#[must_use]
pub fn covering<'s>(headers: &Headers, steps: &'s [Step]) -> Option<(&'s Step, &'s [Step])> {
    let (first, others) = steps.split_first()?;
    let anywhere = headers.ident.kind == Kind::Dynamic && headers.align == headers.page;
    let plain = first.file.size > 0 && first.bss.size == 0 && first.zero.size == 0 && !first.write;
    let end = others.iter().try_fold(first.file.end(), |end, step| {
        (step.file.vaddr == end && step.bss.vaddr == step.file.end()).then(|| step.bss.end())
    });
    (anywhere && plain && first.file.vaddr == headers.span.vaddr && end == Some(headers.span.end()))
        .then_some((first, others))
}

/// Whether the pieces of an object for which [`covering`] holds may be mapped one by one at a place of our choice. Not
/// those of a span for which the kernel would choose one that suits huge pages.
#[must_use]
pub fn may_hang(headers: &Headers, steps: &[Step]) -> bool {
    let late = |step: &Step| step.zero.size > 0 && !step.write;
    headers.span.size < HUGE && !steps.iter().any(late)
}

/// What an inspection looks at: the dynamic section, by its bytes, its tables, and PT_INTERP, as ranges
/// of file parts with their file offsets. Code and data stay in the file.
#[must_use]
pub fn inspected(headers: &Headers, section: &[u8]) -> Vec<(Range, u64)> {
    let interp = headers.interp.and_then(|(at, size)| Some(Range { vaddr: headers.address_of(at, size)?, size }));
    let ranges = tables(headers, section).into_iter().chain(headers.dynamic).chain(interp);
    let placed = ranges.filter_map(|range| {
        let segment = headers.segments.iter().find(|segment| segment.file_part().holds(range.vaddr, 1))?;
        segment.file_part().holds(range.vaddr, range.size).then_some((range, segment.offset_of(range.vaddr)))
    });
    placed.collect()
}

/// The pages of `page` bytes that `range`, which ends below the last of them, lies on.
#[must_use]
pub fn pages(range: Range, page: u64) -> Range {
    let start = align_down(range.vaddr, page);
    let end = align_up(range.end(), page).unwrap_or(range.end());
    Range { vaddr: start, size: end.wrapping_sub(start) }
}

/// The pages of each segment, but for those on which the next begins: these have the rights of the next.
pub fn own_pages(headers: &Headers) -> impl Iterator<Item = (Range, &Segment)> {
    let segments = headers.segments.iter();
    let next = segments.clone().skip(1).map(|next| align_down(next.memory.vaddr, headers.page)).chain([u64::MAX]);
    segments.zip(next).map(|(segment, next)| {
        let Range { vaddr, size } = pages(segment.memory, headers.page);
        (Range { vaddr, size: size.min(next.saturating_sub(vaddr)) }, segment)
    })
}

/// Words that relocation writes on a page, on average: from here on it leaves out hardly a page of a huge one.
const DENSE: u64 = 16;

/// Parts of writable segments, of the size and at the place of a huge page once `bias` is added, of which
/// relative relocations write nearly every page. Without a huge page each of these pages is copied on its own.
#[must_use]
pub fn huge(headers: &Headers, dynamic: &Dynamic<'_>, bias: u64) -> Vec<Range> {
    let mut blocks = Vec::new();
    let least = HUGE.checked_div(headers.page).unwrap_or(HUGE).saturating_mul(DENSE);
    // Tables in writable segments are in use when the blocks are laid.
    let free = |segment: &&Segment| segment.write && !segment.execute && dynamic.guarded.is_empty();
    for segment in headers.segments.iter().filter(free) {
        let part = segment.file_part();
        let Some(mut start) = align_up(bias.wrapping_add(part.vaddr), HUGE) else { continue };
        while part.holds(start.wrapping_sub(bias), HUGE) {
            let block = Range { vaddr: start.wrapping_sub(bias), size: HUGE };
            if relative_words(dynamic, block) >= least {
                blocks.push(block);
            }
            start = start.wrapping_add(HUGE);
        }
    }
    blocks
}

/// How many words of `block` the relative relocations change, if they come in order.
fn relative_words(dynamic: &Dynamic<'_>, block: Range) -> u64 {
    let rela = dynamic.relative_and_rest().0;
    let before = |vaddr: u64| rela.partition_point(|rela| rela.r_offset.get(LE) < vaddr) as u64;
    let mut count = before(block.end()).saturating_sub(before(block.vaddr));
    let mut place = 0u64;
    for entry in dynamic.relr.iter().map(|entry| entry.get(LE)) {
        // An address, or a bitmap of the 63 words behind the last.
        let (words, size, next) = match entry & 1 {
            0 => (1, 8, entry.wrapping_add(8)),
            _ => (u64::from(entry.count_ones()).wrapping_sub(1), 63 * 8, place.wrapping_add(63 * 8)),
        };
        place = if entry & 1 == 0 { entry } else { place };
        if block.holds(place, size) {
            count = count.saturating_add(words);
        }
        place = next;
    }
    count
}

/// The whole pages of PT_GNU_RELRO: the end is rounded down, for the last page may hold .data.
#[must_use]
pub fn relro(headers: &Headers) -> Option<Range> {
    let relro = headers.relro?;
    let start = align_down(relro.vaddr, headers.page);
    let end = align_down(relro.end(), headers.page);
    (end > start).then(|| Range { vaddr: start, size: end.wrapping_sub(start) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;
    use crate::MIN_PAGE;
    use crate::elf::Rela;
    use object::elf;
    use object::endian::U64;

    /// Whether the first of segments (p_vaddr, p_filesz, p_memsz, writable) may be mapped over the span.
    fn covers(segments: &[(u64, u64, u64, bool)]) -> bool {
        let mut headers = Headers::none();
        let segment = |&(vaddr, filesz, size, write): &(u64, u64, u64, bool)| Segment {
            memory: Range { vaddr, size },
            offset: vaddr,
            filesz,
            read: true,
            write,
            execute: false,
        };
        headers.segments = segments.iter().map(segment).collect();
        let end = headers.segments.last().map_or(0, |last| pages(last.memory, headers.page).end());
        headers.span = Range { vaddr: 0, size: end };
        let steps = steps(&headers);
        covering(&headers, &steps).is_some()
    }

    /// Headers with one segment of `size` bytes at 0x1000.
    fn one_segment(size: u64, write: bool) -> Headers {
        let mut headers = Headers::none();
        let memory = Range { vaddr: 0x1000, size };
        headers.segments =
            alloc::vec![Segment { memory, offset: 0x1000, filesz: size, read: true, write, execute: false }];
        headers
    }

    /// A relative relocation every `step` bytes from 0x1000 to `end`.
    fn every(step: u64, end: u64) -> Dynamic<'static> {
        let relative = |place: u64| Rela {
            r_offset: U64::new(LE, place),
            r_info: U64::new(LE, elf::R_X86_64_RELATIVE.0.into()),
            r_addend: object::endian::I64::new(LE, 0),
        };
        let rela: Vec<Rela> = (0x1000..end).step_by(step as usize).map(relative).collect();
        let entries = alloc::vec![(elf::DT_RELACOUNT.0, rela.len() as u64)];
        Dynamic { rela: rela.leak(), entries, ..Dynamic::default() }
    }

    #[test]
    fn huge_pages_lie_at_their_places_inside_of_what_is_written_densely() {
        let size = 5 * HUGE / 2;
        let bias = 0x7f00_0012_3000;
        let dense = every(MIN_PAGE / DENSE, 0x1000 + size);
        let blocks = huge(&one_segment(size, true), &dense, bias);
        assert!((1..=2).contains(&blocks.len()), "{blocks:?}");
        for block in &blocks {
            assert_eq!((block.vaddr.wrapping_add(bias) % HUGE, block.size), (0, HUGE));
            assert!(block.vaddr >= 0x1000 && block.end() <= 0x1000 + size);
        }
        assert_eq!(huge(&one_segment(size, false), &dense, bias), []);
        assert_eq!(huge(&one_segment(HUGE - 1, true), &dense, bias), []);
        assert_eq!(huge(&one_segment(size, true), &every(2 * MIN_PAGE / DENSE, 0x1000 + size), bias), []);
        // Of two stretches only the dense one.
        let half = every(MIN_PAGE / DENSE, 0x1000 + size / 2);
        assert!(huge(&one_segment(2 * size, true), &half, bias).iter().all(|block| block.vaddr < size / 2));
    }

    #[test]
    fn larger_pages_take_more_of_file_and_zeroes() {
        for page in [0x1000u64, 0x4000, 0x10000] {
            // As linkers lay it out for pages up to 64 KiB: data at 0x11e00 with 0x3000 bytes of bss behind 0x300.
            let mut headers = Headers { page, align: page, ..Headers::none() };
            let segment = |vaddr, offset, filesz, size, write| {
                let memory = Range { vaddr, size };
                Segment { memory, offset, filesz, read: true, write, execute: !write }
            };
            headers.segments =
                alloc::vec![segment(0, 0, 0x1800, 0x1800, false), segment(0x11e00, 0x1e00, 0x300, 0x3300, true)];
            headers.span = Range { vaddr: 0, size: pages(headers.segments[1].memory, page).end() };
            headers.relro = Some(Range { vaddr: 0x11e00, size: 0x12000u64.next_multiple_of(page) - 0x11e00 });
            let [text, data] = steps(&headers).try_into().unwrap();
            assert_eq!((text.file, text.zero.size), (Range { vaddr: 0, size: 0x1800u64.next_multiple_of(page) }, 0));
            let (start, end) = (0x11e00 / page * page, 0x12100u64.next_multiple_of(page));
            assert_eq!((data.file, data.offset), (Range { vaddr: start, size: end - start }, 0x1e00 / page * page));
            assert_eq!(data.zero, Range { vaddr: 0x12100, size: end - 0x12100 });
            assert_eq!(data.bss, Range { vaddr: end, size: 0x15100u64.next_multiple_of(page).saturating_sub(end) });
            // One hole of pages between the two, but for the smallest that there is none of 64 KiB.
            assert_eq!(covering(&headers, &[text, data]).is_some(), page == 0x10000);
            // RELRO ends where its last whole page ends.
            let relro = relro(&headers).unwrap();
            assert_eq!((relro.vaddr, relro.end()), (start, 0x12000u64.next_multiple_of(page)));
            headers.relro = Some(Range { vaddr: 0x11e00, size: 0x200 });
            assert_eq!(super::relro(&headers).is_some(), page == 0x1000);
            // The text's page is all its own, whatever its size.
            let own: Vec<Range> = own_pages(&headers).map(|(pages, _)| pages).collect();
            assert_eq!(own[0], text.file);
            assert_eq!(own[1].vaddr, start);
        }
    }

    #[test]
    fn huge_pages_are_dense_by_the_pages_they_replace() {
        // 16 words on each page of 16 KiB, of 4 KiB only 4.
        let (size, bias) = (5 * HUGE / 2, 0x7f00_0012_3000);
        let words = every(0x4000 / DENSE, 0x1000 + size);
        let of = |page| huge(&Headers { page, ..one_segment(size, true) }, &words, bias).is_empty();
        assert_eq!([0x1000, 0x4000, 0x10000].map(of), [true, false, false]);
    }

    #[test]
    fn words_of_relr_count_by_their_bits() {
        let mut relr = alloc::vec![U64::new(LE, 0x1000)];
        relr.resize(1 + (5 * HUGE / 2 / 504) as usize, U64::new(LE, u64::MAX));
        let dynamic = Dynamic { relr: relr.leak(), ..Dynamic::default() };
        let block = Range { vaddr: HUGE, size: HUGE };
        let words = relative_words(&dynamic, block);
        assert!(words > HUGE / 8 - 126 && words <= HUGE / 8, "{words}");
        assert!(!huge(&one_segment(5 * HUGE / 2, true), &dynamic, 0).is_empty());
        // One bit in each bitmap is too few.
        let mut relr = alloc::vec![U64::new(LE, 0x1000)];
        relr.resize(1 + (5 * HUGE / 2 / 504) as usize, U64::new(LE, 3));
        let dynamic = Dynamic { relr: relr.leak(), ..Dynamic::default() };
        assert_eq!(huge(&one_segment(5 * HUGE / 2, true), &dynamic, 0), []);
    }

    #[test]
    fn a_span_is_mapped_at_once_only_without_holes() {
        assert!(covers(&[(0, 0x800, 0x800, false), (0x1000, 0x10, 0x10, false), (0x2010, 0x10, 0x5000, true)]));
        assert!(covers(&[(0, 0x1800, 0x1800, false)]));
        // A page that no segment has.
        assert!(!covers(&[(0, 0x800, 0x800, false), (0x2000, 0x10, 0x10, true)]));
        // A page that two have.
        assert!(!covers(&[(0, 0x1800, 0x1800, false), (0x1900, 0x10, 0x10, true)]));
        // bss, or writable memory, in the first.
        assert!(!covers(&[(0, 0x800, 0x1800, false), (0x2000, 0x10, 0x10, true)]));
        assert!(!covers(&[(0, 0x800, 0x800, true), (0x1000, 0x10, 0x10, false)]));
    }
}
