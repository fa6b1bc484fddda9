//! Turns one configuration of a test program into files. Each configuration has a folder of its
//! own, holding a copy of the program's folder, so that linker scripts and `sh` steps may use
//! relative names. A source is compiled once for all configurations that ask for the same
//! command (the axis `ld` does not reach the compiler).

use crate::directive::{Config, Libc, Spec, Step};
use crate::run::{self, End, shell_line};
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};

/// What a loader exports to programs that have no libc. Linkers refuse a program with an
/// undefined symbol, or resolve it to zero and forget it (bfd, mold); linked against this, the
/// references stay. The soname is the one that every loader answers with itself.
const LOADER_SONAME: &str = "ld-linux-x86-64.so.2";
const LOADER_SYMBOLS: &str = "
    .globl __tls_get_addr
    .type __tls_get_addr, @function
    __tls_get_addr:
    .globl _dl_allocate_tls
    .type _dl_allocate_tls, @function
    _dl_allocate_tls:
    .globl _dl_allocate_tls_init
    .type _dl_allocate_tls_init, @function
    _dl_allocate_tls_init:
    .globl _dl_deallocate_tls
    .type _dl_deallocate_tls, @function
    _dl_deallocate_tls:
    .globl _dl_debug_state
    .type _dl_debug_state, @function
    _dl_debug_state:
    .globl _dl_get_tls_static_info
    .type _dl_get_tls_static_info, @function
    _dl_get_tls_static_info:
    ud2
    .globl _r_debug
    .type _r_debug, @object
    .size _r_debug, 40
    .data
    _r_debug: .zero 40
    .section .note.GNU-stack,\"\",@progbits
";

/// glibc's loader serves `__tls_get_addr` only where something needs it by name, and then takes
/// its allocator and its locks from an object called `libc.so.6`. The real one would add a TLS
/// block of its own to every layout; this one gives the loader what it asks for and has none.
const ORACLE_LIBC: &str = r"
    typedef unsigned long size_t;
    static char arena[1 << 22] __attribute__((aligned(16)));
    static size_t used;
    void *malloc(size_t size)
    {
        size_t take = ((size + 15) & -16ul) + 16;
        size_t at = __atomic_fetch_add(&used, take, __ATOMIC_RELAXED);
        if (at + take > sizeof arena)
            __builtin_trap();
        *(size_t *)(arena + at) = size;
        return arena + at + 16;
    }
    void *calloc(size_t n, size_t size) { return malloc(n * size); }
    void free(void *p) { (void)p; }
    void *realloc(void *old, size_t size)
    {
        char *new = malloc(size), *from = old;
        for (size_t i = 0; from && i < size && i < *(size_t *)(from - 16); i++)
            ((volatile char *)new)[i] = from[i];
        return new;
    }
    int pthread_mutex_lock(void *mutex) { (void)mutex; return 0; }
    int pthread_mutex_unlock(void *mutex) { (void)mutex; return 0; }
    void __libc_early_init(_Bool initial) { (void)initial; }
";
const ORACLE_LIBC_VERSIONS: &str = "
    GLIBC_2.2.5 { global: malloc; calloc; free; realloc; pthread_mutex_lock; pthread_mutex_unlock; local: *; };
    GLIBC_PRIVATE { __libc_early_init; };
";

/// With clang's own headers before musl's, as it has them before any libc's.
const CLANG_FOR_MUSL: [&str; 4] =
    ["--target=x86_64-linux-musl", "-nostdlibinc", "-isystem", "/usr/include/x86_64-linux-musl"];

/// Filled by the first trial that wants a file; the others wait for it and share its fate.
type Once<T> = OnceLock<Result<T, String>>;

/// The places and the files that all configurations share.
pub struct Workshop {
    root: PathBuf,
    include: PathBuf,
    interp: String,
    objects: Mutex<HashMap<String, Arc<Once<()>>>>,
    symbols: Once<PathBuf>,
    oracle_libc: Once<PathBuf>,
}

/// A configuration that was built.
pub struct Built {
    /// Its folder.
    pub dir: PathBuf,
    /// The commands that built it, to be pasted into a shell.
    pub log: Vec<String>,
}

impl Workshop {
    /// Builds below `root`; programs ask for `interp` as their interpreter.
    pub fn new(root: &Path, testprogs: &Path, interp: &Path) -> Workshop {
        Workshop {
            root: root.to_path_buf(),
            include: testprogs.join("include"),
            interp: interp.display().to_string(),
            objects: Mutex::new(HashMap::new()),
            symbols: OnceLock::new(),
            oracle_libc: OnceLock::new(),
        }
    }

    /// Builds one configuration of the program in the folder `source` as `name` and checks its
    /// files.
    ///
    /// # Errors
    /// The command that failed, those before it, and what it printed.
    pub fn build(&self, source: &Path, name: &str, spec: &Spec, config: &Config) -> Result<Built, String> {
        // A configuration without axes has a folder too: that of the claim holds the other ones.
        let dir = self.root.join(if name.ends_with('/') { format!("{name}plain") } else { name.to_owned() });
        let io = |e: std::io::Error| format!("{}: {e}", dir.display());
        if dir.exists() {
            std::fs::remove_dir_all(&dir).map_err(io)?;
        }
        std::fs::create_dir_all(&dir).map_err(io)?;
        for entry in std::fs::read_dir(source).map_err(io)? {
            let entry = entry.map_err(io)?;
            if entry.path().is_file() {
                std::fs::copy(entry.path(), dir.join(entry.file_name())).map_err(io)?;
            }
        }
        let mut built = Built { dir, log: Vec::new() };
        for step in &spec.steps {
            let done = match step {
                Step::Build { output, words } => self.link(source, spec, config, output, words, &mut built),
                Step::Sh(line) => self.sh(source, spec, config, line, &mut built),
            };
            done.map_err(|e| format!("{}\n{e}", built.log.join("\n")))?;
        }
        for check in &spec.elf {
            let mut readelf = Command::new("readelf");
            readelf.arg("-Wdrl").arg(&check.file).current_dir(&built.dir);
            let shown = output_of(&mut readelf, &built.dir)?;
            for word in &check.words {
                if shown.contains(word.as_str()) != check.has {
                    let wish = if check.has { "lacks" } else { "has" };
                    let log = built.log.join("\n");
                    return Err(format!("{log}\n{} {wish} {word}:\n{shown}", check.file));
                }
            }
        }
        Ok(built)
    }

    /// The object to preload for the system's loader where a program has no libc.
    ///
    /// # Errors
    /// The command that failed to build it.
    pub fn oracle_libc(&self) -> Result<PathBuf, String> {
        let make = || {
            let needed = self.loader_symbols()?;
            let versions = self.root.join(format!("oracle-libc.{}.map", std::process::id()));
            std::fs::create_dir_all(&self.root).map_err(|e| format!("{}: {e}", self.root.display()))?;
            std::fs::write(&versions, ORACLE_LIBC_VERSIONS).map_err(|e| format!("{}: {e}", versions.display()))?;
            let script = format!("-Wl,--version-script={}", versions.display());
            let words = ["-Wl,-soname,libc.so.6", &script, "-Wl,--no-as-needed"].map(String::from);
            let words = words.into_iter().chain([needed.display().to_string()]);
            let made = self.shared_once("oracle-libc.so", "c", ORACLE_LIBC, words);
            std::fs::remove_file(&versions).map_err(|e| format!("{}: {e}", versions.display()))?;
            made
        };
        self.oracle_libc.get_or_init(make).clone()
    }

    fn loader_symbols(&self) -> Result<PathBuf, String> {
        let make = || {
            let soname = [format!("-Wl,-soname,{LOADER_SONAME}")];
            self.shared_once("loader-symbols.so", "assembler", LOADER_SYMBOLS, soname)
        };
        self.symbols.get_or_init(make).clone()
    }

    /// Writes under a name of this process and renames: nextest runs many processes at once.
    fn shared_once(
        &self,
        name: &str,
        language: &str,
        text: &str,
        words: impl IntoIterator<Item = String>,
    ) -> Result<PathBuf, String> {
        let io = |e: std::io::Error| format!("{name}: {e}");
        std::fs::create_dir_all(&self.root).map_err(io)?;
        let source = self.root.join(format!("{name}.{}.source", std::process::id()));
        let draft = self.root.join(format!("{name}.{}", std::process::id()));
        std::fs::write(&source, text).map_err(io)?;
        let mut cc = Command::new("gcc");
        cc.args(["-shared", "-fPIC", "-O1", "-nostdlib", "-ffreestanding", "-x", language]);
        cc.arg(&source).args(["-x", "none"]).args(words).arg("-o").arg(&draft);
        output_of(&mut cc, &self.root)?;
        std::fs::remove_file(&source).map_err(io)?;
        let path = self.root.join(name);
        std::fs::rename(&draft, &path).map_err(io)?;
        Ok(path)
    }

    fn link(
        &self,
        source: &Path,
        spec: &Spec,
        config: &Config,
        output: &str,
        words: &[String],
        built: &mut Built,
    ) -> Result<(), String> {
        let library = output.ends_with(".so");
        let freestanding = !spec.libc.is_hosted();
        let musl = spec.libc == Libc::Musl;
        let cxx = words.iter().any(|w| w.ends_with(".cc"));
        let driver = match (config.get("cc"), cxx) {
            ("gcc", false) if musl => "musl-gcc",
            ("clang", false) => "clang",
            ("clang", true) => "clang++",
            (_, false) => "gcc",
            (_, true) => "g++",
        };
        let ld = config.get("ld");
        match ld {
            "mold" => need("mold")?,
            _ => need(&format!("ld.{ld}"))?,
        }

        let mut common = vec![config.get("opt").to_string()];
        if freestanding {
            common.extend(["-nostdlib", "-nostartfiles"].map(String::from));
        }
        let mut compile = common.clone();
        compile.push(match (library, config.get("pie")) {
            (true, _) => "-fPIC".to_string(),
            (false, "nopie") => "-fno-pic".to_string(),
            (false, _) => "-fPIE".to_string(),
        });
        if freestanding {
            compile.push("-ffreestanding".to_string());
        }
        compile.push(format!("-I{}", self.include.display()));
        compile.push(format!("-DINTERP=\"{}\"", self.interp));
        if driver.starts_with("clang") {
            compile.push("-Qunused-arguments".to_string());
            if musl {
                compile.extend(CLANG_FOR_MUSL.map(String::from));
            }
        }

        let mut link = common;
        link.push(format!("-fuse-ld={ld}"));
        let says = |flag: &str| words.iter().any(|w| w == flag);
        let alone = spec.libc == Libc::Static || says("-static") || says("-static-pie");
        match (library || says("-shared"), spec.libc, config.get("pie")) {
            (true, ..) => link.push("-shared".to_string()),
            (_, Libc::Glibc | Libc::Musl, _) if alone => {}
            (_, Libc::Static, "nopie") => link.push("-static".to_string()),
            (_, Libc::Static, _) => link.push("-static-pie".to_string()),
            (.., "nopie") => link.push("-no-pie".to_string()),
            _ => link.push("-pie".to_string()),
        }
        link.push("-L.".to_string());
        if !alone {
            // A glibc static-pie program with a RUNPATH dies at its start.
            link.push("-Wl,-rpath,$ORIGIN".to_string());
        }
        if !library && !alone {
            link.push(format!("-Wl,--dynamic-linker={}", self.interp));
        }
        if spec.libc == Libc::None {
            link.extend(["-Wl,--no-as-needed", "-Wl,--allow-shlib-undefined"].map(String::from));
        }

        if musl && !library && says("-shared") {
            // A program that is linked as a library, which compilers give no start-up code.
            link.push("-l:Scrt1.o".to_string());
        }

        let mut words_left = words.iter();
        while let Some(word) = words_left.next() {
            let takes_next = ["-z", "-T", "-Xlinker", "-u", "-e"].contains(&word.as_str());
            if takes_next {
                link.push(word.clone());
                link.extend(words_left.next().cloned());
            } else if is_source(word) {
                let local = source.join(word);
                let file = if local.exists() { local } else { built.dir.join(word) };
                let object = self.compile(driver, &compile, words, &file, built)?;
                link.push(object.display().to_string());
            } else {
                link.push(word.clone());
            }
        }
        if spec.libc == Libc::None && !library {
            link.push("-Wl,--as-needed".to_string());
            link.push(self.loader_symbols()?.display().to_string());
        }
        link.extend(["-o".to_string(), output.to_string()]);
        // Debian's specs for musl are gcc's: they link what clang compiled, too.
        let mut command = Command::new(if musl { "musl-gcc" } else { driver });
        command.args(&link).current_dir(&built.dir);
        built.log.push(shell_line(&command));
        output_of(&mut command, &built.dir).map(drop)
    }

    fn compile(
        &self,
        driver: &str,
        flags: &[String],
        words: &[String],
        file: &Path,
        built: &mut Built,
    ) -> Result<PathBuf, String> {
        let mut command = Command::new(driver);
        command.args(flags);
        let mut skip = false;
        for word in words {
            let takes_next = ["-z", "-T", "-Xlinker", "-u", "-e"].contains(&word.as_str());
            let link_only = ["-Wl,", "-l", "-L"].iter().any(|p| word.starts_with(p));
            if !(skip || takes_next || link_only || !word.starts_with('-') || word == "-shared") {
                command.arg(word);
            }
            skip = takes_next;
        }
        // A file that an `sh` step wrote belongs to this configuration alone.
        let generated = file.starts_with(&built.dir);
        command.arg("-c").arg(file);
        let mut hasher = DefaultHasher::new();
        shell_line(&command).hash(&mut hasher);
        let object = if generated {
            built.dir.join(format!("{:016x}.o", hasher.finish()))
        } else {
            self.root.join("objects").join(format!("{:016x}.o", hasher.finish()))
        };
        let key = object.display().to_string();
        let once = self.objects.lock().expect("no panic under this lock").entry(key).or_default().clone();
        let mut logged = shell_line(&command);
        logged.push_str(&format!(" -o {}", object.display()));
        built.log.push(logged);
        let made = once.get_or_init(|| {
            let parent = object.parent().unwrap_or(&self.root);
            std::fs::create_dir_all(parent).map_err(|e| format!("{}: {e}", parent.display()))?;
            let draft = object.with_extension(format!("{}.o", std::process::id()));
            command.arg("-o").arg(&draft);
            output_of(&mut command, &self.root)?;
            std::fs::rename(&draft, &object).map_err(|e| format!("{}: {e}", object.display()))
        });
        made.clone().map(|()| object)
    }

    fn sh(&self, source: &Path, spec: &Spec, config: &Config, line: &str, built: &mut Built) -> Result<(), String> {
        for word in line.split(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))) {
            if PACKAGES.iter().any(|(tool, _)| *tool == word) {
                need(word)?;
            }
        }
        let mut cflags = vec![config.get("opt").to_string()];
        cflags.push(format!("-I{}", self.include.display()));
        if !spec.libc.is_hosted() {
            cflags.extend(["-nostdlib", "-nostartfiles", "-ffreestanding"].map(String::from));
        }
        let mut command = Command::new("sh");
        command.arg("-ec").arg(line).current_dir(&built.dir);
        let cc = if spec.libc == Libc::Musl { "musl-gcc" } else { config.get("cc") };
        command.env("CC", cc).env("CFLAGS", cflags.join(" "));
        command.env("LD", config.get("ld")).env("SRC", source).env("INTERP", &self.interp);
        built.log.push(shell_line(&command));
        output_of(&mut command, &built.dir).map(drop)
    }
}

fn is_source(word: &str) -> bool {
    !word.starts_with('-') && [".c", ".cc", ".S", ".s"].iter().any(|end| word.ends_with(end))
}

/// Where Debian has the tools a test may ask for; `tests/setup.sh` installs them.
const PACKAGES: [(&str, &str); 10] = [
    ("gcc", "gcc"),
    ("g++", "g++"),
    ("clang", "clang"),
    ("clang++", "clang"),
    ("ld.lld", "lld"),
    ("mold", "mold"),
    ("patchelf", "patchelf"),
    ("objcopy", "binutils"),
    ("go", "golang-go"),
    ("musl-gcc", "musl-tools"),
];

/// Fails with the name of the package when `tool` is not installed.
///
/// # Errors
/// The sentence that says what to install.
pub fn need(tool: &str) -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|dir| dir.join(tool).is_file()) {
        return Ok(());
    }
    let package = PACKAGES
        .iter()
        .find(|(name, _)| *name == tool)
        .map_or(if tool.starts_with("ld.") || tool == "readelf" { "binutils" } else { tool }, |(_, package)| package);
    Err(format!("{tool} is not installed: apt-get install {package} (or run `make setup`)"))
}

/// Runs a build command; its standard output, or all it printed when it failed.
fn output_of(command: &mut Command, dir: &Path) -> Result<String, String> {
    let tool = command.get_program().to_string_lossy().into_owned();
    if !tool.contains('/') {
        need(&tool)?;
    }
    let line = shell_line(command);
    let ran = run::bounded(command, &run::BUILD_LIMITS)?;
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    if ran.end == End::Exit(0) {
        return Ok(out);
    }
    let err = String::from_utf8_lossy(&ran.stderr);
    Err(format!("in {}: {}\n{line}\n{out}{err}", dir.display(), ran.end))
}
