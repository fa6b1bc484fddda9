//! dlsym, dlvsym, dladdr: from names to addresses and back.

use crate::debugger;
use crate::process::{Tables, fixed, read, try_write};
use crate::tls;
use core::ffi::{c_char, c_void};
use ld_rs_loader::arch::ask_resolver;
use ld_rs_loader::debug;
use ld_rs_loader::object::{Object, Role};
use ld_rs_plan::debug::BINDINGS;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::version::Version;
use ld_rs_plan::elf::{LE, Sym};
use ld_rs_plan::fallible::{NoMemory, push};
use linux_raw_sys::auxvec::{AT_EXECFN, AT_NULL};
use object::elf;

/// RTLD_DEFAULT of <dlfcn.h>.
pub const DEFAULT: u64 = 0;
/// RTLD_NEXT of <dlfcn.h>.
pub const NEXT: u64 = u64::MAX;

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// An address.
    Address(u64),
    /// What the IFUNC resolver at this address answers: code of a relocated object.
    Resolver(u64),
    /// A place in the block of a module, another one in each thread.
    Tls {
        /// The module's key.
        module: u64,
        /// Bytes from the block's start.
        offset: u64,
    },
}

impl Target {
    /// What `symbol` of `object` stands for; `None` for TLS of an object that has none.
    #[must_use]
    pub fn of(object: &Object, symbol: &Sym) -> Option<Self> {
        let value = symbol.st_value.get(LE);
        let address = match symbol.st_shndx.get(LE) {
            elf::SHN_ABS => value,
            _ => object.image.address(value),
        };
        Some(match symbol.st_type() {
            elf::STT_TLS => Self::Tls { module: object.module?.key, offset: value },
            elf::STT_GNU_IFUNC if object.is_code(address) => Self::Resolver(address),
            _ => Self::Address(address),
        })
    }

    /// The address in this thread. May run a resolver, which may call anything: not while the tables are borrowed, but
    /// with their lock, or the object might go.
    #[must_use]
    pub fn address(self) -> Option<u64> {
        match self {
            Self::Address(address) => Some(address),
            // SAFETY: `of` saw that it is code of an object, which was relocated before anybody could find it.
            Self::Resolver(resolver) => Some(unsafe { ask_resolver(resolver) }),
            Self::Tls { module, offset } => Some(tls::late::block(module)?.wrapping_add(offset)),
        }
    }
}

/// Finds `name`, in `version` if one is given, through `handle`: the number of the object that defines it, and the symbol.
/// `Err` has what dlerror says of the handle.
pub fn find<'p>(
    process: &'p Tables,
    handle: u64,
    name: &[u8],
    version: Option<&[u8]>,
    caller: u64,
) -> Result<Option<(usize, &'p Sym)>, &'static [u8]> {
    let version = version.map(|name| Version { hash: elf::hash(name), name, hidden: true });
    // A function has one address in the process: in a program of fixed addresses that takes it, that of its PLT entry.
    let query = Query { newest: true, ..Query::new(name, version) };
    // The first weak definition, with LD_DYNAMIC_WEAK.
    let mut weak = None;
    let mut ask = |numbers: &[usize]| {
        for number in numbers.iter().filter(|number| process.is_visible(**number)) {
            let object = &process.objects[*number];
            debug::asked(|| name, object);
            let index = object.dynamic.find(&query);
            let Some(symbol) = index.and_then(|index| object.dynamic.symbols.get(index as usize)) else { continue };
            if fixed().dynamic_weak && symbol.st_bind() == elf::STB_WEAK {
                weak = weak.or(Some((*number, symbol)));
                continue;
            }
            // The whole process has one definition of a unique symbol: the first that was bound to.
            let unique = (symbol.st_bind() == elf::STB_GNU_UNIQUE).then_some(&process.namespace.uniques);
            let first = unique.and_then(|all| all.get(name));
            let first = first.and_then(|binding| Some((binding.place()?.0, process.objects.definition(binding)?.1)));
            let found = first.unwrap_or((*number, symbol));
            // It stays, as if something were bound to it (glibc `do_lookup_unique`).
            if unique.is_some() {
                process.records[found.0].permanent.set(true);
            }
            return Some(found);
        }
        None
    };
    let caller = process.object_at(caller).map(|(number, _)| number);
    let program = process.namespace.program;
    let (asker, found) = match handle {
        DEFAULT => {
            let asker = caller.unwrap_or(program);
            (asker, process.in_scopes(asker, &mut ask))
        }
        NEXT => {
            let asker = caller.ok_or(&b"RTLD_NEXT used in code not dynamically loaded"[..])?;
            (asker, ask(process.behind(asker)))
        }
        handle => match process.number_of(handle as *const _).ok_or(&b"invalid handle"[..])? {
            number if number == program => (number, ask(&process.namespace.scope)),
            number => (number, ask(&process.records[number].closure)),
        },
    };
    let found = found.or(weak);
    if let Some((number, _)) = found.filter(|_| debug::on(BINDINGS)) {
        debug::found(&process.objects[asker], &process.objects[number], name, version.map(|version| version.name));
    }
    Ok(found)
}

/// What RTLD_DEFAULT found for `caller` stays as long as `caller`, as if a relocation of it had found it:
/// nobody has a handle for it that could be closed too early. Where there is no memory to remember that, it stays for good.
pub fn hold(process: &Tables, caller: usize, found: usize) {
    let records = &process.records;
    if caller == found || records[found].permanent.get() {
        return;
    }
    if records[caller].permanent.get() {
        records[found].permanent.set(true);
    } else if !process.objects[caller].needed.contains(&found) && !records[caller].bound_to.borrow().contains(&found) {
        match push(&mut *records[caller].bound_to.borrow_mut(), found) {
            Ok(()) => records[found].hold(),
            Err(NoMemory) => records[found].permanent.set(true),
        }
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

/// The path by which the program was started, under a libc that tells of it.
pub fn program_path(process: &Tables) -> Option<*const c_char> {
    process.namespace.rules().program_has_path.then_some(())?;
    // SAFETY: the auxiliary vector, up to AT_NULL, as the kernel wrote it and `start` completed it.
    let entries = (0..).map(|at| unsafe { fixed().vectors.auxv.cast::<[u64; 2]>().add(at).read() });
    let path =
        entries.take_while(|entry| entry[0] != u64::from(AT_NULL)).find(|entry| entry[0] == u64::from(AT_EXECFN));
    Some(path?[1] as *const c_char)
}

/// Fills `info` for `address`; the object's number and the symbol, or `None` if no object holds it.
///
/// # Safety
/// `info` is valid for a store.
pub unsafe fn describe(process: &Tables, address: u64, info: *mut Info) -> Option<(usize, Option<&Sym>)> {
    let (number, object) = process.object_at(address)?;
    let symbol = object.nearest_symbol(address);
    let name = symbol.and_then(|symbol| object.dynamic.symbol_name(symbol));
    let file = match object.role {
        Role::Program => program_path(process).unwrap_or_else(|| {
            // SAFETY: argv[0] of the program.
            unsafe { *(fixed().vectors.argv as *const *const c_char) }
        }),
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
pub unsafe fn info(handle: u64, request: i32, answer: *mut c_void) -> Result<i32, &'static [u8]> {
    const INVALID: &[u8] = b"invalid handle";
    if matches!(request, request::SERINFO | request::SERINFOSIZE | request::ORIGIN) {
        let tables = &mut *try_write().ok_or(&b"dlinfo called by a signal handler"[..])?;
        if !tables.ensure_memory(0) {
            return Err(super::NO_MEMORY);
        }
        let number = tables.number_of(handle as *const _).ok_or(INVALID)?;
        if request == request::ORIGIN {
            let origin = tables.namespace.search.directory_of(Some(&tables.objects[number])).unwrap_or_default();
            // SAFETY: the caller passes room for a path.
            unsafe {
                answer.cast::<u8>().copy_from_nonoverlapping(origin.as_ptr(), origin.len());
                answer.cast::<u8>().add(origin.len()).write(0);
            }
            return Ok(0);
        }
        let paths = tables.namespace.search.paths_for(&tables.objects, number);
        // SAFETY: the caller passes a Dl_serinfo, of the size told before for SERINFO.
        unsafe { serinfo(&paths, answer.cast(), request == request::SERINFO) };
        return Ok(0);
    }
    let tables = read();
    let object = &tables.objects[tables.number_of(handle as *const _).ok_or(INVALID)?];
    let module = object.module;
    let word = match request {
        request::LMID => 0,
        request::LINKMAP => handle,
        request::TLS_MODID => module.map_or(0, |module| module.id),
        request::TLS_DATA => module.and_then(|module| tls::late::block(module.key)).unwrap_or(0),
        request::PHDR => object.phdrs().0,
        _ => return Err(b"unsupported dlinfo request"),
    };
    // SAFETY: the caller passes a place for a word.
    unsafe { answer.cast::<u64>().write(word) };
    Ok(if request == request::PHDR { object.phdrs().1.into() } else { 0 })
}

/// `Dl_serinfo`: size in bytes, number of paths, then {path, flags} for each and the paths themselves.
/// A call without `fill` tells the size only.
///
/// # Safety
/// `answer` has two words, or as many bytes as its own first word says.
unsafe fn serinfo(paths: &[alloc::vec::Vec<u8>], answer: *mut u8, fill: bool) {
    const HEAD: usize = 16;
    const ENTRY: usize = 16;
    let texts: usize = paths.iter().map(|path| path.len() + 1).sum();
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
        for (index, path) in paths.iter().enumerate().filter(|_| fill) {
            let entry = answer.add(HEAD + index * ENTRY);
            entry.cast::<*mut u8>().write(text);
            entry.add(8).cast::<u32>().write(0); // dlinfo(3): unused
            text.copy_from_nonoverlapping(path.as_ptr(), path.len());
            text.add(path.len()).write(0);
            text = text.add(path.len() + 1);
        }
    }
}
