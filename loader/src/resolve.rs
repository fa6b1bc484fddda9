//! Resolution: for each symbolic relocation the object and symbol it binds to, as plain data.
//!
//! A step of its own between mapping and relocation, with a result that can be stored. An [`Engine`]
//! says how. The ordinary scope walk defines what is right; the join must find the same.

use crate::object::{Object, Objects};
use crate::references::{BATCH, Memo, Name, References};
use crate::uniques::{self, Uniques};
use alloc::vec::Vec;
use ld_rs_plan::Bytes;
use ld_rs_plan::elf::header::Range;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Rela, Sym};
use ld_rs_plan::error::{Cause, Error, Malformed};
use ld_rs_plan::map;
use ld_rs_plan::reloc::{self, Class};
use object::elf;

/// What one symbolic relocation binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Number of the defining object, or one of the marks below.
    pub object: u32,
    /// Index of the symbol in that object's table; in the referring object's for WHEN_CALLED.
    pub symbol: u32,
}

/// An undefined weak reference: its value is 0.
pub const WEAK: u32 = u32::MAX;
/// All functions of the object's DT_JMPREL are looked up when they are first called ([`when_called`]): one
/// entry, the last.
pub const POSTPONED: u32 = u32::MAX - 1;
/// An undefined function that is an error only when it is called.
pub const WHEN_CALLED: u32 = u32::MAX - 2;

/// The bindings of objects that were resolved together. Those of one: one entry a symbolic relocation, DT_RELA's
/// before DT_JMPREL's; where the latter wait for the first call, [`POSTPONED`] stands for all of them.
#[derive(Default)]
pub struct Bindings {
    list: Vec<Binding>,
    /// Number of each object, and where its bindings are.
    parts: Vec<(usize, core::ops::Range<usize>)>,
}

impl Bindings {
    /// Objects and their bindings, in load order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &[Binding])> {
        self.parts.iter().map(|(number, part)| (*number, self.list.get(part.clone()).unwrap_or_default()))
    }
}

/// Whether the relocation names a symbol that a binding is made for.
#[inline]
#[must_use]
pub fn symbol_of(rela: &Rela) -> Option<(u32, Class)> {
    let symbol = rela.r_sym(LE, false);
    let class = match rela.r_type(LE, false) {
        elf::R_X86_64_JUMP_SLOT => Class::Call,
        elf::R_X86_64_GLOB_DAT | elf::R_X86_64_64 => Class::Address,
        elf::R_X86_64_RELATIVE => return None,
        kind => reloc::class(kind)?,
    };
    (symbol != 0 && !matches!(class, Class::None | Class::Relative | Class::Irelative)).then_some((symbol, class))
}

/// So many bindings in advance what is needed for one is asked for from memory.
pub(crate) const AHEAD: usize = 16;

/// A reference that the scope is still to be asked for: the symbol is its number in the table.
const OPEN: u32 = u32::MAX - 3;
/// Nothing was found: error, stub or 0.
const MISSING: u32 = u32::MAX - 4;

/// How references are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The walk for few references and a small scope, otherwise the join.
    #[default]
    Adaptive,
    /// References of all objects are gathered in a table ([`crate::references`]), for whose distinct ones each
    /// object of the scope is scanned once.
    Join,
    /// Every reference is looked up where it is met, in one object of the scope after the other.
    Walk,
}

/// Up to so many look-ups in an object the walk costs less than the join's table, whose pages are touched first.
const FEW_LOOKUPS: usize = 1 << 17;

impl Engine {
    /// Whether `references` are walked through a scope of `objects`.
    fn walks(self, references: usize, objects: usize) -> bool {
        match self {
            Engine::Adaptive => references.saturating_mul(objects) <= FEW_LOOKUPS,
            Engine::Join => false,
            Engine::Walk => true,
        }
    }
}

/// Where references are looked up, and how.
pub struct Scope<'a> {
    /// Object numbers, in parts that are asked one after the other: the program's scope, then that of
    /// the object opened (or the reverse, RTLD_DEEPBIND).
    pub parts: [&'a [usize]; 2],
    /// Unique symbols of the whole process.
    pub uniques: &'a mut Uniques,
    /// How references are bound.
    pub engine: Engine,
    /// A missing function is an error only when called.
    pub lazy: bool,
    /// Functions of objects with so many PLT slots, or more, are looked up when they are first called
    /// ([`when_called`]): at start-up, whose objects stay.
    pub postpone: Option<usize>,
}

/// An object with fewer PLT slots has them bound at once: most of its few functions are called, and
/// to bind a function when it is called costs several times as much.
pub const MIN_POSTPONED: usize = 64;

/// Resolves the relocations of the objects `numbers`, in load order, and returns their bindings in
/// that order. All unresolved symbols are reported, in glibc's order: from the last object to the first.
pub fn resolve(objects: &Objects, numbers: &[usize], scope: &mut Scope<'_>, errors: &mut Vec<Error>) -> Bindings {
    // Sized once: tables that grow while they are filled touch twice the pages.
    let mut postponed = Vec::with_capacity(numbers.len());
    let (mut sum, mut most, mut bytes) = (0usize, 0, 0usize);
    for number in numbers {
        let object = &objects.list[*number];
        postponed.push(waits(object, scope));
        let count = match postponed.last() {
            Some(true) => object.dynamic.relative_and_rest().1.len().saturating_add(1),
            _ => object.dynamic.symbolic_estimate(),
        };
        (sum, most) = (sum.saturating_add(count), count.max(most));
        bytes = bytes.saturating_add(object.dynamic.strings.tail(0).len());
    }
    // In one piece, which goes back to the system whole.
    let mut list = Vec::with_capacity(sum);
    let mut parts = Vec::with_capacity(numbers.len());
    let [first, second] = scope.parts;
    let walks = scope.engine.walks(sum, first.len().saturating_add(second.len()));
    let mut references = (!walks).then(|| References::with_capacity(objects, sum, bytes));
    let mut memo = Memo::new(most);
    let mut unique = Vec::with_capacity(numbers.len());
    for (number, postponed) in numbers.iter().zip(postponed) {
        let start = list.len();
        unique.push(collect(objects, (*number, postponed), scope, references.as_mut(), &mut memo, &mut list, errors));
        parts.push((*number, start..list.len()));
    }
    if let Some(references) = &mut references {
        references.join(scope.parts);
    }
    // In the order in which glibc relocates: what is unique is so from the first reference on.
    for ((number, part), unique) in parts.iter().zip(unique).rev() {
        let bindings = &mut list[part.clone()];
        let unique = settle(objects, *number, scope, references.as_ref(), bindings, errors) || unique;
        if unique {
            scope.uniques.unify(objects, *number, bindings);
        }
    }
    Bindings { list, parts }
}

/// The bindings of one object, as far as they are known without the scope; references for the rest. Those of its
/// DT_JMPREL may be postponed. Whether any is to a unique symbol.
fn collect(
    objects: &Objects,
    (number, postponed): (usize, bool),
    scope: &Scope<'_>,
    mut references: Option<&mut References<'_>>,
    memo: &mut Memo,
    bindings: &mut Vec<Binding>,
    errors: &mut Vec<Error>,
) -> bool {
    let mut unique = false;
    let object = &objects.list[number];
    if let Some(references) = &mut references {
        references.begin(number);
    }
    let plt = if postponed { &[] } else { object.dynamic.plt };
    for batch in object.dynamic.relative_and_rest().1.chunks(BATCH).chain(plt.chunks(BATCH)) {
        let mut names = [const { Name::Unknown }; BATCH];
        if let Some(references) = &references {
            references.prepare(number, batch, &mut names, |symbol| memo.has(number, symbol));
        }
        for (rela, name) in batch.iter().zip(&names) {
            let Some((symbol, class)) = symbol_of(rela) else { continue };
            // Calls and TLS never bind to a PLT entry, addresses may; a COPY is of another object's data.
            let way = match class {
                Class::Address => 0,
                Class::Copy => 2,
                _ => 1,
            };
            let binding = match memo.get(number, symbol, way) {
                Some(binding) => binding,
                None => {
                    let references = references.as_deref_mut();
                    let asked = ask(objects, number, scope, references, (symbol, *name), class);
                    let binding = asked.unwrap_or_else(|malformed| {
                        let error = Error::new(&object.name, malformed.into());
                        if !errors.contains(&error) {
                            errors.push(error);
                        }
                        Binding { object: WEAK, symbol }
                    });
                    memo.put(number, symbol, way, binding);
                    unique |= uniques::definition_of(objects, binding).is_some();
                    binding
                }
            };
            bindings.push(binding);
        }
    }
    bindings.extend(postponed.then_some(Binding { object: POSTPONED, symbol: 0 }));
    unique
}

/// Whether the PLT slots of `object` may wait for the first call: all, or none.
fn waits(object: &Object, scope: &Scope<'_>) -> bool {
    let dynamic = &object.dynamic;
    if !scope.lazy || dynamic.bind_now || scope.postpone.is_none_or(|fewest| dynamic.plt.len() < fewest) {
        return false;
    }
    // A TLS descriptor among the slots needs a symbol now.
    waiting_slots(object).is_some_and(|slots| {
        dynamic.plt.iter().all(|rela| match rela.r_type(LE, false) {
            elf::R_X86_64_JUMP_SLOT => rela.r_sym(LE, false) != 0 && slots.holds(rela.r_offset.get(LE), 8),
            elf::R_X86_64_IRELATIVE => true,
            _ => false,
        })
    })
}

/// Where PLT slots can wait: behind DT_PLTGOT, in a segment that stays writable.
fn waiting_slots(object: &Object) -> Option<Range> {
    let dynamic = &object.dynamic;
    let (_, got) = dynamic.entries.iter().find(|(tag, _)| *tag == elf::DT_PLTGOT.0)?;
    let segment = object.headers.segment_of(*got, 24).filter(|segment| segment.read && segment.write)?;
    // The first three words, ours, may lie in RELRO; the slots after them must not.
    let vaddr = map::relro(&object.headers).map_or(0, |relro| relro.end()).max(*got);
    Some(Range { vaddr, size: segment.memory.end().checked_sub(vaddr)? })
}

/// What the PLT slot with symbol `index` of `object` binds to when it is called: as `ask` and the
/// scope walk say. `scope` is that of the program.
#[must_use]
pub fn when_called<'a>(
    object: &'a Object,
    index: u32,
    scope: impl Iterator<Item = &'a Object>,
) -> Option<(&'a Object, &'a Sym)> {
    let dynamic = &object.dynamic;
    let symbol = dynamic.symbols.get(index as usize)?;
    if binds_to_itself(symbol, symbol.st_shndx.get(LE) != elf::SHN_UNDEF) {
        return Some((object, symbol));
    }
    let (name, hash) = dynamic.strings.hashed(symbol.st_name.get(LE))?;
    let query = Query { accepts_plt: false, ..Query::with_hash(name, hash, dynamic.versions.wanted(index)) };
    let first = dynamic.symbolic.then_some(object);
    first.into_iter().chain(scope).find_map(|definer| {
        let found = definer.dynamic.find(&query)?;
        Some((definer, definer.dynamic.symbols.get(found as usize)?))
    })
}

/// What symbol `index`, whose name may be known, of object `number` binds to: as the object itself can tell, or else
/// the scope; where there is a table of references, it is the reference that the scope is asked for.
fn ask(
    objects: &Objects,
    number: usize,
    scope: &Scope<'_>,
    references: Option<&mut References<'_>>,
    (index, name): (u32, Name<'_>),
    class: Class,
) -> Result<Binding, Malformed> {
    let dynamic = &objects.list[number].dynamic;
    let Some(symbol) = dynamic.symbols.get(index as usize) else {
        return Err(Malformed::new("symbol index of a relocation", index.into(), "a symbol of DT_SYMTAB"));
    };
    let own = |symbol| Binding { object: number as u32, symbol };
    let defined = symbol.st_shndx.get(LE) != elf::SHN_UNDEF;
    if binds_to_itself(symbol, defined) && class != Class::Copy {
        return Ok(own(index));
    }
    let accepts_plt = class == Class::Address;
    let weak = symbol.st_bind() == elf::STB_WEAK;
    let outside = || Malformed::new("st_name", symbol.st_name.get(LE).into(), "an offset inside DT_STRTAB");
    if let Some(references) = references
        && class != Class::Copy
        && !dynamic.symbolic
    {
        let reference = references.intern((number, index), name, (accepts_plt, weak)).ok_or_else(outside)?;
        return Ok(Binding { object: OPEN, symbol: reference });
    }
    let (name, hash) = dynamic.strings.hashed(symbol.st_name.get(LE)).ok_or_else(outside)?;
    let query = Query { accepts_plt, ..Query::with_hash(name, hash, dynamic.versions.wanted(index)) };
    if class == Class::Copy {
        let found = first_definition(objects, scope.parts, Some(number), &query);
        return Ok(found.unwrap_or(Binding { object: MISSING, symbol: index }));
    }
    // DT_SYMBOLIC: the object itself comes first.
    let first = if dynamic.symbolic { dynamic.find(&query).map(own) } else { None };
    let found = first.or_else(|| first_definition(objects, scope.parts, None, &query));
    Ok(found.unwrap_or(if weak {
        Binding { object: WEAK, symbol: 0 }
    } else {
        Binding { object: MISSING, symbol: index }
    }))
}

/// The first object of the scope's `parts`, but for `asker`, that answers `query`.
fn first_definition(
    objects: &Objects,
    parts: [&[usize]; 2],
    asker: Option<usize>,
    query: &Query<'_>,
) -> Option<Binding> {
    for part in parts {
        for number in part {
            let dynamic = &objects.list[*number].dynamic;
            // Asked here, where it costs no call: most objects of a scope do not have the name.
            if dynamic.may_define(query.hash)
                && Some(*number) != asker
                && let Some(symbol) = dynamic.find(query)
            {
                return Some(Binding { object: *number as u32, symbol });
            }
        }
    }
    None
}

/// Replaces references by what the engine found for them. Whether any is a unique symbol.
fn settle(
    objects: &Objects,
    number: usize,
    scope: &Scope<'_>,
    references: Option<&References<'_>>,
    bindings: &mut [Binding],
    errors: &mut Vec<Error>,
) -> bool {
    let mut unique = false;
    if let Some(references) = references {
        for at in 0..bindings.len() {
            if let Some(next) = bindings.get(at + AHEAD).filter(|next| next.object == OPEN) {
                references.prefetch(next.symbol);
            }
            let binding = &mut bindings[at];
            if binding.object == OPEN {
                unique |= references.is_unique(binding.symbol);
                *binding = match references.found(binding.symbol) {
                    Ok(found) => found.unwrap_or(Binding { object: WEAK, symbol: 0 }),
                    Err(()) => Binding { object: MISSING, symbol: 0 },
                };
            }
        }
    }
    if !bindings.iter().any(|binding| binding.object == MISSING) {
        return unique;
    }
    let object = &objects.list[number];
    let dynamic = &object.dynamic;
    let lazy = scope.lazy && !dynamic.bind_now;
    let mut told: Vec<u32> = Vec::new();
    let symbolic = dynamic.relative_and_rest().1.iter().chain(dynamic.plt).filter_map(symbol_of);
    for ((index, class), binding) in symbolic.zip(bindings) {
        let Some(symbol) = dynamic.symbols.get(index as usize).filter(|_| binding.object == MISSING) else { continue };
        let weak = symbol.st_bind() == elf::STB_WEAK;
        let when_called = !weak && lazy && class == Class::Call;
        *binding = Binding { object: if when_called { WHEN_CALLED } else { WEAK }, symbol: index };
        if !weak && !when_called && !told.contains(&index) {
            told.push(index);
            let name = dynamic.symbol_name(symbol).unwrap_or_default().owned();
            let version = dynamic.versions.wanted(index).map(|version| version.name.owned());
            errors.push(Error::new(&object.name, Cause::UndefinedSymbol { name, version }));
        }
    }
    unique
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
        } else if !defined.iter().any(|version| version.hash == need.version.hash && version.name == need.version.name)
        {
            let (version, required_by) = (need.version.name.owned(), object.name.clone());
            if need.weak {
                warnings.push(Error::new(&provider.name, Cause::WeakVersion { version, required_by }));
                continue;
            }
            let error = Error::new(&provider.name, Cause::MissingVersion { version, required_by });
            // Once is enough, however often a damaged table repeats it.
            if errors.last() != Some(&error) {
                errors.push(error);
            }
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
        let object: &Object = objects.list.get(*number)?;
        Some((object, object.dynamic.symbols.get(object.dynamic.find(&query)? as usize)?))
    })
}
