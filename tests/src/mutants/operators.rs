//! The edits: each changes one structure of a sound file and says what a loader must make of the
//! result. `testprogs/mutants/README.md` gives the reasons of the rules.

mod bombs;
mod dynamic;
mod file;
mod headers;
mod relocations;
mod segments;
mod symbols;

use super::Rng;
use super::elf::{Elf, Entry, Header, Rela, dt, number, pt, reloc};
use std::sync::LazyLock;

/// What the loader must do with a file that was edited once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// The edit changes nothing that a loader reads: the program runs as before.
    Lawful,
    /// The format does not say, or the result may be another sound file.
    Open,
    /// Refused whenever the file is looked at.
    RefusedAtSight,
    /// Refused at the latest when the file would be used: nothing of it runs.
    RefusedInUse,
}

/// A file under the knife.
pub struct Subject<'a> {
    /// The sound file.
    pub elf: &'a Elf,
    /// The edited one.
    pub bytes: Vec<u8>,
    /// Whether it is the program, else a library.
    pub program: bool,
    /// Whether a search would find another file of its name on the system.
    pub elsewhere: bool,
    /// Names that other files of the seed refer to.
    pub wanted: &'a [Vec<u8>],
    /// Names that the program has COPY relocations for.
    pub copied: &'a [Vec<u8>],
    /// What was changed, to be read by people.
    pub changes: Vec<String>,
    /// Where all choices come from.
    pub rng: Rng,
}

/// `None`: the file has no such structure.
type Operator = fn(&mut Subject<'_>) -> Option<Rule>;

/// All operators by name.
pub static OPERATORS: LazyLock<Vec<(&'static str, Operator)>> = LazyLock::new(|| {
    let headers = [file::OPERATORS, segments::OPERATORS, headers::OPERATORS].concat();
    let tables = [dynamic::OPERATORS, symbols::OPERATORS, relocations::OPERATORS, bombs::OPERATORS].concat();
    [headers, tables].concat()
});

use Rule::{Lawful, Open, RefusedAtSight, RefusedInUse};

// Offsets in a program header.
const TYPE: usize = 0;
const FLAGS: usize = 4;
const OFFSET: usize = 8;
const VADDR: usize = 16;
const FILESZ: usize = 32;
const MEMSZ: usize = 40;
const ALIGN: usize = 48;

const WRITE: u32 = 2;
const EXECUTE: u32 = 1;

impl<'a> Subject<'a> {
    /// Overwrites `width` bytes; what lies beyond a cut is not there any more.
    fn put(&mut self, what: &str, at: usize, width: usize, value: u64) {
        let old = number(&self.bytes, at, width).unwrap_or(0);
        if let Some(room) = self.bytes.get_mut(at..at + width) {
            room.copy_from_slice(&value.to_le_bytes()[..width]);
        }
        let mask = if width == 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
        self.changes.push(format!("{what} at file offset {at:#x}: {old:#x} becomes {:#x}", value & mask));
    }

    fn put_header(&mut self, header: &Header, field: usize, value: u64) {
        const NAMES: [&str; 7] = ["p_type", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz", "p_align"];
        let (name, width) =
            if field == FLAGS { ("p_flags", 4) } else { (NAMES[field / 8], if field == 0 { 4 } else { 8 }) };
        self.put(&format!("{name} of the header of type {:#x}", header.kind), header.at + field, width, value);
    }

    fn put_value(&mut self, tag: u64, value: u64) -> Option<()> {
        let entry = self.elf.dynamic.iter().find(|entry| entry.tag == tag)?;
        self.put(&format!("value of the dynamic entry {tag:#x}"), entry.at + 8, 8, value);
        Some(())
    }

    fn one<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.rng.below(list.len() as u64) as usize).copied()
    }

    fn load(&mut self) -> Option<Header> {
        let loads = self.elf.loads();
        self.one(&loads)
    }

    /// One of the tags that the file has.
    fn tag(&mut self, tags: &[u64]) -> Option<u64> {
        let present: Vec<u64> = tags.iter().copied().filter(|tag| self.elf.value(*tag).is_some()).collect();
        self.one(&present)
    }

    /// An address that no segment holds.
    fn outside(&mut self) -> u64 {
        let (end, salt) = (self.elf.end(), self.rng.below(0x10000));
        let near = [end, end + 1, end + salt, end.next_multiple_of(4096), end.next_multiple_of(4096) + salt];
        let far = [
            u64::MAX - self.rng.below(64),
            (1 << 63) | salt,
            (1 << 47) + salt,
            0x7fff_ffff_f000 - salt,
            0xffff_8000_0000_0000 + salt,
            0xffff_ffff_ff60_0000,
            (1 << 40) + salt,
            (1 << 32) + (salt << 12),
            self.rng.next() | 1 << 50,
        ];
        let list: Vec<u64> = near.into_iter().chain(far).collect();
        self.one(&list).unwrap_or(u64::MAX)
    }

    /// An address that is no code, of this object or of another one.
    fn not_code(&mut self) -> u64 {
        let data: Vec<Header> = self.elf.loads().into_iter().filter(|load| load.flags & EXECUTE == 0).collect();
        match self.one(&data).filter(|_| self.rng.one_in(2)) {
            Some(load) => load.vaddr + self.rng.below(load.memsz),
            None => (1 << 40) + self.rng.below(1 << 46),
        }
    }

    /// A number that breaks arithmetic, or is only wrong.
    fn number(&mut self, old: u64) -> u64 {
        let small = self.rng.below(64);
        let list = [
            0,
            1,
            small,
            old.wrapping_add(1),
            old.wrapping_sub(1),
            old.wrapping_add(small << 12),
            old.wrapping_sub(small << 12),
            old ^ (1 << self.rng.below(64)),
            u64::MAX,
            u64::MAX - small,
            1 << 63,
            i64::MAX.cast_unsigned(),
            u64::from(u32::MAX),
            1 << 31,
            self.elf.bytes.len() as u64,
            self.rng.next() >> self.rng.below(64),
        ];
        self.one(&list).unwrap_or(0)
    }

    fn noise_at(&mut self, what: &str, at: usize, width: usize) {
        let old = number(&self.elf.bytes, at, width).unwrap_or(0);
        let value = self.number(old);
        self.put(what, at, width, value);
    }

    /// The first slot of PT_DYNAMIC that can be filled without losing the last DT_NULL.
    fn spare(&mut self, tag: u64, value: u64) -> Option<()> {
        let [at, _, ..] = self.elf.spare[..] else { return None };
        self.put("tag of a spare dynamic entry", at, 8, tag);
        self.put("value of a spare dynamic entry", at + 8, 8, value);
        Some(())
    }

    fn rela(&mut self, wanted: impl Fn(&Elf, &Rela) -> bool) -> Option<Rela> {
        let elf = self.elf;
        let relas: Vec<Rela> = elf.relas.iter().filter(|rela| wanted(elf, rela)).copied().collect();
        self.one(&relas)
    }
}

/// Whether applying `rela` stores something, whatever its symbol is bound to.
fn stores(elf: &Elf, rela: &Rela) -> bool {
    let symbol = elf.symbols.get(rela.symbol as usize);
    match rela.kind {
        reloc::NONE => false,
        reloc::COPY => symbol.is_some_and(|symbol| symbol.size > 0 && !symbol.is_weak()),
        _ => true,
    }
}

fn exchange(s: &mut Subject<'_>, what: &str, (a, b): (usize, usize), len: usize) {
    let first = s.bytes.get(a..a + len).map(<[u8]>::to_vec);
    let second = s.bytes.get(b..b + len).map(<[u8]>::to_vec);
    if let (Some(first), Some(second)) = (first, second) {
        s.bytes[a..a + len].copy_from_slice(&second);
        s.bytes[b..b + len].copy_from_slice(&first);
        s.changes.push(format!("{what}: {len:#x} bytes at file offsets {a:#x} and {b:#x} exchanged"));
    }
}

/// Whether nothing depends on this header.
fn is_idle(header: &Header) -> bool {
    [pt::NOTE, pt::GNU_PROPERTY, pt::GNU_EH_FRAME].contains(&header.kind)
}

fn dispensable(s: &mut Subject<'_>) -> Option<Header> {
    let list: Vec<Header> = s.elf.headers.iter().filter(|header| is_idle(header)).copied().collect();
    s.one(&list)
}

fn copy_header(s: &mut Subject<'_>, from: &Header, to: &Header) {
    // An edit before may have cut the file.
    if s.bytes.len() < from.at.max(to.at) + 56 {
        return;
    }
    s.bytes.copy_within(from.at..from.at + 56, to.at);
    s.changes.push(format!("the header of type {:#x} stands also in place of that of type {:#x}", from.kind, to.kind));
}
