//! Names, symbols, hash tables, versions.

use super::*;

pub(super) const OPERATORS: &[(&str, Operator)] = &[
    ("strings: noise", string_noise),
    ("strings: no terminators", string_ends),
    ("symbols: name outside DT_STRTAB", symbol_name_outside),
    ("symbols: noise", symbol_noise),
    ("symbols: noise in what a loader asks a libc for", libc_symbol_noise),
    ("symbols: IFUNC outside code", ifunc_outside),
    ("symbols: copied data outside", copied_outside),
    ("gnu_hash: header", gnu_hash_header),
    ("gnu_hash: bucket out of range", gnu_hash_bucket),
    ("gnu_hash: symbol base out of range", gnu_hash_base),
    ("gnu_hash: chains without end", gnu_hash_chains),
    ("gnu_hash: noise", gnu_hash_noise),
    ("hash: header", hash_header),
    ("hash: bucket out of range", hash_bucket),
    ("hash: cycle", hash_cycle),
    ("hash: noise", hash_noise),
    ("verneed: out of range", verneed_out_of_range),
    ("verneed: overlapping or odd", verneed_odd),
    ("verdef: out of range", verdef_out_of_range),
    ("verdef: overlapping or odd", verdef_odd),
    ("versym: noise", versym_noise),
];

fn string_noise(s: &mut Subject<'_>) -> Option<Rule> {
    for _ in 0..=s.rng.below(8) {
        let at = s.elf.strings.start + s.rng.below(s.elf.strings.len() as u64) as usize;
        s.noise_at("a byte of DT_STRTAB", at, 1);
    }
    Some(Open)
}

fn string_ends(s: &mut Subject<'_>) -> Option<Rule> {
    let names = dynamic::NAMES.iter().any(|tag| s.elf.value(*tag).is_some());
    for byte in s.bytes.get_mut(s.elf.strings.clone())?.iter_mut().filter(|byte| **byte == 0) {
        *byte = b'x';
    }
    s.changes.push("every NUL of DT_STRTAB becomes x".into());
    Some(if names { RefusedAtSight } else { Open })
}

fn symbol_name_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let rela = s.rela(|_, rela| rela.is_symbolic() && rela.symbol != 0)?;
    let symbol = *s.elf.symbols.get(rela.symbol as usize)?;
    let (len, salt) = (s.elf.strings.len() as u64, s.rng.below(1 << 20));
    let value = s.one(&[len, len + 1, len + salt, 0xffff_ffff, 1 << 31])?;
    s.put(&format!("st_name of symbol {}, which a relocation names", rela.symbol), symbol.at, 4, value);
    Some(RefusedInUse)
}

fn symbol_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let symbol = *s.rng.of(&s.elf.symbols);
    let (what, at, width) = *s.rng.of(&[
        ("st_name", 0, 4),
        ("st_info", 4, 1),
        ("st_other", 5, 1),
        ("st_shndx", 6, 2),
        ("st_value", 8, 8),
        ("st_size", 16, 8),
    ]);
    s.noise_at(what, symbol.at + at, width);
    Some(Open)
}

/// By name, so that it does not drown in the thousands of symbols of a libc.
fn libc_symbol_noise(s: &mut Subject<'_>) -> Option<Rule> {
    const ASKED: [&[u8]; 12] = [
        b"__libc_early_init",
        b"__errno_location",
        b"__register_atfork",
        b"gnu_get_libc_version",
        b"_dl_find_object",
        b"_thread_db_sizeof_pthread",
        b"_thread_db_pthread_start_routine",
        b"_thread_db_rtld_global__dl_stack_user",
        b"_thread_db_link_map_l_tls_modid",
        b"__libc_enable_secure",
        b"malloc",
        b"_dl_addr",
    ];
    let asked = |i: &u32| s.elf.symbol_name(*i).is_some_and(|name| ASKED.contains(&name));
    let list: Vec<u32> = (1..s.elf.symbols.len() as u32).filter(asked).collect();
    let symbol = s.elf.symbols[s.one(&list)? as usize];
    let (what, at, width) = *s.rng.of(&[("st_info", 4, 1), ("st_shndx", 6, 2), ("st_value", 8, 8), ("st_value", 8, 8)]);
    match s.rng.below(3) {
        0 => s.noise_at(what, symbol.at + at, width),
        1 => {
            let value = s.outside();
            s.put("st_value of a symbol that a loader asks for", symbol.at + 8, 8, value);
        }
        _ => {
            let load = s.load()?;
            let value = load.vaddr + s.rng.below(load.memsz);
            s.put("st_value of a symbol that a loader asks for", symbol.at + 8, 8, value);
        }
    }
    Some(Open)
}

/// Whether `index` is the only symbol of its name, defined, and that name is one of `names`.
fn defined_and_listed(s: &Subject<'_>, index: usize, names: &[Vec<u8>]) -> bool {
    let name = |index| s.elf.symbol_name(index as u32).unwrap_or_default();
    s.elf.symbols[index].section != 0
        && names.iter().any(|wanted| wanted == name(index))
        && (0..s.elf.symbols.len()).all(|other| other == index || name(other) != name(index))
}

fn ifunc_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let ifuncs: Vec<usize> = (0..s.elf.symbols.len()).filter(|i| s.elf.symbols[*i].kind() == 10).collect();
    let index = s.one(&ifuncs)?;
    let used = !s.program && defined_and_listed(s, index, s.wanted);
    let value = s.not_code();
    s.put(&format!("st_value of IFUNC symbol {index}"), s.elf.symbols[index].at + 8, 8, value);
    Some(if used { RefusedInUse } else { Open })
}

fn copied_outside(s: &mut Subject<'_>) -> Option<Rule> {
    let copied = |i: &usize| s.elf.symbols[*i].size > 0 && defined_and_listed(s, *i, s.copied);
    let list: Vec<usize> = (0..s.elf.symbols.len()).filter(copied).collect();
    if s.program {
        return None;
    }
    let index = s.one(&list)?;
    let value = s.outside();
    s.put(&format!("st_value of symbol {index}, which is copied"), s.elf.symbols[index].at + 8, 8, value);
    Some(RefusedInUse)
}

fn gnu_hash_header(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.gnu_hash?;
    let salt = s.rng.below(1 << 28);
    if s.rng.one_in(2) {
        let value = s.one(&[0, 0xffff_ffff, 1 << 30, (1 << 28) + salt])?;
        s.put("nbuckets of DT_GNU_HASH", hash.at, 4, value);
        if value == 0 {
            return Some(Open); // the table is empty
        }
    } else {
        let value = s.one(&[0, 3, 5, 12, 0xffff_ffff, 1 << 31, 1 << 28])?;
        s.put("bloom size of DT_GNU_HASH", hash.at + 8, 4, value);
    }
    Some(RefusedAtSight)
}

fn gnu_hash_bucket(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.gnu_hash?;
    let at = hash.buckets.0 + 4 * s.rng.below(hash.buckets.1 as u64) as usize;
    let value = if hash.symbol_base > 1 && s.rng.one_in(2) {
        1 + s.rng.below(u64::from(hash.symbol_base) - 1)
    } else {
        (1 << 22) + s.rng.below(0xffc0_0000)
    };
    s.put("a bucket of DT_GNU_HASH", at, 4, value);
    Some(RefusedAtSight)
}

fn gnu_hash_base(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.gnu_hash?;
    let used = (0..hash.buckets.1).any(|i| number(&s.elf.bytes, hash.buckets.0 + 4 * i, 4) != Some(0));
    let value = s.one(&[0xffff_ffff, 1 << 31, 1 << 22])?;
    s.put("symoffset of DT_GNU_HASH", hash.at + 4, 4, value);
    Some(if used { RefusedAtSight } else { Open })
}

fn gnu_hash_chains(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.gnu_hash?;
    for i in 0..hash.chains.1 {
        if let Some(byte) = s.bytes.get_mut(hash.chains.0 + 4 * i) {
            *byte &= !1;
        }
    }
    s.changes.push("every chain of DT_GNU_HASH goes on".into());
    Some(Open)
}

fn gnu_hash_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.gnu_hash?;
    let words = (hash.chains.0 + 4 * hash.chains.1 - hash.at) / 4;
    let at = hash.at + 4 * s.rng.below(words as u64) as usize;
    s.noise_at("a word of DT_GNU_HASH", at, 4);
    Some(Open)
}

fn hash_header(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.sysv_hash?;
    let salt = s.rng.below(1 << 28);
    let field = s.rng.below(2);
    let big = s.one(&[0xffff_ffff, 1 << 30, (1 << 28) + salt])?;
    let value = if field == 0 && s.rng.one_in(2) { 0 } else { big };
    s.put(["nbucket of DT_HASH", "nchain of DT_HASH"][field as usize], hash.at + 4 * field as usize, 4, value);
    Some(if value == 0 { Open } else { RefusedAtSight })
}

/// Where both tables stand, DT_HASH is not asked.
fn if_asked(s: &Subject<'_>) -> Rule {
    if s.elf.gnu_hash.is_some() { Open } else { RefusedAtSight }
}

fn hash_bucket(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.sysv_hash?;
    let at = hash.buckets.0 + 4 * s.rng.below(hash.buckets.1 as u64) as usize;
    let (limit, salt) = (hash.chains.1 as u64, s.rng.below(1 << 31));
    let value = s.one(&[limit, limit + 1, limit + salt, 0xffff_ffff])?;
    s.put("a bucket of DT_HASH", at, 4, value);
    Some(if_asked(s))
}

fn hash_cycle(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.sysv_hash?;
    let heads: Vec<u64> = (0..hash.buckets.1)
        .filter_map(|i| number(&s.elf.bytes, hash.buckets.0 + 4 * i, 4))
        .filter(|head| *head != 0)
        .collect();
    let head = s.one(&heads)?;
    s.put("a chain of DT_HASH", hash.chains.0 + 4 * head as usize, 4, head);
    Some(if_asked(s))
}

fn hash_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let hash = s.elf.sysv_hash?;
    let words = 2 + hash.buckets.1 + hash.chains.1;
    let at = hash.at + 4 * s.rng.below(words as u64) as usize;
    s.noise_at("a word of DT_HASH", at, 4);
    Some(Open)
}

/// An offset that leads outside of every table, and past the end of the file if followed.
fn far_offset(s: &mut Subject<'_>) -> u64 {
    let len = s.elf.bytes.len() as u64;
    let salt = s.rng.below(1 << 28);
    s.one(&[0xffff_ffff, 0xffff_fff0, 1 << 31, len + salt]).unwrap_or(0xffff_ffff)
}

fn verneed_out_of_range(s: &mut Subject<'_>) -> Option<Rule> {
    let need = s.rng.of_some(&s.elf.verneed)?.clone();
    let far = far_offset(s);
    match s.rng.below(5) {
        0 => s.put("vn_version", need.at, 2, far | 2),
        1 => s.put("vn_file", need.at + 4, 4, far),
        2 => s.put("vn_aux", need.at + 8, 4, far),
        3 => s.put("vn_next", need.at + 12, 4, far),
        _ => {
            let at = s.one(&need.aux)?;
            s.put("vna_name", at + 8, 4, far);
        }
    }
    Some(RefusedAtSight)
}

fn verneed_odd(s: &mut Subject<'_>) -> Option<Rule> {
    let need = s.rng.of_some(&s.elf.verneed)?.clone();
    let aux = s.one(&need.aux)?;
    let small = s.rng.below(24);
    match s.rng.below(8) {
        0 => s.noise_at("vn_cnt", need.at + 2, 2),
        1 => s.put("vn_next", need.at + 12, 4, small),
        2 => s.put("vn_aux", need.at + 8, 4, small),
        3 => s.put("vna_next", aux + 12, 4, small),
        4 => s.noise_at("vna_other", aux + 6, 2),
        5 => s.noise_at("vna_hash", aux, 4),
        6 => s.noise_at("vna_flags", aux + 4, 2),
        _ => {
            let value = s.rng.below(s.elf.strings.len() as u64);
            s.put("vna_name", aux + 8, 4, value);
        }
    }
    Some(Open)
}

fn verdef_out_of_range(s: &mut Subject<'_>) -> Option<Rule> {
    let def = s.rng.of_some(&s.elf.verdef)?.clone();
    let far = far_offset(s);
    match s.rng.below(4) {
        0 => s.put("vd_version", def.at, 2, far | 2),
        1 => s.put("vd_aux", def.at + 12, 4, far),
        2 => s.put("vd_next", def.at + 16, 4, far),
        // The names after the first are those of parents, which bind nobody.
        _ => s.put("vda_name", *def.aux.first()?, 4, far),
    }
    Some(RefusedAtSight)
}

fn verdef_odd(s: &mut Subject<'_>) -> Option<Rule> {
    let def = s.rng.of_some(&s.elf.verdef)?.clone();
    let aux = s.one(&def.aux)?;
    let small = s.rng.below(24);
    match s.rng.below(8) {
        0 => s.noise_at("vd_flags", def.at + 2, 2),
        1 => s.noise_at("vd_ndx", def.at + 4, 2),
        2 => s.noise_at("vd_cnt", def.at + 6, 2),
        3 => s.noise_at("vd_hash", def.at + 8, 4),
        4 => s.put("vd_aux", def.at + 12, 4, small),
        5 => s.put("vd_next", def.at + 16, 4, small),
        6 => s.noise_at("vda_next", aux + 4, 4),
        _ => s.noise_at("vda_name", aux, 4),
    }
    Some(Open)
}

fn versym_noise(s: &mut Subject<'_>) -> Option<Rule> {
    let (at, count) = s.elf.versym?;
    let at = at + 2 * s.rng.below(count as u64) as usize;
    let value = match s.rng.below(3) {
        0 => s.rng.below(16) | 0x8000,
        1 => s.rng.below(16),
        _ => s.rng.below(0x10000),
    };
    s.put("an entry of DT_VERSYM", at, 2, value);
    Some(Open)
}
