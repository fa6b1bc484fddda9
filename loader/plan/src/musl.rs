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
/// The strings of a program begin with what it needs.
const NEEDED: &[u8] = b"\0libc.so\0";
/// Its dynamic section has so many entries.
const ENTRIES: u64 = 7;

/// A program that musl takes for the one that the kernel mapped.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// Its thread-local data: the address of the initial content, at a multiple of the alignment; p_filesz, of which new threads
    /// get a copy; p_memsz, a multiple of the alignment; the alignment.
    pub tls: [u64; 4],
    /// p_memsz of PT_GNU_STACK: stacks of threads are to be as large at least.
    pub stack_size: u64,
    /// Its one segment, writable: it begins with a page. What is left of the last page musl gives to its malloc.
    pub data: Range,
    /// Functions that are called when constructors are due.
    pub init: &'a [u64],
    /// Symbols by which libc.so's references are to be bound to what others define: name and address.
    pub symbols: &'a [(&'a [u8], u64)],
}

impl Program<'_> {
    /// How many program headers there are; the first is at the start of the bytes.
    pub const PHDRS: u64 = 4;

    /// Where its tables begin, and where it ends: dynamic section, functions, symbols, hash table, strings, end.
    fn offsets(&self) -> [u64; 6] {
        let count = (self.symbols.len() as u64).wrapping_add(1);
        let dynamic = Self::PHDRS.wrapping_mul(PHDR);
        let init = dynamic.wrapping_add(ENTRIES * DYN);
        let symbols = init.wrapping_add((self.init.len() as u64).wrapping_mul(8));
        let hash = symbols.wrapping_add(count.wrapping_mul(SYM));
        let strings = hash.wrapping_add(count.wrapping_add(3).wrapping_mul(4));
        let names = self.symbols.iter().map(|(name, _)| name.len().saturating_add(1)).sum::<usize>() as u64;
        [dynamic, init, symbols, hash, strings, strings.wrapping_add(NEEDED.len() as u64).wrapping_add(names)]
    }

    /// How many bytes it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.offsets()[5]
    }

    /// Writes it to `memory`, that many bytes or more, which were 0 and whose address is `base`, a multiple of 8.
    pub fn write(&self, base: u64, memory: &mut [u8]) {
        let [dynamic, init, symbols, hash, strings, _] = self.offsets();
        let (count, init_size) = ((self.symbols.len() as u64).wrapping_add(1), symbols.wrapping_sub(init));
        let mut file = File(memory);
        let [tls, copied, size, align] = self.tls;
        let at = |offset: u64| base.wrapping_add(offset);
        file.header(0, [elf::PT_DYNAMIC.0, 6], dynamic, at(dynamic), [ENTRIES * DYN; 2], 8);
        file.header(PHDR, [elf::PT_TLS.0, 4], 0, tls, [copied, size], align);
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
            ],
        );
        file.words(init, self.init);
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
    }
}

/// The file of a library that has nothing but thread-local data: `image` and zeroes up to `size`, whose address is `skew` modulo
/// `align`. `None` where the alignment is more than that of mappings.
pub fn tls_file(image: &[u8], size: u64, align: u64, skew: u64) -> Result<Option<Vec<u8>>, NoMemory> {
    const ENTRIES: u64 = 4;
    const DYNAMIC: u64 = EHDR + 3 * PHDR;
    const SYMBOLS: u64 = DYNAMIC + ENTRIES * DYN;
    const HASH: u64 = SYMBOLS + SYM;
    const STRINGS: u64 = HASH + 16;
    let Some(start) = align_up(STRINGS + 1, align.max(16)).filter(|_| align <= MIN_PAGE) else { return Ok(None) };
    let start = start.wrapping_add(skew);
    let end = start.wrapping_add(image.len() as u64);
    let mut bytes = filled(0, usize::try_from(end).map_err(|_| NoMemory)?)?;
    let mut file = File(&mut bytes);
    file.bytes(0, b"\x7fELF\x02\x01\x01");
    let [kind, machine] = [u64::from(elf::ET_DYN.0), u64::from(crate::arch::MACHINE.0)];
    file.words(16, &[kind | machine << 16 | 1 << 32, 0, EHDR, 0, EHDR << 32 | PHDR << 48, 3]);
    file.header(EHDR, [elf::PT_LOAD.0, 4], 0, 0, [end; 2], MIN_PAGE);
    file.header(EHDR + PHDR, [elf::PT_DYNAMIC.0, 4], DYNAMIC, DYNAMIC, [ENTRIES * DYN; 2], 8);
    file.header(EHDR + 2 * PHDR, [elf::PT_TLS.0, 4], start, start, [image.len() as u64, size], align);
    file.dynamic(DYNAMIC, &[(elf::DT_HASH.0, HASH), (elf::DT_STRTAB.0, STRINGS), (elf::DT_SYMTAB.0, SYMBOLS)]);
    file.halves(HASH, &[1, 1]);
    file.bytes(start, image);
    Ok(Some(bytes))
}

/// Bytes that were 0 and are filled.
struct File<'a>(&'a mut [u8]);

impl File<'_> {
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
