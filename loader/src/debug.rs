//! LD_DEBUG: what the loader is doing, told while it does it, in glibc's format.
//!
//! Off, each place that could tell something costs one test of a word that never changes. Lines are
//! collected and written one by one: a program that dies has said all it did. The file of
//! LD_DEBUG_OUTPUT stays open after hand-over, for dlopen.

use crate::object::{Module, Object, Objects};
use crate::{names::Names, page, sys};
use alloc::{boxed::Box, format, string::String, vec, vec::Vec};
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_plan::debug::*;
use ld_rs_plan::elf::dynamic::Filtee;
use ld_rs_plan::facts::{Facts, Role};
use ld_rs_plan::observe::{Observer, Observers, TakenIn};
use ld_rs_plan::reloc::Class;
use ld_rs_plan::resolve::{Binding, OfObject};
use ld_rs_plan::{error::Text, places::Place, tls::Signed};
use object::elf;
use rustix::fd::IntoRawFd;

static MASK: AtomicU32 = AtomicU32::new(0);
/// Where lines go.
static OUTPUT: AtomicU32 = AtomicU32::new(2);

/// Whether any of `categories` is wanted.
#[inline]
#[must_use]
pub fn on(categories: Mask) -> bool {
    MASK.load(Ordering::Relaxed) & categories != 0
}

/// One line; written with the process's number in front.
#[cold]
pub fn line(text: fmt::Arguments<'_>) {
    page::line(format_args!("{:>10}:\t{text}", sys::process_id())).write(OUTPUT.load(Ordering::Relaxed));
}

/// One line, if one of `categories` is wanted.
fn tell(categories: Mask, text: fmt::Arguments<'_>) {
    if on(categories) {
        line(text);
    }
}

/// A line with nothing on it, as glibc sets off what belongs together.
#[cold]
pub fn gap() {
    line(format_args!(""));
}

/// Reads LD_DEBUG and LD_DEBUG_OUTPUT. `help` ends the process.
pub fn start(value: &[u8], output: Option<&[u8]>) {
    let (mask, unknown) = parse(value);
    for word in unknown {
        page::line(format_args!("warning: debug option `{}' unknown; try LD_DEBUG=help", Text(word))).write(2);
    }
    if mask & HELP != 0 {
        let mut page = page::line(format_args!("Valid options for the LD_DEBUG environment variable are:\n"));
        for (name, _, meaning) in CATEGORIES {
            let _ = writeln!(page, "  {name:<12}{meaning}");
        }
        page.bytes(b"\nLD_DEBUG_OUTPUT names a file for the text; the process's number is added to its name.\n");
        page.exit(1, 0)
    }
    MASK.store(mask, Ordering::Relaxed);
    if let Some(path) = output.filter(|_| mask != 0)
        && let Some(file) = sys::append_to(&[path, format!(".{}", sys::process_id()).as_bytes()].concat())
    {
        OUTPUT.store(file.into_raw_fd().cast_unsigned(), Ordering::Relaxed);
    }
}

/// The observer of discovery, if `libs` or `files` are wanted. A box of nothing takes no memory.
#[must_use]
pub fn observers<'a>() -> Observers<'a> {
    Observers(if on(LIBS | FILES) { vec![Box::leak(Box::new(DiscoveryLines))] } else { Vec::new() })
}

/// `libs` and `files`: what discovery does.
struct DiscoveryLines;

impl Observer for DiscoveryLines {
    fn searching(&mut self, name: &[u8]) {
        tell(LIBS, format_args!("find library={} [0]; searching", Text(name)));
    }

    fn filtee(&mut self, name: &[u8], of: &[u8], filtee: Filtee) {
        let kind = if filtee == Filtee::Auxiliary { "auxiliary" } else { "filtered" };
        tell(LIBS, format_args!("load {kind} object={} requested by file={}", Text(name), Text(of)));
    }

    fn list(&mut self, directories: &[u8], place: Place, of: &[u8]) {
        let (paths, of) = (Text(directories), Text(of));
        match place {
            Place::Cache => tell(LIBS, format_args!(" search cache={paths}")),
            Place::Rpath(_) => tell(LIBS, format_args!(" search path={paths}\t\t(RPATH from file {of})")),
            Place::Runpath(_) => tell(LIBS, format_args!(" search path={paths}\t\t(RUNPATH from file {of})")),
            Place::LibraryPath => tell(LIBS, format_args!(" search path={paths}\t\t(LD_LIBRARY_PATH)")),
            _ => tell(LIBS, format_args!(" search path={paths}\t\t(system search path)")),
        }
    }

    fn trying(&mut self, path: &[u8]) {
        tell(LIBS, format_args!("  trying file={}", Text(path)));
    }

    fn taken_in(&mut self, object: &TakenIn<'_>) {
        let (name, headers) = (Text(object.name), object.headers);
        if let Some(requester) = object.requester {
            let asks = if object.by_dlopen { "dynamically loaded" } else { "needed" };
            tell(LIBS, format_args!(""));
            tell(FILES, format_args!(""));
            tell(FILES, format_args!("file={name} [0];  {asks} by {} [0]", Text(requester)));
        }
        if !on(FILES) {
            return;
        }
        line(format_args!("file={name} [0];  generating link map"));
        let at = |vaddr: u64| object.bias.wrapping_add(vaddr);
        let (dynamic, base) = (at(headers.dynamic.map_or(0, |range| range.vaddr)), at(headers.span.vaddr));
        let size = headers.segments.last().map_or(0, |last| last.memory.end().wrapping_sub(headers.span.vaddr));
        line(format_args!("  dynamic: 0x{dynamic:016x}  base: 0x{base:016x}   size: 0x{size:016x}"));
        let (entry, phdr, phnum) = (at(headers.ident.entry), at(headers.phdrs.unwrap_or(0)), headers.ident.phnum);
        line(format_args!("    entry: 0x{entry:016x}  phdr: 0x{phdr:016x}  phnum:   {phnum:>16}"));
        gap();
    }
}

/// `files`: an object was built for musl, whose libc it needs as `name`.
#[cold]
pub fn other_libc(object: &Object, name: &[u8]) {
    let (file, name) = (Text(&object.name), Text(name));
    tell(FILES, format_args!("file={file} [0];  built for musl: {name} means the program's libc"));
}

/// `files`: what an object asks for that makes the process easier to attack.
#[cold]
pub fn weaknesses(object: &Object) {
    for (what, _) in object.weaknesses().filter(|_| on(FILES)) {
        line(format_args!("file={} [0];  has {what}", Text(&object.name)));
    }
}

/// `versions`: what object `number` needs of others.
#[cold]
pub fn versions(objects: &Objects, names: &Names, number: usize) {
    let object = &objects[number];
    for need in object.dynamic.versions.needs.iter().filter(|_| on(VERSIONS)) {
        if let Some(provider) = names.by_name(need.file) {
            let (version, file) = (Text(need.version.name), Text(&objects[provider].name));
            let by = Text(&object.name);
            line(format_args!("checking for version `{version}' in file {file} [0] required by file {by} [0]"));
        }
    }
}

/// `scopes`: where the references of `numbers` are looked up.
#[cold]
pub fn scopes(objects: &Objects, numbers: &[usize], parts: [&[usize]; 2]) {
    if !on(SCOPES) {
        return;
    }
    gap();
    line(format_args!("Initial object scopes"));
    for number in numbers {
        line(format_args!("object={} [0]", Text(&objects[*number].name)));
        for (at, part) in parts.iter().filter(|part| !part.is_empty()).enumerate() {
            let mut names = Vec::new();
            for member in *part {
                names.push(b' ');
                names.extend_from_slice(&objects[*member].name);
            }
            line(format_args!(" scope {at}:{}", Text(&names)));
        }
        gap();
    }
}

/// `symbols` and `bindings`: where each reference of an object was looked up and what was found.
#[cold]
pub fn bound(objects: &Objects, bindings: OfObject<'_>, parts: [&[usize]; 2]) {
    if !on(SYMBOLS | BINDINGS) {
        return;
    }
    let object = &objects[bindings.object];
    let dynamic = &object.dynamic;
    // With DT_SYMBOLIC the object itself comes first.
    let own_scope = if dynamic.symbolic { &[bindings.object][..] } else { &[] };
    let mut last = None;
    for (_, symbolic) in bindings.pairs(dynamic) {
        let Some((index, class, binding)) = symbolic else { continue };
        if matches!(binding.binding(), Binding::WhenCalled { .. }) {
            continue;
        }
        let found = binding.place().map(|(found, _)| found);
        let Some(symbol) = dynamic.symbols.get(index as usize) else { continue };
        // What an object binds to itself is looked up nowhere.
        if symbol.st_bind() == elf::STB_LOCAL || symbol.st_visibility() != elf::STV_DEFAULT {
            continue;
        }
        // glibc remembers the last symbol and how it was looked up; a copy's is not the program's own.
        let kind = match class {
            Class::Copy => Some(true),
            Class::Address => None,
            _ => Some(false),
        };
        if last.replace((index, kind)) == Some((index, kind)) {
            continue;
        }
        let scope = own_scope.iter().chain(parts.into_iter().flatten()).filter(|_| on(SYMBOLS));
        for asked in scope.filter(|asked| kind != Some(true) || objects[**asked].role != Role::Program) {
            self::asked(|| name_of(object, index), &objects[*asked]);
            if Some(*asked) == found {
                break;
            }
        }
        if let Some(found) = found.and_then(|found| objects.list.get(found)) {
            self::binding(object, found, index);
        }
    }
}

/// `symbols`: an object is asked for a symbol.
#[inline]
pub fn asked<'a>(symbol: impl FnOnce() -> &'a [u8], object: &Facts<'_>) {
    if on(SYMBOLS) {
        line(format_args!("symbol={};  lookup in file={} [0]", Text(symbol()), Text(&object.name)));
    }
}

/// The name of symbol `index` of `object`.
#[must_use]
pub fn name_of<'a>(object: &Facts<'a>, index: u32) -> &'a [u8] {
    let dynamic = &object.dynamic;
    dynamic.symbols.get(index as usize).and_then(|symbol| dynamic.symbol_name(symbol)).unwrap_or_default()
}

/// `bindings`: symbol `index` of `object` was found in `found`.
pub fn binding(object: &Object, found: &Object, index: u32) {
    if on(BINDINGS) {
        let version = object.dynamic.versions.wanted(index).map(|version| version.name);
        self::found(object, found, name_of(object, index), version);
    }
}

/// `bindings`: `symbol`, in `version` if one is asked for, was found on behalf of `object` in `found`.
#[cold]
pub fn found(object: &Object, found: &Object, symbol: &[u8], version: Option<&[u8]>) {
    let (from, to, name) = (Text(&object.name), Text(&found.name), Text(symbol));
    let version = version.map(|version| format!(" [{}]", Text(version))).unwrap_or_default();
    tell(BINDINGS, format_args!("binding file {from} [0] to {to} [0]: normal symbol `{name}'{version}"));
}

/// `reloc`: an object is relocated.
pub fn relocating(object: &Object) {
    if on(RELOC) {
        gap();
        line(format_args!("relocation processing: {}", Text(&object.name)));
    }
}

/// `tls`: modules and where they lie.
#[cold]
pub fn tls(objects: &Objects, numbers: &[usize]) {
    for object in numbers.iter().filter(|_| on(TLS)).map(|number| &objects[*number]) {
        let Some(module) = object.module else { continue };
        let place = tls_place(&module);
        line(format_args!("tls module {} of {} [0]: {place}", module.id, Text(&object.name)));
    }
}

/// Size, alignment and place of a TLS module.
pub(crate) fn tls_place(Module { distance, tls, .. }: &Module) -> String {
    let place = distance.map_or("anywhere".into(), |distance| format!("at thread pointer {}", Signed(distance)));
    format!("{} bytes, alignment {}, {place}", tls.memsz, tls.align)
}

/// A call of functions of an object, or a step of the hand-over.
pub fn calling(what: &str, name: &[u8], after: &str) {
    if on(CALLS) {
        gap();
        line(format_args!("{what}: {}{after}", Text(name)));
        gap();
    }
}
