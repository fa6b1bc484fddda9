//! The bounded run of every target, two seconds each, and that the runner would see what is wrong.

use ld_rs_fuzz::{TARGETS, runner, seeds, targets};
use ld_rs_plan::elf::header;
use std::path::Path;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: runner::Counting = runner::Counting;

#[test]
fn no_target_has_a_finding() {
    runner::quiet_panics();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("findings");
    for (name, _) in TARGETS {
        let done = runner::batch(name, 1, 200_000, Duration::from_secs(2), &folder);
        println!("{name}: {} executions, corpus {}", done.runs, done.kept);
        assert!(done.findings.is_empty(), "{name}: {:#?}", done.findings);
        // A target that sees nothing new in mutants looks at nothing.
        assert!(done.runs > 200 && done.kept > seeds::of(name).len(), "{name}: {done:?}");
    }
}

#[test]
fn seeds_are_sound() {
    for (kind, file) in seeds::of("elf").iter().enumerate() {
        let length = file.len() as u64;
        let ident = header::ident(file, length).unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        let (at, size) = ident.table();
        let headers = header::headers(ident, &file[at as usize..(at + size) as usize], length, ld_rs_plan::MIN_PAGE);
        let headers = headers.unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        let parts: Vec<_> = headers
            .segments
            .iter()
            .map(|s| ld_rs_plan::elf::Part {
                vaddr: s.memory.vaddr,
                bytes: &file[s.offset as usize..(s.offset + s.filesz) as usize],
            })
            .collect();
        let memory = ld_rs_plan::elf::Memory::new(&parts);
        let dynamic = ld_rs_plan::elf::dynamic::Dynamic::parse(&headers, memory);
        let dynamic = dynamic.unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        assert_eq!(dynamic.soname, Some(&b"libfuzz.so"[..]));
        let two = dynamic.find(&ld_rs_plan::elf::lookup::Query::new(b"two", None));
        assert_eq!(two, Some(2), "{kind}");
        assert_eq!(dynamic.versions.needs.len(), usize::from(kind & 4 != 0));
        assert_eq!(dynamic.rela.len(), if kind & 8 != 0 { 3 } else { 0 });
    }
    for kind in 0..4 {
        let bytes = seeds::cache(kind);
        let cache = ld_rs_plan::cache::Cache::parse(&bytes).expect("a cache");
        assert_eq!(cache.find(b"liba.so", |_| Some(1), || 0), Some(&b"/lib/liba.so"[..]), "{kind}");
    }
}

#[test]
fn the_runner_sees_panics_and_waste() {
    runner::quiet_panics();
    let panics = |bytes: &[u8]| vec![u64::from(bytes[3])];
    assert!(runner::judge(panics, b"ab").is_err_and(|said| said.contains("index out of bounds")));
    let wastes = |bytes: &[u8]| vec![1u64; bytes.len() << 20];
    assert!(runner::judge(wastes, b"ab").is_err_and(|said| said.contains("bytes of memory")));
    let sleeps = |_: &[u8]| {
        std::thread::sleep(Duration::from_millis(1100));
        Vec::new()
    };
    assert!(runner::judge(sleeps, b"").is_err());
    assert!(runner::judge(targets::conf, b"/lib").is_ok());
}
