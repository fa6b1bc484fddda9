//! The target `bindings`: generated scopes, some with damaged files, are bound by every engine and by the naive model.
//!
//! # Where a damaged DT_GNU_HASH lets the engines differ
//! The walk finds a symbol by the bloom filter, the bucket and the chain; the join scans the hashes of the chains and
//! believes an object's own hash of a symbol that the object itself refers to. A table is true to a symbol which it has a
//! hash for when that is the hash of the symbol's name (but for the lowest bit), the filter lets it pass, and its bucket's
//! chain comes by it. Where the table of any object is not true to a symbol named N that may define something, each engine
//! may bind N as it likes; glibc's rule is the walk's. Everything else must be equal: every binding of other names, every
//! error but that N is undefined, every unique symbol but N.

use crate::model::{self, Asks, Bound, Model};
use crate::scope::{self, Phase, Scope};
use crate::targets::Seen;
use ld_rs_plan::arch;
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::header::{self, Headers};
use ld_rs_plan::elf::{LE, Memory, Part};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::facts::{Facts, Role};
use ld_rs_plan::fallible::NoMemory;
use ld_rs_plan::map;
use ld_rs_plan::reloc::Class;
use ld_rs_plan::resolve::{self, Binding, Bindings, Engine, OfObject, Prefetch, Uniques};
use object::elf;
use std::collections::BTreeSet;

/// Nothing is asked for ahead.
pub struct Nothing;

impl Prefetch for Nothing {
    fn prefetch<T>(_: *const T) {}
}

/// More versions than a scope of some objects may have within the runner's bound of memory.
const MOST_VERSIONS: usize = 2048;

/// The facts of the object in `file`.
///
/// # Errors
/// As the functions of plan that judge it.
pub fn parse<'a>(name: &str, file: &'a [u8]) -> Result<Facts<'a>, Cause> {
    let length = file.len() as u64;
    let ident = header::ident(file, length)?;
    let (at, size) = ident.table();
    let headers = header::headers(ident, &file[at as usize..(at + size) as usize], length, ld_rs_plan::MIN_PAGE)?;
    let parts: Vec<Part<'_>> = headers
        .segments
        .iter()
        .map(|s| Part { vaddr: s.memory.vaddr, bytes: &file[s.offset as usize..(s.offset + s.filesz) as usize] })
        .collect();
    let dynamic = Dynamic::parse(&headers, Memory::new(&parts))?;
    Ok(Facts::new(Role::Library, name.as_bytes().to_vec(), *headers, dynamic))
}

/// What resolution said, phase by phase.
#[derive(Default)]
pub struct Outcome {
    /// The bindings of each phase.
    pub bindings: Vec<Bindings>,
    /// The errors of all phases.
    pub errors: Vec<Error>,
    /// The unique symbols of the process.
    pub uniques: Uniques,
}

/// Resolves the phases of `scope` by `engine`.
///
/// # Errors
/// There is no memory.
pub fn resolve(scope: &Scope, objects: &[&Facts<'_>], engine: Engine) -> Result<Outcome, NoMemory> {
    let phases = scope.phases();
    let mut outcome = Outcome { bindings: Vec::with_capacity(phases.len()), ..Outcome::default() };
    resume(scope, &phases, objects, engine, &mut outcome)?;
    Ok(outcome)
}

/// As [`resolve`], beginning with the unique symbols of `outcome`. Where `outcome` has room for all bindings, nothing is
/// allocated but by plan.
///
/// # Errors
/// There is no memory.
pub fn resume(
    scope: &Scope,
    phases: &[Phase],
    objects: &[&Facts<'_>],
    engine: Engine,
    outcome: &mut Outcome,
) -> Result<(), NoMemory> {
    for (numbers, [first, second]) in phases {
        let mut scope = resolve::Scope {
            parts: [first, second],
            uniques: &mut outcome.uniques,
            engine,
            lazy: scope.lazy,
            postpone: scope.postpone,
        };
        let bindings = resolve::resolve::<Nothing>(objects, numbers, &mut scope, &mut outcome.errors)?;
        outcome.bindings.push(bindings);
    }
    Ok(())
}

/// The target.
///
/// # Panics
/// That is how it tells what is wrong.
pub fn bindings(bytes: &[u8]) -> Vec<u64> {
    let mut seen = Seen::default();
    let scope = scope::draw(bytes);
    let mut files: Vec<Vec<u8>> = scope.objects.iter().map(scope::Object::file).collect();
    for (object, place, byte) in &scope.damage {
        let file = &mut files[*object];
        let place = place % file.len();
        file[place] ^= byte;
    }
    let mut objects = Vec::new();
    for (object, file) in scope.objects.iter().zip(&files) {
        match parse(&object.name, file) {
            Ok(facts) if facts.dynamic.versions.table.len() < MOST_VERSIONS => objects.push(facts),
            Ok(_) => return seen.0,
            Err(cause) => {
                assert!(!scope.damage.is_empty(), "a sound object was refused: {cause:?}");
                return seen.refused(&cause);
            }
        }
    }
    let objects: Vec<&Facts<'_>> = objects.iter().collect();
    let doubtful: BTreeSet<&[u8]> = objects.iter().flat_map(|object| untrue(&object.dynamic)).collect();
    assert!(!scope.damage.is_empty() || doubtful.is_empty(), "a sound table is not true");

    let outcome = |engine| resolve(&scope, &objects, engine).expect("memory");
    let walk = outcome(Engine::Walk);
    promises(&scope, &objects, &walk, &mut seen);
    for engine in [Engine::Join, Engine::Adaptive] {
        let other = outcome(engine);
        promises(&scope, &objects, &other, &mut seen);
        equal(&objects, &walk, &other, &doubtful);
    }
    if scope.damage.is_empty() {
        as_the_model(&scope, &objects, &walk);
    }
    seen.note((doubtful.len(), walk.uniques.count().min(4), walk.errors.len().min(8)));
    seen.0
}

/// Names of symbols that may define something and that DT_GNU_HASH is not true to.
fn untrue<'a>(dynamic: &Dynamic<'a>) -> Vec<&'a [u8]> {
    let Some(table) = &dynamic.gnu_hash else { return Vec::new() };
    // The symbols that the chain of each bucket comes by.
    let chains: Vec<std::ops::Range<usize>> = table
        .buckets
        .iter()
        .map(|bucket| {
            let first = bucket.get(LE) as usize;
            let hashes =
                &table.chains[if first == 0 { table.chains.len() } else { first - table.symbol_base as usize }..];
            let end = hashes.iter().position(|hash| hash.get(LE) & 1 != 0).map_or(hashes.len(), |last| last + 1);
            first..first + end
        })
        .collect();
    let mut names = Vec::new();
    for (at, listed) in table.chains.iter().enumerate() {
        let index = at + table.symbol_base as usize;
        // DT_HASH beside it may have cut the symbols short.
        let Some(symbol) = dynamic.symbols.get(index) else { break };
        let Some(name) = dynamic.symbol_name(symbol) else { continue };
        let hash = elf::gnu_hash(name);
        let word = table.bloom[(hash / 64) as usize % table.bloom.len()].get(LE);
        let second = if table.bloom_shift < 32 { hash >> table.bloom_shift } else { 0 };
        let passes = word >> (hash % 64) & 1 != 0 && word >> (second % 64) & 1 != 0;
        let comes_by = chains[hash as usize % chains.len()].contains(&index);
        let defines = symbol.st_shndx.get(LE) != elf::SHN_UNDEF || symbol.st_value.get(LE) != 0;
        if defines && !(passes && comes_by && (listed.get(LE) ^ hash) >> 1 == 0) {
            names.push(name);
        }
    }
    names
}

fn name_of<'a>(object: &Facts<'a>, index: u32) -> &'a [u8] {
    let symbol = object.dynamic.symbols.get(index as usize);
    symbol.and_then(|symbol| object.dynamic.symbol_name(symbol)).unwrap_or_default()
}

/// Both bound alike, but for the names in `doubtful`.
fn equal(objects: &[&Facts<'_>], one: &Outcome, other: &Outcome, doubtful: &BTreeSet<&[u8]>) {
    let all = |outcome: &Outcome| {
        let mut list = Vec::new();
        for of in outcome.bindings.iter().flat_map(Bindings::iter) {
            let object = objects[of.object];
            let symbolic = of
                .pairs(&object.dynamic)
                .filter_map(|pair| pair.1)
                .filter(|(index, ..)| !doubtful.contains(name_of(object, *index)));
            let bound: Vec<_> = symbolic.map(|(index, class, packed)| (index, class, packed.binding())).collect();
            let binder = of.needs_binder() && doubtful.is_empty();
            list.push((of.object, of.is_postponed(), binder, bound));
        }
        list
    };
    for (one, other) in all(one).iter().zip(&all(other)) {
        for (one, other) in one.3.iter().zip(&other.3) {
            assert_eq!(one, other, "the engines bind differently");
        }
        assert_eq!(one, other, "the engines bind differently");
    }
    let sure =
        |error: &&Error| !matches!(&error.cause, Cause::UndefinedSymbol { name, .. } if doubtful.contains(&name[..]));
    let errors = |outcome: &Outcome| outcome.errors.iter().filter(sure).cloned().collect::<Vec<_>>();
    assert_eq!(errors(one), errors(other), "the engines have different errors");
    for object in objects {
        for symbol in object.dynamic.symbols {
            if let Some(name) = object.dynamic.symbol_name(symbol).filter(|name| !doubtful.contains(name)) {
                assert_eq!(one.uniques.get(name), other.uniques.get(name), "the engines have different unique symbols");
            }
        }
    }
    assert!(!doubtful.is_empty() || one.uniques.count() == other.uniques.count());
}

/// What loader relies on.
fn promises(scope: &Scope, objects: &[&Facts<'_>], outcome: &Outcome, seen: &mut Seen) {
    let phases = scope.phases();
    assert_eq!(phases.len(), outcome.bindings.len());
    for ((numbers, _), bindings) in phases.iter().zip(&outcome.bindings) {
        assert!(bindings.iter().map(|of| of.object).eq(numbers.iter().copied()), "objects in another order");
        for of in bindings.iter() {
            let object = objects[of.object];
            seen.note((of.is_postponed(), of.needs_binder(), object.dynamic.symbolic));
            in_step(&of, &object.dynamic);
            if of.is_postponed() {
                assert!(may_wait(scope, &object.dynamic, &object.headers), "a PLT waits that must not");
            }
            for (index, class, packed) in of.pairs(&object.dynamic).filter_map(|pair| pair.1) {
                seen.note((class as u8, std::mem::discriminant(&packed.binding()), of.object > 1));
                bound(scope, objects, outcome, &of, (index, class, packed.binding()));
            }
        }
    }
    assert!(outcome.uniques.definers_since(0).all(|number| number < objects.len()));
}

/// One binding for each relocation that names a symbol, in their order.
fn in_step(of: &OfObject<'_>, dynamic: &Dynamic<'_>) {
    let (_, rest) = dynamic.relative_and_rest();
    let plt = if of.is_postponed() { &[][..] } else { dynamic.plt };
    let mut all = of.all();
    let mut relocations = rest.iter().chain(plt);
    for (rela, symbolic) in of.pairs(dynamic) {
        assert!(relocations.next().is_some_and(|own| std::ptr::eq(own, rela)), "another relocation");
        let class = arch::class(rela.r_type(LE, false));
        let names = class.is_some_and(|class| !matches!(class, Class::None | Class::Relative | Class::Irelative));
        assert_eq!(symbolic.is_some(), names && rela.r_sym(LE, false) != 0);
        if let Some((index, of_class, packed)) = symbolic {
            assert_eq!((index, Some(of_class)), (rela.r_sym(LE, false), class));
            assert_eq!(all.next(), Some(packed), "bindings out of step");
        }
    }
    assert!(relocations.next().is_none() && all.next().is_none(), "bindings out of step");
}

fn bound(
    scope: &Scope,
    objects: &[&Facts<'_>],
    outcome: &Outcome,
    of: &OfObject<'_>,
    (index, class, binding): (u32, Class, Binding),
) {
    let asker = objects[of.object];
    match binding {
        Binding::Symbol { object, symbol } => {
            assert!(
                object < objects.len() && (symbol as usize) < objects[object].dynamic.symbols.len(),
                "out of bounds"
            );
            assert!(class != Class::Copy || object != of.object, "a copy of itself");
        }
        Binding::WhenCalled { symbol } => {
            let lazy = scope.lazy && !asker.dynamic.bind_now;
            assert!(lazy && class == Class::Call && symbol == index && of.needs_binder());
        }
        Binding::Undefined => {
            let weak =
                asker.dynamic.symbols.get(index as usize).is_some_and(|symbol| symbol.st_bind() == elf::STB_WEAK);
            let told = |error: &Error| error.object == asker.name;
            assert!(weak || outcome.errors.iter().any(told), "nothing is bound and nothing is said");
        }
    }
}

/// Whether PLT slots may be stored to when they are called: each one is writable, and stays so.
fn may_wait(scope: &Scope, dynamic: &Dynamic<'_>, headers: &Headers) -> bool {
    let writable = |at: u64| {
        headers.segment_of(at, 8).is_some_and(|segment| segment.write)
            && map::relro(headers).is_none_or(|relro| at >= relro.end())
    };
    scope.lazy
        && !dynamic.bind_now
        && scope.postpone.is_some_and(|fewest| dynamic.plt.len() >= fewest)
        && dynamic.plt.iter().all(|rela| match rela.r_type(LE, false) {
            elf::R_X86_64_JUMP_SLOT => rela.r_sym(LE, false) != 0 && writable(rela.r_offset.get(LE)),
            elf::R_X86_64_IRELATIVE => true,
            _ => false,
        })
}

/// The same bindings, errors and unique symbols as the model has.
///
/// # Panics
/// Where they differ.
pub fn as_the_model(scope: &Scope, objects: &[&Facts<'_>], outcome: &Outcome) {
    let mut model = Model::new(scope);
    for ((numbers, parts), bindings) in scope.phases().iter().zip(&outcome.bindings) {
        let expected = model.resolve(numbers, parts);
        assert_eq!(expected.len(), bindings.iter().count());
        for (expected, of) in expected.iter().zip(bindings.iter()) {
            let found: Vec<Bound> = of
                .all()
                .map(|packed| match packed.binding() {
                    Binding::Symbol { object, symbol } => Bound::To(object, symbol),
                    Binding::Undefined => Bound::Zero,
                    Binding::WhenCalled { .. } => Bound::WhenCalled,
                })
                .collect();
            assert_eq!(expected.postponed, of.is_postponed(), "object {}", of.object);
            if let Some(at) = (0..found.len()).find(|at| expected.bound.get(*at) != found.get(*at)) {
                panic!("object {}: binding {at} is {:?}, not {:?}", of.object, found[at], expected.bound[at]);
            }
            assert_eq!(expected.bound.len(), found.len());
            let waits = expected.postponed || found.contains(&Bound::WhenCalled);
            assert_eq!(of.needs_binder(), waits);
            called(&model, parts, objects, of.object);
        }
    }
    let found: Vec<model::Undefined> = outcome
        .errors
        .iter()
        .map(|error| match &error.cause {
            Cause::UndefinedSymbol { name, version } => (text(&error.object), text(name), version.as_deref().map(text)),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(model.undefined, found);
    assert_eq!(model.uniques.len(), outcome.uniques.count());
    for (name, (object, symbol)) in &model.uniques {
        let found = outcome.uniques.get(name.as_bytes()).and_then(resolve::Packed::place);
        assert_eq!(found, Some((*object, *symbol)), "unique {name}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A function that is bound when it is called is the one that it would have been bound to at once.
fn called(model: &Model<'_>, parts: &[Vec<usize>; 2], objects: &[&Facts<'_>], number: usize) {
    for rela in objects[number].dynamic.plt {
        let index = rela.r_sym(LE, false);
        if arch::class(rela.r_type(LE, false)) == Some(Class::Call) && index != 0 {
            let scope = parts.iter().flatten().map(|number| (*number, objects[*number]));
            let found = resolve::when_called((number, objects[number]), index, scope, false);
            assert_eq!(found, model.means(parts, number, index, Asks::Call), "a function when it is called");
        }
    }
}
