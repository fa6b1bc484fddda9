//! PT_LOAD.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("load: beyond the end of the file", load_beyond),
    ("load: p_filesz over p_memsz", load_filesz),
    ("load: misaligned", load_misaligned),
    ("load: huge p_align", load_align),
    ("load: odd p_align", load_odd_align),
    ("load: far away or wrapping", load_far),
    ("load: huge p_memsz", load_huge),
    ("load: a larger bss", load_grown),
    ("load: overlapping", load_overlap),
    ("load: exchanged", load_exchanged),
    ("load: twice", load_twice),
    ("load: gone", load_gone),
    ("load: writable and executable", load_write_execute),
    ("load: other protection", load_flags),
    ("load: fixed address too low", load_fixed_low),
    ("load: fixed address of the loader", load_fixed_over_loader),
];

fn load_beyond(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let len = s.elf.bytes.len() as u64;
    if s.rng.one_in(2) {
        let pages = s.rng.below(1 << 36);
        let near = (len & !4095) + 4096 + load.offset % 4096;
        let value = s.one(&[near, near + (pages << 12), !4095 + load.offset % 4096])?;
        s.put_header(&load, OFFSET, value);
        // A segment with nothing in the file may say any offset.
        return Some(if load.filesz > 0 { RefusedAtSight } else { Open });
    }
    let more = s.rng.below(1 << 30);
    let value = s.one(&[len - load.offset + 1, len + more, u64::MAX - load.offset, 1 << 62])?;
    s.put_header(&load, FILESZ, value);
    s.put_header(&load, MEMSZ, value.max(load.memsz));
    Some(RefusedAtSight)
}

fn load_filesz(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    if load.filesz > 1 && s.rng.one_in(2) {
        let value = s.rng.below(load.filesz);
        s.put_header(&load, MEMSZ, value);
    } else {
        let value = load.memsz + 1 + s.rng.below(4096);
        s.put_header(&load, FILESZ, value);
    }
    Some(RefusedAtSight)
}

fn load_misaligned(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let by = 1 + s.rng.below(4095);
    match s.rng.below(3) {
        0 => s.put_header(&load, VADDR, load.vaddr + by),
        1 => s.put_header(&load, OFFSET, load.offset + by),
        _ => s.put_header(&load, VADDR, load.vaddr ^ by),
    }
    Some(RefusedAtSight)
}

fn load_align(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let salt = s.rng.next();
    let bit = 31 + salt % 33;
    s.put_header(&load, ALIGN, 1 << bit);
    Some(RefusedAtSight)
}

fn load_odd_align(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    // Of no page, none that p_vaddr and p_offset agree on, or no power of two.
    let apart = (12..22).map(|bit| 1u64 << bit).find(|align| load.vaddr.wrapping_sub(load.offset) % align != 0);
    let value = s.one(&[0, 1, 2, 8, 16, 256, 2048, 4096, 3, 0x1800, 0x1001, u64::MAX, apart.unwrap_or(4096)])?;
    s.put_header(&load, ALIGN, value);
    Some(Lawful)
}

fn load_far(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    if s.elf.loads().len() < 2 {
        return None;
    }
    let (low, salt) = (load.vaddr % 4096, s.rng.below(1 << 30) << 12);
    let value = s.one(&[
        !4095 + low,
        (1 << 63) + low,
        (1 << 63) + salt + low,
        0xffff_8000_0000_0000 + salt + low,
        (1 << 46) + salt + low,
        0x7fff_ffff_f000 + low,
    ])?;
    s.put_header(&load, VADDR, value);
    Some(RefusedAtSight)
}

fn load_huge(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let salt = s.rng.below(1 << 20);
    let value = s.one(&[u64::MAX, u64::MAX - load.vaddr, u64::MAX - salt, 1 << 63, 1 << 47, (1 << 45) + salt])?;
    s.put_header(&load, MEMSZ, value);
    Some(RefusedAtSight)
}

fn load_grown(s: &mut Subject<'_>) -> Option<Rule> {
    let load = *s.elf.loads().last()?;
    if load.flags & WRITE == 0 {
        return None;
    }
    let value = load.memsz + s.rng.below(1 << 22);
    s.put_header(&load, MEMSZ, value);
    Some(Lawful)
}

fn load_overlap(s: &mut Subject<'_>) -> Option<Rule> {
    let loads = s.elf.loads();
    let at = 1 + s.rng.below(loads.len().checked_sub(1)? as u64) as usize;
    let (before, load) = (*loads.get(at - 1)?, *loads.get(at)?);
    let value = (before.vaddr & !4095) + load.vaddr % 4096;
    // In the same page, but without a byte in common, two segments may share it.
    let overlaps = value < before.vaddr + before.memsz && before.vaddr < value + load.memsz;
    s.put_header(&load, VADDR, value);
    Some(if overlaps { RefusedAtSight } else { Open })
}

fn load_exchanged(s: &mut Subject<'_>) -> Option<Rule> {
    let loads = s.elf.loads();
    let at = 1 + s.rng.below(loads.len().checked_sub(1)? as u64) as usize;
    let (a, b) = (loads.get(at - 1)?.at, loads.get(at)?.at);
    exchange(s, "two PT_LOAD headers", (a, b), 56);
    Some(Open)
}

fn load_twice(s: &mut Subject<'_>) -> Option<Rule> {
    let (load, slot) = (s.load()?, dispensable(s)?);
    copy_header(s, &load, &slot);
    Some(RefusedAtSight)
}

fn load_gone(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    s.put_header(&load, TYPE, pt::NULL.into());
    Some(Open)
}

fn load_write_execute(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let value = s.one(&[3, 7])?;
    s.put_header(&load, FLAGS, value);
    Some(Open)
}

fn load_flags(s: &mut Subject<'_>) -> Option<Rule> {
    let load = s.load()?;
    let value = s.one(&[0, 1, 2, 4, 5, 6, 0xfff0_0004])?;
    s.put_header(&load, FLAGS, value);
    Some(Open)
}

fn load_fixed_low(s: &mut Subject<'_>) -> Option<Rule> {
    if !s.elf.fixed {
        return None;
    }
    let load = *s.elf.loads().first()?;
    s.put_header(&load, VADDR, load.vaddr % 4096);
    Some(RefusedAtSight)
}

/// Moves everything that the headers tell to where the loader, the stack or the kernel's pages are.
fn load_fixed_over_loader(s: &mut Subject<'_>) -> Option<Rule> {
    if !s.elf.fixed {
        return None;
    }
    let (first, salt) = (s.elf.loads().first()?.vaddr & !4095, s.rng.below(0x400) << 12);
    let base = s.one(&[0x7fff_f7c0_0000, 0x7fff_f7f0_0000, 0x7fff_ffde_0000, 0x7fff_ff00_0000])? + salt;
    for header in s.elf.headers.iter().filter(|header| header.vaddr >= first) {
        s.put_header(header, VADDR, header.vaddr - first + base);
    }
    let entry = number(&s.elf.bytes, 24, 8)?;
    s.put("e_entry", 24, 8, entry.wrapping_sub(first).wrapping_add(base));
    Some(Open)
}
