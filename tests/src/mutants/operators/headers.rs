//! The program headers other than PT_LOAD, and what PT_INTERP and PT_NOTE point to.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("dynamic header: outside", dynamic_outside),
    ("dynamic header: cut before DT_NULL", dynamic_cut),
    ("dynamic header: twice", |s| header_twice(s, pt::DYNAMIC)),
    ("dynamic header: gone", dynamic_gone),
    ("tls header: absurd", tls_absurd),
    ("tls header: twice", |s| header_twice(s, pt::TLS)),
    ("tls header: gone", tls_gone),
    ("tls header: a larger block", tls_grown),
    ("tls header: odd", tls_odd),
    ("relro header: outside", relro_outside),
    ("relro header: over code", relro_over_code),
    ("relro header: elsewhere", relro_elsewhere),
    ("interp header: outside the file", interp_outside),
    ("interp header: other text", interp_text),
    ("note header: noise", |s| header_noise_of(s, &[pt::NOTE, pt::GNU_PROPERTY])),
    ("note: noise", note_noise),
    ("eh_frame header: noise", |s| header_noise_of(s, &[pt::GNU_EH_FRAME])),
    ("stack header: noise", |s| header_noise_of(s, &[pt::GNU_STACK])),
    ("phdr header: noise", |s| header_noise_of(s, &[pt::PHDR])),
    ("headers: one of an unknown type", header_unknown),
    ("headers: noise", header_noise),
];

fn header_twice(s: &mut Subject<'_>, kind: u32) -> Option<Rule> {
    let (header, slot) = (*s.elf.header(kind)?, dispensable(s)?);
    copy_header(s, &header, &slot);
    // Of several dynamic sections the last counts.
    Some(if kind == pt::DYNAMIC { Lawful } else { RefusedAtSight })
}

fn dynamic_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::DYNAMIC)?;
    if s.rng.one_in(4) {
        // As where there is none.
        s.put_header(&header, FILESZ, 0);
        return Some(if s.program { Open } else { RefusedInUse });
    }
    let value = s.outside();
    s.put_header(&header, VADDR, value);
    Some(RefusedAtSight)
}

fn dynamic_cut(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::DYNAMIC)?;
    let value = 16 * s.rng.below(s.elf.dynamic.len() as u64) + s.rng.below(16);
    s.put_header(&header, FILESZ, value);
    s.put_header(&header, MEMSZ, value);
    Some(Open)
}

fn dynamic_gone(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::DYNAMIC)?;
    s.put_header(&header, TYPE, pt::NULL.into());
    Some(if s.program { Open } else { RefusedInUse })
}

fn tls_absurd(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::TLS)?;
    let salt = s.rng.below(1 << 30);
    match s.rng.below(4) {
        0 => s.put_header(&header, FILESZ, header.memsz + 1 + salt),
        1 => {
            let value =
                s.one(&[u64::MAX, u64::MAX - salt, 1 << 63, 1 << 47, (1 << 40) + salt, i64::MAX.cast_unsigned()])?;
            s.put_header(&header, MEMSZ, value);
        }
        2 => {
            let value = s.one(&[3, 5, 24, 0x1001, 1 << 63, 1 << 47, 1 << 33, u64::MAX])?;
            s.put_header(&header, ALIGN, value);
        }
        _ if header.filesz > 0 => {
            let len = s.elf.bytes.len() as u64;
            let value = s.one(&[len, len + salt, u64::MAX, u64::MAX - salt])?;
            s.put_header(&header, OFFSET, value);
        }
        _ => return None,
    }
    Some(RefusedAtSight)
}

fn tls_gone(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::TLS)?;
    let own = |rela: &Rela| {
        let tls = [reloc::DTPMOD64, reloc::DTPOFF64, reloc::TPOFF64, reloc::TLSDESC].contains(&rela.kind);
        tls && s.elf.symbols.get(rela.symbol as usize).is_some_and(|symbol| rela.symbol == 0 || symbol.section != 0)
    };
    let used = s.elf.relas.iter().any(own);
    s.put_header(&header, TYPE, pt::NULL.into());
    Some(if used { RefusedInUse } else { Open })
}

fn tls_grown(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::TLS)?;
    let value = header.memsz + s.rng.below(1 << 16);
    s.put_header(&header, MEMSZ, value);
    // Offsets from the end of the program's block are in its code.
    Some(if s.program { Open } else { Lawful })
}

fn tls_odd(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::TLS)?;
    match s.rng.below(4) {
        0 => {
            let value = s.one(&[0, 1, 2, 64, 4096, 1 << 16, 1 << 21])?;
            s.put_header(&header, ALIGN, value);
        }
        1 => {
            let value = s.number(header.vaddr);
            s.put_header(&header, VADDR, value);
        }
        2 => {
            let value = s.one(&[1 << 20, 1 << 28, 1 << 30, (1 << 30) + 1])?;
            s.put_header(&header, MEMSZ, value);
        }
        _ => s.put_header(&header, FILESZ, 0),
    }
    Some(Open)
}

fn relro_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::GNU_RELRO)?;
    if s.rng.one_in(2) {
        let value = s.outside();
        s.put_header(&header, VADDR, value);
        if header.memsz == 0 {
            return Some(Open);
        }
        // RELRO may end with the page that the last segment ends in.
        let end = s.elf.end().next_multiple_of(4096);
        return Some(if value.checked_add(header.memsz).is_none_or(|last| last > end) { RefusedAtSight } else { Open });
    }
    let value = s.one(&[u64::MAX, u64::MAX - header.vaddr, 1 << 63, 1 << 47, 1 << 32])?;
    s.put_header(&header, MEMSZ, value);
    Some(RefusedAtSight)
}

fn relro_over_code(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::GNU_RELRO)?;
    let code = s.elf.loads().into_iter().find(|load| load.flags & EXECUTE != 0)?;
    // At least one whole page, else it says nothing.
    let size = (code.memsz + code.vaddr % 4096).next_multiple_of(4096);
    s.put_header(&header, VADDR, code.vaddr & !4095);
    s.put_header(&header, MEMSZ, size);
    Some(RefusedAtSight)
}

fn relro_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let (header, load) = (*s.elf.header(pt::GNU_RELRO)?, s.load()?);
    let from = s.rng.below(load.memsz);
    let size = s.rng.below(load.memsz - from + 1);
    s.put_header(&header, VADDR, load.vaddr + from);
    s.put_header(&header, MEMSZ, size);
    Some(Open)
}

fn interp_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::INTERP)?;
    let (len, salt) = (s.elf.bytes.len() as u64, s.rng.below(1 << 40));
    if s.rng.one_in(2) {
        let value = s.one(&[len, len + salt, u64::MAX - 1, 1 << 63])?;
        s.put_header(&header, OFFSET, value);
    } else {
        let value = s.one(&[len + 1, len + salt + 1, u64::MAX, 1 << 63])?;
        s.put_header(&header, FILESZ, value);
    }
    Some(RefusedAtSight)
}

fn interp_text(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::INTERP)?;
    match s.rng.below(3) {
        0 => s.put_header(&header, FILESZ, 0),
        1 => s.put("last byte of the interpreter's name", (header.offset + header.filesz - 1) as usize, 1, 0x41),
        _ => {
            let at = header.offset + s.rng.below(header.filesz);
            s.noise_at("the interpreter's name", at as usize, 1);
        }
    }
    Some(Open)
}

fn header_noise_of(s: &mut Subject<'_>, kinds: &[u32]) -> Option<Rule> {
    let list: Vec<Header> = s.elf.headers.iter().filter(|header| kinds.contains(&header.kind)).copied().collect();
    let header = s.one(&list)?;
    noise_in(s, &header)
}

fn noise_in(s: &mut Subject<'_>, header: &Header) -> Option<Rule> {
    let (field, old) = *s.rng.of(&[
        (FLAGS, header.flags.into()),
        (OFFSET, header.offset),
        (VADDR, header.vaddr),
        (FILESZ, header.filesz),
        (MEMSZ, header.memsz),
        (ALIGN, header.align),
    ]);
    let value = s.number(old);
    s.put_header(header, field, value);
    Some(Open)
}

fn note_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let notes: Vec<Header> = s.elf.headers.iter().filter(|header| header.kind == pt::NOTE).copied().collect();
    let note = s.one(&notes)?;
    let at = (note.offset + s.rng.below(note.filesz.checked_sub(4)?) / 4 * 4) as usize;
    s.noise_at("a word of a note", at, 4);
    Some(Open)
}

fn header_unknown(s: &mut Subject<'_>) -> Option<Rule> {
    let header = dispensable(s)?;
    let value = s.one(&[pt::NULL, 0x6000_0123, 0x6fff_1234, 0x65a3_dbe6, 0x1234])?;
    s.put_header(&header, TYPE, value.into());
    Some(Lawful)
}

fn header_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.rng.of(&s.elf.headers);
    if s.rng.one_in(8) {
        let value = s.number(header.kind.into());
        s.put_header(&header, TYPE, value);
        return Some(Open);
    }
    noise_in(s, &header)
}
