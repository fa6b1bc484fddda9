//! Three hundred lawful but bizarre libraries, which the system's loader and ours have to treat alike. All of them:
//! `cargo run --release -p ld-rs-tests --bin bizarre`.

use ld_rs_tests::bizarre::{Workshop, library::Library};
use ld_rs_tests::ld_rs;
use std::path::Path;

#[test]
fn libraries_are_opened_as_by_the_systems_loader() {
    let loader = ld_rs().unwrap_or_else(|e| panic!("no loader to test: {e}"));
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bizarre");
    let workshop = Workshop::build(&dir).unwrap_or_else(|e| panic!("{e}"));
    let report = workshop.compare(&loader, 1..301).unwrap_or_else(|e| panic!("{e}"));
    assert!(report.differences.is_empty(), "{:#?}\nfiles: {}", report.differences, dir.display());
    // A harness that opens nothing, or nothing odd, proves nothing.
    assert!(report.opened > 200 && report.refused > 5, "{} opened, {} refused", report.opened, report.refused);
    for feature in [
        "DT_FILTER",
        "DT_AUXILIARY",
        "DT_RELR",
        "DT_VERDEF",
        "PT_TLS",
        "STT_GNU_IFUNC",
        "STB 10",
        "SHN 0xfff1",
        "no DT_NULL",
        "PT_DYNAMIC twice",
        "bss alone",
        "program headers at the end",
        "symbols writable",
        "DT_FLAGS_1",
    ] {
        assert!(report.features.get(feature).is_some_and(|count| *count > 5), "{feature}: {:?}", report.features);
    }
}

#[test]
fn a_number_makes_the_same_library() {
    for number in 1..50 {
        let (one, other) = (Library::make(number), Library::make(number));
        assert!(one.bytes == other.bytes && one.asks == other.asks, "library {number}");
        assert!(!one.features.is_empty(), "library {number}");
    }
}
