//! The dynamic section.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("dynamic: table outside", table_outside),
    ("dynamic: table over the end of its segment", table_over_end),
    ("dynamic: table elsewhere", table_elsewhere),
    ("dynamic: table of huge size", table_huge),
    ("dynamic: table cut", table_cut),
    ("dynamic: entry size", entry_size),
    ("dynamic: DT_INIT or DT_FINI outside code", function_outside),
    ("dynamic: function array outside", array_outside),
    ("dynamic: name outside DT_STRTAB", name_outside),
    ("dynamic: another name", name_elsewhere),
    ("dynamic: no DT_NULL", unterminated),
    ("dynamic: early DT_NULL", early_null),
    ("dynamic: entry retagged", retagged),
    ("dynamic: unknown tag", unknown_tag),
    ("dynamic: DT_TEXTREL", text_relocations),
    ("dynamic: DT_REL", dt_rel),
    ("dynamic: audit and filter", audit),
    ("dynamic: entries in another order", shuffled),
    ("dynamic: DT_DEBUG has a value", debug_value),
    ("dynamic: counts", counts),
    ("dynamic: flags", flags),
    ("dynamic: noise", dynamic_noise),
];

const TABLES: &[u64] = &[
    dt::STRTAB,
    dt::SYMTAB,
    dt::GNU_HASH,
    dt::HASH,
    dt::VERSYM,
    dt::VERNEED,
    dt::VERDEF,
    dt::RELA,
    dt::JMPREL,
    dt::RELR,
];

/// Tables with their size in another entry.
const SIZED: &[(u64, u64)] =
    &[(dt::STRTAB, dt::STRSZ), (dt::RELA, dt::RELASZ), (dt::JMPREL, dt::PLTRELSZ), (dt::RELR, dt::RELRSZ)];

fn sized(s: &mut Subject<'_>) -> Option<(u64, u64, u64)> {
    let list: Vec<_> = SIZED
        .iter()
        .filter_map(|(tag, size)| Some((*tag, *size, s.elf.value(*size).filter(|size| *size > 0)?)))
        .collect();
    s.one(&list)
}

/// No file part holds `vaddr`.
fn outside_file_parts(s: &mut Subject<'_>) -> u64 {
    let bss: Vec<Header> = s.elf.loads().into_iter().filter(|load| load.memsz > load.filesz).collect();
    match s.one(&bss).filter(|_| s.rng.one_in(4)) {
        Some(load) => load.vaddr + load.filesz + s.rng.below(load.memsz - load.filesz),
        None => s.outside(),
    }
}

fn table_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(TABLES)?;
    let empty = SIZED.iter().any(|(table, size)| *table == tag && s.elf.value(*size).unwrap_or(0) == 0);
    let value = outside_file_parts(s);
    s.put_value(tag, value)?;
    Some(if empty { Open } else { RefusedAtSight })
}

fn table_over_end(s: &mut Subject<'_>) -> Option<Rule> {
    let (tag, _, size) = sized(s)?;
    let load = s.load().filter(|load| load.filesz > 0)?;
    let inside = 1 + s.rng.below(size.min(load.filesz).min(256));
    if inside >= size {
        return None;
    }
    // A segment that goes on where this one ends is another one.
    s.put_value(tag, load.vaddr + load.filesz - inside)?;
    Some(RefusedAtSight)
}

fn table_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(TABLES)?;
    let load = s.load().filter(|load| load.filesz > 0)?;
    let old = s.elf.value(tag)?;
    let near = old.wrapping_add(s.rng.below(64)).wrapping_sub(32);
    let value = if s.rng.one_in(2) { near } else { load.vaddr + s.rng.below(load.filesz) };
    s.put_value(tag, value)?;
    Some(Open)
}

fn table_huge(s: &mut Subject<'_>) -> Option<Rule> {
    let (_, size, old) = sized(s)?;
    let (unit, salt) = (24, s.rng.below(1 << 30));
    let value = s.one(&[
        u64::MAX,
        u64::MAX / unit * unit,
        unit << 40,
        unit << 58,
        (1 << 32) * unit + old,
        old + unit * (salt + (1 << 24)),
    ])?;
    s.put_value(size, value)?;
    Some(RefusedAtSight)
}

fn table_cut(s: &mut Subject<'_>) -> Option<Rule> {
    let (_, size, old) = sized(s)?;
    let value = s.rng.below(old);
    s.put_value(size, value)?;
    Some(Open)
}

fn entry_size(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(&[dt::SYMENT, dt::RELAENT, dt::RELRENT, dt::PLTREL])?;
    let old = s.elf.value(tag)?;
    let value = s.number(old);
    s.put_value(tag, value)?;
    Some(if value == old { Lawful } else { RefusedAtSight })
}

fn function_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(&[dt::INIT, dt::FINI])?;
    let value = s.not_code().max(1);
    s.put_value(tag, value)?;
    Some(RefusedAtSight)
}

const ARRAYS: &[(u64, u64)] =
    &[(dt::INIT_ARRAY, dt::INIT_ARRAYSZ), (dt::FINI_ARRAY, dt::FINI_ARRAYSZ), (dt::PREINIT_ARRAY, dt::PREINIT_ARRAYSZ)];

fn array_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let list: Vec<_> = ARRAYS.iter().filter(|(_, size)| s.elf.value(*size).is_some_and(|size| size > 0)).collect();
    let (tag, size) = *s.one(&list)?;
    if s.rng.one_in(2) {
        let value = s.outside();
        s.put_value(tag, value)?;
    } else {
        let salt = s.rng.below(1 << 30);
        let value = s.one(&[u64::MAX - 7, 1 << 63, 1 << 40, (1 << 26) + 8 * salt])?;
        s.put_value(size, value)?;
    }
    Some(RefusedAtSight)
}

/// Entries whose value is an offset in DT_STRTAB.
pub(super) const NAMES: &[u64] = &[dt::NEEDED, dt::SONAME, dt::RPATH, dt::RUNPATH];

fn name_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(NAMES)?;
    let (len, salt) = (s.elf.strings.len() as u64, s.rng.below(1 << 20));
    let value = s.one(&[len, len + 1, len + salt, u64::MAX, 1 << 63, 1 << 32])?;
    s.put_value(tag, value)?;
    Some(RefusedAtSight)
}

fn name_elsewhere(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(NAMES)?;
    let value = s.rng.below(s.elf.strings.len() as u64);
    s.put_value(tag, value)?;
    Some(Open)
}

fn unterminated(s: &mut Subject<'_>) -> Option<Rule> {
    for at in &s.elf.spare {
        s.put("tag of a spare dynamic entry", *at, 8, 0x6000_0f00);
    }
    Some(Lawful)
}

fn entry(s: &mut Subject<'_>) -> Option<Entry> {
    let entries: Vec<_> = s.elf.dynamic.iter().filter(|entry| entry.tag != dt::NULL).copied().collect();
    s.one(&entries)
}

fn early_null(s: &mut Subject<'_>) -> Option<Rule> {
    let entry = entry(s)?;
    s.put("tag of a dynamic entry", entry.at, 8, dt::NULL);
    Some(Open)
}

fn retagged(s: &mut Subject<'_>) -> Option<Rule> {
    let entry = entry(s)?;
    let known = [
        TABLES,
        NAMES,
        &[dt::INIT, dt::FINI, dt::INIT_ARRAY, dt::INIT_ARRAYSZ, dt::FINI_ARRAY, dt::FINI_ARRAYSZ, dt::PREINIT_ARRAY],
        &[dt::PREINIT_ARRAYSZ, dt::FLAGS, dt::FLAGS_1, dt::DEBUG, dt::PLTGOT, dt::STRSZ, dt::RELASZ, dt::RELRSZ],
    ]
    .concat();
    let value = s.one(&known)?;
    s.put(&format!("tag of the dynamic entry {:#x}", entry.tag), entry.at, 8, value);
    Some(Open)
}

fn unknown_tag(s: &mut Subject<'_>) -> Option<Rule> {
    let (tag, value) = (s.one(&[0x6000_0f12, 0x6fff_f123, 0x7000_0001, 0x6fff_fdf0, 50])?, s.rng.next());
    s.spare(tag, value)?;
    Some(Lawful)
}

fn text_relocations(s: &mut Subject<'_>) -> Option<Rule> {
    if s.elf.value(dt::FLAGS).is_some() && s.rng.one_in(2) {
        let old = s.elf.value(dt::FLAGS)?;
        s.put_value(dt::FLAGS, old | 4)?;
    } else {
        s.spare(dt::TEXTREL, 0)?;
    }
    Some(Lawful)
}

fn dt_rel(s: &mut Subject<'_>) -> Option<Rule> {
    let value = s.elf.value(dt::RELA).or(s.elf.value(dt::STRTAB))?;
    s.spare(dt::REL, value)?;
    Some(RefusedAtSight)
}

fn audit(s: &mut Subject<'_>) -> Option<Rule> {
    let name = s.elf.value(dt::NEEDED).or(s.elf.value(dt::SONAME)).unwrap_or(1);
    let (tag, value) = (s.one(&[dt::AUDIT, dt::DEPAUDIT, dt::FILTER, dt::AUXILIARY])?, s.one(&[name, 0, 1, u64::MAX])?);
    s.spare(tag, value)?;
    Some(Open)
}

fn shuffled(s: &mut Subject<'_>) -> Option<Rule> {
    // DT_NEEDED has an order that means something.
    let list: Vec<usize> = s
        .elf
        .dynamic
        .iter()
        .filter(|entry| ![dt::NULL, dt::NEEDED].contains(&entry.tag))
        .map(|entry| entry.at)
        .collect();
    for last in (1..list.len()).rev() {
        let other = s.rng.below(last as u64 + 1) as usize;
        let (a, b) = (list[last], list[other]);
        if a != b {
            exchange(s, "dynamic entries", (a, b), 16);
        }
    }
    Some(Lawful)
}

fn debug_value(s: &mut Subject<'_>) -> Option<Rule> {
    let value = s.rng.next();
    s.put_value(dt::DEBUG, value)?;
    Some(Lawful)
}

fn counts(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(&[dt::RELACOUNT, dt::VERNEEDNUM, dt::VERDEFNUM])?;
    let old = s.elf.value(tag)?;
    let value = s.number(old);
    s.put_value(tag, value)?;
    Some(Open)
}

fn flags(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.one(&[dt::FLAGS, dt::FLAGS_1])?;
    let value = s.rng.next() >> s.rng.below(64);
    match s.elf.value(tag) {
        Some(_) => s.put_value(tag, value)?,
        None => s.spare(tag, value)?,
    }
    Some(Open)
}

fn dynamic_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let entry = entry(s)?;
    let value = s.number(entry.value);
    s.put(&format!("value of the dynamic entry {:#x}", entry.tag), entry.at + 8, 8, value);
    Some(Open)
}
