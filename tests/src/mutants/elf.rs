//! Where each structure of a sound ELF file lies in the file. An operator of [`super::operators`]
//! picks a field here and overwrites it. Only files that a linker has just written are read, so
//! that what is not understood is an error of the seed.

use std::ops::Range;

/// `p_type` of the headers that operators know.
pub mod pt {
    #![allow(missing_docs)]
    pub const NULL: u32 = 0;
    pub const LOAD: u32 = 1;
    pub const DYNAMIC: u32 = 2;
    pub const INTERP: u32 = 3;
    pub const NOTE: u32 = 4;
    pub const PHDR: u32 = 6;
    pub const TLS: u32 = 7;
    pub const GNU_EH_FRAME: u32 = 0x6474_e550;
    pub const GNU_STACK: u32 = 0x6474_e551;
    pub const GNU_RELRO: u32 = 0x6474_e552;
    pub const GNU_PROPERTY: u32 = 0x6474_e553;
}

/// `d_tag` of the entries that operators know.
pub mod dt {
    #![allow(missing_docs)]
    pub const NULL: u64 = 0;
    pub const NEEDED: u64 = 1;
    pub const PLTRELSZ: u64 = 2;
    pub const PLTGOT: u64 = 3;
    pub const HASH: u64 = 4;
    pub const STRTAB: u64 = 5;
    pub const SYMTAB: u64 = 6;
    pub const RELA: u64 = 7;
    pub const RELASZ: u64 = 8;
    pub const RELAENT: u64 = 9;
    pub const STRSZ: u64 = 10;
    pub const SYMENT: u64 = 11;
    pub const INIT: u64 = 12;
    pub const FINI: u64 = 13;
    pub const SONAME: u64 = 14;
    pub const RPATH: u64 = 15;
    pub const REL: u64 = 17;
    pub const PLTREL: u64 = 20;
    pub const DEBUG: u64 = 21;
    pub const TEXTREL: u64 = 22;
    pub const JMPREL: u64 = 23;
    pub const INIT_ARRAY: u64 = 25;
    pub const FINI_ARRAY: u64 = 26;
    pub const INIT_ARRAYSZ: u64 = 27;
    pub const FINI_ARRAYSZ: u64 = 28;
    pub const RUNPATH: u64 = 29;
    pub const FLAGS: u64 = 30;
    pub const PREINIT_ARRAY: u64 = 32;
    pub const PREINIT_ARRAYSZ: u64 = 33;
    pub const RELRSZ: u64 = 35;
    pub const RELR: u64 = 36;
    pub const RELRENT: u64 = 37;
    pub const GNU_HASH: u64 = 0x6fff_fef5;
    pub const DEPAUDIT: u64 = 0x6fff_fefb;
    pub const AUDIT: u64 = 0x6fff_fefc;
    pub const VERSYM: u64 = 0x6fff_fff0;
    pub const RELACOUNT: u64 = 0x6fff_fff9;
    pub const FLAGS_1: u64 = 0x6fff_fffb;
    pub const VERDEF: u64 = 0x6fff_fffc;
    pub const VERDEFNUM: u64 = 0x6fff_fffd;
    pub const VERNEED: u64 = 0x6fff_fffe;
    pub const VERNEEDNUM: u64 = 0x6fff_ffff;
    pub const AUXILIARY: u64 = 0x7fff_fffd;
    pub const FILTER: u64 = 0x7fff_ffff;
}

/// `r_type` of x86-64 that operators know.
pub mod reloc {
    #![allow(missing_docs)]
    pub const NONE: u32 = 0;
    pub const COPY: u32 = 5;
    pub const RELATIVE: u32 = 8;
    pub const DTPMOD64: u32 = 16;
    pub const DTPOFF64: u32 = 17;
    pub const TPOFF64: u32 = 18;
    pub const TLSDESC: u32 = 36;
    pub const IRELATIVE: u32 = 37;
}

/// A program header.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Header {
    /// Where it stands in the file.
    pub at: usize,
    pub kind: u32,
    pub flags: u32,
    pub offset: u64,
    pub vaddr: u64,
    pub filesz: u64,
    pub memsz: u64,
    pub align: u64,
}

/// An entry of the dynamic section; the last one is the first DT_NULL.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Entry {
    pub at: usize,
    pub tag: u64,
    pub value: u64,
}

/// A relocation with addend.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Rela {
    pub at: usize,
    pub place: u64,
    pub kind: u32,
    pub symbol: u32,
    pub addend: u64,
}

impl Rela {
    /// Whether `r_sym` means anything to its type.
    pub fn is_symbolic(&self) -> bool {
        !matches!(self.kind, reloc::NONE | reloc::RELATIVE | reloc::IRELATIVE)
    }
}

/// An entry of .dynsym.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Symbol {
    pub at: usize,
    pub info: u8,
    pub section: u16,
    pub value: u64,
    pub size: u64,
}

impl Symbol {
    /// STT_*.
    pub fn kind(&self) -> u8 {
        self.info & 15
    }
    /// STB_WEAK.
    pub fn is_weak(&self) -> bool {
        self.info >> 4 == 2
    }
}

/// DT_GNU_HASH.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct GnuHash {
    pub at: usize,
    pub symbol_base: u32,
    pub buckets: (usize, usize),
    pub chains: (usize, usize),
}

/// DT_HASH.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs)]
pub struct SysvHash {
    pub at: usize,
    pub buckets: (usize, usize),
    pub chains: (usize, usize),
}

/// A Verneed or Verdef entry and the file offsets of its Vernaux or Verdaux entries.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct VersionEntry {
    pub at: usize,
    pub aux: Vec<usize>,
    pub last: bool,
}

/// A sound file.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Elf {
    pub bytes: Vec<u8>,
    /// ET_EXEC.
    pub fixed: bool,
    pub headers: Vec<Header>,
    pub dynamic: Vec<Entry>,
    /// 16-byte slots of PT_DYNAMIC from the first DT_NULL on.
    pub spare: Vec<usize>,
    pub strings: Range<usize>,
    pub symbols: Vec<Symbol>,
    pub gnu_hash: Option<GnuHash>,
    pub sysv_hash: Option<SysvHash>,
    pub versym: Option<(usize, usize)>,
    pub verneed: Vec<VersionEntry>,
    pub verdef: Vec<VersionEntry>,
    /// DT_RELA, then DT_JMPREL.
    pub relas: Vec<Rela>,
    /// File offsets of the words of DT_RELR.
    pub relr: Vec<usize>,
    /// File offset and address of each word of DT_INIT_ARRAY and DT_FINI_ARRAY.
    pub arrays: Vec<(usize, u64)>,
}

/// The little-endian number of `width` bytes at `at`.
pub fn number(bytes: &[u8], at: usize, width: usize) -> Option<u64> {
    let mut raw = [0; 8];
    raw[..width].copy_from_slice(bytes.get(at..at.checked_add(width)?)?);
    Some(u64::from_le_bytes(raw))
}

impl Elf {
    /// Reads a file; `None` if it is not a dynamic ELF file of this machine.
    pub fn read(bytes: Vec<u8>) -> Option<Elf> {
        let word = |at, width| number(&bytes, at, width);
        let kind = word(16, 2)?;
        if !bytes.starts_with(b"\x7fELF\x02\x01\x01") || !(2..=3).contains(&kind) {
            return None;
        }
        let mut elf = Elf { fixed: kind == 2, ..Elf::default() };
        for i in 0..word(56, 2)? as usize {
            let at = word(32, 8)? as usize + 56 * i;
            elf.headers.push(Header {
                at,
                kind: word(at, 4)? as u32,
                flags: word(at + 4, 4)? as u32,
                offset: word(at + 8, 8)?,
                vaddr: word(at + 16, 8)?,
                filesz: word(at + 32, 8)?,
                memsz: word(at + 40, 8)?,
                align: word(at + 48, 8)?,
            });
        }
        let section = *elf.header(pt::DYNAMIC)?;
        for i in 0..section.filesz as usize / 16 {
            let at = section.offset as usize + 16 * i;
            let entry = Entry { at, tag: word(at, 8)?, value: word(at + 8, 8)? };
            let ended = !elf.spare.is_empty();
            if ended || entry.tag == dt::NULL {
                elf.spare.push(at);
            }
            if !ended {
                elf.dynamic.push(entry);
            }
        }
        let table = |tag| elf.value(tag).and_then(|vaddr| elf.file_offset(vaddr));
        let strings = table(dt::STRTAB)?;
        let symbols = table(dt::SYMTAB)?;
        let gnu_hash = table(dt::GNU_HASH);
        let sysv_hash = table(dt::HASH);
        let (versym, verneed, verdef) = (table(dt::VERSYM), table(dt::VERNEED), table(dt::VERDEF));
        let relas = [(dt::RELA, dt::RELASZ), (dt::JMPREL, dt::PLTRELSZ)].map(|(at, size)| (table(at), elf.value(size)));
        let relr = (table(dt::RELR), elf.value(dt::RELRSZ));
        let arrays = [(dt::INIT_ARRAY, dt::INIT_ARRAYSZ), (dt::FINI_ARRAY, dt::FINI_ARRAYSZ)];
        let arrays = arrays.map(|(at, size)| (table(at), elf.value(at), elf.value(size)));
        elf.strings = strings..strings + elf.value(dt::STRSZ)? as usize;

        // The dynamic section does not tell the number of symbols; the section headers do.
        let sections = (word(40, 8)? as usize, word(60, 2)? as usize);
        let is_dynsym = |at: &usize| word(at + 4, 4) == Some(11);
        let dynsym = (0..sections.1).map(|i| sections.0 + 64 * i).find(is_dynsym)?;
        let count = word(dynsym + 32, 8)? as usize / 24;
        for i in 0..count {
            let at = symbols + 24 * i;
            elf.symbols.push(Symbol {
                at,
                info: word(at + 4, 1)? as u8,
                section: word(at + 6, 2)? as u16,
                value: word(at + 8, 8)?,
                size: word(at + 16, 8)?,
            });
        }
        if let Some(at) = gnu_hash {
            let (buckets, base, bloom) = (word(at, 4)? as usize, word(at + 4, 4)? as usize, word(at + 8, 4)? as usize);
            let first = at + 16 + 8 * bloom;
            elf.gnu_hash = Some(GnuHash {
                at,
                symbol_base: base as u32,
                buckets: (first, buckets),
                chains: (first + 4 * buckets, count.saturating_sub(base)),
            });
        }
        if let Some(at) = sysv_hash {
            let (buckets, chains) = (word(at, 4)? as usize, word(at + 4, 4)? as usize);
            elf.sysv_hash = Some(SysvHash { at, buckets: (at + 8, buckets), chains: (at + 8 + 4 * buckets, chains) });
        }
        elf.versym = versym.map(|at| (at, count));
        // Verneed: vn_cnt at 2, vn_aux at 8, vn_next at 12; vna_next at 12.
        elf.verneed = version_entries(&bytes, verneed, [2, 8, 12, 12])?;
        // Verdef: vd_cnt at 6, vd_aux at 12, vd_next at 16; vda_next at 4.
        elf.verdef = version_entries(&bytes, verdef, [6, 12, 16, 4])?;
        for (at, size) in relas {
            let Some((at, size)) = at.zip(size) else { continue };
            for at in (at..at + size as usize).step_by(24) {
                let info = word(at + 8, 8)?;
                elf.relas.push(Rela {
                    at,
                    place: word(at, 8)?,
                    kind: info as u32,
                    symbol: (info >> 32) as u32,
                    addend: word(at + 16, 8)?,
                });
            }
        }
        if let (Some(at), Some(size)) = relr {
            elf.relr = (at..at + size as usize).step_by(8).collect();
        }
        for (at, vaddr, size) in arrays {
            let (Some(at), Some(vaddr), Some(size)) = (at, vaddr, size) else { continue };
            elf.arrays.extend((0..size as usize).step_by(8).map(|i| (at + i, vaddr + i as u64)));
        }
        elf.bytes = bytes;
        Some(elf)
    }

    /// The first header of this type.
    pub fn header(&self, kind: u32) -> Option<&Header> {
        self.headers.iter().find(|header| header.kind == kind)
    }

    /// PT_LOAD in order; every linker's hold memory.
    pub fn loads(&self) -> Vec<Header> {
        self.headers.iter().filter(|header| header.kind == pt::LOAD).copied().collect()
    }

    /// The value of the first entry with this tag.
    pub fn value(&self, tag: u64) -> Option<u64> {
        self.dynamic.iter().find(|entry| entry.tag == tag).map(|entry| entry.value)
    }

    /// Where the byte at `vaddr` stands in the file.
    pub fn file_offset(&self, vaddr: u64) -> Option<usize> {
        let load = self.load_of(vaddr)?;
        let into = vaddr - load.vaddr;
        (into < load.filesz).then(|| (load.offset + into) as usize)
    }

    /// The PT_LOAD whose memory holds `vaddr`.
    pub fn load_of(&self, vaddr: u64) -> Option<&Header> {
        let holds = |load: &&Header| load.kind == pt::LOAD && vaddr >= load.vaddr && vaddr - load.vaddr < load.memsz;
        self.headers.iter().find(holds)
    }

    /// One past the last address.
    pub fn end(&self) -> u64 {
        self.loads().iter().map(|load| load.vaddr + load.memsz).max().unwrap_or(0)
    }

    /// The shortest file that still holds every segment and the program headers.
    pub fn least_length(&self) -> usize {
        let loads = self.loads().into_iter().filter(|load| load.filesz > 0);
        let loads = loads.map(|load| (load.offset + load.filesz) as usize);
        let table = self.headers.iter().map(|header| header.at + 56);
        loads.chain(table).max().unwrap_or(0)
    }

    /// The name of symbol `index`.
    pub fn symbol_name(&self, index: u32) -> Option<&[u8]> {
        let offset = number(&self.bytes, self.symbols.get(index as usize)?.at, 4)? as usize;
        let name = self.bytes.get(self.strings.clone())?.get(offset..)?;
        name.split(|byte| *byte == 0).next()
    }
}

/// Follows a chain of version entries; the offsets are those of count, first aux, next and the
/// aux entry's own next.
fn version_entries(
    bytes: &[u8],
    first: Option<usize>,
    [cnt, aux, next, aux_next]: [usize; 4],
) -> Option<Vec<VersionEntry>> {
    let mut entries = Vec::new();
    let Some(mut at) = first else { return Some(entries) };
    loop {
        let mut inner = Vec::new();
        let mut aux_at = at + number(bytes, at + aux, 4)? as usize;
        for _ in 0..number(bytes, at + cnt, 2)? {
            inner.push(aux_at);
            aux_at += number(bytes, aux_at + aux_next, 4)? as usize;
        }
        let step = number(bytes, at + next, 4)? as usize;
        entries.push(VersionEntry { at, aux: inner, last: step == 0 });
        if step == 0 {
            return Some(entries);
        }
        at += step;
    }
}
