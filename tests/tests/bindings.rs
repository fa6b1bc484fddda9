//! Resolution by the join binds every reference as the plain walk of the scope does: over every dynamic program and
//! library of the machine, and over generated scopes with all that bears on a binding. `--bindings` runs nothing.
//! Not compared with the system's loader, which tells bindings by name only; what the walk itself must find is in
//! testprogs/{scope,versions,reloc}.

mod common;

use common::{command, loader, must, run, scratch, shell};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The engines' answers for one file; how many relocations were bound.
fn compare(file: &Path) -> Result<usize, String> {
    let dir = file.parent().unwrap_or(Path::new("/"));
    let [walk, join, adaptive] = ["walk", "join", "adaptive"].map(|engine| {
        let mut command = command(dir, loader());
        run(command.args(["--bindings", engine]).arg(file))
    });
    if adaptive != walk && adaptive != join {
        return Err(format!("{}: the adaptive engine is neither", file.display()));
    }
    if walk != join {
        let lines = walk.stdout.lines().zip(join.stdout.lines());
        let first = lines.into_iter().find(|(walk, join)| walk != join);
        return Err(format!("{}: walk and join differ, first at {first:?}", file.display()));
    }
    Ok(walk.stdout.lines().count())
}

/// Files with an ELF header and, as far as that can be seen without reading them, a dynamic section.
fn objects_of_the_machine() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = vec![];
    for dir in ["/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-linux-gnu/12"] {
        let Ok(entries) = fs::read_dir(dir) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            let Ok(path) = fs::canonicalize(path) else { continue };
            let Ok(bytes) = read_start(&path) else { continue };
            if bytes.starts_with(b"\x7fELF") && matches!(bytes[16], 2 | 3) {
                files.push(path);
            }
        }
    }
    files.sort();
    files.dedup();
    files
}

fn read_start(path: &Path) -> std::io::Result<[u8; 64]> {
    use std::io::Read;
    let mut start = [0; 64];
    fs::File::open(path)?.read_exact(&mut start)?;
    Ok(start)
}

#[test]
fn walk_and_join_agree_on_every_object_of_the_machine() {
    let files = objects_of_the_machine();
    let (mut differ, mut bound, mut with_bindings) = (String::new(), 0, 0);
    for file in &files {
        match compare(file) {
            Ok(count) => (bound, with_bindings) = (bound + count, with_bindings + usize::from(count > 0)),
            Err(e) => writeln!(differ, "{e}").unwrap(),
        }
    }
    assert_eq!(differ, "");
    println!("{bound} bindings of {with_bindings} objects");
    assert!(with_bindings > 100 && bound > 100_000, "only {bound} bindings of {with_bindings} objects");
}

/// A source of choices, the same in every run.
struct Choices(u64);

impl Choices {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }
}

const LIBRARIES: u64 = 6;
const NAMES: u64 = 40;

/// A program and libraries that define and refer to a few names in every way: strong, weak, unique, protected, hidden,
/// versioned with and without default, as function, data, IFUNC and TLS-free alias, undefined and weakly undefined,
/// symbolic, with either hash table, and by COPY.
fn generate(dir: &Path, seed: u64) {
    let mut choices = Choices(seed);
    let mut needed = String::new();
    let mut build = String::from("set -e\n");
    for library in 0..LIBRARIES {
        let (mut code, mut script) = (String::new(), String::from("V1 { global: own_*; };\n V2 { } V1;\n"));
        for name in 0..NAMES {
            let kind = choices.below(12);
            match kind {
                0 => writeln!(code, "int f{name}(void) {{ return {library}; }}"),
                1 => writeln!(code, "__attribute__((weak)) int f{name}(void) {{ return {library}; }}"),
                2 => writeln!(code, "__attribute__((visibility(\"protected\"))) int f{name}(void) {{ return {library}; }}"),
                3 => writeln!(code, "__attribute__((visibility(\"hidden\"))) int f{name}(void) {{ return {library}; }}"),
                4 => writeln!(code, "int i{name}(void) {{ return 1; }}\n__asm__(\".symver i{name},f{name}@V1\");"),
                5 => writeln!(code, "int i{name}(void) {{ return 1; }}\n__asm__(\".symver i{name},f{name}@@V2\");"),
                6 => writeln!(code, "__asm__(\".data\\n.globl f{name}\\n.type f{name}, @gnu_unique_object\\nf{name}: .quad 1\\n.size f{name}, 8\\n.text\");\nextern int f{name}(void);"),
                7 => writeln!(
                    code,
                    "static int r{name}(void) {{ return 1; }}\nstatic void *s{name}(void) {{ return r{name}; }}\n\
                     int f{name}(void) __attribute__((ifunc(\"s{name}\")));"
                ),
                8 => writeln!(code, "extern int f{name}(void);\nvoid *p{library}_{name} = (void *)f{name};"),
                9 => writeln!(code, "extern int f{name}(void);\nint c{library}_{name}(void) {{ return f{name}(); }}"),
                10 => writeln!(
                    code,
                    "extern int f{name}(void) __attribute__((weak));\nvoid *w{library}_{name} = (void *)f{name};"
                ),
                _ => Ok(()),
            }
            .unwrap();
            // What it defines itself it refers to as well.
            let own = if matches!(kind, 4 | 5) { 'i' } else { 'f' };
            if kind < 8 && choices.below(2) == 0 {
                writeln!(code, "void *q{library}_{name} = (void *){own}{name};").unwrap();
            }
        }
        writeln!(code, "int own_{library} = 1;").unwrap();
        // As many references as a large program has: those are bound in another way.
        if library == 0 && seed % 2 == 1 {
            code += "__asm__(\".data\\n.rept 9000\\n.quad bulk\\n.endr\\n.text\");\n";
        }
        if choices.below(3) == 0 {
            script = "V1 { };\n V2 { } V1;\n".into();
        }
        fs::write(dir.join(format!("l{library}.c")), code).unwrap();
        fs::write(dir.join(format!("l{library}.map")), script).unwrap();
        let symbolic = if choices.below(4) == 0 { "-Wl,-Bsymbolic" } else { "" };
        let hash = ["gnu", "sysv", "both"][choices.below(3) as usize];
        writeln!(
            build,
            "gcc -w -O1 -fPIC -shared -nostdlib l{library}.c -o l{library}.so -Wl,--version-script=l{library}.map \
             -Wl,--hash-style={hash} -Wl,-z,lazy {symbolic} {needed}"
        )
        .unwrap();
        if choices.below(2) == 0 {
            needed = format!("-L. -Wl,--no-as-needed -l:l{library}.so -Wl,-rpath,'$ORIGIN'");
        }
    }
    let mut code = String::from("void _start(void) { for (;;); }\n");
    code += "int bulk;\n";
    for name in 0..NAMES {
        match choices.below(4) {
            0 => writeln!(code, "extern int f{name}(void);\nint c{name}(void) {{ return f{name}(); }}"),
            1 => writeln!(code, "extern int f{name}(void) __attribute__((weak));\nvoid *w{name} = (void *)f{name};"),
            2 => writeln!(code, "int f{name}(void) {{ return 9; }}"),
            _ => Ok(()),
        }
        .unwrap();
    }
    for library in 0..LIBRARIES {
        writeln!(code, "extern int own_{library};\nint read_{library}(void) {{ return own_{library}; }}").unwrap();
    }
    fs::write(dir.join("main.c"), code).unwrap();
    let pie = if choices.below(2) == 0 { "-fPIE -pie" } else { "-fno-pic -no-pie" };
    let all: String = (0..LIBRARIES).map(|library| format!(" -l:l{library}.so")).collect();
    writeln!(
        build,
        "gcc -w -O1 {pie} -nostdlib main.c -o prog -rdynamic -L. -Wl,--no-as-needed{all} -Wl,-rpath,'$ORIGIN' \
         -Wl,--unresolved-symbols=ignore-all -Wl,-z,lazy"
    )
    .unwrap();
    must(&mut shell(dir, &build));
}

#[test]
fn walk_and_join_agree_on_generated_scopes() {
    let mut bound = 0;
    for seed in 0..24 {
        let dir = scratch(&format!("generated-{seed}"));
        generate(&dir, seed);
        bound += compare(&dir.join("prog")).unwrap_or_else(|e| panic!("{e}"));
    }
    assert!(bound > 500, "only {bound} bindings");
}
