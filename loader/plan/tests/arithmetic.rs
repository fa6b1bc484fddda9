//! Layouts and range arithmetic against the same rules in 128 bits, where nothing wraps.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing, missing_docs)]

use ld_rs_plan::elf::header::{self, Range, Tls};
use ld_rs_plan::reloc::{NoValue, Store, Target};
use ld_rs_plan::tls::{MAX_STATIC, Spare, StaticTls};
use ld_rs_plan::{MIN_PAGE, align_down, align_up, arch, map, tunables};
use object::elf::{self, RelocationType};
use proptest::collection::vec;
use proptest::prelude::*;

const LIMIT: u128 = 1 << 64;

fn u(number: u64) -> u128 {
    number.into()
}

/// Numbers near powers of two and near the ends, where mistakes are.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        0u64..0x5000,
        (0u32..64, -3i64..4).prop_map(|(bit, by)| (1u64 << bit).wrapping_add_signed(by)),
        (0u64..0x2000).prop_map(|by| u64::MAX - by),
    ]
}

fn power() -> impl Strategy<Value = u64> {
    (0u32..64).prop_map(|bit| 1 << bit)
}

fn module() -> impl Strategy<Value = Tls> {
    (number(), prop_oneof![0u64..0x3000, number()], 0u32..22).prop_map(|(vaddr, memsz, bit)| Tls {
        vaddr,
        offset: 0,
        filesz: 0,
        memsz,
        align: 1 << bit,
        mapped: true,
    })
}

/// The least offset of at least `least` that is congruent to -vaddr.
fn least_offset(least: u128, module: &Tls) -> u128 {
    let align = u(module.align);
    let wanted = (align - u(module.vaddr) % align) % align;
    least + (wanted + align - least % align) % align
}

/// A file of one page of headers and whatever the segments say.
fn segments() -> impl Strategy<Value = Vec<(u64, u64, u64, u64, u32)>> {
    // Page, offset in the page, file size, more memory, flags; now and then any numbers at all.
    let sound = (0u64..64, 0u64..4096, 0u64..0x3000, 0u64..0x3000, 4u32..8)
        .prop_map(|(page, skew, filesz, more, flags)| (page * MIN_PAGE + skew, skew, filesz, filesz + more, flags));
    let wild = (number(), number(), number(), number(), 0u32..8);
    vec(prop_oneof![9 => sound, 1 => wild], 1..6).prop_map(|mut list| {
        list.sort_by_key(|segment| segment.0);
        list
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn rounding(value in number(), align in power()) {
        prop_assert_eq!(u(align_down(value, align)), u(value) / u(align) * u(align));
        let up = u(value).div_ceil(u(align)) * u(align);
        // What does not fit is none; the sum on the way may be what does not.
        match align_up(value, align) {
            Some(found) => prop_assert_eq!(u(found), up),
            None => prop_assert!(u(value) + u(align) > LIMIT),
        }
    }

    #[test]
    fn ranges(vaddr in number(), size in number(), at in number(), len in number()) {
        // Ranges of accepted headers end below 2^64.
        let range = Range { vaddr, size: size.min(u64::MAX - vaddr) };
        prop_assert_eq!(u(range.end()), u(vaddr) + u(range.size));
        prop_assert_eq!(range.holds(at, len), at >= vaddr && u(at) + u(len) <= u(vaddr) + u(range.size));
    }

    #[test]
    fn static_tls(modules in vec(module(), 0..12), extra in number()) {
        let (mut room, mut taken, mut align) = (StaticTls::default(), 0u128, 64u64);
        for module in &modules {
            let expected = least_offset(taken + u(module.memsz), module);
            let fits = expected <= u(MAX_STATIC);
            prop_assert_eq!(room.place(module).map(i128::from), fits.then_some(-(expected as i128)));
            if fits {
                (taken, align) = (expected, align.max(module.align));
            }
            prop_assert_eq!((u(room.size), room.align), (taken, align));
        }
        if let Some(size) = room.reserve(extra) {
            prop_assert_eq!(u(size), (taken + u(extra)).div_ceil(u(align)) * u(align));
        }
    }

    /// A row of bytes says what is free.
    #[test]
    fn spare_room(low in 0u64..300, length in 0u64..3000, steps in vec((any::<bool>(), 0u64..200, 0u64..400, 0u32..8), 0..60)) {
        let mut spare = Spare::new(low, low + length);
        let all = spare.clone();
        let mut taken = vec![false; length as usize];
        let mut held: Vec<(u64, u64)> = Vec::new();
        for (place, vaddr, memsz, bit) in steps {
            if place || held.is_empty() {
                let module = Tls { vaddr, offset: 0, filesz: 0, memsz: memsz.max(1), align: 1 << bit, mapped: true };
                // Bytes of an offset o: those from o - memsz (exclusive) to o (inclusive), counted from low.
                let bytes = |offset: u64| (offset - module.memsz - low) as usize..(offset - low) as usize;
                let lawful = |offset: &u64| {
                    offset.wrapping_neg() % module.align == vaddr % module.align && !taken[bytes(*offset)].contains(&true)
                };
                let expected = (low + module.memsz..=low + length).find(lawful);
                let found = spare.place(&module).map(|distance| (-distance) as u64);
                prop_assert_eq!(found, expected);
                if let Some(offset) = found {
                    taken[bytes(offset)].fill(true);
                    held.push((offset, module.memsz));
                }
            } else {
                let (offset, size) = held.swap_remove(vaddr as usize % held.len());
                spare.release(-(offset as i64), size);
                taken[(offset - size - low) as usize..(offset - low) as usize].fill(false);
            }
            let longest = taken.split(|taken| *taken).map(<[bool]>::len).max().unwrap_or(0);
            prop_assert_eq!(spare.largest(), longest as u64);
        }
        for (offset, size) in held {
            spare.release(-(offset as i64), size);
        }
        prop_assert_eq!(spare, all);
    }

    /// Accepted segments lie in the file, in order, apart; their steps cover each byte once with the right content.
    #[test]
    fn mappings(list in segments(), length in 0u64..0x8000, large in 0u32..3) {
        let page = MIN_PAGE << (2 * large);
        let mut table = Vec::new();
        for (vaddr, offset, filesz, memsz, flags) in &list {
            table.extend(1u32.to_le_bytes());
            table.extend(flags.to_le_bytes());
            // As far apart in these pages as in small ones.
            let vaddr = vaddr.wrapping_sub(*offset).wrapping_mul(page / MIN_PAGE).wrapping_add(*offset);
            for word in [*offset, vaddr, vaddr, *filesz, *memsz, MIN_PAGE] {
                table.extend(word.to_le_bytes());
            }
        }
        let ident = header::Ident { kind: header::Kind::Dynamic, entry: 0, phoff: 64, phnum: list.len() as u16 };
        let Ok(headers) = header::headers(ident, &table, length, page) else { return Ok(()) };
        let mut end = u(headers.span.vaddr);
        for (segment, step) in headers.segments.iter().zip(map::steps(&headers)) {
            let memory = (u(segment.memory.vaddr), u(segment.memory.vaddr) + u(segment.memory.size));
            prop_assert!(memory.0 >= end && memory.1 <= u(headers.span.vaddr) + u(headers.span.size));
            prop_assert!(u(segment.offset) + u(segment.filesz) <= u(length));
            end = memory.1;
            let page = u(page);
            let (first, last) = (memory.0 / page * page, memory.1.div_ceil(page) * page);
            let file_end = memory.0 + u(segment.filesz);
            let file_pages = if segment.filesz == 0 { first } else { file_end.div_ceil(page) * page };
            prop_assert_eq!((u(step.file.vaddr), u(step.file.vaddr) + u(step.file.size)), (first, file_pages));
            prop_assert_eq!(u(step.offset) % page, 0);
            prop_assert_eq!(u(step.offset) + (memory.0 - first), u(segment.offset));
            // Zeroes: the rest of the last file page where there is more memory than file, then whole pages.
            let zero = if memory.1 > file_end && segment.filesz > 0 { file_pages } else { file_end };
            prop_assert_eq!((u(step.zero.vaddr), u(step.zero.vaddr) + u(step.zero.size)), (file_end, zero));
            prop_assert_eq!(u(step.bss.vaddr), file_pages);
            prop_assert_eq!(u(step.bss.vaddr) + u(step.bss.size), last.max(file_pages));
        }
    }

    #[test]
    fn relocations(address in number(), offset in number(), size in number(), tls_distance in any::<i64>(), place in number(), addend in any::<i64>()) {
        let target = Target { address, offset, size, module: 3, tls_distance };
        let value = |kind| arch::value(kind, &target, place, addend.cast_unsigned());
        // Sums are modulo 2^64, as the psABI has them.
        let modulo = |sum: i128| sum.rem_euclid(1 << 64) as u64;
        let (a, i) = (i128::from(addend), |n: u64| i128::from(n));
        let full = [
            (elf::R_X86_64_64, i(address) + a),
            (elf::R_X86_64_PC64, i(address) + a - i(place)),
            (elf::R_X86_64_SIZE64, i(size) + a),
            (elf::R_X86_64_DTPOFF64, i(offset) + a),
            (elf::R_X86_64_TPOFF64, i(offset) + a + i128::from(tls_distance)),
            (elf::R_X86_64_GLOB_DAT, i(address)),
            (elf::R_X86_64_JUMP_SLOT, i(address)),
            (elf::R_X86_64_DTPMOD64, 3),
        ];
        for (kind, sum) in full {
            prop_assert_eq!(value(kind), Ok(Store::Xword(modulo(sum))), "{:?}", kind);
        }
        for (kind, sum, signed) in [
            (elf::R_X86_64_32, i(address) + a, false),
            (elf::R_X86_64_SIZE32, i(size) + a, false),
            (elf::R_X86_64_32S, i(address) + a, true),
            (elf::R_X86_64_PC32, i(address) + a - i(place), true),
        ] {
            let word = modulo(sum);
            let fits = if signed { word.cast_signed() == i64::from(word as i32) } else { word >> 32 == 0 };
            let expected = if fits { Ok(Store::Word(word as u32)) } else { Err(NoValue::Range(word)) };
            prop_assert_eq!(value(kind), expected, "{:?}", kind);
        }
        prop_assert_eq!(value(RelocationType(200)), Err(NoValue::Type));
    }

    #[test]
    fn tunable_numbers(value in number(), zeroes in 0usize..4) {
        let read = |text: String| tunables::number(text.as_bytes());
        prop_assert_eq!(read(format!("0x{}{value:x}", "0".repeat(zeroes))), Some(value));
        prop_assert_eq!(read(format!("0{value:o}")), Some(value));
        prop_assert_eq!(read(format!("{value}")), Some(value));
        prop_assert_eq!(read(format!("-{value}")), Some(value.wrapping_neg()));
        prop_assert_eq!(read(format!("0x1{value:016x}")), Some(u64::MAX));
    }
}
