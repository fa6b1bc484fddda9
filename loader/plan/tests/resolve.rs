//! Resolution against a naive model of glibc's rules, and those rules one by one as a table: for each the engines that
//! there are give what is written here. Scopes, their files and the model are those of fuzzing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    missing_docs,
    dead_code
)]

#[path = "../../../fuzz/src/model.rs"]
mod model;
#[path = "../../../fuzz/src/scope.rs"]
mod scope;

use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::{Memory, Part, header};
use ld_rs_plan::error::Cause;
use ld_rs_plan::facts::{Facts, Role};
use ld_rs_plan::resolve::{self, Binding, Engine, Prefetch, Uniques};
use model::{Bound, Model};
use proptest::collection::vec;
use proptest::prelude::*;
use scope::{Got, Object, Relocation, Scope, Symbol};

struct Nothing;

impl Prefetch for Nothing {
    fn prefetch<T>(_: *const T) {}
}

fn parse<'a>(name: &str, file: &'a [u8]) -> Facts<'a> {
    let length = file.len() as u64;
    let ident = header::ident(file, length).unwrap();
    let (at, size) = ident.table();
    let headers =
        header::headers(ident, &file[at as usize..(at + size) as usize], length, ld_rs_plan::MIN_PAGE).unwrap();
    let parts = headers
        .segments
        .iter()
        .map(|s| Part { vaddr: s.memory.vaddr, bytes: &file[s.offset as usize..(s.offset + s.filesz) as usize] });
    let parts: Vec<Part<'_>> = parts.collect();
    let dynamic = Dynamic::parse(&headers, Memory::new(&parts)).unwrap();
    Facts::new(Role::Library, name.as_bytes().to_vec(), *headers, dynamic)
}

/// What there is to compare: bindings and whether they are postponed, by object; undefined symbols; unique ones.
type Outcome = (Vec<(Vec<Bound>, bool)>, Vec<model::Undefined>, Vec<(String, (usize, u32))>);

fn by_engine(scope: &Scope, engine: Engine) -> Outcome {
    let files: Vec<Vec<u8>> = scope.objects.iter().map(Object::file).collect();
    let facts: Vec<Facts<'_>> =
        scope.objects.iter().zip(&files).map(|(object, file)| parse(&object.name, file)).collect();
    let facts: Vec<&Facts<'_>> = facts.iter().collect();
    let (mut bound, mut errors, mut uniques) = (Vec::new(), Vec::new(), Uniques::default());
    for (numbers, [first, second]) in scope.phases() {
        let mut scope = resolve::Scope {
            parts: [&first, &second],
            uniques: &mut uniques,
            engine,
            lazy: scope.lazy,
            postpone: scope.postpone,
        };
        let bindings = resolve::resolve::<Nothing>(&facts, &numbers, &mut scope, &mut errors).unwrap();
        bound.extend(bindings.iter().map(|of| {
            let all = of.all().map(|packed| match packed.binding() {
                Binding::Symbol { object, symbol } => Bound::To(object, symbol),
                Binding::Undefined => Bound::Zero,
                Binding::WhenCalled { .. } => Bound::WhenCalled,
            });
            (all.collect(), of.is_postponed())
        }));
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let undefined = errors.iter().map(|error| match &error.cause {
        Cause::UndefinedSymbol { name, version } => (text(&error.object), text(name), version.as_deref().map(text)),
        other => panic!("{other:?}"),
    });
    let mut names: Vec<String> =
        scope.objects.iter().flat_map(|o| &o.symbols).map(|symbol| symbol.name.clone()).collect();
    names.sort();
    names.dedup();
    let unique = |name: String| Some((name.clone(), uniques.get(name.as_bytes())?.place()?));
    (bound, undefined.collect(), names.into_iter().filter_map(unique).collect())
}

fn by_model(scope: &Scope) -> Outcome {
    let mut model = Model::new(scope);
    let mut bound = Vec::new();
    for (numbers, parts) in scope.phases() {
        let bindings = model.resolve(&numbers, &parts);
        bound.extend(bindings.into_iter().map(|bindings| (bindings.bound, bindings.postponed)));
    }
    (bound, model.undefined, model.uniques.into_iter().collect())
}

const ENGINES: [Engine; 3] = [Engine::Walk, Engine::Join, Engine::Adaptive];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: if cfg!(miri) { 4 } else { 1500 },
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_engine_binds_as_the_model(bytes in vec(any::<u8>(), 0..1200)) {
        let mut scope = scope::draw(&bytes);
        scope.damage.clear();
        let expected = by_model(&scope);
        for engine in ENGINES {
            prop_assert_eq!(by_engine(&scope, engine), expected.clone(), "{:?}", engine);
        }
    }
}

const ADDRESS: u32 = 6;
const CALL: u32 = 7;
const COPY: u32 = 5;
const TLS: u32 = 18;

/// A symbol: what is written behind its name is more than a global function.
///
/// `?` undefined, `+` undefined with the value of a PLT entry, `w` weak, `u` unique, `l` local, `p` protected, `h` hidden,
/// `t` of TLS, a digit its version's index, `-` VERSYM_HIDDEN.
fn symbol(text: &str) -> Symbol {
    let (name, marks) = text.split_once(' ').unwrap_or((text, ""));
    let mut symbol = Symbol {
        name: name.to_string(),
        bind: 1,
        kind: 2,
        shndx: 5,
        value: 64,
        version: 1,
        listed: true,
        ..Symbol::default()
    };
    for mark in marks.chars() {
        match mark {
            '?' => (symbol.shndx, symbol.value, symbol.listed) = (0, 0, false),
            '+' => symbol.shndx = 0,
            'w' => symbol.bind = 2,
            'u' => symbol.bind = 10,
            'l' => (symbol.bind, symbol.listed) = (0, false),
            'p' => symbol.visibility = 3,
            'h' => symbol.visibility = 2,
            't' => symbol.kind = 6,
            '-' => symbol.version |= 0x8000,
            digit => symbol.version = digit.to_digit(10).unwrap() as u16,
        }
    }
    symbol
}

/// An object with `symbols`, by DT_GNU_HASH in one chain or by DT_HASH, that refers to those of `relocations` by index.
/// Versions 2, 3 and 4 are defined as V2, V3 and V4; 5 and 6 are needed as V2 and V3.
fn object(gnu: bool, symbols: &[&str], relocations: &[(u32, u32)]) -> Object {
    let own = |symbol: &Symbol| symbol.version != 1;
    let symbols: Vec<Symbol> = symbols.iter().map(|text| symbol(text)).collect();
    let version = |index: u16| (index, format!("V{index}"), false);
    let versym = symbols.iter().any(own);
    Object {
        symbols: [vec![Symbol::default()], symbols].concat(),
        rela: relocations
            .iter()
            .map(|(kind, symbol)| Relocation { kind: *kind, symbol: *symbol, slot: true })
            .collect(),
        gnu_buckets: u32::from(gnu),
        bloom_words: 1,
        sysv_buckets: u32::from(!gnu),
        versym,
        defined: if versym { vec![version(2), version(3), version(4)] } else { Vec::new() },
        needed: if versym { vec![(5, "V2".to_string()), (6, "V3".to_string())] } else { Vec::new() },
        ..Object::default()
    }
}

/// Symbols and relocations of an object.
type Sketch<'a> = (&'a [&'a str], &'a [(u32, u32)]);

/// Each engine, and the model, bind the relocations of the first object so, over either hash table.
#[track_caller]
fn binds(objects: &[Sketch<'_>], expected: &[Bound], change: impl Fn(&mut Scope)) {
    for gnu in [true, false] {
        let objects = objects.iter().enumerate().map(|(number, (symbols, relocations))| Object {
            name: format!("lib{number}.so"),
            ..object(gnu, symbols, relocations)
        });
        let objects: Vec<Object> = objects.collect();
        let mut scope = Scope { first: objects.len(), objects, ..Scope::default() };
        change(&mut scope);
        for outcome in ENGINES.into_iter().map(|engine| by_engine(&scope, engine)).chain([by_model(&scope)]) {
            assert_eq!(outcome.0[0].0, expected, "DT_GNU_HASH: {gnu}, {:?}", outcome.1);
            let missing = outcome.1.iter().any(|(object, ..)| object == "lib0.so");
            let told =
                expected.contains(&Bound::Zero) && !scope.objects[0].symbols.iter().any(|symbol| symbol.bind == 2);
            assert_eq!(missing, told);
        }
    }
}

fn as_is(_: &mut Scope) {}

use Bound::{To, WhenCalled, Zero};

#[test]
fn order_of_the_scope() {
    let refers: Sketch<'_> = (&["f ?"], &[(ADDRESS, 1)]);
    binds(&[refers, (&["g"], &[]), (&["f"], &[]), (&["f"], &[])], &[To(2, 1)], as_is);
    // Weak or not is all the same among definitions.
    binds(&[refers, (&["f w"], &[]), (&["f"], &[])], &[To(1, 1)], as_is);
    binds(&[refers, (&["f l"], &[]), (&["f h"], &[]), (&["f p"], &[])], &[To(3, 1)], as_is);
    binds(&[refers, (&["f ?"], &[])], &[Zero], as_is);
    binds(&[(&["f w?"], &[(ADDRESS, 1), (CALL, 1)]), (&[], &[])], &[Zero, Zero], as_is);
}

/// What object 1 binds its own symbol 1 to, an address and a call, where object 0 stands before it and defines the name.
fn own(marks: &str, symbolic: bool) -> Bound {
    let mut all = Vec::new();
    for gnu in [true, false] {
        let library = object(gnu, &[&format!("f {marks}")], &[(ADDRESS, 1), (CALL, 1)]);
        let objects = vec![object(gnu, &["f"], &[]), Object { symbolic, ..library }];
        let scope = Scope { first: 2, objects, ..Scope::default() };
        for outcome in ENGINES.into_iter().map(|engine| by_engine(&scope, engine)).chain([by_model(&scope)]) {
            all.extend_from_slice(&outcome.0[1].0);
        }
    }
    assert!(all.len() == 16 && all.iter().all(|bound| *bound == all[0]), "{all:?}");
    all[0]
}

#[test]
fn what_binds_to_itself() {
    assert_eq!(
        ["", "w", "u", "p", "h", "l"].map(|marks| own(marks, false)),
        [To(0, 1), To(0, 1), To(0, 1), To(1, 1), To(1, 1), To(1, 1)]
    );
    // DT_SYMBOLIC: what it defines, it has of itself; what it does not, of the scope.
    assert_eq!(
        ["", "w", "u", "p", "?"].map(|marks| own(marks, true)),
        [To(1, 1), To(1, 1), To(1, 1), To(1, 1), To(0, 1)]
    );
}

#[test]
fn versions() {
    // The version asked for, even where it is no default one.
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f 3", "f 2-"], &[])], &[To(1, 2)], as_is);
    binds(&[(&["f ?6"], &[(ADDRESS, 1)]), (&["f 4", "f 2-"], &[])], &[Zero], as_is);
    // A definition without versions serves all; one of the base version too, unless it is hidden.
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f"], &[])], &[To(1, 1)], as_is);
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f 1", "g 2"], &[])], &[To(1, 1)], as_is);
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f 1-", "g 2"], &[])], &[Zero], as_is);
    // Without a version the oldest; else the only default one.
    binds(&[(&["f ?"], &[(ADDRESS, 1)]), (&["f 3", "f 2-"], &[])], &[To(1, 2)], as_is);
    binds(&[(&["f ?"], &[(ADDRESS, 1)]), (&["f 3-", "f 4"], &[])], &[To(1, 2)], as_is);
    binds(&[(&["f ?"], &[(ADDRESS, 1)]), (&["f 3", "f 4"], &[])], &[Zero], as_is);
    // vna_other's hidden bit: exactly this version.
    let exactly = |scope: &mut Scope| scope.objects[0].needed[0].0 |= 0x8000;
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f 1", "g 2"], &[])], &[Zero], exactly);
    // Needs without a DT_VERSYM say nothing of any symbol.
    let without = |scope: &mut Scope| {
        (scope.objects[0].versym, scope.objects[0].needed[1].0) = (false, 0);
    };
    binds(&[(&["f ?5"], &[(ADDRESS, 1)]), (&["f 3", "f 4"], &[]), (&["f"], &[])], &[To(2, 1)], without);
}

#[test]
fn plt_entries_answer_addresses_only() {
    binds(&[(&["f +"], &[(ADDRESS, 1), (CALL, 1)]), (&["f"], &[])], &[To(0, 1), To(1, 1)], as_is);
    binds(&[(&["f ?t"], &[(TLS, 1)]), (&["f +"], &[]), (&["f t"], &[])], &[To(2, 1)], as_is);
}

#[test]
fn a_copy_is_of_another_object() {
    binds(&[(&["f"], &[(COPY, 1), (ADDRESS, 1)]), (&["f"], &[])], &[To(1, 1), To(0, 1)], as_is);
    binds(&[(&["f"], &[(COPY, 1)]), (&["g"], &[])], &[Zero], as_is);
}

#[test]
fn unique_symbols() {
    // The last object is relocated first: what it finds is everybody's, of whatever version.
    let first = |scope: &mut Scope| scope.objects[3].symbolic = true;
    let (asks, defines): (Sketch<'_>, Sketch<'_>) = ((&["f ?"], &[(ADDRESS, 1)]), (&["f u"], &[]));
    binds(&[asks, defines, (&["f"], &[]), (&["f u"], &[(ADDRESS, 1)])], &[To(3, 1)], first);
    // Where nobody else was first, the scope's.
    binds(&[asks, defines, (&["f u"], &[])], &[To(1, 1)], as_is);
    // A COPY is of the scope's definition, never of the process's one: that is what it is copied to.
    let copies: Sketch<'_> = (&["f u"], &[(COPY, 1), (ADDRESS, 1)]);
    binds(&[copies, (&["f u"], &[(ADDRESS, 1)])], &[To(1, 1), To(0, 1)], as_is);
    let opened = |scope: &mut Scope| (scope.first, scope.objects[2].symbolic) = (2, true);
    for gnu in [true, false] {
        let program = object(gnu, &["f"], &[(COPY, 1)]);
        let library = || object(gnu, &["f u"], &[(ADDRESS, 1)]);
        let mut scope = Scope { objects: vec![program, library(), library()], ..Scope::default() };
        opened(&mut scope);
        for outcome in ENGINES.into_iter().map(|engine| by_engine(&scope, engine)).chain([by_model(&scope)]) {
            assert_eq!([&outcome.0[0].0[..], &outcome.0[2].0], [[To(1, 1)], [To(0, 1)]]);
            assert_eq!(outcome.2, [("f".to_string(), (0, 1))]);
        }
    }
}

#[test]
fn lazy_functions() {
    let lazy = |scope: &mut Scope| scope.lazy = true;
    let now = |scope: &mut Scope| (scope.lazy, scope.objects[0].bind_now) = (true, true);
    let calls: [Sketch<'_>; 1] = [(&["f ?"], &[(CALL, 1)])];
    for (expected, scope) in [(WhenCalled, &lazy as &dyn Fn(&mut Scope)), (Zero, &now), (Zero, &as_is)] {
        binds(&calls, &[expected], scope);
    }
    // DT_JMPREL as a whole waits only where its slots may be stored to, and where there are enough.
    let slot = || Relocation { kind: CALL, symbol: 1, slot: true };
    let waits = |change: &dyn Fn(&mut Scope)| {
        let mut scope = Scope { first: 1, lazy: true, postpone: Some(2), ..Scope::default() };
        scope.objects = vec![Object { plt: vec![slot(), slot()], ..object(true, &["f"], &[]) }];
        change(&mut scope);
        let expected = by_model(&scope).0;
        for engine in ENGINES {
            assert_eq!(by_engine(&scope, engine).0, expected);
        }
        assert_eq!(expected[0].0.len(), if expected[0].1 { 0 } else { scope.objects[0].plt.len() });
        expected[0].1
    };
    assert!(waits(&|_| {}));
    // IRELATIVE is in nobody's way.
    assert!(waits(&|scope| scope.objects[0].plt[1] = Relocation { kind: 37, symbol: 0, slot: false }));
    assert!(!waits(&|scope| scope.lazy = false));
    assert!(!waits(&|scope| scope.postpone = None));
    assert!(!waits(&|scope| scope.postpone = Some(3)));
    assert!(!waits(&|scope| scope.objects[0].bind_now = true));
    assert!(!waits(&|scope| scope.objects[0].got = Got::Absent));
    assert!(!waits(&|scope| scope.objects[0].got = Got::ReadOnly));
    assert!(!waits(&|scope| scope.objects[0].got = Got::Relro));
    assert!(!waits(&|scope| scope.objects[0].plt[1].slot = false));
    assert!(!waits(&|scope| scope.objects[0].plt[1].kind = 36));
}
