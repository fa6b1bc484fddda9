//! dlsym, dlvsym, dladdr: from names to addresses and back.

use super::nearest_symbol;
use crate::debugger;
use crate::process::Process;
use crate::tls;
use core::ffi::{c_char, c_void};
use ld_rs_loader::image::Image;
use ld_rs_loader::object::{Object, Role};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::version::Version;
use ld_rs_plan::elf::{LE, Sym};
use object::elf;

/// RTLD_DEFAULT of <dlfcn.h>.
pub const DEFAULT: u64 = 0;
/// RTLD_NEXT of <dlfcn.h>.
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
        elf::STT_TLS => Some(tls::late::block(object.module?.id)?.wrapping_add(value)),
        // SAFETY: code of a relocated object.
        elf::STT_GNU_IFUNC if object.is_code(address) => Some(unsafe { Image::ask_resolver(address) }),
        _ => Some(address),
    }
}

/// What was given for a handle is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoHandle;

/// Finds `name`, in `version` if one is given, through `handle`: the number of the object that defines it, and the symbol.
/// `Err` for a handle that is none.
pub fn find<'p>(
    process: &'p Process,
    handle: u64,
    name: &[u8],
    version: Option<&[u8]>,
    caller: u64,
) -> Result<Option<(usize, &'p Sym)>, NoHandle> {
    let version = version.map(|name| Version { hash: elf::hash(name), name, hidden: true });
    let query = Query { accepts_plt: false, newest: true, ..Query::new(name, version) };
    let ask = |numbers: &[usize]| {
        numbers.iter().find_map(|number| {
            let object = &process.objects.list[*number];
            let index = object.dynamic.find(&query)?;
            let symbol = object.dynamic.symbols.get(index as usize)?;
            // The whole process has one definition of a unique symbol: the first that was bound to.
            let unique = (symbol.st_bind() == elf::STB_GNU_UNIQUE).then_some(&process.uniques);
            let first = unique.and_then(|all| all.get(name));
            let first = first.and_then(|binding| Some((binding.place()?.0, process.objects.definition(binding)?.1)));
            Some(first.unwrap_or((*number, symbol)))
        })
    };
    let caller = || process.object_at(caller).map_or(0, |(number, _)| number);
    // The scope of an object that is not the program's: that of what was opened when it came.
    let local = |number: usize| process.records[process.records[number].root].closure.as_slice();
    Ok(match handle {
        DEFAULT => ask(&process.scope).or_else(|| ask(local(caller()))),
        NEXT => {
            // Also of an object opened RTLD_GLOBAL: in the program's scope it would stand behind everything.
            let number = caller();
            let scope = if process.records[number].of_start { process.scope.as_slice() } else { local(number) };
            let at = scope.iter().position(|member| *member == number);
            at.and_then(|at| ask(scope.get(at + 1..).unwrap_or_default()))
        }
        handle => {
            let number = process.number_of(handle as *const _).ok_or(NoHandle)?;
            match process.objects.list[number].role {
                Role::Program => ask(&process.scope),
                _ => ask(&process.records[number].closure),
            }
        }
    })
}

/// What RTLD_DEFAULT found for `caller` stays as long as `caller`, as if a relocation of it had found it:
/// nobody has a handle for it that could be closed too early. Where there is no memory to remember that, it stays for good.
pub fn hold(process: &mut Process, caller: usize, found: usize) {
    if caller == found || process.records[found].permanent {
        return;
    }
    if process.records[caller].permanent {
        process.records[found].permanent = true;
    } else if !process.objects.list[caller].needed.contains(&found)
        && !process.records[caller].bound_to.contains(&found)
    {
        if process.records[caller].bound_to.try_reserve(1).is_err() {
            process.records[found].permanent = true;
            return;
        }
        process.records[caller].bound_to.push(found);
        process.records[found].incoming += 1;
    }
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
pub unsafe fn describe(process: &Process, address: u64, info: *mut Info) -> Option<(usize, Option<&Sym>)> {
    let (number, object) = process.object_at(address)?;
    let symbol = nearest_symbol(object, address);
    let name = symbol.and_then(|symbol| object.dynamic.symbol_name(symbol));
    let file = match object.role {
        // SAFETY: argv[0] of the program.
        Role::Program => unsafe { *(process.vectors.argv as *const *const c_char) },
        _ => debugger::name_of(process.records[number].link_map),
    };
    // SAFETY: the caller's promise; symbol names are NUL-terminated in DT_STRTAB.
    unsafe {
        info.write(Info {
            file,
            base: object.image.address(object.headers.span.vaddr & !4095),
            symbol: name.map_or(core::ptr::null(), |name| name.as_ptr().cast()),
            address: symbol.map_or(0, |symbol| object.image.address(symbol.st_value.get(LE))),
        });
    }
    Some((number, symbol))
}

/// Requests of dlinfo (<dlfcn.h>).
mod request {
    pub const LMID: i32 = 1;
    pub const LINKMAP: i32 = 2;
    pub const SERINFO: i32 = 4;
    pub const SERINFOSIZE: i32 = 5;
    pub const ORIGIN: i32 = 6;
    pub const TLS_MODID: i32 = 9;
    pub const TLS_DATA: i32 = 10;
    pub const PHDR: i32 = 11;
}

/// dlinfo: stores the answer and returns what dlinfo returns, or the text for dlerror.
///
/// # Safety
/// `answer` is what the request asks for in <dlfcn.h>.
pub unsafe fn info(
    process: &mut Process,
    handle: u64,
    request: i32,
    answer: *mut c_void,
) -> Result<i32, &'static [u8]> {
    let number = process.number_of(handle as *const _).ok_or(&b"invalid handle"[..])?;
    if !process.ensure_memory(0) {
        return Err(super::NO_MEMORY);
    }
    let object = &process.objects.list[number];
    let module = object.module.map(|module| module.id);
    let word = match request {
        request::LMID => 0,
        request::LINKMAP => handle,
        request::TLS_MODID => module.unwrap_or(0),
        request::TLS_DATA => module.and_then(tls::late::block).unwrap_or(0),
        request::PHDR => {
            let phdrs = object.headers.phdrs.map_or(0, |phdrs| object.image.address(phdrs));
            // SAFETY: the caller passes a place for a pointer.
            unsafe { answer.cast::<u64>().write(phdrs) };
            return Ok(object.headers.ident.phnum.into());
        }
        request::SERINFO | request::SERINFOSIZE => {
            let paths = process.search.paths_for(&process.objects, number);
            // SAFETY: the caller passes a Dl_serinfo, of the size told before for SERINFO.
            unsafe { serinfo(&paths, answer.cast(), request == request::SERINFO) };
            return Ok(0);
        }
        request::ORIGIN => {
            let origin = ld_rs_plan::search::directory_of(&object.name);
            // SAFETY: the caller passes room for a path.
            unsafe {
                answer.cast::<u8>().copy_from_nonoverlapping(origin.as_ptr(), origin.len());
                answer.cast::<u8>().add(origin.len()).write(0);
            }
            return Ok(0);
        }
        _ => return Err(b"unsupported dlinfo request"),
    };
    // SAFETY: the caller passes a place for a word.
    unsafe { answer.cast::<u64>().write(word) };
    Ok(0)
}

/// `Dl_serinfo`: size in bytes, number of paths, then {path, flags} for each and the paths themselves.
/// A call without `fill` tells the size only.
///
/// # Safety
/// `answer` has two words, or as many bytes as its own first word says.
unsafe fn serinfo(paths: &[(alloc::vec::Vec<u8>, u32)], answer: *mut u8, fill: bool) {
    const HEAD: usize = 16;
    const ENTRY: usize = 16;
    let texts: usize = paths.iter().map(|(path, _)| path.len() + 1).sum();
    let size = HEAD + paths.len() * ENTRY + texts;
    // SAFETY: the caller's promise.
    unsafe {
        let room = if fill { *answer.cast::<usize>() } else { HEAD };
        if fill && room < size {
            return;
        }
        answer.cast::<usize>().write(size);
        answer.add(8).cast::<u32>().write(paths.len() as u32);
        let mut text = answer.add(HEAD + paths.len() * ENTRY);
        for (index, (path, flags)) in paths.iter().enumerate().filter(|_| fill) {
            let entry = answer.add(HEAD + index * ENTRY);
            entry.cast::<*mut u8>().write(text);
            entry.add(8).cast::<u32>().write(*flags);
            text.copy_from_nonoverlapping(path.as_ptr(), path.len());
            text.add(path.len()).write(0);
            text = text.add(path.len() + 1);
        }
    }
}
