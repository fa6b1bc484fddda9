//! What is shown to musl's libc.so is what its loader, and any other, takes.
#![allow(clippy::expect_used, clippy::arithmetic_side_effects)] // of a test

use ld_rs_plan::MIN_PAGE;
use ld_rs_plan::elf::header::{self, Range};
use ld_rs_plan::musl::{Program, tls_file};

/// Bytes of a program header and of a symbol.
const PHDR: u64 = 56;
const SYM: u64 = 24;

fn word(bytes: &[u8], at: u64) -> u64 {
    let at = at as usize;
    bytes.get(at..at + 8).and_then(|word| word.try_into().ok()).map_or(0, u64::from_le_bytes)
}

fn half(bytes: &[u8], at: u64) -> u64 {
    word(bytes, at) & 0xffff_ffff
}

#[test]
fn a_file_is_what_a_loader_takes() {
    for (image, size, align, skew) in [(&b"abc"[..], 5, 1, 0), (b"", 8, 8, 0), (b"xy", 100, 4096, 72)] {
        let file = tls_file(image, size, align, skew).ok().flatten().unwrap_or_default();
        let ident = header::ident(&file, file.len() as u64).expect("a header");
        let (offset, length) = ident.table();
        let table = file.get(offset as usize..(offset + length) as usize).unwrap_or_default();
        let headers = header::headers(ident, table, file.len() as u64, MIN_PAGE).expect("headers");
        let tls = headers.tls.expect("PT_TLS");
        assert_eq!((tls.filesz, tls.memsz, tls.align), (image.len() as u64, size, align));
        assert_eq!(tls.vaddr & (align - 1), skew);
        assert_eq!(file.get(tls.vaddr as usize..).unwrap_or_default(), image);
        assert!(headers.dynamic.is_some());
    }
    assert_eq!(tls_file(b"", 1, 2 * MIN_PAGE, 0).map(|file| file.is_none()), Ok(true));
}

#[test]
fn a_program_has_its_symbols() {
    const BASE: u64 = 0x7000_0000;
    for symbols in [&[][..], &[(&b"environ"[..], 0x1111), (b"malloc", 0x2222)]] {
        let data = Range { vaddr: 0x9000, size: 0x123 };
        let program = Program { tls: [0x1000, 8, 64, 64], stack_size: 7, data, init: &[1, 2], symbols };
        let size = program.size() as usize;
        let mut bytes = vec![0; size + 8];
        program.write(BASE, &mut bytes);
        assert_eq!((bytes.split_off(size), bytes.last()), (vec![0; 8], Some(&0)));
        assert_eq!(
            (word(&bytes, PHDR + 16), word(&bytes, PHDR + 32), word(&bytes, PHDR + 40), word(&bytes, 2 * PHDR + 40)),
            (0x1000, 8, 64, 7)
        );
        let dynamic = word(&bytes, 16) - BASE;
        let entries: Vec<_> =
            (0..7).map(|at| (word(&bytes, dynamic + 16 * at), word(&bytes, dynamic + 16 * at + 8))).collect();
        let entry = |tag: i64| entries.iter().find(|entry| entry.0 as i64 == tag).expect("an entry").1;
        let at = |tag: i64| entry(tag) - BASE;
        assert_eq!(entries.last(), Some(&(0, 0)));
        assert_eq!((word(&bytes, at(25)), word(&bytes, at(25) + 8), entry(27)), (1, 2, 16));
        let name = |at: u64| bytes.get(at as usize..).and_then(|tail| tail.split(|byte| *byte == 0).next());
        assert_eq!(name(at(5) + entry(1)), Some(&b"libc.so"[..]));
        // As musl's `sysv_lookup` goes over them.
        let (hash, mut found, mut next) = (at(4), vec![], half(&bytes, at(4) + 8));
        while next != 0 {
            let symbol = at(6) + SYM * next;
            found.push((name(at(5) + half(&bytes, symbol)).unwrap_or_default(), word(&bytes, symbol + 8)));
            next = half(&bytes, hash + 12 + 4 * next);
        }
        assert_eq!(found, symbols);
    }
}
