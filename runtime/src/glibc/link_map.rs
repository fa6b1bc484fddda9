//! The private part of a link map, as libc.so.6 and libthread_db read it.

use super::layout::{Bits, Layout};
use crate::area::View;
use crate::debugger::LinkMap;
use alloc::vec::Vec;
use ld_rs_loader::object::{Object, Role};
use object::elf;

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

/// Whether libc takes the entry's value for an address already relocated (`D_PTR`).
fn is_relocated(tag: i64) -> bool {
    [
        elf::DT_HASH,
        elf::DT_PLTGOT,
        elf::DT_STRTAB,
        elf::DT_SYMTAB,
        elf::DT_RELA,
        elf::DT_JMPREL,
        elf::DT_VERSYM,
        elf::DT_GNU_HASH,
    ]
    .iter()
    .any(|known| known.0 == tag)
}

fn set_bits(map: View, bits: &Bits, value: u8) {
    let mask = ((1u16 << bits.width) - 1) as u8;
    let old = map.get(bits.byte);
    map.set(bits.byte, old & !(mask << bits.shift) | (value & mask) << bits.shift);
}

/// Fills the private part of `map` for `object`. Returns the entries that l_info and l_libname point to.
pub fn fill(layout: &Layout, map: View, object: &Object, own: *const LinkMap) -> Vec<[u64; 2]> {
    let at = &layout.link_map;
    let (headers, dynamic, image) = (&object.headers, &object.dynamic, &object.image);
    map.set(at.real, own as u64);
    map.set(at.ns, 0u64);

    // Copies: the object's own .dynamic stays as it is.
    let entries: Vec<[u64; 2]> = dynamic
        .entries
        .iter()
        .map(|(tag, value)| [tag.cast_unsigned(), if is_relocated(*tag) { image.address(*value) } else { *value }])
        .chain([[map.get(at.name), 0], [1, 0]])
        .collect();
    let (entries_of_info, names) = entries.split_at(dynamic.entries.len());
    // A `struct libname_list` {name, next, dont_free}: `__libc_freeres` reads the next of each object's.
    map.set(at.libname, names.as_ptr() as u64);
    for entry in entries_of_info {
        if let Some(slot) = slot(entry[0].cast_signed(), at.info_count.into()) {
            map.set(at.info.nth(slot), entry.as_ptr() as u64);
        }
    }

    if let Some(phdrs) = headers.phdrs {
        map.set(at.phdr, image.address(phdrs));
        map.set(at.phnum, headers.ident.phnum);
    }
    map.set(at.entry, image.address(headers.ident.entry));
    map.set(at.ldnum, (dynamic.entries.len() + 1).min(u16::MAX.into()) as u16);
    map.set(at.map_start, image.address(headers.span.vaddr));
    map.set(at.map_end, image.address(headers.segments.last().map_or(headers.span.end(), |last| last.memory.end())));
    let text = headers.segments.iter().rfind(|segment| segment.execute);
    map.set_if(at.text_end, text.map_or(0, |segment| image.address(segment.memory.end())));
    map.set(at.flags_1, dynamic.flags_1 as u32);
    if let Some((device, inode)) = object.file {
        map.set(at.file_dev, device);
        map.set(at.file_ino, inode);
    }
    if let Some(relro) = headers.relro {
        map.set(at.relro_addr, relro.vaddr);
        map.set(at.relro_size, relro.size);
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
        map.set(at.tls_initimage, image.address(module.tls.vaddr));
        map.set(at.tls_initimage_size, module.tls.filesz);
        map.set(at.tls_blocksize, module.tls.memsz);
        map.set(at.tls_align, module.tls.align);
        map.set(at.tls_firstbyte_offset, module.tls.vaddr & (module.tls.align - 1));
        // Without a sign: on which side of the thread pointer it is, libc knows.
        map.set(at.tls_offset, module.distance.map_or(NO_TLS_OFFSET, i64::unsigned_abs));
        map.set(at.tls_modid, module.id);
    }
    entries
}

/// l_nbuckets and the l_gnu_* fields, by which `_dl_addr` walks the symbols.
fn fill_hash(layout: &Layout, map: View, object: &Object) {
    let at = &layout.link_map;
    if let Some(hash) = &object.dynamic.gnu_hash {
        map.set(at.nbuckets, hash.buckets.len() as u32);
        map.set(at.gnu_bitmask_idxbits, hash.bloom.len() as u32 - 1);
        map.set(at.gnu_shift, hash.bloom_shift);
        map.set(at.gnu_bitmask, hash.bloom.as_ptr() as u64);
        map.set(at.gnu_buckets, hash.buckets.as_ptr() as u64);
        let chains = hash.chains.as_ptr() as u64;
        map.set(at.gnu_chain_zero, chains.wrapping_sub(4 * u64::from(hash.symbol_base)));
    } else if let Some(hash) = &object.dynamic.sysv_hash {
        // Here the two pointers are l_buckets and l_chain of the older table.
        map.set(at.nbuckets, hash.buckets.len() as u32);
        map.set(at.gnu_buckets, hash.chains.as_ptr() as u64);
        map.set(at.gnu_chain_zero, hash.buckets.as_ptr() as u64);
    }
}
