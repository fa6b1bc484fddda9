//! Tables that are in bounds and absurdly large: nothing to die of, but much to do. The file grows
//! by a segment that holds them.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("bomb: verneed entries that share their tails", verneed_bomb),
    ("bomb: verdef entries", verdef_bomb),
    ("bomb: versions that it needs of itself", version_bomb),
    ("bomb: DT_NEEDED by the thousand", needed_bomb),
    ("bomb: elements of a search path", path_bomb),
    ("bomb: one long name", name_bomb),
    ("bomb: a chain of DT_GNU_HASH", gnu_hash_bomb),
    ("bomb: a chain of DT_HASH", hash_bomb),
    ("bomb: program headers", header_bomb),
];

/// Appends `content` and makes a dispensable header after the last PT_LOAD the segment that holds
/// it. Its address.
fn annex(s: &mut Subject<'_>, content: impl FnOnce(u64) -> Vec<u8>) -> Option<u64> {
    let last = s.elf.loads().last()?.at;
    let slot = s.elf.headers.iter().find(|header| header.at > last && is_idle(header)).copied()?;
    let vaddr = s.elf.end().next_multiple_of(4096) + 0x10000;
    let content = content(vaddr);
    let offset = s.bytes.len().next_multiple_of(4096);
    s.bytes.resize(offset, 0);
    s.bytes.extend(&content);
    let size = content.len() as u64;
    let fields = [(TYPE, pt::LOAD.into()), (FLAGS, 4), (OFFSET, offset as u64), (VADDR, vaddr)];
    for (field, value) in fields.into_iter().chain([(FILESZ, size), (MEMSZ, size), (ALIGN, 4096)]) {
        s.put_header(&slot, field, value);
    }
    Some(vaddr)
}

fn words<const N: usize>(into: &mut Vec<u8>, fields: [(u64, usize); N]) {
    for (value, width) in fields {
        into.extend(&value.to_le_bytes()[..width]);
    }
}

/// Verneed entries of 16 bytes that are at the same time each other's Vernaux entries: the work is
/// the square of the size.
fn verneed_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    s.elf.value(dt::VERNEED)?;
    let count = 1 << (8 + s.rng.below(9));
    let vaddr = annex(s, |_| {
        let mut table = Vec::new();
        for i in 0..count {
            let next = if i + 1 == count { 0 } else { 16 };
            // vn_version, vn_cnt, vn_file, vn_aux, vn_next; vna_name is where vn_aux is.
            words(&mut table, [(1, 2), (0xffff, 2), (1, 4), (next, 4), (next, 4)]);
        }
        table.resize(table.len() + 16, 0);
        table
    })?;
    s.put_value(dt::VERNEED, vaddr)?;
    Some(Open)
}

fn verdef_table(count: u64) -> Vec<u8> {
    let mut table = Vec::new();
    for i in 0..count {
        let next = if i + 1 == count { 0 } else { 28 };
        // vd_version, vd_flags, vd_ndx, vd_cnt, vd_hash, vd_aux, vd_next; vda_name, vda_next
        words(&mut table, [(1, 2), (0, 2), (2 + i % 0x7000, 2), (1, 2), (i, 4), (20, 4), (next, 4), (1, 4), (0, 4)]);
    }
    table
}

fn verdef_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let count = 1 << (8 + s.rng.below(9));
    let vaddr = annex(s, |_| verdef_table(count))?;
    match s.elf.value(dt::VERDEF) {
        Some(_) => s.put_value(dt::VERDEF, vaddr)?,
        None => s.spare(dt::VERDEF, vaddr)?,
    }
    Some(Open)
}

/// As many needs as definitions, in one library: every need is sought among all definitions.
fn version_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let soname = s.elf.value(dt::SONAME)?;
    s.elf.value(dt::VERDEF)?;
    let count = 1 << (8 + s.rng.below(8));
    let vaddr = annex(s, |_| {
        let mut table = verdef_table(count);
        for i in 0..count {
            let next = if i + 1 == count { 0 } else { 32 };
            words(&mut table, [(1, 2), (1, 2), (soname, 4), (16, 4), (next, 4)]);
            // vna_hash, vna_flags, vna_other, vna_name, vna_next
            words(&mut table, [(i, 4), (0, 2), (3, 2), (soname, 4), (0, 4)]);
        }
        table
    })?;
    s.put_value(dt::VERDEF, vaddr)?;
    match s.elf.value(dt::VERNEED) {
        Some(_) => s.put_value(dt::VERNEED, vaddr + 28 * count)?,
        None => s.spare(dt::VERNEED, vaddr + 28 * count)?,
    }
    Some(Open)
}

/// Moves DT_STRTAB to the annex: the old names, then `more`. The offset of `more`.
fn longer_strings(s: &Subject<'_>, more: &[u8]) -> (Vec<u8>, u64) {
    let mut strings = s.elf.bytes[s.elf.strings.clone()].to_vec();
    let offset = strings.len() as u64;
    strings.extend(more);
    (strings, offset)
}

fn needed_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let header = *s.elf.header(pt::DYNAMIC)?;
    let count = 1 << (8 + s.rng.below(9));
    let distinct = s.rng.one_in(2);
    // Every suffix of one long name is another name.
    let (mut strings, name) = longer_strings(s, &[vec![b'n'; 200 + count as usize], vec![0]].concat());
    strings.resize(strings.len().next_multiple_of(16), 0);
    let (table, size) = (strings.len() as u64, (strings.len() - 16) as u64);
    let entries: Vec<Entry> = s.elf.dynamic.clone();
    let vaddr = annex(s, |vaddr| {
        let mut content = strings;
        for entry in &entries[..entries.len() - 1] {
            let value = match entry.tag {
                dt::STRTAB => vaddr,
                dt::STRSZ => size,
                _ => entry.value,
            };
            words(&mut content, [(entry.tag, 8), (value, 8)]);
        }
        for i in 0..count {
            words(&mut content, [(dt::NEEDED, 8), (name + if distinct { i } else { 0 }, 8)]);
        }
        words(&mut content, [(0, 8), (0, 8)]);
        content
    })?;
    let dynamic_size = 16 * (entries.len() as u64 + count);
    s.put_header(&header, VADDR, vaddr + table);
    s.put_header(&header, FILESZ, dynamic_size);
    s.put_header(&header, MEMSZ, dynamic_size);
    Some(Open)
}

/// Gives an entry of the dynamic section a long string.
fn long_string(s: &mut Subject<'_>, tag: u64, text: &[u8]) -> Option<()> {
    let (strings, offset) = longer_strings(s, text);
    let size = strings.len() as u64;
    let vaddr = annex(s, |_| strings)?;
    s.put_value(dt::STRTAB, vaddr)?;
    s.put_value(dt::STRSZ, size)?;
    s.put_value(tag, offset)
}

fn path_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(&[dt::RUNPATH, dt::RPATH])?;
    let count = 1 << (8 + s.rng.below(9));
    let kind = s.rng.below(3);
    let element = |i: u64| match kind {
        0 => format!("/{i}:"),
        1 => "$ORIGIN/$LIB/$PLATFORM:".to_string(),
        _ => format!("$ORIGIN/{}:", "x/".repeat((i % 3000) as usize)),
    };
    let count = if kind == 2 { count.min(4096) } else { count };
    let mut text: String = (0..count).map(element).collect();
    text.push_str("$ORIGIN\0");
    long_string(s, tag, text.as_bytes())?;
    Some(Open)
}

fn name_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let tag = s.tag(dynamic::NAMES)?;
    let len = 1 << (8 + s.rng.below(14));
    let byte = s.one(b"n/\x1b\xff:$")?;
    let mut text = vec![byte; len];
    text.push(0);
    long_string(s, tag, &text)?;
    Some(Open)
}

/// The symbol table with nameless symbols after the old ones, and a hash table with one bucket whose
/// chain leads through all of them: every look-up walks it whole.
fn chain(s: &mut Subject<'_>, tag: u64, head: &[u64], link: impl Fn(u64, u64) -> u64) -> Option<Rule> {
    s.elf.value(tag)?;
    let count = 1u64 << (8 + s.rng.below(12));
    let (first, old) = (s.elf.symbols.first()?.at, 24 * s.elf.symbols.len());
    let mut content = s.bytes.get(first..first + old)?.to_vec();
    content.resize(old.max(24 * count as usize), 0);
    let table = content.len() as u64;
    let vaddr = annex(s, |_| {
        for word in head {
            words(&mut content, [(if *word == u64::MAX { count } else { *word }, 4)]);
        }
        for i in 0..count {
            words(&mut content, [(link(i, count), 4)]);
        }
        content
    })?;
    s.put_value(dt::SYMTAB, vaddr)?;
    s.put_value(tag, vaddr + table)?;
    Some(Open)
}

fn gnu_hash_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    // nbuckets, symoffset, bloom size and shift; a filter that lets all pass; the bucket
    chain(s, dt::GNU_HASH, &[1, 1, 1, 6, 0xffff_ffff, 0xffff_ffff, 1], |i, _| 2 * i)
}

fn hash_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    // nbucket, nchain, the bucket
    chain(s, dt::HASH, &[1, u64::MAX, 1], |i, count| if i == 0 { 0 } else { (i + 1) % count })
}

/// The table moves to the end of the file, where there is room for more headers.
fn header_bomb(s: &mut Subject<'_>) -> Option<Rule> {
    let count = s.one(&[100, 1000, 1024, 1025, 0xfffe])?;
    let kind = s.one(&[pt::NULL, pt::NOTE, pt::LOAD, pt::GNU_STACK, 0x6123_4567])?;
    let at = s.bytes.len().next_multiple_of(8);
    s.bytes.resize(at, 0);
    let old = s.elf.headers.first()?.at;
    let mut table = s.bytes.get(old..old + 56 * s.elf.headers.len())?.to_vec();
    let end = s.elf.end().next_multiple_of(4096);
    for i in s.elf.headers.len() as u64..count {
        // Small segments of zeroes, in order.
        let vaddr = end + 4096 * i;
        words(&mut table, [(kind.into(), 4), (4, 4), (0, 8), (vaddr, 8), (vaddr, 8), (0, 8), (16, 8), (4096, 8)]);
    }
    s.bytes.extend(table);
    s.put("e_phoff", 32, 8, at as u64);
    s.put("e_phnum", 56, 2, count);
    Some(Open)
}
