//! What ld-rs shows to musl's libc.so, as bytes: a program that it is to start, and files by which it is to give threads
//! thread-local data. As much of ELF (gABI) as musl looks at (ldso/dynlink.c, 1.2.2 to 1.2.6), and no more.
//!
//! runtime's contract with musl calls it, at start and in dlopen.

use crate::elf::header::Range;
use crate::fallible::{NoMemory, filled};
use crate::{MIN_PAGE, align_up};
use alloc::vec::Vec;
use object::elf;

/// Bytes of the ELF header, a program header, a dynamic entry, a symbol.
const EHDR: u64 = 64;
const PHDR: u64 = 56;
const DYN: u64 = 16;
const SYM: u64 = 24;

/// A program that musl takes for the one that the kernel mapped.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// The initial content of its thread-local data: address, bytes, alignment. Address and bytes are multiples of that.
    pub tls: (u64, u64, u64),
    /// p_memsz of PT_GNU_STACK: stacks of threads are to be as large at least.
    pub stack_size: u64,
    /// Its one segment, writable: it begins with a page. What is left of the last page musl gives to its malloc.
    pub data: Range,
    /// Functions that are called when constructors are due.
    pub init: &'a [u64],
    /// The function that is called when destructors are.
    pub fini: u64,
    /// Symbols by which libc.so's references are to be bound to what others define: name and address.
    pub symbols: &'a [(&'a [u8], u64)],
}

impl Program<'_> {
    /// How many program headers there are; the first is at the start of the bytes.
    pub const PHDRS: u64 = 4;

    /// Its bytes, for the address `base`, a multiple of 8. How many there are does not depend on it.
    pub fn bytes(&self, base: u64) -> Result<Vec<u8>, NoMemory> {
        const NEEDED: &[u8] = b"\0libc.so\0";
        const ENTRIES: u64 = 9;
        let count = (self.symbols.len() as u64).wrapping_add(1);
        let init_size = (self.init.len() as u64).wrapping_mul(8);
        let dynamic = Self::PHDRS.wrapping_mul(PHDR);
        let init = dynamic.wrapping_add(ENTRIES * DYN);
        let fini = init.wrapping_add(init_size);
        let symbols = fini.wrapping_add(8);
        let hash = symbols.wrapping_add(count.wrapping_mul(SYM));
        let strings = hash.wrapping_add(count.wrapping_add(3).wrapping_mul(4));
        let names = self.symbols.iter().map(|(name, _)| name.len().saturating_add(1)).sum::<usize>() as u64;
        let mut file = File::new(strings.wrapping_add(NEEDED.len() as u64).wrapping_add(names))?;

        let (tls, size, align) = self.tls;
        let at = |offset: u64| base.wrapping_add(offset);
        file.header(0, [elf::PT_DYNAMIC.0, 6], dynamic, at(dynamic), [ENTRIES * DYN; 2], 8);
        file.header(PHDR, [elf::PT_TLS.0, 4], 0, tls, [size; 2], align);
        file.header(2 * PHDR, [elf::PT_GNU_STACK.0, 6], 0, 0, [0, self.stack_size], 16);
        file.header(3 * PHDR, [elf::PT_LOAD.0, 6], 0, self.data.vaddr, [self.data.size; 2], MIN_PAGE);
        file.dynamic(
            dynamic,
            &[
                (elf::DT_NEEDED.0, 1),
                (elf::DT_HASH.0, at(hash)),
                (elf::DT_STRTAB.0, at(strings)),
                (elf::DT_SYMTAB.0, at(symbols)),
                (elf::DT_INIT_ARRAY.0, at(init)),
                (elf::DT_INIT_ARRAYSZ.0, init_size),
                (elf::DT_FINI_ARRAY.0, at(fini)),
                (elf::DT_FINI_ARRAYSZ.0, 8),
            ],
        );
        file.words(init, self.init);
        file.words(fini, &[self.fini]);
        // One bucket: entry 0 of the symbols is none, and each of the others leads to the next.
        file.halves(hash, &[1, count as u32, u32::from(count > 1), 0]);
        file.bytes(strings, NEEDED);
        let (mut symbol, mut chain) = (symbols.wrapping_add(SYM), hash.wrapping_add(16));
        let (mut next, mut name_at) = (2u64, NEEDED.len() as u64);
        for (name, address) in self.symbols {
            // STB_GLOBAL, STT_NOTYPE, SHN_ABS.
            file.words(symbol, &[name_at | 0x10 << 32 | u64::from(elf::SHN_ABS.0) << 48, *address, 0]);
            file.halves(chain, &[if next < count { next as u32 } else { 0 }]);
            file.bytes(strings.wrapping_add(name_at), name);
            symbol = symbol.wrapping_add(SYM);
            (chain, next) = (chain.wrapping_add(4), next.wrapping_add(1));
            name_at = name_at.wrapping_add(name.len() as u64).wrapping_add(1);
        }
        Ok(file.0)
    }
}

/// The file of a library that has nothing but thread-local data: `image` and zeroes up to `size`, whose address is `skew` modulo
/// `align`. `None` where the alignment is more than that of mappings.
pub fn tls_file(image: &[u8], size: u64, align: u64, skew: u64) -> Result<Option<Vec<u8>>, NoMemory> {
    const ENTRIES: u64 = 4;
    let dynamic = EHDR + 3 * PHDR;
    let (symbols, hash) = (dynamic + ENTRIES * DYN, dynamic + ENTRIES * DYN + SYM);
    let strings = hash + 16;
    let Some(start) = align_up(strings + 1, align.max(16)).filter(|_| align <= MIN_PAGE) else { return Ok(None) };
    let start = start.wrapping_add(skew);
    let end = start.wrapping_add(image.len() as u64);
    let mut file = File::new(end)?;
    file.bytes(0, b"\x7fELF\x02\x01\x01");
    let [kind, machine] = [u64::from(elf::ET_DYN.0), u64::from(crate::arch::MACHINE.0)];
    file.words(16, &[kind | machine << 16 | 1 << 32, 0, EHDR, 0, EHDR << 32 | PHDR << 48, 3]);
    file.header(EHDR, [elf::PT_LOAD.0, 4], 0, 0, [end; 2], MIN_PAGE);
    file.header(EHDR + PHDR, [elf::PT_DYNAMIC.0, 4], dynamic, dynamic, [ENTRIES * DYN; 2], 8);
    file.header(EHDR + 2 * PHDR, [elf::PT_TLS.0, 4], start, start, [image.len() as u64, size], align);
    file.dynamic(dynamic, &[(elf::DT_HASH.0, hash), (elf::DT_STRTAB.0, strings), (elf::DT_SYMTAB.0, symbols)]);
    file.halves(hash, &[1, 1]);
    file.bytes(start, image);
    Ok(Some(file.0))
}

/// Bytes that were 0 and are filled.
struct File(Vec<u8>);

impl File {
    fn new(size: u64) -> Result<Self, NoMemory> {
        filled(0, usize::try_from(size).map_err(|_| NoMemory)?).map(Self)
    }

    fn bytes(&mut self, at: u64, bytes: &[u8]) {
        let places = self.0.iter_mut().skip(usize::try_from(at).unwrap_or(usize::MAX));
        places.zip(bytes).for_each(|(place, byte)| *place = *byte);
    }

    fn words(&mut self, mut at: u64, words: &[u64]) {
        for word in words {
            self.bytes(at, &word.to_le_bytes());
            at = at.wrapping_add(8);
        }
    }

    fn halves(&mut self, mut at: u64, halves: &[u32]) {
        for half in halves {
            self.bytes(at, &half.to_le_bytes());
            at = at.wrapping_add(4);
        }
    }

    /// A program header: type and flags, p_offset, p_vaddr, p_filesz and p_memsz, p_align.
    fn header(&mut self, at: u64, kind: [u32; 2], offset: u64, vaddr: u64, [file, memory]: [u64; 2], align: u64) {
        self.halves(at, &kind);
        self.words(at.wrapping_add(8), &[offset, vaddr, vaddr, file, memory, align]);
    }

    /// Entries of a dynamic section; DT_NULL behind them is there.
    fn dynamic(&mut self, mut at: u64, entries: &[(i64, u64)]) {
        for (tag, value) in entries {
            self.words(at, &[tag.cast_unsigned(), *value]);
            at = at.wrapping_add(DYN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elf::header;
    use std::vec;

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
            let program = Program { tls: (0x1000, 64, 64), stack_size: 7, data, init: &[1, 2], fini: 3, symbols };
            let bytes = program.bytes(BASE).unwrap_or_default();
            assert_eq!(bytes.len(), program.bytes(0).unwrap_or_default().len());
            assert_eq!(
                (word(&bytes, PHDR + 16), word(&bytes, PHDR + 40), word(&bytes, 2 * PHDR + 40)),
                (0x1000, 64, 7)
            );
            let dynamic = word(&bytes, 16) - BASE;
            let entries: vec::Vec<_> =
                (0..9).map(|at| (word(&bytes, dynamic + 16 * at), word(&bytes, dynamic + 16 * at + 8))).collect();
            let entry = |tag: i64| entries.iter().find(|entry| entry.0 as i64 == tag).expect("an entry").1;
            let at = |tag: i64| entry(tag) - BASE;
            assert_eq!(entries.last(), Some(&(0, 0)));
            assert_eq!(
                (word(&bytes, at(25)), word(&bytes, at(25) + 8), entry(27), word(&bytes, at(26))),
                (1, 2, 16, 3)
            );
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
}
