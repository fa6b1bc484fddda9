//! The ELF header, and the file as a whole.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("ehdr: identification", identification),
    ("ehdr: type", file_type),
    ("ehdr: e_phoff beyond the file", phoff_beyond),
    ("ehdr: e_phoff elsewhere", phoff_elsewhere),
    ("ehdr: e_phnum lies", phnum_lies),
    ("ehdr: e_phnum smaller", phnum_smaller),
    ("ehdr: section headers", section_headers),
    ("ehdr: flags and padding", flags_and_padding),
    ("ehdr: entry outside code", entry_outside),
    ("ehdr: entry elsewhere in code", entry_elsewhere),
    ("file: cut", cut),
    ("file: cut after the last segment", cut_after),
    ("file: longer", longer),
    ("file: zeroed block", zeroed),
    ("file: noise", noise),
    ("file: blocks exchanged", blocks),
];

fn identification(s: &mut Subject<'_>) -> Option<Rule> {
    let (what, at, width, values): (_, _, _, &[u64]) = *s.rng.of(&[
        ("magic", 1, 1, &[0, b'e' as u64, 0xff] as &[u64]),
        ("EI_CLASS", 4, 1, &[0, 1, 3, 0xff]),
        ("EI_DATA", 5, 1, &[0, 2, 3]),
        ("EI_VERSION", 6, 1, &[0, 2, 0xff]),
        ("EI_OSABI", 7, 1, &[1, 2, 6, 9, 64, 97, 255]),
        ("e_machine", 18, 2, &[0, 3, 40, 183, 243, 0xffff]),
        ("e_version", 20, 4, &[0, 2, 0xffff_ffff]),
        ("e_phentsize", 54, 2, &[0, 1, 32, 55, 57, 64, 0xffff]),
    ]);
    let value = s.one(values)?;
    s.put(what, at, width, value);
    // A search goes on past what is no library for this machine, and what the kernel runs is not asked for what it does not
    // look at.
    let by_kernel = s.program && !["magic", "e_machine", "e_phentsize"].contains(&what);
    Some(if s.elsewhere || by_kernel { Open } else { RefusedAtSight })
}

fn file_type(s: &mut Subject<'_>) -> Option<Rule> {
    if s.rng.one_in(4) {
        s.put("e_type", 16, 2, if s.elf.fixed { 3 } else { 2 });
        return Some(Open);
    }
    let value = s.one(&[0, 1, 4, 5, 0xfe00, 0xff00, 0xffff])?;
    s.put("e_type", 16, 2, value);
    Some(RefusedAtSight)
}

fn phoff_beyond(s: &mut Subject<'_>) -> Option<Rule> {
    let (len, salt) = (s.elf.bytes.len() as u64, s.rng.below(1 << 40));
    let value = s.one(&[len, len - 1, len + salt, u64::MAX, u64::MAX - 55, 1 << 63, (1 << 63) | salt])?;
    s.put("e_phoff", 32, 8, value);
    Some(RefusedAtSight)
}

fn phoff_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let value = s.rng.below(s.elf.bytes.len() as u64);
    s.put("e_phoff", 32, 8, value);
    Some(Open)
}

fn phnum_lies(s: &mut Subject<'_>) -> Option<Rule> {
    let room = (s.elf.bytes.len() - 64) as u64 / 56;
    let value = match s.rng.below(3) {
        0 => 0,
        1 => 0xffff,
        _ => room + 1 + s.rng.below(0x8000),
    };
    if value > 0xffff || room >= 0xffff {
        return None;
    }
    s.put("e_phnum", 56, 2, value);
    Some(RefusedAtSight)
}

fn phnum_smaller(s: &mut Subject<'_>) -> Option<Rule> {
    let value = 1 + s.rng.below(s.elf.headers.len() as u64);
    s.put("e_phnum", 56, 2, value);
    Some(Open)
}

fn section_headers(s: &mut Subject<'_>) -> Option<Rule> {
    for (what, at, width) in [("e_shoff", 40, 8), ("e_shentsize", 58, 2), ("e_shnum", 60, 2), ("e_shstrndx", 62, 2)] {
        if s.rng.one_in(2) {
            s.noise_at(what, at, width);
        }
    }
    Some(Lawful)
}

fn flags_and_padding(s: &mut Subject<'_>) -> Option<Rule> {
    let (what, at, width) =
        *s.rng.of(&[("EI_ABIVERSION", 8, 1), ("EI_PAD", 9, 1), ("e_flags", 48, 4), ("e_ehsize", 52, 2)]);
    s.noise_at(what, at, width);
    Some(Open)
}

fn entry_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let value = s.not_code();
    s.put("e_entry", 24, 8, value);
    Some(if s.program { RefusedInUse } else { Lawful })
}

fn entry_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let code = s.elf.loads().into_iter().find(|load| load.flags & EXECUTE != 0)?;
    let value = code.vaddr + s.rng.below(code.memsz);
    s.put("e_entry", 24, 8, value);
    Some(if s.program { Open } else { Lawful })
}

fn cut_to(s: &mut Subject<'_>, len: usize) {
    s.changes.push(format!("cut from {:#x} to {len:#x} bytes", s.bytes.len()));
    s.bytes.truncate(len);
}

fn cut(s: &mut Subject<'_>) -> Option<Rule> {
    let least = s.elf.least_length() as u64;
    let len = match s.rng.below(4) {
        0 => s.rng.below(130),
        1 => least - 1 - s.rng.below(least.min(16)),
        2 => s.rng.below(least) & !4095,
        _ => s.rng.below(least),
    };
    cut_to(s, len as usize);
    Some(RefusedAtSight)
}

fn cut_after(s: &mut Subject<'_>) -> Option<Rule> {
    let (least, len) = (s.elf.least_length(), s.elf.bytes.len());
    let to = least + s.rng.below((len - least) as u64 + 1) as usize;
    cut_to(s, to);
    Some(Lawful)
}

fn longer(s: &mut Subject<'_>) -> Option<Rule> {
    let more = s.rng.below(10_000) as usize;
    for _ in 0..more {
        let byte = s.rng.next() as u8;
        s.bytes.push(byte);
    }
    s.changes.push(format!("{more} bytes longer"));
    Some(Lawful)
}

fn zeroed(s: &mut Subject<'_>) -> Option<Rule> {
    let len = s.bytes.len() as u64;
    let at = s.rng.below(len) as usize;
    let most = s.one(&[64, 4096])?.min(len);
    let size = 1 + s.rng.below(most) as usize;
    let end = (at + size).min(s.bytes.len());
    s.bytes[at..end].fill(0);
    s.changes.push(format!("zeroes from file offset {at:#x} to {end:#x}"));
    Some(Open)
}

fn noise(s: &mut Subject<'_>) -> Option<Rule> {
    let code = s.elf.loads().into_iter().find(|load| load.flags & EXECUTE != 0)?;
    for _ in 0..=s.rng.below(16) {
        let end = if s.rng.one_in(2) { 4096 } else { s.elf.least_length() as u64 };
        let at = s.rng.below(end);
        // Other code is another program, and no business of a loader's.
        if at < code.offset || at >= code.offset + code.filesz {
            let value = s.rng.next();
            s.put("a byte", at as usize, 1, value);
        }
    }
    Some(Open)
}

fn blocks(s: &mut Subject<'_>) -> Option<Rule> {
    let size = s.one(&[8, 16, 24, 56, 64, 256])?;
    let end = (s.elf.least_length() - size) as u64 / 8;
    let (a, b) = (8 * s.rng.below(end) as usize, 8 * s.rng.below(end) as usize);
    exchange(s, "blocks", (a, b), size);
    Some(Open)
}
