//! Resolution: for each symbolic relocation the object and symbol it binds to, as plain data.
//!
//! A step of its own between mapping and relocation, pure over the objects' facts, with a result that can be stored. An
//! [`Engine`] says how. The ordinary scope walk defines what is right; the join must find the same.

mod binding;
mod join;
mod references;
mod uniques;

pub use binding::{Binding, Bindings, OfObject, Packed, Pair, Pairs, definition, symbol_of};
pub use uniques::Uniques;

use crate::elf::header::Range;
use crate::elf::lookup::Query;
use crate::elf::{LE, Sym};
use crate::error::{Cause, Error, Malformed};
use crate::facts::{Facts, Role};
use crate::fallible::{NoMemory, copied, push, with_capacity};
use crate::other_libc::{self, Meaning};
use crate::reloc::Class;
use crate::{Bytes, arch, libc, map};
use alloc::vec::Vec;
use binding::Part;
use object::elf;
use references::{ACCEPTS_PLT, BATCH, IS_WEAK, Memo, Name, References};

/// Asks the processor for memory that is going to be read. Handed in, for it is no business of pure code; a type
/// without a value, so that each call is one instruction.
pub trait Prefetch {
    /// The line of the cache that `place` lies in is wanted soon. Nothing is read: any address will do.
    fn prefetch<T>(place: *const T);
}

/// Prefetch distance, in bindings: what one needs is asked for this many bindings before it is its turn.
pub const AHEAD: usize = 16;

/// How references are bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The walk for few references and a small scope, otherwise the join.
    #[default]
    Adaptive,
    /// References of all objects are gathered in a table ([`references`]), for whose distinct ones each
    /// object of the scope is scanned once.
    Join,
    /// Every reference is looked up where it is met, in one object of the scope after the other.
    Walk,
    /// As the walk, but a weak definition counts only where no object of the scope has another (LD_DYNAMIC_WEAK).
    StrongFirst,
}

/// Up to this many look-ups (references times objects of the scope) the walk costs less than the join's table, whose
/// pages are touched first. Beyond it the join wins: at 1.6 million clang starts 20 % slower by the walk.
const FEW_LOOKUPS: usize = 1 << 17;

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
pub fn resolve<P: Prefetch>(
    objects: &[&Facts<'_>],
    numbers: &[usize],
    scope: &mut Scope<'_>,
    errors: &mut Vec<Error>,
) -> Result<Bindings, NoMemory> {
    // Sized once: tables that grow while they are filled touch twice the pages.
    let mut postponed = with_capacity(numbers.len())?;
    let (mut sum, mut distinct, mut most, mut bytes) = (0usize, 0usize, 0, 0usize);
    for object in numbers.iter().filter_map(|number| objects.get(*number)) {
        let waits = waits(object, scope);
        postponed.push(waits);
        let rest = object.dynamic.relative_and_rest().1.len();
        let count = if waits { rest } else { rest.saturating_add(object.dynamic.plt.len()) };
        (sum, most) = (sum.saturating_add(count), count.max(most));
        // Each symbol is asked for in two ways at most: relocations that name none have no place in the table.
        distinct = distinct.saturating_add(count.min(object.dynamic.symbols.len().saturating_mul(2)));
        bytes = bytes.saturating_add(object.dynamic.strings.tail(0).len());
    }
    // In one piece, which goes back to the system whole.
    let mut bindings = Bindings { list: with_capacity(sum)?, parts: with_capacity(numbers.len())? };
    let [first, second] = scope.parts;
    let lookups = sum.saturating_mul(first.len().saturating_add(second.len()));
    let walks = match scope.engine {
        Engine::Walk | Engine::StrongFirst => true,
        Engine::Adaptive => lookups <= FEW_LOOKUPS,
        Engine::Join => false,
    };
    let references = if walks { Vec::new() } else { References::<P>::with_capacity(objects, distinct, bytes)? };
    let mut unique = with_capacity(numbers.len())?;
    let memo = Memo::new(most)?;
    let mut work = Work { objects, scope, references, memo, errors };
    for (number, postponed) in numbers.iter().zip(postponed) {
        unique.push(work.collect(*number, postponed, &mut bindings)?);
    }
    if let Some(references) = work.references.first_mut() {
        references.join(work.scope.parts)?;
    }
    // In the order in which glibc relocates: what is unique is so from the first reference on.
    let Bindings { list, parts } = &mut bindings;
    for (part, unique) in parts.iter_mut().zip(unique).rev() {
        let Some(own) = list.get_mut(part.all()) else { continue };
        if work.settle(part, own)? || unique {
            work.scope.uniques.unify(objects, part, own)?;
        }
    }
    Ok(bindings)
}

/// A resolution under way.
struct Work<'w, 's, 'f, 'a, P> {
    objects: &'f [&'f Facts<'a>],
    scope: &'w mut Scope<'s>,
    /// The join's one table; none where every reference is walked where it is met.
    references: Vec<References<'f, 'a, P>>,
    memo: Memo,
    errors: &'w mut Vec<Error>,
}

impl<P: Prefetch> Work<'_, '_, '_, '_, P> {
    /// Appends the bindings of one object, as far as they are known without the scope; references for the rest. Those
    /// of its DT_JMPREL may be postponed. Whether any is to a unique symbol.
    #[inline(never)] // its frame would stand below that of whoever tells what is missing
    fn collect(&mut self, number: usize, postponed: bool, bindings: &mut Bindings) -> Result<bool, NoMemory> {
        let Some(object) = self.objects.get(number) else { return Ok(false) };
        if let Some(references) = self.references.first_mut() {
            references.begin(number)?;
        }
        let mut unique = false;
        let tables = [object.dynamic.relative_and_rest().1, if postponed { &[] } else { object.dynamic.plt }];
        let start = bindings.list.len();
        let mut ends = [start; 2];
        for (end, table) in ends.iter_mut().zip(tables) {
            for batch in table.chunks(BATCH) {
                if let Some(references) = self.references.first_mut() {
                    references.prepare(number, batch, |symbol| self.memo.has(number, symbol));
                }
                for (at, rela) in batch.iter().enumerate() {
                    let Some((symbol, class)) = symbol_of(rela) else { continue };
                    let binding = match self.memo.get(number, symbol, class) {
                        Some(binding) => binding,
                        None => {
                            let name = self.references.first().and_then(|references| references.prepared(at));
                            let binding = self.ask(number, (symbol, name), class)?;
                            self.memo.put(number, symbol, class, binding);
                            unique |= uniques::definition_of(self.objects, binding).is_some();
                            binding
                        }
                    };
                    push(&mut bindings.list, binding)?;
                }
            }
            *end = bindings.list.len();
        }
        let [rela_end, plt_end] = ends;
        let plt = (!postponed).then_some(rela_end..plt_end);
        bindings.parts.push(Part { object: number, rela: start..rela_end, plt, when_called: false });
        Ok(unique)
    }

    /// What symbol `index`, whose name may be known, of object `number` binds to: as the object itself can tell, or
    /// else the scope; where there is a table of references, it is the reference that the scope is asked for.
    fn ask(&mut self, number: usize, (index, name): (u32, Name<'_>), class: Class) -> Result<Packed, NoMemory> {
        let Some(object) = self.objects.get(number) else { return Ok(Packed::UNDEFINED) };
        let dynamic = &object.dynamic;
        let Some(symbol) = dynamic.symbols.get(index as usize) else {
            let cause = Malformed::new("symbol index of a relocation", index.into(), "a symbol of DT_SYMTAB");
            return self.malformed(&object.name, cause);
        };
        let own = |symbol| Packed::symbol(number, symbol);
        if class != Class::Copy && binds_to_itself(symbol) {
            return Ok(own(index));
        }
        let accepts_plt = class == Class::Address;
        let weak = symbol.st_bind() == elf::STB_WEAK;
        let outside = || Malformed::new("st_name", symbol.st_name.get(LE).into(), "an offset inside DT_STRTAB");
        if let Some(references) = self.references.first_mut()
            && class != Class::Copy
            && !dynamic.symbolic
            && object.needs_musl.is_none()
        {
            let kind = if accepts_plt { ACCEPTS_PLT } else { 0 } | if weak { IS_WEAK } else { 0 };
            return match references.intern(number, index, name, kind)? {
                Some(reference) => Ok(Packed::open(reference)),
                None => self.malformed(&object.name, outside()),
            };
        }
        let Some(query) = dynamic.query(index, accepts_plt) else { return self.malformed(&object.name, outside()) };
        if class == Class::Copy {
            // The data is another object's: the asker's own is what it is copied to.
            return Ok(self.first_definition(Some(number), &query, None).unwrap_or(Packed::MISSING));
        }
        if object.needs_musl.is_some() {
            return self.in_other_terms(object, query, weak);
        }
        // DT_SYMBOLIC: the object itself comes first.
        let first = if dynamic.symbolic { dynamic.find(&query).map(own) } else { None };
        let found = match first.filter(|first| !self.passes_over(*first)) {
            None => self.first_definition(None, &query, first),
            found => found,
        };
        Ok(found.unwrap_or(if weak { Packed::UNDEFINED } else { Packed::MISSING }))
    }

    /// What `query` of an object built for musl binds to under glibc. Whatever an object of the scope that is not glibc defines
    /// is meant, as ever.
    #[cold]
    fn in_other_terms(&mut self, object: &Facts<'_>, mut query: Query<'_>, weak: bool) -> Result<Packed, NoMemory> {
        let missing = if weak { Packed::UNDEFINED } else { Packed::MISSING };
        let found = self.first_definition(None, &query, None);
        let of_others = found.and_then(Packed::place).is_some_and(|(number, _)| {
            self.objects.get(number).is_some_and(|object| !other_libc::is_part(object.soname()))
        });
        let meaning = if of_others { None } else { other_libc::meaning(query.name) };
        match meaning {
            None => Ok(found.unwrap_or(missing)),
            Some(Meaning::Name(name)) => {
                query = Query { name, hash: elf::gnu_hash(name), ..query };
                Ok(self.first_definition(None, &query, None).unwrap_or(missing))
            }
            Some(Meaning::OursIfMissing) if found.is_some() => Ok(found.unwrap_or(missing)),
            Some(Meaning::Ours | Meaning::OursIfMissing) => {
                let name = [other_libc::OURS, query.name].concat();
                let ours = self.objects.iter().position(|object| object.role == Role::Loader);
                let symbol = |number: usize| self.objects.get(number)?.dynamic.find(&Query::new(&name, None));
                Ok(ours.and_then(|number| Some(Packed::symbol(number, symbol(number)?))).unwrap_or(missing))
            }
            Some(Meaning::Nothing(_)) if weak => Ok(Packed::UNDEFINED),
            Some(Meaning::Nothing(why)) => {
                let cause = Cause::NotInGlibc { name: copied(query.name)?, why };
                push(self.errors, Error::try_new(&object.name, cause)?)?;
                Ok(Packed::UNDEFINED)
            }
        }
    }

    /// Whether a definition counts only if there is no other.
    fn passes_over(&self, definition: Packed) -> bool {
        self.scope.engine == Engine::StrongFirst
            && definition
                .place()
                .is_some_and(|(number, symbol)| self.objects.get(number).is_some_and(|object| is_weak(object, symbol)))
    }

    /// The first object of the scope, but for `asker`, that answers `query`; or else `weak`, which was passed over.
    fn first_definition(&self, asker: Option<usize>, query: &Query<'_>, mut weak: Option<Packed>) -> Option<Packed> {
        for part in self.scope.parts {
            for number in part {
                let Some(object) = self.objects.get(*number) else { continue };
                // Asked here, where it costs no call: most objects of a scope do not have the name.
                if object.dynamic.may_define(query.hash)
                    && Some(*number) != asker
                    && let Some(symbol) = object.dynamic.find(query)
                {
                    let found = Packed::symbol(*number, symbol);
                    if !self.passes_over(found) {
                        return Some(found);
                    }
                    weak = weak.or(Some(found));
                }
            }
        }
        weak
    }

    /// A relocation of `object` that cannot be bound is an error, told once.
    #[cold]
    fn malformed(&mut self, object: &[u8], malformed: Malformed) -> Result<Packed, NoMemory> {
        let error = Error::try_new(object, malformed.into())?;
        if !self.errors.contains(&error) {
            push(self.errors, error)?;
        }
        Ok(Packed::UNDEFINED)
    }

    /// Replaces references by what the engine found for them. Whether any is a unique symbol.
    fn settle(&mut self, part: &mut Part, bindings: &mut [Packed]) -> Result<bool, NoMemory> {
        let (mut unique, mut missing) = (false, false);
        for at in 0..bindings.len() {
            let ahead = bindings.get(at.wrapping_add(AHEAD)).and_then(|next| next.reference());
            let Some(binding) = bindings.get_mut(at) else { break };
            if let Some(references) = self.references.first() {
                if let Some(next) = ahead {
                    references.prefetch(next);
                }
                if let Some(reference) = binding.reference() {
                    unique |= references.is_unique(reference);
                    *binding = references.found(reference);
                }
            }
            missing |= binding.is_missing();
        }
        if missing {
            self.tell_missing(part, bindings)?;
        }
        Ok(unique)
    }

    /// What was not found is 0 where it is weak, looked up again when it is called where that is allowed, or an error.
    #[cold]
    fn tell_missing(&mut self, part: &mut Part, bindings: &mut [Packed]) -> Result<(), NoMemory> {
        let Some(object) = self.objects.get(part.object) else { return Ok(()) };
        let dynamic = &object.dynamic;
        let lazy = self.scope.lazy && !dynamic.bind_now;
        let mut told: Vec<u32> = Vec::new();
        let missing = part.symbolic(dynamic).zip(bindings).filter(|(_, binding)| binding.is_missing());
        for ((index, class), binding) in missing {
            *binding = self.old_name(object, index).unwrap_or(Packed::UNDEFINED);
            if *binding != Packed::UNDEFINED
                || dynamic.symbols.get(index as usize).is_none_or(|symbol| symbol.st_bind() == elf::STB_WEAK)
            {
                continue;
            }
            if lazy && class == Class::Call {
                *binding = Packed::when_called(index);
                part.when_called = true;
            } else if !told.contains(&index) {
                push(&mut told, index)?;
                push(self.errors, Error::try_new(&object.name, undefined(object, index)?)?)?;
            }
        }
        Ok(())
    }

    /// What nobody defines may be an old name of what a libc that is its own loader defines.
    fn old_name(&self, object: &Facts<'_>, index: u32) -> Option<Packed> {
        let name = object.dynamic.symbol_name(object.dynamic.symbols.get(index as usize)?)?;
        let query = Query::new(libc::plain_name(name)?, None);
        let mut scope = self.scope.parts.into_iter().flatten();
        let (number, libc) = scope
            .find_map(|number| Some((*number, self.objects.get(*number).filter(|object| object.is_own_loader)?)))?;
        Some(Packed::symbol(number, libc.dynamic.find(&query)?))
    }
}

/// What is wrong with symbol `index` of `object`, which no object of the scope defines.
pub fn undefined(object: &Facts<'_>, index: u32) -> Result<Cause, NoMemory> {
    let dynamic = &object.dynamic;
    let name = dynamic.symbols.get(index as usize).and_then(|symbol| dynamic.symbol_name(symbol));
    let name = copied(name.unwrap_or_default())?;
    let version = dynamic.versions.wanted(index).map(|version| copied(version.name)).transpose()?;
    Ok(Cause::UndefinedSymbol { name, version })
}

/// Whether the PLT slots of `object` may wait for the first call: all, or none.
fn waits(object: &Facts<'_>, scope: &Scope<'_>) -> bool {
    let dynamic = &object.dynamic;
    if !scope.lazy || dynamic.bind_now || scope.postpone.is_none_or(|fewest| dynamic.plt.len() < fewest) {
        return false;
    }
    // A TLS descriptor among the slots needs a symbol now.
    waiting_slots(object).is_some_and(|slots| {
        dynamic.plt.iter().all(|rela| match arch::class(rela.r_type(LE, false)) {
            Some(Class::Call) => rela.r_sym(LE, false) != 0 && slots.holds(rela.r_offset.get(LE), WORD),
            Some(Class::Irelative) => true,
            _ => false,
        })
    })
}

/// Bytes of an address.
const WORD: u64 = 8;

/// Where PLT slots can wait: behind DT_PLTGOT's three words, in a segment that stays writable.
fn waiting_slots(object: &Facts<'_>) -> Option<Range> {
    let got = object.dynamic.entry(elf::DT_PLTGOT)?;
    let segment = object.headers.segment_of(got, 3 * WORD).filter(|segment| segment.read && segment.write)?;
    // The first three words, ours, may lie in RELRO; the slots after them must not.
    let vaddr = map::relro(&object.headers).map_or(0, |relro| relro.end()).max(got);
    Some(Range { vaddr, size: segment.memory.end().checked_sub(vaddr)? })
}

/// What the PLT slot with symbol `index` of `object`, one of a list of objects by number, binds to when it is called:
/// as resolution says, also with [`Engine::StrongFirst`]. `scope` is that of the program, each object with its number. The
/// number of the definer and the symbol.
#[must_use]
pub fn when_called<'f, 'a: 'f>(
    (number, object): (usize, &'f Facts<'a>),
    index: u32,
    scope: impl Iterator<Item = (usize, &'f Facts<'a>)>,
    strong_first: bool,
) -> Option<(usize, u32)> {
    let dynamic = &object.dynamic;
    if binds_to_itself(dynamic.symbols.get(index as usize)?) {
        return Some((number, index));
    }
    let query = dynamic.query(index, false)?;
    let first = dynamic.symbolic.then_some((number, object));
    let mut weak = None;
    for (number, definer) in first.into_iter().chain(scope) {
        let Some(symbol) = definer.dynamic.find(&query) else { continue };
        if !strong_first || !is_weak(definer, symbol) {
            return Some((number, symbol));
        }
        weak = weak.or(Some((number, symbol)));
    }
    weak
}

fn is_weak(object: &Facts<'_>, symbol: u32) -> bool {
    object.dynamic.symbols.get(symbol as usize).is_some_and(|symbol| symbol.st_bind() == elf::STB_WEAK)
}

/// A local symbol means itself wherever it stands; a protected or hidden one if it is defined.
fn binds_to_itself(symbol: &Sym) -> bool {
    let defined = symbol.st_shndx.get(LE) != elf::SHN_UNDEF;
    symbol.st_bind() == elf::STB_LOCAL || defined && symbol.st_visibility() != elf::STV_DEFAULT
}

/// What the version needs of `object` say about the objects loaded: errors, then warnings. `provider` tells which of
/// them answers to a name.
pub fn check_versions<'f, 'a: 'f>(
    object: &Facts<'_>,
    provider: impl Fn(&[u8]) -> Option<&'f Facts<'a>>,
    errors: &mut Vec<Error>,
    warnings: &mut Vec<Error>,
) {
    let mut last = None;
    for need in &object.dynamic.versions.needs {
        // Once is enough, however often a damaged table repeats it.
        if last.replace((need.file, need.version.name)) == Some((need.file, need.version.name)) {
            continue;
        }
        // What is not loaded is reported where it was needed; ld-rs stands for every version of the loader's own symbols.
        let asked = |provider: &&Facts<'_>| provider.role != Role::Loader && !provider.dynamic.versions.are_wishes;
        let Some(provider) = provider(need.file).filter(asked) else { continue };
        let defined = &provider.dynamic.versions.defined;
        if defined.iter().any(|version| version.is(&need.version)) {
            continue;
        }
        let (version, required_by) = (need.version.name.owned(), object.name.clone());
        let (list, cause) = match need.weak {
            _ if defined.is_empty() => (&mut *warnings, Cause::NoVersions { required_by }),
            true => (&mut *warnings, Cause::WeakVersion { version, required_by }),
            false => (&mut *errors, Cause::MissingVersion { version, required_by }),
        };
        list.push(Error::new(&provider.name, cause));
    }
}
