//! The private part of a link map, as libc.so.6 and libthread_db read it.

use super::layout::{Bits, Layout};
use crate::area::View;
use crate::debugger::LinkMap;
use crate::libc::Kept;
use alloc::vec::Vec;
use ld_rs_loader::object::{Object, Role};
use ld_rs_plan::elf::header::Tls;
use object::elf::{self, DynamicTag};

/// Tags behind the plain ones in l_info: version (16), extra (3), value (12), address (11).
const BEHIND_PLAIN: usize = 42;
const VERSION_TAGS: usize = 16;
const EXTRA_TAGS: usize = 3;
const VALUE_TAGS: usize = 12;
/// DT_NUM of the newest version known; older ones have fewer plain tags in use.
const PLAIN_TAGS: i64 = 38;

/// Of a module whose blocks lie anywhere.
const NO_TLS_OFFSET: u64 = 0;

/// The slot of `tag` in an l_info of `count` entries (glibc `elf/get-dynamic-info.h`).
fn slot(tag: i64, count: usize) -> Option<usize> {
    let base = count.checked_sub(BEHIND_PLAIN)?;
    let from = |high: i64, length: usize| usize::try_from(high - tag).ok().filter(|index| *index < length);
    if (0..PLAIN_TAGS.min(base as i64)).contains(&tag) {
        return Some(tag as usize);
    }
    let version = from(elf::DT_VERNEEDNUM.0, VERSION_TAGS).map(|index| base + index);
    let value = || from(elf::DT_VALRNGHI, VALUE_TAGS).map(|index| base + VERSION_TAGS + EXTRA_TAGS + index);
    let address = || from(elf::DT_ADDRRNGHI, 11).map(|index| base + VERSION_TAGS + EXTRA_TAGS + VALUE_TAGS + index);
    version.or_else(value).or_else(address)
}

/// Entries whose value is an address in memory (`D_PTR`), if the section may be written.
const RELOCATED: [DynamicTag; 9] = [
    elf::DT_HASH,
    elf::DT_PLTGOT,
    elf::DT_STRTAB,
    elf::DT_SYMTAB,
    elf::DT_RELA,
    elf::DT_JMPREL,
    elf::DT_VERSYM,
    elf::DT_GNU_HASH,
    elf::DT_RELR, // since 2.36
];

/// Those of them that this glibc knows.
pub fn relocated_tags(layout: &Layout) -> &'static [DynamicTag] {
    let [known @ .., _] = &RELOCATED;
    let newest = slot(elf::DT_RELR.0, layout.link_map.info_count.into());
    if newest.is_some() { &RELOCATED } else { known }
}

fn set_bits(map: View, bits: &Bits, value: u8) {
    let mask = ((1u16 << bits.width) - 1) as u8;
    let old = map.get(bits.byte);
    map.set(bits.byte, old & !(mask << bits.shift) | (value & mask) << bits.shift);
}

/// Fills the private part of `map` for `object` in `directory`. Returns what l_libname and l_origin point to, and l_info
/// where that is not the object.
pub fn fill(layout: &Layout, map: View, object: &Object, directory: Option<&[u8]>, own: *const LinkMap) -> Kept {
    let at = &layout.link_map;
    let (headers, dynamic, image) = (&object.headers, &object.dynamic, &object.image);

    // The object's own entries; copies where these cannot be written.
    let tags = relocated_tags(layout).iter().map(|tag| tag.0);
    let copied = if headers.dynamic_writable { &[][..] } else { &dynamic.entries };
    let absolute = |tag: i64, value| if tags.clone().any(|known| known == tag) { image.address(value) } else { value };
    let copies = copied.iter().map(|(tag, value)| [tag.cast_unsigned(), absolute(*tag, *value)]);
    let entries: Vec<[u64; 2]> = [[map.get(at.name), 0], [1, 0]].into_iter().chain(copies).collect();
    // A `struct libname_list` {name, next, dont_free}: `__libc_freeres` reads the next of each object's.
    map.set(at.own, [own as u64, 0, entries.as_ptr() as u64]);
    let first = match headers.dynamic {
        Some(range) if headers.dynamic_writable => image.address(range.vaddr),
        _ => entries.as_ptr().wrapping_add(2) as u64,
    };
    for (address, (tag, _)) in (first..).step_by(16).zip(&dynamic.entries) {
        if let Some(slot) = slot(*tag, at.info_count.into()) {
            map.set(at.info.nth(slot), address);
        }
    }

    let (phdr, phnum) = object.phdrs();
    map.set(at.phdr, [phdr, image.address(headers.ident.entry)]);
    let count = (dynamic.entries.len() + 1).min(u16::MAX.into()) as u16;
    map.set(at.counts, [phnum, count]);
    let end = headers.segments.last().map_or(headers.span.end(), |last| last.memory.end());
    // Without an origin: the program, as long as nobody asks for it, and what has no file of its own, as with glibc.
    let directory = directory.map_or_else(Vec::new, |directory| [directory, b"\0"].concat());
    let origin = if directory.is_empty() { 0 } else { directory.as_ptr() as u64 };
    map.set(at.map, [origin, image.address(headers.span.vaddr), image.address(end)]);
    let text = headers.segments.iter().rfind(|segment| segment.execute);
    map.set_if(at.text_end, text.map_or(0, |segment| image.address(segment.memory.end())));
    map.set(at.flags_1, dynamic.flags_1 as u32);
    if let Some((device, inode)) = object.file {
        map.set(at.file, [device, inode]);
    }
    if let Some(relro) = headers.relro {
        map.set(at.relro, [relro.vaddr, relro.size]);
    }

    // lt_executable, lt_library
    set_bits(map, &at.type_, u8::from(object.role != Role::Program));
    set_bits(map, &at.relocated, 1);
    set_bits(map, &at.init_called, 1);
    set_bits(map, &at.global, 1);
    set_bits(map, &at.contiguous, 1);
    if let Some(bits) = at.main_map.as_ref().filter(|_| object.role == Role::Program) {
        set_bits(map, bits, 1);
    }

    fill_hash(layout, map, object);
    if let Some(module) = object.module {
        let Tls { vaddr, filesz, memsz, align, .. } = module.tls;
        // Without a sign: on which side of the thread pointer it is, libc knows.
        let (start, offset) = (image.address(vaddr), module.distance.map_or(NO_TLS_OFFSET, i64::unsigned_abs));
        map.set(at.tls, [start, filesz, memsz, align, vaddr & (align - 1), offset]);
        map.set(at.tls_modid, module.id);
    }
    Kept { entries, directory }
}

/// l_nbuckets and the l_gnu_* fields, by which `_dl_addr` walks the symbols.
fn fill_hash(layout: &Layout, map: View, object: &Object) {
    let at = &layout.link_map;
    if let Some(hash) = &object.dynamic.gnu_hash {
        map.set(at.hash_sizes, [hash.buckets.len() as u32, hash.bloom.len() as u32 - 1, hash.bloom_shift]);
        let chains = (hash.chains.as_ptr() as u64).wrapping_sub(4 * u64::from(hash.symbol_base));
        map.set(at.hash_tables, [hash.bloom.as_ptr() as u64, hash.buckets.as_ptr() as u64, chains]);
    } else if let Some(hash) = &object.dynamic.sysv_hash {
        // Here the two pointers are l_buckets and l_chain of the older table.
        map.set(at.hash_sizes, [hash.buckets.len() as u32, 0, 0]);
        map.set(at.hash_tables, [0, hash.chains.as_ptr() as u64, hash.buckets.as_ptr() as u64]);
    }
}
