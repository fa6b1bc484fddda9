//! Which words of the two tables of glibc's loader the code of a glibc uses, and what the file of that loader has in them before
//! it runs: by these runtime judges whether a build that it does not know has a layout that it knows.
//!
//! Code reaches a table by a word of the object that a relocation fills. Each load of such a word is followed along all ways
//! through the code, as long as a register holds the address. What is not seen that way is not told: a use that is told is one.

use crate::arch::code::{self, Instruction, Next};
use crate::elf::dynamic::Dynamic;
use crate::elf::header::{self, Headers};
use crate::elf::lookup::Query;
use crate::elf::{LE, Memory, Part, Sym, Xword};
use alloc::vec::Vec;

/// Names of the two tables.
pub const TABLES: [&[u8]; 2] = [b"_rtld_global", b"_rtld_global_ro"];

/// The most instructions that are followed from one load. glibc's longest ways (malloc's `__libc_freeres`, fork) have some
/// hundreds; a loop is followed once.
const MOST_STEPS: usize = 4096;
/// The most of all loads together: hostile code costs some ms and no more. Debian's builds take 30,000 to 60,000.
const MOST_STEPS_OF_ALL: usize = 1 << 18;
/// The most branches that are kept for one load.
const MOST_BRANCHES: usize = 512;

/// Which registers hold the address of each table, a bit a register.
type Held = [u16; 2];

/// What code uses: displacements in each table, in order, and where the first use of each is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Uses(pub [Vec<(i32, u64)>; 2]);

impl Uses {
    /// Adds what `code` of an object uses, which `slots` lead to the tables: the address of each, and the table's number.
    pub fn add(&mut self, code: Part<'_>, slots: &[(u64, usize)]) {
        let mut left = MOST_STEPS_OF_ALL;
        for at in memchr::memchr_iter(0x8b, code.bytes) {
            // mov distance(%rip),%register
            let start = at.saturating_sub(1);
            let Some([0x48 | 0x4c, 0x8b, modrm]) = code.bytes.get(start..start.saturating_add(3)) else { continue };
            if modrm & 0xc7 == 5 {
                let mut walk = Walk { code, slots, uses: self, ways: Vec::new(), left: left.min(MOST_STEPS) };
                let before = walk.left;
                walk.all(start);
                left = left.saturating_sub(before.saturating_sub(walk.left));
            }
        }
    }

    fn note(&mut self, table: usize, displacement: i32, place: u64) {
        if let Some(uses) = self.0.get_mut(table)
            && let Err(at) = uses.binary_search_by_key(&displacement, |(displacement, _)| *displacement)
            && uses.len() < 1024
        {
            uses.insert(at, (displacement, place));
        }
    }
}

/// The ways from one load.
struct Walk<'a, 'u> {
    code: Part<'a>,
    slots: &'a [(u64, usize)],
    uses: &'u mut Uses,
    /// Where branches lead, and what is held there.
    ways: Vec<(usize, Held)>,
    left: usize,
}

impl Walk<'_, '_> {
    fn all(&mut self, start: usize) {
        // Nothing is held yet: it is a way only if the instruction loads the address of a table.
        let Some(load) = self.code.bytes.get(start..).and_then(code::instruction) else { return };
        let mut held = [0; 2];
        let next = start.wrapping_add(load.length);
        self.keep(&load, next, &mut held);
        if held == [0; 2] {
            return;
        }
        self.ways.push((next, held));
        let mut way = 0usize;
        while let Some((at, held)) = self.ways.get(way).copied() {
            self.follow(at, held);
            way = way.saturating_add(1);
        }
    }

    fn follow(&mut self, mut at: usize, mut held: Held) {
        while held != [0; 2] && self.left > 0 {
            self.left = self.left.saturating_sub(1);
            let Some(found) = self.code.bytes.get(at..).and_then(code::instruction) else { return };
            if let Some((base, displacement)) = found.memory {
                for (table, held) in held.iter().enumerate() {
                    if held.wrapping_shr(base.into()) & 1 != 0 {
                        self.uses.note(table, displacement, self.code.vaddr.wrapping_add(at as u64));
                    }
                }
            }
            let end = at.wrapping_add(found.length);
            self.keep(&found, end, &mut held);
            at = match found.next {
                Next::Following | Next::Call => end,
                Next::Either(distance) => {
                    self.branch(end.wrapping_add_signed(distance as isize), held);
                    end
                }
                Next::Jump(distance) => return self.branch(end.wrapping_add_signed(distance as isize), held),
                Next::Nowhere => return,
            };
        }
    }

    /// Another way, unless it was gone with as much in hand.
    fn branch(&mut self, to: usize, held: Held) {
        let covers = |known: &Held| held.iter().zip(known).all(|(held, known)| held & !known == 0);
        if self.ways.len() < MOST_BRANCHES && !self.ways.iter().any(|(at, known)| *at == to && covers(known)) {
            self.ways.push((to, held));
        }
    }

    /// What is held behind an instruction that ends at `end`.
    fn keep(&self, found: &Instruction, end: usize, held: &mut Held) {
        let bit = |register: u8| 1u16.wrapping_shl(register.into());
        let word = found.loaded.map(|(register, distance)| {
            (register, self.code.vaddr.wrapping_add(end as u64).wrapping_add_signed(distance.into()))
        });
        for (table, held) in held.iter_mut().enumerate() {
            let copied = found.copied.is_some_and(|(_, from)| *held & bit(from) != 0);
            *held &= !found.changed;
            if copied && let Some((to, _)) = found.copied {
                *held |= bit(to);
            }
            if let Some((register, word)) = word
                && self.slots.contains(&(word, table))
            {
                *held |= bit(register);
            }
        }
    }
}

/// The words of an object that relocations fill with the addresses of the tables, and the number of each table.
pub fn slots<'a>(dynamic: &'a Dynamic<'_>) -> impl Iterator<Item = (u64, usize)> + 'a {
    dynamic.rela.iter().filter_map(|rela| {
        let symbol = dynamic.symbols.get(rela.r_sym(LE, false) as usize).filter(|_| rela.r_sym(LE, false) != 0)?;
        let name = dynamic.symbol_name(symbol)?;
        Some((rela.r_offset.get(LE), TABLES.iter().position(|table| *table == name)?))
    })
}

/// The tables as the file of their loader has them.
pub struct Loader<'a> {
    file: &'a [u8],
    headers: Headers,
    /// Of each table where it is, and how large.
    tables: [(u64, u64); 2],
    /// Where words are that become addresses in the loader, and of what.
    relative: Vec<(u64, u64)>,
    /// Where the function `_dl_mcount` is.
    mcount: u64,
}

impl<'a> Loader<'a> {
    /// The loader that `file` is; `None` of another file.
    #[must_use]
    pub fn read(file: &'a [u8]) -> Option<Self> {
        let length = file.len() as u64;
        let ident = header::ident(file, length).ok()?;
        let (offset, size) = ident.table();
        let table = file.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(size).ok()?)?;
        let headers = *header::headers(ident, table, length, crate::MIN_PAGE).ok()?;
        let parts = parts(&headers, file);
        let dynamic = Dynamic::parse(&headers, Memory::new(&parts)).ok()?;
        let private = || dynamic.versions.defined.iter().find(|version| version.name == b"GLIBC_PRIVATE").copied();
        let symbol = |name: &[u8]| -> Option<&Sym> {
            let query = |version| Query::new(name, version);
            let index = dynamic.find(&query(None)).or_else(|| dynamic.find(&query(private())))?;
            dynamic.symbols.get(index as usize)
        };
        // ld-rs in the place of that loader.
        if symbol(b"dlopen").is_some() {
            return None;
        }
        let [global, global_ro] =
            TABLES.map(|name| symbol(name).map(|symbol| (symbol.st_value.get(LE), symbol.st_size.get(LE))));
        let tables = [global?, global_ro?];
        let within = |at: u64| tables.iter().any(|(start, size)| at.wrapping_sub(*start) < *size);
        let mut relative = Vec::new();
        for rela in dynamic.relative_and_rest().0.iter().filter(|rela| within(rela.r_offset.get(LE))) {
            relative.push((rela.r_offset.get(LE), rela.r_addend.get(LE).cast_unsigned()));
        }
        let memory = Memory::new(&parts);
        let word = |at| memory.bytes(at, 8)?.try_into().ok().map(u64::from_le_bytes);
        each_of_relr(dynamic.relr, |at| {
            if within(at)
                && relative.len() < 1024
                && let Some(value) = word(at)
            {
                relative.push((at, value));
            }
        });
        let mcount = symbol(b"_dl_mcount")?.st_value.get(LE);
        drop(dynamic);
        Some(Self { file, headers, tables, relative, mcount })
    }

    /// Bytes of table `table`.
    #[must_use]
    pub fn size(&self, table: usize) -> Option<u64> {
        self.tables.get(table).map(|(_, size)| *size)
    }

    /// The word of `size` bytes (at most 8) at `offset` in a table; what the file has no bytes for is 0.
    #[must_use]
    pub fn word(&self, table: usize, offset: u64, size: u64) -> Option<u64> {
        let (start, length) = *self.tables.get(table)?;
        if size > 8 || offset.checked_add(size)? > length {
            return None;
        }
        let parts = parts(&self.headers, self.file);
        let bytes = Memory::new(&parts).bytes(start.checked_add(offset)?, size).unwrap_or_default();
        Some(bytes.iter().rev().fold(0, |value: u64, byte| value.wrapping_shl(8) | u64::from(*byte)))
    }

    /// Offsets of a table's words that become addresses of functions, in order of the file.
    pub fn functions(&self, table: usize) -> impl Iterator<Item = u64> {
        let (start, size) = self.tables.get(table).copied().unwrap_or_default();
        let code = |address: &u64| self.headers.is_code(*address);
        let functions = self.relative.iter().filter(move |(_, address)| code(address));
        functions.map(move |(at, _)| at.wrapping_sub(start)).filter(move |offset| *offset < size)
    }

    /// Whether the word at `offset` of a table becomes the address of `_dl_mcount`.
    #[must_use]
    pub fn is_mcount(&self, table: usize, offset: u64) -> bool {
        let (start, _) = self.tables.get(table).copied().unwrap_or_default();
        self.relative.contains(&(start.wrapping_add(offset), self.mcount))
    }
}

/// The file parts of the segments.
fn parts<'a>(headers: &Headers, file: &'a [u8]) -> Vec<Part<'a>> {
    let bytes = |offset, size| file.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(size).ok()?);
    let segments = headers.segments.iter().filter(|segment| segment.filesz > 0);
    let parts = segments.map(|s| Part { vaddr: s.memory.vaddr, bytes: bytes(s.offset, s.filesz).unwrap_or_default() });
    parts.collect()
}

/// Calls `word` with each place of DT_RELR: an address, or a bitmap of the 63 words behind the last.
fn each_of_relr(relr: &[Xword], mut word: impl FnMut(u64)) {
    let mut next = 0u64;
    for entry in relr.iter().map(|entry| entry.get(LE)) {
        let (first, bits) = if entry & 1 == 0 { (entry, 1) } else { (next, entry >> 1) };
        for bit in (0u64..63).filter(|bit| bits >> bit & 1 != 0) {
            word(first.wrapping_add(bit.wrapping_mul(8)));
        }
        next = first.wrapping_add(if entry & 1 == 0 { 8 } else { 63 * 8 });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::vec;

    /// A word at 0x2000 leads to the first table, one at 0x2008 to the second; code is at 0x1000.
    fn used(code: &[u8]) -> [Vec<i32>; 2] {
        let mut uses = Uses::default();
        uses.add(Part { vaddr: 0x1000, bytes: code }, &[(0x2000, 0), (0x2008, 1)]);
        uses.0.map(|uses| uses.into_iter().map(|(displacement, _)| displacement).collect())
    }

    #[test]
    fn uses_are_found_along_all_ways() {
        // mov 0x2008,%rax; mov 0x18(%rax),%eax; mov 8(%rax),%eax; ret
        assert_eq!(used(&[0x48, 0x8b, 5, 1, 0x10, 0, 0, 0x8b, 0x40, 0x18, 0x8b, 0x40, 8, 0xc3]), [vec![], vec![24]]);
        // mov 0x2000,%rbx; test; je 1f; mov %rbx,%rdi; call; movl 4(%rbx); movl 5(%rdi); ret; 1: lea 0x10(%rbx),%rdi; jmp 1b
        let code = [
            &[0x48, 0x8b, 0x1d, 0xf9, 0x0f, 0, 0][..],
            &[0x85, 0xc0, 0x74, 15],
            &[0x48, 0x89, 0xdf, 0xe8, 0, 0, 0, 0],
            &[0x8b, 0x43, 4, 0x8b, 0x47, 5, 0xc3],
            &[0x48, 0x8d, 0x7b, 0x10, 0xeb, 0xfa],
        ];
        assert_eq!(used(&code.concat()), [vec![4, 16], vec![]]);
        // A word beside it.
        assert_eq!(used(&[0x48, 0x8b, 5, 2, 0x10, 0, 0, 0x8b, 0x40, 0x18, 0xc3]), [vec![], vec![]]);
    }

    #[test]
    fn another_file_is_no_loader() {
        assert!(Loader::read(b"").is_none() && Loader::read(&[0x7f; 4096]).is_none());
    }
}
