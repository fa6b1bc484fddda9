//! dlsym, dlvsym, dladdr: from names to addresses and back.

use super::nearest_symbol;
use crate::process::Process;
use core::ffi::c_char;
use ld_rs_loader::image::Image;
use ld_rs_loader::object::{Object, Role};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::version::Version;
use ld_rs_plan::elf::{LE, Sym};
use object::elf;

/// RTLD_DEFAULT and RTLD_NEXT of <dlfcn.h>.
pub const DEFAULT: u64 = 0;
/// See [`DEFAULT`].
pub const NEXT: u64 = u64::MAX;

/// The address that `symbol` of `object` stands for in this thread.
#[must_use]
pub fn address(object: &Object, symbol: &Sym) -> Option<u64> {
    let value = symbol.st_value.get(LE);
    let address = match symbol.st_shndx.get(LE) {
        elf::SHN_ABS => value,
        _ => object.image.address(value),
    };
    match symbol.st_type() {
        // Static TLS: the block is at a fixed distance in every thread.
        elf::STT_TLS => {
            let module = object.module?;
            Some(ld_rs_loader::arch::thread_pointer().wrapping_sub(module.offset).wrapping_add(value))
        }
        // SAFETY: code of a relocated object.
        elf::STT_GNU_IFUNC if object.is_code(address) => Some(unsafe { Image::ask_resolver(address) }),
        _ => Some(address),
    }
}

/// Objects in the order that dlsym asks them, for `handle` and the caller's address. `None` for a
/// handle that is none.
fn order(process: &Process, handle: u64, caller: u64) -> Option<alloc::vec::Vec<usize>> {
    match handle {
        DEFAULT => Some(process.scope.clone()),
        NEXT => {
            let caller = process.object_at(caller).map_or(0, |(number, _)| number);
            let after = process.scope.iter().position(|number| *number == caller)? + 1;
            Some(process.scope.get(after..)?.to_vec())
        }
        handle => {
            let number = process.number_of(handle as *const _)?;
            let mut list = alloc::vec![number];
            if process.objects.list[number].role == Role::Program {
                return Some(process.scope.clone());
            }
            let mut at = 0;
            while let Some(number) = list.get(at).copied() {
                for needed in &process.objects.list[number].needed {
                    if !list.contains(needed) {
                        list.push(*needed);
                    }
                }
                at += 1;
            }
            Some(list)
        }
    }
}

/// Finds `name`, in `version` if one is given, through `handle`.
pub fn find<'p>(
    process: &'p Process,
    handle: u64,
    name: &[u8],
    version: Option<&[u8]>,
    caller: u64,
) -> Option<(&'p Object, &'p Sym)> {
    let version = version.map(|name| Version { hash: elf::hash(name), name, hidden: true });
    let query = Query { accepts_plt: false, ..Query::new(name, version) };
    order(process, handle, caller)?.iter().find_map(|number| {
        let object = &process.objects.list[*number];
        let index = object.dynamic.find(&query)?;
        Some((object, object.dynamic.symbols.get(index as usize)?))
    })
}

/// `Dl_info` of <dlfcn.h>.
#[repr(C)]
pub struct Info {
    file: *const c_char,
    base: u64,
    symbol: *const c_char,
    address: u64,
}

/// Fills `info` for `address`; the object's number and the symbol, or `None` if no object holds it.
///
/// # Safety
/// `info` is valid for a store.
pub unsafe fn describe<'p>(process: &'p Process, address: u64, info: *mut Info) -> Option<(usize, Option<&'p Sym>)> {
    let (number, object) = process.object_at(address)?;
    let symbol = nearest_symbol(object, address);
    let name = symbol.and_then(|symbol| object.dynamic.symbol_name(symbol));
    // SAFETY: a link map of ours: its second word is l_name.
    let file = unsafe { *(process.link_maps[number] as *const *const c_char).add(1) };
    let file = if object.role == Role::Program {
        // SAFETY: argv[0] of the program.
        unsafe { *(process.vectors.argv as *const *const c_char) }
    } else {
        file
    };
    // SAFETY: the caller's promise; symbol names are NUL-terminated in DT_STRTAB.
    unsafe {
        info.write(Info {
            file,
            base: object.image.address(object.headers.span.vaddr),
            symbol: name.map_or(core::ptr::null(), |name| name.as_ptr().cast()),
            address: symbol.map_or(0, |symbol| object.image.address(symbol.st_value.get(LE))),
        });
    }
    Some((number, symbol))
}
