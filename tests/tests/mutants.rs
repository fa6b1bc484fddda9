//! Two thousand malformed files, listed, verified, run and started by the kernel: none may crash the loader, hang it or
//! pass it if it must be refused. The soak is `cargo run --release -p ld-rs-tests --bin mutants -- --count 100000`.

use ld_rs_tests::mutants::judge::Class;
use ld_rs_tests::mutants::operators::OPERATORS;
use ld_rs_tests::mutants::seeds::Seeds;
use ld_rs_tests::mutants::{Mode, Mutant, batch};
use ld_rs_tests::progress::Progress;
use ld_rs_tests::{SYSTEM_LOADER, ld_rs};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn bad_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("mutants").join(name)
}

fn jobs() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

#[test]
fn no_file_crashes_it_and_none_is_wrongly_accepted() {
    let loader = ld_rs().unwrap_or_else(|e| panic!("no loader to test: {e}"));
    let seeds = Seeds::build(&loader, "test").unwrap_or_else(|e| panic!("{e}"));
    let bad = bad_folder("bad");
    let report =
        batch(&seeds, (1, 2000), &Mode::ALL, "", jobs(), &bad, &Progress::none()).unwrap_or_else(|e| panic!("{e}"));
    println!("{report}");
    // A harness that refuses everything, or starts nothing, proves nothing.
    assert!(report.count(Class::Ran) > 1000 && report.count(Class::Refused) > 1000, "{report}");
    assert_eq!(report.bad(), 0, "{report}\n{}files: {}", report.causes(&loader), bad.display());
}

/// The same files kill glibc's loader by the dozen: the classes that must stay empty above are found where they are.
#[test]
fn the_judge_sees_what_the_loader_of_the_system_does_wrong() {
    let seeds = Seeds::build(Path::new(SYSTEM_LOADER), "system").unwrap_or_else(|e| panic!("{e}"));
    let range = (1, 150);
    let modes = [Mode::List, Mode::Run];
    let report = batch(&seeds, range, &modes, "", jobs(), &bad_folder("system"), &Progress::none())
        .unwrap_or_else(|e| panic!("{e}"));
    assert!(report.count(Class::Crash) >= 5, "{report}");
    assert!(report.count(Class::WronglyAccepted) >= 5, "{report}");
    assert!(report.count(Class::Ran) >= 50, "{report}");
}

#[test]
fn a_number_makes_the_same_file_and_every_operator_has_its_turn() {
    let loader = ld_rs().unwrap_or_else(|e| panic!("no loader to test: {e}"));
    let seeds = Seeds::build(&loader, "turns").unwrap_or_else(|e| panic!("{e}"));
    let mut single = BTreeSet::new();
    let mut rules = BTreeSet::new();
    for number in 1..3000 {
        let make = || Mutant::make(&seeds.list, number, "").expect("no filter");
        let (one, other) = (make(), make());
        assert!(one.bytes == other.bytes && one.changes == other.changes, "mutant {number}");
        assert!(!one.changes.is_empty(), "mutant {number}: nothing changed");
        single.insert(one.operator);
        rules.insert(one.rule);
    }
    let missing: Vec<_> = OPERATORS.iter().map(|(name, _)| *name).filter(|name| !single.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(rules.len(), 4);
}
