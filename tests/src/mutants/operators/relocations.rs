//! DT_RELA, DT_JMPREL, DT_RELR, and the function arrays that they fill.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("rela: place outside", rela_outside),
    ("rela: place in a read-only segment", rela_read_only),
    ("rela: place across the end of a segment", rela_across),
    ("rela: place elsewhere", rela_elsewhere),
    ("rela: type that no loader knows", rela_type),
    ("rela: another type", rela_other_type),
    ("rela: symbol out of range", rela_symbol),
    ("rela: another symbol", rela_other_symbol),
    ("rela: IRELATIVE outside code", irelative_outside),
    ("rela: another addend", rela_addend),
    ("rela: noise", rela_noise),
    ("relr: bitmap without address", relr_bitmap),
    ("relr: outside", relr_outside),
    ("relr: noise", relr_noise),
    ("arrays: entry outside code", array_entry_outside),
    ("arrays: another entry", array_entry_elsewhere),
];

fn put_place(s: &mut Subject<'_>, rela: &Rela, place: u64) {
    s.put(&format!("r_offset of a relocation of type {}", rela.kind), rela.at, 8, place);
}

fn rela_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(stores)?;
    let place = s.outside();
    put_place(s, &rela, place);
    Some(RefusedInUse)
}

fn rela_read_only(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(stores)?;
    let fixed: Vec<Header> = s.elf.loads().into_iter().filter(|load| load.flags & WRITE == 0).collect();
    let load = s.one(&fixed)?;
    let place = load.vaddr + s.rng.below(load.memsz);
    put_place(s, &rela, place);
    Some(RefusedInUse)
}

fn rela_across(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|elf, rela| stores(elf, rela) && rela.kind != reloc::COPY)?;
    let writable: Vec<Header> = s.elf.loads().into_iter().filter(|load| load.flags & WRITE != 0).collect();
    let load = s.one(&writable)?;
    // No type stores fewer than four bytes.
    let place = match s.rng.below(2) {
        0 => load.vaddr + load.memsz - 1 - s.rng.below(3),
        _ => load.vaddr - 1 - s.rng.below(3),
    };
    put_place(s, &rela, place);
    // Where the neighbour is writable and mapped from the same pages nothing is out of bounds, but
    // the object's data are not where the relocation is.
    Some(RefusedInUse)
}

fn rela_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    let writable: Vec<Header> = s.elf.loads().into_iter().filter(|load| load.flags & WRITE != 0).collect();
    let load = s.one(&writable)?;
    let place = load.vaddr + s.rng.below(load.memsz);
    let aligned = if s.rng.one_in(4) { place } else { place & !7 };
    put_place(s, &rela, aligned);
    Some(Open)
}

fn rela_type(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    let salt = 50 + s.rng.below(0xffff_ff00);
    let value = s.one(&[
        3,
        4,
        9,
        12,
        13,
        14,
        15,
        19,
        20,
        21,
        22,
        23,
        25,
        26,
        27,
        28,
        31,
        34,
        35,
        41,
        42,
        43,
        255,
        salt,
        0xffff_ffff,
    ])?;
    s.put(&format!("type of a relocation of type {}", rela.kind), rela.at + 8, 4, value);
    Some(RefusedInUse)
}

fn rela_other_type(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    let value = s.one(&[0, 1, 2, 5, 6, 7, 8, 10, 11, 16, 17, 18, 24, 32, 33, 36, 37, 38])?;
    s.put(&format!("type of a relocation of type {}", rela.kind), rela.at + 8, 4, value);
    Some(Open)
}

fn rela_symbol(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, rela| rela.is_symbolic())?;
    let salt = s.rng.below(0xff00_0000);
    let value = s.one(&[0xffff_ffff, 1 << 31, (1 << 24) + salt])?;
    s.put(&format!("symbol of a relocation of type {}", rela.kind), rela.at + 12, 4, value);
    Some(RefusedInUse)
}

fn rela_other_symbol(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    let value = s.rng.below(s.elf.symbols.len() as u64 + 8);
    s.put(&format!("symbol of a relocation of type {}", rela.kind), rela.at + 12, 4, value);
    Some(Open)
}

fn irelative_outside(s: &mut Subject<'_>) -> Option<Rule> {
    // RELATIVE and IRELATIVE differ in nothing but the type.
    let rela = s.rela(|_, rela| [reloc::RELATIVE, reloc::IRELATIVE].contains(&rela.kind))?;
    let value = s.not_code();
    s.put("type of a relocation", rela.at + 8, 4, reloc::IRELATIVE.into());
    s.put("addend of a relocation", rela.at + 16, 8, value);
    Some(RefusedInUse)
}

fn rela_addend(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    let value = s.number(rela.addend);
    s.put(&format!("addend of a relocation of type {}", rela.kind), rela.at + 16, 8, value);
    Some(Open)
}

fn rela_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, _| true)?;
    for (what, at, width) in [("r_offset", 0, 8), ("type", 8, 4), ("symbol", 12, 4), ("r_addend", 16, 8)] {
        if s.rng.one_in(2) {
            s.noise_at(what, rela.at + at, width);
        }
    }
    Some(Open)
}

fn relr_bitmap(s: &mut Subject<'_>) -> Option<Rule> {
    let at = *s.elf.relr.first()?;
    let value = s.rng.next() | 1;
    s.put("first word of DT_RELR", at, 8, value);
    Some(RefusedInUse)
}

fn relr_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let addresses: Vec<usize> =
        s.elf.relr.iter().copied().filter(|at| s.elf.bytes.get(*at).is_some_and(|b| b & 1 == 0)).collect();
    let at = s.one(&addresses)?;
    let value = s.outside() & !1;
    s.put("an address of DT_RELR", at, 8, value);
    Some(RefusedInUse)
}

fn relr_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let at = s.one(&s.elf.relr)?;
    let value = s.one(&[u64::MAX, 1, 0, 1 << 63])?;
    if s.rng.one_in(2) {
        s.put("a word of DT_RELR", at, 8, value);
    } else {
        s.noise_at("a word of DT_RELR", at, 8);
    }
    Some(Open)
}

/// Where the number stands from which relocation makes an entry of a function array.
fn array_source(s: &mut Subject<'_>) -> Option<usize> {
    let elf = s.elf;
    let (at, vaddr) = s.one(&elf.arrays)?;
    match elf.relas.iter().find(|rela| rela.place == vaddr) {
        Some(rela) if rela.kind == reloc::RELATIVE => Some(rela.at + 16),
        Some(_) => None,
        None => (elf.fixed || !elf.relr.is_empty()).then_some(at),
    }
}

fn array_entry_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let at = array_source(s)?;
    let value = s.not_code();
    s.put("an entry of a function array", at, 8, value);
    Some(RefusedInUse)
}

fn array_entry_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let at = array_source(s)?;
    let code = s.elf.loads().into_iter().find(|load| load.flags & EXECUTE != 0)?;
    let value = code.vaddr + s.rng.below(code.memsz);
    s.put("an entry of a function array", at, 8, value);
    Some(Open)
}
