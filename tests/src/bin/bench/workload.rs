//! Generated programs without a libc, so that the same files run under every loader: N libraries
//! which import from each other, and a program that walks all imports and prints a checksum. The
//! generator works the checksum out for itself, so speed cannot be bought with wrong answers.
//!
//! Assembler source, not C: half a million symbols are generated, assembled and linked in seconds.
//! What is built stays in target/bench until this file or testprogs/bench changes.

use crate::cache;
use ld_rs_tests::repository;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A symbol and the value behind it.
type Word = (String, u64);

/// Who needs whom (DT_NEEDED). Unless it says otherwise the program needs every library.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Graph {
    /// Each library needs that many of those after it, always the last one, which stands for libc.
    Web(usize),
    /// No library needs another.
    Flat,
    /// The program needs the first, each library the next.
    Chain,
    /// The program needs the first, library k needs 2k+1 and 2k+2.
    Tree,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Names {
    C,
    /// 110 bytes, mangled; those of one library differ in the last ten.
    Cpp,
}

/// One generated workload. The numbers are per library.
#[derive(Clone, Debug)]
pub struct Spec {
    pub libraries: usize,
    pub graph: Graph,
    pub names: Names,
    /// Words, and references to words of other libraries: half through the GOT, half from a table
    /// of pointers. One in five goes to the last library.
    pub exports: usize,
    pub imports: usize,
    /// Two version nodes a library, and every import asks for one of them.
    pub versions: bool,
    /// Weak words that every library defines and refers to, as C++ inline functions are.
    pub duplicates: usize,
    /// Functions called through the PLT, one in a hundred of them really.
    pub calls: usize,
    /// Directories in RUNPATH; the libraries are in the last one.
    pub directories: usize,
    /// The program and all libraries need musl's libc.
    pub musl: bool,
}

impl Spec {
    pub const fn new(libraries: usize, graph: Graph, symbols: usize) -> Spec {
        let (exports, imports) = (symbols, symbols);
        Spec {
            libraries,
            graph,
            names: Names::C,
            exports,
            imports,
            versions: false,
            duplicates: 0,
            calls: 0,
            directories: 0,
            musl: false,
        }
    }

    /// The libraries that library `k` needs, in order.
    fn needs(&self, k: usize) -> Vec<usize> {
        let last = self.libraries - 1;
        let mut needs: Vec<usize> = match self.graph {
            Graph::Flat => vec![],
            Graph::Web(_) if k == last => vec![],
            Graph::Web(n) => {
                let mut needs: Vec<_> = (1..n).map(|i| k + 1 + mix(k, i, 1) % (last - k)).collect();
                needs.push(last);
                needs
            }
            Graph::Chain => vec![k + 1],
            Graph::Tree => vec![2 * k + 1, 2 * k + 2],
        };
        needs.retain(|&n| n <= last);
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    /// The library that import `i` of library `k` comes from: one in five from the last, the
    /// others from those it needs, which a linker must see to know their versions.
    fn provider(&self, k: usize, i: usize) -> usize {
        let needs = self.needs(k);
        match needs.get(mix(k, i, 2) % needs.len().max(1)) {
            _ if i.is_multiple_of(5) => self.libraries - 1,
            Some(&library) => library,
            None if self.graph == Graph::Flat => mix(k, i, 3) % self.libraries,
            None => k,
        }
    }

    fn name(&self, kind: &str, k: usize, i: usize) -> String {
        match self.names {
            Names::C => format!("lib{k}_{kind}_{i}"),
            Names::Cpp => {
                let head = format!("_ZN5bench8lib_{k:04}");
                let tail = format!("10{kind}{i:0width$}Ev", width = 10 - kind.len());
                let stem = "basic_polymorphic_container_adaptor_with_customised_allocation_policy_";
                let length = 110 - head.len() - tail.len() - 2;
                let stem: String = stem.chars().cycle().take(length).collect();
                format!("{head}{length}{stem}{tail}")
            }
        }
    }

    /// The words that the walk of library `k` adds up, in its order.
    fn walk(&self, k: usize) -> Vec<Word> {
        let word = |i| {
            let (from, which) = (self.provider(k, i), mix(k, i, 4) % self.exports);
            (self.name("value", from, which), value(from, which))
        };
        // The first definition wins, and the first library comes first in every graph.
        let duplicate = |i| (self.name("weak", 9999, i), value(0, 1_000_000 + i));
        (0..self.imports).map(word).chain((0..self.duplicates).map(duplicate)).collect()
    }

    /// The functions that library `k` calls or could call.
    fn callees(&self, k: usize) -> Vec<Word> {
        let callee = |i| {
            let (from, which) = (self.provider(k, i), i);
            (self.name("call", from, which), value(from, 2_000_000 + which))
        };
        (0..self.calls).map(callee).collect()
    }

    fn called(i: usize) -> bool {
        i.is_multiple_of(100)
    }

    fn checksum(&self) -> u64 {
        let fold = |sum: u64, value: u64| sum.wrapping_mul(5).wrapping_add(value);
        let walk = |k| {
            let called = self.callees(k).into_iter().enumerate().filter(|&(i, _)| Spec::called(i)).map(|(_, c)| c);
            // As the code goes: GOT, calls, table.
            let (got, table) = halves(self.walk(k));
            got.into_iter().chain(called).chain(table).fold(0, |sum, (_, value)| fold(sum, value))
        };
        (0..self.libraries).map(walk).fold(0, fold)
    }

    fn library_source(&self, k: usize) -> String {
        let mut s = String::from(".section .rodata\n.balign 8\n");
        let mut word = |name: &str, binding: &str, value: u64| {
            let _ = write!(s, ".{binding} {name}\n.type {name},@object\n.size {name},8\n{name}: .quad {value}\n");
        };
        for i in 0..self.exports {
            word(&self.name("value", k, i), "globl", value(k, i));
        }
        for i in 0..self.duplicates {
            word(&self.name("weak", 9999, i), "weak", value(k, 1_000_000 + i));
        }
        s.push_str(".text\n");
        for i in 0..self.calls {
            let (name, value) = (self.name("call", k, i), value(k, 2_000_000 + i));
            let _ = write!(s, ".globl {name}\n.type {name},@function\n{name}: movabs ${value},%rdx\nret\n");
        }
        let (got, table) = halves(self.walk(k));
        let _ = write!(s, ".globl walk_{k}\n.type walk_{k},@function\nwalk_{k}:\nsub $8,%rsp\nxor %eax,%eax\n");
        for (name, _) in got {
            let _ = write!(s, "mov {name}@GOTPCREL(%rip),%rcx\nlea (%rax,%rax,4),%rax\nadd (%rcx),%rax\n");
        }
        let (called, unused): (Vec<_>, Vec<_>) =
            self.callees(k).into_iter().enumerate().partition(|&(i, _)| Spec::called(i));
        for (_, (name, _)) in called {
            let _ = write!(s, "push %rax\nsub $8,%rsp\ncall {name}@PLT\nadd $8,%rsp\npop %rax\n");
            s.push_str("lea (%rax,%rax,4),%rax\nadd %rdx,%rax\n");
        }
        if !table.is_empty() {
            let _ = write!(s, "lea table(%rip),%rdx\nmov ${},%ecx\n", table.len());
            s.push_str("1: mov (%rdx),%rsi\nlea (%rax,%rax,4),%rax\nadd (%rsi),%rax\n");
            s.push_str("add $8,%rdx\ndec %ecx\njnz 1b\n");
        }
        s.push_str("add $8,%rsp\nret\n");
        for (_, (name, _)) in unused {
            let _ = writeln!(s, "call {name}@PLT");
        }
        s.push_str(".section .data.rel.ro,\"aw\"\n.balign 8\ntable:\n");
        for (name, _) in table {
            let _ = writeln!(s, ".quad {name}");
        }
        s
    }

    /// The version script of library `k`: what it exports, in two nodes of which one inherits.
    fn version_script(&self, k: usize) -> String {
        let mut nodes = [format!("walk_{k};\n"), String::new()];
        for i in 0..self.exports {
            let _ = writeln!(nodes[i % 2], "{};", self.name("value", k, i));
        }
        let [first, second] = nodes;
        format!("LIB{k}_1.0 {{ global:\n{first}}};\nLIB{k}_1.1 {{ global:\n{second}}} LIB{k}_1.0;\n")
    }

    /// Where the library lies, relative to the program.
    fn file(&self, k: usize) -> String {
        match self.directories.checked_sub(1) {
            Some(last) => format!("d{last:02}/lib{k}.so"),
            None => format!("lib{k}.so"),
        }
    }

    /// Of the program. Its libraries find each other loaded, or beside themselves.
    fn runpath(&self) -> String {
        if self.directories == 0 {
            return "$ORIGIN".into();
        }
        (0..self.directories).map(|i| format!("$ORIGIN/d{i:02}")).collect::<Vec<_>>().join(":")
    }
}

/// What the bench needs to know of a built workload.
pub struct Built {
    pub program: PathBuf,
    pub stdout: String,
}

/// # Errors
/// When a tool is missing or refuses what was generated.
pub fn build(name: &str, spec: &Spec) -> Result<Built, String> {
    let stdout = format!("{:#x}", spec.checksum());
    let key = format!("{spec:?}{}{}", include_str!("workload.rs"), walk_source()?);
    let dir = cache::dir(name, &key, |dir| {
        for i in 0..spec.directories {
            fs::create_dir_all(dir.join(format!("d{i:02}"))).map_err(|e| e.to_string())?;
        }
        let write = |file: String, text: String| fs::write(dir.join(file), text).map_err(|e| e.to_string());
        in_parallel(spec.libraries, &|k| {
            write(format!("{k}.s"), spec.library_source(k))?;
            if spec.versions {
                write(format!("{k}.map"), spec.version_script(k))?;
            }
            cache::tool(dir, "as", &[&format!("{k}.s"), "-o", &format!("{k}.o")])?;
            if spec.graph == Graph::Flat { link_library(dir, spec, k) } else { Ok(()) }
        })?;
        if spec.graph != Graph::Flat {
            // Those that are needed exist before those that need them.
            (0..spec.libraries).rev().try_for_each(|k| link_library(dir, spec, k))?;
        }
        let walks: String = (0..spec.libraries).map(|k| format!(".quad walk_{k}\n")).collect();
        let needed = match spec.graph {
            Graph::Chain | Graph::Tree => 1,
            Graph::Flat | Graph::Web(_) => spec.libraries,
        };
        let libraries: Vec<String> = (0..needed).map(|k| spec.file(k)).collect();
        link_program(dir, &walks, &libraries, &spec.runpath(), spec.musl)?;
        for k in 0..spec.libraries {
            let _ = fs::remove_file(dir.join(format!("{k}.s")));
            let _ = fs::remove_file(dir.join(format!("{k}.o")));
        }
        Ok(())
    })?;
    Ok(Built { program: dir.join("prog"), stdout })
}

fn link_library(dir: &Path, spec: &Spec, k: usize) -> Result<(), String> {
    let (object, map, soname) = (format!("{k}.o"), format!("--version-script={k}.map"), format!("lib{k}.so"));
    let file = spec.file(k);
    let needs: Vec<String> = spec.needs(k).into_iter().map(|n| spec.file(n)).collect();
    let mut args = vec![object.as_str(), "-o", &file, "-soname", &soname, "-rpath", "$ORIGIN"];
    args.extend(LINK);
    if spec.versions {
        args.push(&map);
    }
    args.extend(needs.iter().map(String::as_str));
    match spec.musl {
        false => cache::tool(dir, "ld", &args),
        true => link_with_musl(dir, &args, &["-shared"]),
    }
}

/// The compiler that links with musl's libc.
pub const MUSL_GCC: &str = "musl-gcc";

/// `args` are those of the linker itself.
fn link_with_musl(dir: &Path, args: &[&str], more: &[&str]) -> Result<(), String> {
    let linker = args.iter().filter(|arg| **arg != "-shared").flat_map(|arg| ["-Xlinker", arg]);
    cache::tool(dir, MUSL_GCC, &more.iter().copied().chain(linker).collect::<Vec<_>>())
}

/// `hello` built for musl, and the same with one more library.
///
/// # Errors
/// As [`build`].
pub fn hello() -> Result<[PathBuf; 2], String> {
    let source = sources().join("hello.c");
    let text = fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    let dir = cache::dir("musl, hello", &format!("{text}{}", include_str!("workload.rs")), |dir| {
        let source = source.to_string_lossy();
        let gcc = |args: &[&str]| cache::tool(dir, MUSL_GCC, &[&["-O2"], args].concat());
        fs::write(dir.join("more.c"), "int more = 1;\n").map_err(|e| e.to_string())?;
        gcc(&["-shared", "-fPIC", "-Wl,-soname,libmore.so", "more.c", "-o", "libmore.so"])?;
        gcc(&[&source, "-o", "hello"])?;
        gcc(&[&source, "-o", "hello-more", "-Wl,--no-as-needed", "./libmore.so", "-Wl,-rpath,$ORIGIN"])
    })?;
    Ok(["hello", "hello-more"].map(|name| dir.join(name)))
}

/// As Debian's compiler calls it, lazy binding included; every library named is needed.
const LINK: [&str; 8] = [
    "-shared",
    "--hash-style=gnu",
    "--enable-new-dtags",
    "--no-as-needed",
    "--allow-shlib-undefined",
    "-znoexecstack",
    "-zrelro",
    "-zlazy",
];

/// The program around a table of walks (assembler lines). Linked as a shared object with an
/// interpreter: a linker lets that refer to libraries that only its libraries need.
fn link_program(dir: &Path, walks: &str, libraries: &[String], runpath: &str, musl: bool) -> Result<(), String> {
    // A compiler that links with a libc names the interpreter itself.
    let interpreter = match musl {
        false => format!(".section .interp,\"a\"\n.asciz \"{}\"\n", ld_rs_tests::SYSTEM_LOADER),
        true => String::new(),
    };
    let table = format!(
        "{interpreter}\
         .section .data.rel.ro,\"aw\"\n.balign 8\n.globl walks\n.hidden walks\nwalks:\n{walks}.quad 0\n"
    );
    fs::write(dir.join("walks.s"), table).map_err(|e| e.to_string())?;
    cache::tool(dir, "as", &["walks.s", "-o", "walks.o"])?;
    let source = sources().join("walk.c");
    let include = repository().join("testprogs/include");
    let (source, include) = (source.to_string_lossy(), include.to_string_lossy());
    let compile = |compiler: &str, flag: &str| {
        let flags = ["-O2", flag, "-fPIC", "-fvisibility=hidden", "-I", &include];
        cache::tool(dir, compiler, &[&flags[..], &["-c", &source, "-o", "main.o"]].concat())
    };
    let mut args = vec!["main.o", "walks.o", "-o", "prog", "-rpath", runpath];
    args.extend(LINK);
    args.extend(libraries.iter().map(String::as_str));
    if musl {
        compile(MUSL_GCC, "-fhosted")?;
        return link_with_musl(dir, &args, &["-pie"]);
    }
    compile("gcc", "-ffreestanding")?;
    args.extend(["-e", "_start"]);
    cache::tool(dir, "ld", &args)
}

/// A million pointers of a library into itself. `packed`: as DT_RELR.
///
/// # Errors
/// As [`build`].
pub fn relative(name: &str, packed: bool) -> Result<Built, String> {
    const WORDS: u64 = 1_000_000;
    let source = format!(
        ".globl walk_0\n.type walk_0,@function\nwalk_0:\nlea table(%rip),%rdx\nmov ${WORDS},%ecx\nxor %eax,%eax\n\
         1: add (%rdx),%rax\nsub %rdx,%rax\nlea (%rax,%rcx),%rax\nadd $8,%rdx\ndec %ecx\njnz 1b\nret\n\
         .data\n.balign 8\ntable:\n.rept {WORDS}\n.quad .\n.endr\n"
    );
    let key = format!("{source}{packed}{}{}", include_str!("workload.rs"), walk_source()?);
    let dir = cache::dir(name, &key, |dir| {
        fs::write(dir.join("0.s"), &source).map_err(|e| e.to_string())?;
        cache::tool(dir, "as", &["0.s", "-o", "0.o"])?;
        let form = if packed { "-zpack-relative-relocs" } else { "-znopack-relative-relocs" };
        let mut args = vec!["0.o", "-o", "lib0.so", "-soname", "lib0.so", form];
        args.extend(LINK);
        cache::tool(dir, "ld", &args)?;
        let tags = Command::new("readelf").args(["-Wd", "lib0.so"]).current_dir(dir).output();
        let tags = tags.map_err(|e| format!("readelf: {e}"))?;
        if String::from_utf8_lossy(&tags.stdout).contains("(RELR)") != packed {
            return Err(format!("{name}: the linker made the other form"));
        }
        link_program(dir, ".quad walk_0\n", &["lib0.so".into()], "$ORIGIN", false)?;
        fs::remove_file(dir.join("0.o")).map_err(|e| e.to_string())
    })?;
    // A right word adds nothing, so that the numbers 1..=WORDS remain.
    Ok(Built { program: dir.join("prog"), stdout: format!("{:#x}", WORDS * (WORDS + 1) / 2) })
}

/// A program of one system call, as a dynamic one without libraries and as an empty static-pie.
///
/// # Errors
/// As [`build`].
pub fn alone(name: &str) -> Result<(PathBuf, PathBuf), String> {
    let source = sources().join("exit.S");
    let text = fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    let dir = cache::dir(name, &format!("{text}{}", include_str!("workload.rs")), |dir| {
        cache::tool(dir, "gcc", &["-c", &source.to_string_lossy(), "-o", "exit.o"])?;
        let hash = "--hash-style=gnu";
        let interpreter = format!("--dynamic-linker={}", ld_rs_tests::SYSTEM_LOADER);
        cache::tool(dir, "ld", &["-pie", hash, "-znoexecstack", &interpreter, "exit.o", "-o", "prog"])?;
        let flags = ["-static", "-pie", "--no-dynamic-linker", hash, "-znoexecstack"];
        cache::tool(dir, "ld", &[&flags[..], &["exit.o", "-o", "static-pie"]].concat())
    })?;
    Ok((dir.join("prog"), dir.join("static-pie")))
}

/// The folder of the C sources.
pub fn sources() -> PathBuf {
    repository().join("testprogs/bench")
}

fn walk_source() -> Result<String, String> {
    let path = sources().join("walk.c");
    fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
}

fn halves(walk: Vec<Word>) -> (Vec<Word>, Vec<Word>) {
    let (mut even, mut odd) = (vec![], vec![]);
    for (i, word) in walk.into_iter().enumerate() {
        if i.is_multiple_of(2) { even.push(word) } else { odd.push(word) }
    }
    (even, odd)
}

fn value(k: usize, i: usize) -> u64 {
    mix(k, i, 5) as u64
}

/// Numbers that look random and are the same in every run (the finaliser of splitmix64).
fn mix(a: usize, b: usize, c: usize) -> usize {
    let mut x = (a as u64) << 40 ^ (b as u64) << 8 ^ c as u64;
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        x = (x ^ x >> 29).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(factor);
    }
    (x ^ x >> 32) as usize
}

/// Calls `work` with 0..count on two threads; ends with the first error.
///
/// # Errors
/// That error.
pub fn in_parallel(count: usize, work: &(dyn Fn(usize) -> Result<(), String> + Sync)) -> Result<(), String> {
    let next = AtomicUsize::new(0);
    let worker = || {
        loop {
            match next.fetch_add(1, Ordering::Relaxed) {
                k if k < count => work(k)?,
                _ => return Ok(()),
            }
        }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(worker);
        worker().and(other.join().unwrap_or_else(|_| Err("a worker panicked".into())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpp_names_are_mangled_and_110_bytes_long() {
        let spec = Spec { names: Names::Cpp, ..Spec::new(1000, Graph::Flat, 1) };
        for (kind, k, i) in [("value", 7, 3), ("weak", 9999, 499), ("call", 0, 1999)] {
            let name = spec.name(kind, k, i);
            assert_eq!(name.len(), 110);
            let plain = Command::new("c++filt").arg(&name).output().unwrap().stdout;
            assert!(plain.starts_with(format!("bench::lib_{k:04}::basic_").as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_library_needs_only_later_ones() {
        for graph in [Graph::Web(8), Graph::Flat, Graph::Chain, Graph::Tree] {
            let spec = Spec::new(127, graph, 1);
            assert!((0..127).all(|k| spec.needs(k).iter().all(|&n| k < n && n < 127)), "{graph:?}");
        }
    }
}
