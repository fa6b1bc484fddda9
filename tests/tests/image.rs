//! The file ld-rs.so itself: what the kernel, linkers, debuggers and package tools see of it, in both profiles. The
//! debug build counts because relocating oneself is easy to get right only under the optimiser.

mod common;

use common::{command, loader, must, repository, run, scratch, shell, tool};
use ld_rs_tests::run::start;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The debug build of this checkout; built here when nobody did.
fn debug_build() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debug-build");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--package", "ld-rs", "--target-dir"]).arg(&target).current_dir(repository());
        let built = start(&mut build).expect("cargo").wait().expect("cargo");
        assert!(built.success(), "cargo build: {built}");
        target.join("debug/ld-rs.so")
    })
}

fn profiles() -> [PathBuf; 2] {
    [loader(), debug_build().to_owned()]
}

fn readelf(what: &str, file: &Path) -> String {
    tool("readelf", "binutils");
    must(command(&repository(), "readelf").args(["-W", what]).arg(file))
}

#[test]
fn both_profiles_start_a_program() {
    for file in profiles() {
        let outcome = run(command(&repository(), &file).arg("/bin/true"));
        assert_eq!((outcome.end.as_str(), outcome.stderr.as_str()), ("exit 0", ""), "{}", file.display());
        let outcome = run(command(&repository(), &file).args(["/bin/echo", "hello"]));
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("hello\n", ""), "{}", file.display());
    }
}

#[test]
fn file_calls_it_static_pie() {
    tool("file", "file");
    for file in profiles() {
        let said = must(command(&repository(), "file").args(["-b", "-L"]).arg(&file));
        assert!(said.starts_with("ELF 64-bit LSB ") && said.contains(", x86-64,"), "{said}");
        assert!(said.contains(", static-pie linked,"), "{said}");
    }
}

/// A function that is bound by its first call finds in these registers what its caller put there: the
/// binder keeps the low halves of xmm0 to xmm15 and nothing else.
#[test]
fn no_instruction_changes_wide_vectors() {
    tool("objdump", "binutils");
    for file in profiles() {
        // Only what the test looks at: all of a dev build is more than the harness takes.
        let line = format!("objdump -d --no-show-raw-insn {} | grep -E '%[xyz]?mm|%st|%k1|vzero|vmov'", file.display());
        let code = must(&mut shell(&repository(), &line));
        let wide = ["%ymm", "%zmm", "%mm", "%st", "%k1", "vzero", "vmov"];
        let found = code.lines().find(|line| wide.iter().any(|register| line.contains(register)));
        assert_eq!(found, None, "{}", file.display());
        assert!(code.contains("%xmm15"));
    }
}

#[test]
fn it_depends_on_nothing() {
    for file in profiles() {
        let header = readelf("-h", &file);
        assert!(header.contains("DYN ("), "{header}");
        let dynamic = readelf("-d", &file);
        assert!(dynamic.contains("Library soname: [ld-linux-x86-64.so.2]"), "{dynamic}");
        for word in ["(NEEDED)", "(TEXTREL)", "TEXTREL", "(RPATH)", "(RUNPATH)", "(INIT", "(FINI", "(PREINIT"] {
            assert!(!dynamic.contains(word), "{word} in\n{dynamic}");
        }
        assert!(dynamic.contains("(GNU_HASH)") && dynamic.contains("NOW"), "{dynamic}");
    }
}

#[test]
fn segments_are_hardened() {
    for file in profiles() {
        let segments = readelf("-l", &file);
        let lines = |kind: &str| segments.lines().filter(|l| l.trim_start().starts_with(kind)).collect::<Vec<_>>();
        assert!(lines("INTERP").is_empty() && lines("TLS").is_empty(), "{segments}");
        assert_eq!(lines("GNU_RELRO").len(), 1, "{segments}");
        let stack = lines("GNU_STACK");
        assert!(stack.len() == 1 && stack[0].contains(" RW ") && !stack[0].contains("RWE"), "{segments}");
        let loads = lines("LOAD");
        assert!(loads.iter().any(|l| l.contains(" R E ")), "{segments}");
        assert!(loads.iter().all(|l| !l.contains("RWE") && !l.contains(" WE ")), "{segments}");
    }
}

/// `_start` can apply nothing else, and has no symbol look-up.
#[test]
fn relocations_are_relative() {
    for file in profiles() {
        let shown = readelf("-r", &file);
        let others: Vec<_> =
            shown.lines().filter(|l| l.contains("R_X86_64_") && !l.contains("R_X86_64_RELATIVE ")).collect();
        assert!(others.is_empty(), "{others:#?}");
        assert!(shown.contains("R_X86_64_RELATIVE ") || shown.contains(".relr.dyn"), "{shown}");
    }
}

/// Every name under a version node of linker.ld, as `name@@NODE`.
fn export_list() -> BTreeSet<String> {
    let text = fs::read_to_string(repository().join("linker.ld")).expect("linker.ld");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("/*") {
        plain += before;
        rest = after.split_once("*/").expect("end of comment").1;
    }
    plain += rest;
    let plain: String = plain.lines().map(|l| l.split('#').next().unwrap_or("")).collect::<Vec<_>>().join(" ");
    let mut names = BTreeSet::new();
    let mut rest = plain.as_str();
    while let Some((head, after)) = rest.split_once('{') {
        let node = head.rsplit(';').next().unwrap_or("").trim();
        let (body, after) = after.split_once('}').expect("end of node");
        let mut global = true;
        for entry in body.split(';').map(str::trim) {
            // `local: *` may follow `global:` in one entry when a label stands before a name.
            let name = match entry.rsplit_once(':') {
                Some((label, name)) => {
                    global = label.trim() != "local";
                    name.trim()
                }
                None => entry,
            };
            if global && !name.is_empty() {
                assert!(!name.contains('*'), "linker.ld exports a pattern: {name}");
                names.insert(if node.is_empty() { name.to_string() } else { format!("{name}@@{node}") });
            }
        }
        // `}` is followed by the node it inherits from, up to the semicolon.
        rest = after.split_once(';').map_or("", |(_, r)| r);
    }
    names
}

#[test]
fn it_exports_what_linker_ld_lists() {
    let wanted = export_list();
    assert!(wanted.contains("__tls_get_addr@@GLIBC_2.3") && wanted.contains("_r_debug@@GLIBC_2.2.5"), "{wanted:#?}");
    for file in profiles() {
        let table = readelf("--dyn-syms", &file);
        let mut found = BTreeSet::new();
        for line in table.lines() {
            let fields: Vec<_> = line.split_whitespace().collect();
            // Num: Value Size Type Bind Vis Ndx Name; the null symbol has no name, version nodes are absolute.
            if let [_, _, _, _, bind, vis, index, name, ..] = fields[..]
                && fields[0].ends_with(':')
                && fields[0] != "Num:"
                && index != "ABS"
            {
                assert_ne!(index, "UND", "undefined: {line}");
                assert!(bind == "GLOBAL" || bind == "WEAK" || bind == "UNIQUE", "{line}");
                assert!(vis == "DEFAULT" || vis == "PROTECTED", "{line}");
                found.insert(name.to_string());
            }
        }
        let missing: Vec<_> = wanted.difference(&found).collect();
        let extra: Vec<_> = found.difference(&wanted).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{}\nmissing: {missing:#?}\nextra: {extra:#?}", file.display());
    }
}

/// Other programs can be linked against it, as against any shared object.
#[test]
fn a_program_can_be_linked_against_it() {
    tool("gcc", "gcc");
    let dir = scratch("linked");
    let source = "extern char _r_debug[40]; int main(void) { return _r_debug[0] == 0; }\n";
    fs::write(dir.join("prog.c"), source).expect("write");
    let ours = loader();
    must(
        command(&dir, "gcc")
            .args(["-o", "prog", "prog.c"])
            .arg(&ours)
            .arg(format!("-Wl,--dynamic-linker={}", ours.display())),
    );
    assert!(readelf("-d", &dir.join("prog")).contains("Shared library: [ld-linux-x86-64.so.2]"));
    assert_eq!(run(&mut command(&dir, "./prog")).end, "exit 0");
}
