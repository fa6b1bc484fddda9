//! Resolution: for each symbolic relocation the object and symbol it binds to, as plain data.
//!
//! A step of its own between mapping and relocation, with a result that a faster engine can make
//! and a file can store. This engine is the ordinary scope walk with a memo per symbol; it defines
//! what is right.

use crate::object::{Object, Objects};
use alloc::vec::Vec;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Rela, Sym};
use ld_rs_plan::error::{Cause, Error, Malformed};
use ld_rs_plan::reloc::{self, Class};
use object::elf;

/// What one symbolic relocation binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Number of the defining object, or one of the two marks below.
    pub object: u32,
    /// Index of the symbol in that object's table; in the referring object's for the marks.
    pub symbol: u32,
}

/// An undefined weak reference: its value is 0.
pub const WEAK: u32 = u32::MAX;
/// An undefined function that is an error only when it is called.
pub const WHEN_CALLED: u32 = u32::MAX - 1;

/// The bindings of one object: one entry a symbolic relocation, DT_RELA's before DT_JMPREL's.
pub type Bindings = Vec<Binding>;

/// Whether the relocation names a symbol that a binding is made for.
#[must_use]
pub fn symbol_of(rela: &Rela) -> Option<(u32, Class)> {
    let kind = rela.r_type(LE, false);
    let class = reloc::class(kind)?;
    let symbol = rela.r_sym(LE, false);
    (symbol != 0 && !matches!(class, Class::None | Class::Relative | Class::Irelative)).then_some((symbol, class))
}

/// How references of different classes are told apart in the memo.
const WAYS: usize = 3;

fn way(class: Class) -> usize {
    match class {
        Class::Address => 0,
        Class::Copy => 2,
        _ => 1, // calls and TLS never bind to a PLT entry
    }
}

/// Where references are looked up.
pub struct Scope<'a> {
    /// Object numbers, in parts that are asked one after the other: the program's scope, then that of
    /// the object opened (or the reverse, RTLD_DEEPBIND).
    pub parts: [&'a [usize]; 2],
    /// The first definition of every STB_GNU_UNIQUE symbol that was bound to: all references of the
    /// process bind to it, whatever their scope.
    pub uniques: &'a mut Vec<(Vec<u8>, Binding)>,
}

/// Resolves the relocations of object `number` in `scope`. `lazy` says that a missing function is
/// an error only when called. All unresolved symbols are reported.
pub fn resolve(
    objects: &Objects,
    number: usize,
    scope: &mut Scope<'_>,
    lazy: bool,
    errors: &mut Vec<Error>,
) -> Bindings {
    let object = &objects.list[number];
    let lazy = lazy && !object.dynamic.bind_now;
    let mut memo: [Vec<Option<Binding>>; WAYS] = [const { Vec::new() }; WAYS];
    let symbolic = object.dynamic.rela.iter().chain(object.dynamic.plt).filter_map(symbol_of);
    let mut bindings = Vec::with_capacity(symbolic.clone().count());
    for (index, class) in symbolic {
        let memo = &mut memo[way(class)];
        let known = memo.get(index as usize).copied().flatten();
        let binding = known.unwrap_or_else(|| {
            let found = bind(objects, number, scope, index, class);
            let binding = found.unwrap_or_else(|cause| {
                if lazy && class == Class::Call && matches!(cause, Cause::UndefinedSymbol { .. }) {
                    return Binding { object: WHEN_CALLED, symbol: index };
                }
                errors.push(Error::new(&object.name, cause));
                Binding { object: WEAK, symbol: index }
            });
            if memo.len() <= index as usize {
                // Grows to the largest index met, which `bind` has checked against the table.
                memo.resize((index as usize + 1).min(object.dynamic.symbols.len().max(1)), None);
            }
            if let Some(slot) = memo.get_mut(index as usize) {
                *slot = Some(binding);
            }
            binding
        });
        bindings.push(binding);
    }
    bindings
}

/// Finds the definition for symbol `index` of object `number`.
fn bind(objects: &Objects, number: usize, scope: &mut Scope<'_>, index: u32, class: Class) -> Result<Binding, Cause> {
    let object = &objects.list[number];
    let symbol = object.dynamic.symbols.get(index as usize).ok_or(Malformed::new(
        "symbol index of a relocation",
        index.into(),
        "a symbol of DT_SYMTAB",
    ))?;
    let own = Binding { object: number as u32, symbol: index };
    let name = object.dynamic.symbol_name(symbol).ok_or(Malformed::new(
        "st_name",
        symbol.st_name.get(LE).into(),
        "an offset inside DT_STRTAB",
    ))?;
    let defined = symbol.st_shndx.get(LE) != elf::SHN_UNDEF;
    if binds_to_itself(symbol, defined) && class != Class::Copy {
        return Ok(own);
    }
    let version = object.dynamic.versions.wanted(index);
    let query = Query { accepts_plt: class == Class::Address, ..Query::new(name, version) };
    // DT_SYMBOLIC: the object itself comes first. A COPY is of another object's data.
    let first = (object.dynamic.symbolic && class != Class::Copy).then_some(number);
    let all = scope.parts.into_iter().flatten().copied();
    let others = all.filter(|other| class != Class::Copy || *other != number);
    for candidate in first.into_iter().chain(others) {
        if let Some(found) = objects.list[candidate].dynamic.find(&query) {
            let binding = Binding { object: candidate as u32, symbol: found };
            let symbol = objects.list[candidate].dynamic.symbols.get(found as usize);
            return Ok(match symbol.is_some_and(|symbol| symbol.st_bind() == elf::STB_GNU_UNIQUE) {
                true => scope.unique(name, binding),
                false => binding,
            });
        }
    }
    if symbol.st_bind() == elf::STB_WEAK {
        return Ok(Binding { object: WEAK, symbol: index });
    }
    Err(Cause::UndefinedSymbol { name: name.to_vec(), version: version.map(|version| version.name.to_vec()) })
}

impl Scope<'_> {
    /// The process's one binding for a unique symbol: the first, which `binding` becomes if it is new.
    fn unique(&mut self, name: &[u8], binding: Binding) -> Binding {
        if let Some((_, first)) = self.uniques.iter().find(|(known, _)| known == name) {
            return *first;
        }
        self.uniques.push((name.to_vec(), binding));
        binding
    }
}

/// A local symbol means itself wherever it stands; a protected or hidden one if it is defined.
fn binds_to_itself(symbol: &Sym, defined: bool) -> bool {
    symbol.st_bind() == elf::STB_LOCAL || defined && symbol.st_visibility() != elf::STV_DEFAULT
}

/// What the version needs of object `number` say about the objects loaded: errors, then warnings.
pub fn check_versions(objects: &Objects, number: usize, errors: &mut Vec<Error>, warnings: &mut Vec<Error>) {
    let object = &objects.list[number];
    for need in &object.dynamic.versions.needs {
        let Some(provider) = objects.by_name(need.file).map(|other| &objects.list[other]) else {
            continue; // not loaded: reported where it was needed
        };
        // ld-rs stands for every version of the loader's own symbols.
        if provider.role == crate::object::Role::Loader {
            continue;
        }
        let defined = &provider.dynamic.versions.defined;
        if defined.is_empty() {
            let warning = Error::new(&provider.name, Cause::NoVersions { required_by: object.name.clone() });
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        } else if !defined.iter().any(|version| version.name == need.version.name) {
            let (version, required_by) = (need.version.name.to_vec(), object.name.clone());
            if need.weak {
                warnings.push(Error::new(&provider.name, Cause::WeakVersion { version, required_by }));
                continue;
            }
            let cause = Cause::MissingVersion { version, required_by };
            errors.push(Error::new(&provider.name, cause));
        }
    }
}

/// The address that `binding` stands for, and the symbol. `None` for an undefined weak one.
#[must_use]
pub fn definition(objects: &Objects, binding: Binding) -> Option<(&Object, &Sym)> {
    let object = objects.list.get(binding.object as usize)?;
    Some((object, object.dynamic.symbols.get(binding.symbol as usize)?))
}

/// Finds `name` in `scope` as an ordinary reference would: its defining object and symbol.
#[must_use]
pub fn find<'a>(objects: &'a Objects, scope: &[usize], name: &[u8]) -> Option<(&'a Object, &'a Sym)> {
    let query = Query { accepts_plt: false, ..Query::new(name, None) };
    scope.iter().find_map(|number| {
        let object = objects.list.get(*number)?;
        Some((object, object.dynamic.symbols.get(object.dynamic.find(&query)? as usize)?))
    })
}
