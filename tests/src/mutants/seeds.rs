//! The sound programs that mutants are made of, and the folders in which mutants run.
//!
//! Seeds are the claims of `testprogs/mutants`, so each of them is also proved by itself under
//! both loaders. Their interpreter is `./ld-rs.so`: nothing in their bytes depends on where they
//! were built, or which loader is tested.

use super::elf::{Elf, reloc};
use super::judge::{Closer, Measure, Verdict, judge};
use super::trial::{self, LOADER, Outcome};
use super::watch::{HandOver, hand_overs, watch};
use super::{Mode, Mutant};
use crate::build::Workshop;
use crate::directive::{End, Libc};
use crate::{SYSTEM_LOADER, claim, repository, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A file of a seed.
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// Its structures.
    pub elf: Elf,
    /// Whether it is what is started.
    pub program: bool,
    /// Names that the other files refer to.
    pub wanted: Vec<Vec<u8>>,
    /// Names that the program has COPY relocations for.
    pub copied: Vec<Vec<u8>>,
    /// What `--list` and `--verify` say about it.
    sound: [Outcome; 2],
}

/// A program with its libraries.
pub struct Seed {
    /// The claim and the configuration.
    pub name: String,
    /// The program first.
    pub files: Vec<File>,
    dir: PathBuf,
    env: Vec<(String, String)>,
    /// What the program does, run by the loader and started by the kernel.
    sound: [Outcome; 2],
    /// Where the loader hands over control; found out when first asked for.
    hand_overs: OnceLock<Vec<HandOver>>,
}

/// All seeds, built and run once.
pub struct Seeds {
    /// In the order of their names.
    pub list: Vec<Seed>,
    root: PathBuf,
    /// Runs that may still be traced instruction by instruction.
    traces: AtomicU64,
}

/// Worth a note.
const SLOW: Duration = Duration::from_millis(500);

impl Drop for Seeds {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn at(path: &Path) -> impl Fn(std::io::Error) -> String {
    let path = path.display().to_string();
    move |e| format!("{path}: {e}")
}

impl Seeds {
    /// Builds the seeds and runs each under `loader`, which must start all of them. `name` tells
    /// the folders of one process apart.
    ///
    /// # Errors
    /// What cannot be built, or does not run as its directives say.
    pub fn build(loader: &Path, name: &str) -> Result<Seeds, String> {
        // The folder for temporary files, because the mutants' user must reach it.
        let root = std::env::temp_dir().join(format!("ld-rs-mutants-{name}-{}", std::process::id()));
        fs::create_dir_all(&root).map_err(at(&root))?;
        let mut seeds = Seeds { list: Vec::new(), root, traces: AtomicU64::new(0) };
        let root = seeds.root.clone();
        let testprogs = repository().join("testprogs");
        let workshop = Workshop::new(&root.join("seeds"), &testprogs, &Path::new(".").join(LOADER));
        // glibc's loader takes its allocator from a libc.so.6, which freestanding programs lack.
        let is_glibc = fs::canonicalize(loader).ok() == fs::canonicalize(SYSTEM_LOADER).ok();
        for claim in claim::find(&testprogs.join("mutants"))? {
            let spec = claim.spec.as_ref().map_err(String::clone)?;
            for (config, skip) in spec.configs() {
                // glibc's loader knows no program of musl.
                if skip.is_some() || is_glibc && spec.libc == Libc::Musl {
                    continue;
                }
                let name = format!("{}/{config}", claim.name);
                let built = workshop.build(&claim.dir, &name, spec, &config)?;
                fs::copy(loader, built.dir.join(LOADER)).map_err(at(loader))?;
                let mut env = spec.env.clone();
                if is_glibc && spec.libc == Libc::None {
                    env.push(("LD_PRELOAD".into(), workshop.oracle_libc()?.display().to_string()));
                }
                let mut seed = Seed::new(name, built.dir, env);
                seed.read(&spec.program())?;
                let stdout: String = spec.stdout.iter().map(|line| format!("{line}\n")).collect();
                seed.measure(spec.exit, stdout.as_bytes())?;
                seeds.list.push(seed);
            }
        }
        Ok(seeds)
    }
}

impl Seeds {
    /// Sets how many runs may be traced, which takes seconds each.
    pub(super) fn allow_traces(&self, count: u64) {
        self.traces.store(count.min(100), Ordering::Relaxed);
    }
}

fn nothing() -> Outcome {
    Outcome { stdout: Vec::new(), stderr: Vec::new(), end: Ok(End::Exit(0)) }
}

impl Seed {
    fn new(name: String, dir: PathBuf, env: Vec<(String, String)>) -> Seed {
        let sound = [nothing(), nothing()];
        Seed { name, files: Vec::new(), dir, env, sound, hand_overs: OnceLock::new() }
    }

    fn read(&mut self, program: &str) -> Result<(), String> {
        let mut names: Vec<String> = Vec::new();
        for entry in fs::read_dir(&self.dir).map_err(at(&self.dir))? {
            names.push(entry.map_err(at(&self.dir))?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name != LOADER);
        names.sort_by_key(|name| (name != program, name.clone()));
        for name in names {
            let path = self.dir.join(&name);
            let Some(elf) = Elf::read(fs::read(&path).map_err(at(&path))?) else { continue };
            let program = name == program;
            let sound = [nothing(), nothing()];
            self.files.push(File { name, elf, program, wanted: Vec::new(), copied: Vec::new(), sound });
        }
        let names_of = |file: &File, copies: bool| -> Vec<Vec<u8>> {
            let symbols =
                file.elf.relas.iter().filter(|rela| rela.is_symbolic() && (!copies || rela.kind == reloc::COPY));
            symbols.filter_map(|rela| file.elf.symbol_name(rela.symbol)).map(<[u8]>::to_vec).collect()
        };
        for i in 0..self.files.len() {
            let others = self.files.iter().enumerate().filter(|(other, _)| *other != i);
            self.files[i].wanted = others.flat_map(|(_, file)| names_of(file, false)).collect();
            let program = self.files.iter().filter(|file| file.program);
            self.files[i].copied = program.flat_map(|file| names_of(file, true)).collect();
        }
        match self.files.first() {
            Some(file) if file.program => Ok(()),
            _ => Err(format!("{}: no program", self.name)),
        }
    }

    /// Without a sound measure nothing could be told about mutants.
    fn measure(&mut self, exit: End, stdout: &[u8]) -> Result<(), String> {
        for (i, mode) in [Mode::Run, Mode::Kernel].into_iter().enumerate() {
            let outcome = trial::run(self.command(&self.dir, mode, 0));
            if outcome.end != Ok(exit) || outcome.stdout != stdout {
                return Err(format!("the sound {} does not run ({}): {outcome:?}", self.name, mode.name()));
            }
            self.sound[i] = outcome;
        }
        for file in 0..self.files.len() {
            for (i, mode) in [Mode::List, Mode::Verify].into_iter().enumerate() {
                let outcome = trial::run(self.command(&self.dir, mode, file));
                let code = if mode == Mode::Verify && !self.files[file].program { 2 } else { 0 };
                // A libc is a library that has an interpreter.
                let as_program = mode == Mode::Verify && outcome.end == Ok(End::Exit(0));
                if outcome.end != Ok(End::Exit(code)) && !as_program {
                    let name = &self.files[file].name;
                    return Err(format!("the sound {name} of {}, {}: {outcome:?}", self.name, mode.name()));
                }
                self.files[file].sound[i] = outcome;
            }
        }
        Ok(())
    }

    fn command(&self, dir: &Path, mode: Mode, file: usize) -> Command {
        let program = format!("./{}", self.files[0].name);
        let file = format!("./{}", self.files[file].name);
        let mut command = Command::new(if mode == Mode::Kernel { program.clone() } else { format!("./{LOADER}") });
        match mode {
            Mode::List => command.args(["--list", &file]),
            Mode::Verify => command.args(["--verify", &file]),
            Mode::Run => command.arg(&program),
            Mode::Kernel => &mut command,
        };
        run::fixed_environment(&mut command);
        command.envs(self.env.iter().map(|(name, value)| (name, value))).current_dir(dir);
        command
    }
}

/// Folders of one thread's own, one a seed.
pub struct Worker<'a> {
    seeds: &'a Seeds,
    root: PathBuf,
}

impl Worker<'_> {
    /// Links the seeds' files into fresh folders.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn new(seeds: &Seeds, number: usize) -> Result<Worker<'_>, String> {
        let root = seeds.root.join(format!("worker-{number}"));
        if root.exists() {
            fs::remove_dir_all(&root).map_err(at(&root))?;
        }
        for (i, seed) in seeds.list.iter().enumerate() {
            let dir = root.join(i.to_string());
            fs::create_dir_all(&dir).map_err(at(&dir))?;
            for name in seed.files.iter().map(|file| file.name.as_str()).chain([LOADER]) {
                fs::hard_link(seed.dir.join(name), dir.join(name)).map_err(at(&dir.join(name)))?;
            }
        }
        Ok(Worker { seeds, root })
    }

    fn dir(&self, mutant: &Mutant) -> PathBuf {
        self.root.join(mutant.seed.to_string())
    }

    /// A new file each time: the old one may still be mapped, and other threads have links to it.
    fn replace(&self, mutant: &Mutant, with: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), String> {
        let path = self.dir(mutant).join(&self.seeds.list[mutant.seed].files[mutant.file].name);
        fs::remove_file(&path).and_then(|()| with(&path)).map_err(at(&path))
    }

    fn command(&self, mutant: &Mutant, mode: Mode) -> Command {
        let file = if mode == Mode::List && !mutant.list_file { 0 } else { mutant.file };
        self.seeds.list[mutant.seed].command(&self.dir(mutant), mode, file)
    }

    /// Puts the mutant in place, judges it in each of `modes`, and puts the sound file back.
    ///
    /// # Errors
    /// When the machine is at fault.
    pub fn judge(&self, mutant: &Mutant, modes: &[Mode]) -> Result<Vec<(Mode, Verdict)>, String> {
        let seed = &self.seeds.list[mutant.seed];
        self.replace(mutant, |path| write_executable(path, &mutant.bytes))?;
        let mut verdicts = Vec::new();
        for mode in modes.iter().copied() {
            let listed = if mode == Mode::List && !mutant.list_file { 0 } else { mutant.file };
            let sound = match mode {
                Mode::List | Mode::Verify => &seed.files[listed].sound[mode as usize],
                Mode::Run => &seed.sound[0],
                Mode::Kernel => &seed.sound[1],
            };
            let began = Instant::now();
            let outcome = trial::run(self.command(mutant, mode));
            let slow = began.elapsed() > SLOW;
            if let (Err(errno), true) = (outcome.end, mode != Mode::Kernel) {
                return Err(format!("the loader cannot be started: {}", std::io::Error::from_raw_os_error(errno)));
            }
            let file = seed.files[mutant.file].name.as_str();
            let measure = Measure { mode, rule: mutant.rule, operator: mutant.operator, file, sound };
            let astray = || {
                // Seconds each; a loader that dies often gets no benefit of the doubt any more.
                self.seeds
                    .traces
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .ok()?;
                let sound = seed.hand_overs.get_or_init(|| hand_overs(seed.command(&seed.dir, Mode::Run, 0), None));
                let all = hand_overs(self.command(mutant, mode), Some(sound));
                all.into_iter().find(|place| !sound.contains(place))
            };
            let closer = Closer { watch: &|| watch(self.command(mutant, mode)), astray: &astray };
            let mut verdict = judge(&measure, outcome, &closer);
            if slow && !verdict.class.is_bad() && verdict.note.is_none() {
                verdict.note = Some(format!("took more than {SLOW:?}"));
            }
            verdicts.push((mode, verdict));
        }
        let sound = seed.dir.join(&seed.files[mutant.file].name);
        self.replace(mutant, |path| fs::hard_link(&sound, path))?;
        Ok(verdicts)
    }

    /// Copies the mutant with all it needs to `folder`, to be run by hand.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn leave(&self, mutant: &Mutant, folder: &Path) -> Result<(), String> {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(at(folder))?;
        }
        fs::create_dir_all(folder).map_err(at(folder))?;
        let seed = &self.seeds.list[mutant.seed];
        for name in seed.files.iter().map(|file| file.name.as_str()).chain([LOADER]) {
            let to = folder.join(name);
            fs::copy(seed.dir.join(name), &to).map_err(at(&to))?;
        }
        let file = folder.join(&seed.files[mutant.file].name);
        write_executable(&file, &mutant.bytes).map_err(at(&file))
    }

    /// Stores a bad mutant's file and what there is to say about it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn keep(&self, mutant: &Mutant, mode: Mode, verdict: &Verdict, bad: &Path) -> Result<(), String> {
        let seed = &self.seeds.list[mutant.seed];
        let dir = bad.join(format!("{}-{}", mutant.number, mode.name()));
        fs::create_dir_all(&dir).map_err(at(&dir))?;
        let file = dir.join(&seed.files[mutant.file].name);
        write_executable(&file, &mutant.bytes).map_err(at(&file))?;
        let mut text = format!("{}: {}\n\n{}", verdict.class, verdict.cause, mutant.describe(&self.seeds.list));
        let Outcome { stdout, stderr, end } = &verdict.outcome;
        text += &format!("\n{end:?}\nstdout:\n{}", String::from_utf8_lossy(stdout));
        text += &format!("stderr:\n{}", String::from_utf8_lossy(stderr));
        if let Some(death) = &verdict.death {
            text += &format!("{death:#x?}\n");
        }
        text += &format!(
            "\ncargo run --release -p ld-rs-tests --bin mutants -- --seed {} --mode {}\n",
            mutant.number,
            mode.name()
        );
        fs::write(dir.join("why.txt"), text).map_err(at(&dir))
    }
}

fn write_executable(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    fs::write(path, bytes)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}
