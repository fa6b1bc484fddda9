//! Looking at files without running anything of them: ldd, `--tree`, `--explain` and their like.
//!
//! Called by `start` once the command line is read; does not return. Each file is taken in by the
//! stage that start-up and dlopen use ([`Discovery`]), with [`Purpose::Inspect`] and a log of every
//! place tried. Nothing is mapped with PROT_EXEC and nothing is relocated.

#![forbid(unsafe_code)]
#![no_std]
extern crate alloc;

pub mod check;
mod explain;
mod json;
mod ldd;
pub mod notes;
mod tree;
pub mod usage;

use ld_rs_loader::object::{Object, Objects};
use ld_rs_loader::open::{self, KernelProgram, Purpose};
use ld_rs_loader::page::{self, Page};
use ld_rs_loader::search::{ProgramPath, Search, Settings};
use ld_rs_loader::search_log::{Attempt, Missing, SearchLog};
use ld_rs_loader::{debug, discover::Discovery, names::Names, report, resolve, sys};

use alloc::{format, string::String, vec::Vec};
use core::fmt::Write;
use ld_rs_plan::args::{Action, Color, Ldd, Options};
use ld_rs_plan::elf::dynamic::Filtee;
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::{Bytes, arch::GLIBC_LOADER, errno::ENOENT, json::Json, libc::Kind, names::Index, places::Place};
use object::elf;

/// What is to be looked at, and how.
pub struct Task {
    /// The command line.
    pub options: Options<'static>,
    /// The files, as they were named.
    pub files: Vec<&'static [u8]>,
    /// ldd's options, from the command line or the environment.
    pub ldd: Ldd,
    /// Behave as ldd, by LD_TRACE_LOADED_OBJECTS: what is missing is no failure.
    pub traced: bool,
    /// Where to look for libraries; its `path` is replaced by each file's.
    pub settings: Settings<'static>,
    /// Where a name came from, and the name.
    pub preload: Vec<(&'static str, &'static [u8])>,
    /// AT_SYSINFO_EHDR.
    pub vdso: u64,
    /// NO_COLOR.
    pub no_color: bool,
    /// The kernel mapped the only file.
    pub mapped: Option<KernelProgram<'static>>,
}

/// One file with all it needs.
struct Subject {
    name: Vec<u8>,
    objects: Objects,
    names: Names,
    log: SearchLog,
    /// Objects of LD_PRELOAD and `--preload`.
    preloaded: Vec<usize>,
    /// What was said of those that cannot be had.
    warnings: Vec<u8>,
    /// The libc that the program asks for.
    libc: Kind,
}

/// Does what the task says and ends the process.
pub fn run(task: &Task) -> ! {
    let color = match task.options.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !task.no_color && sys::is_terminal(1),
    };
    let mut view = View {
        task,
        out: Page::default(),
        color,
        code: 0,
        json: Json::default(),
        shown: Vec::new(),
        by_line: Index::default(),
    };
    let dot = task.options.dot && task.options.action == Action::Tree;
    if task.options.json {
        json::begin(&mut view);
    } else if dot {
        view.out.bytes(b"digraph needs {\n  node [shape=box];\n");
    }
    for file in &task.files {
        if task.files.len() > 1 && view.has_headings() {
            let _ = writeln!(view.out, "{}:", Text(file));
        }
        match Subject::open(task, file) {
            Ok(subject) => view.show(&subject),
            Err(error) => view.refuse(file, &error),
        }
        core::mem::take(&mut view.out).write(1);
    }
    if task.options.json {
        json::end(&mut view);
    } else if dot {
        view.out.bytes(b"}\n");
    }
    view.out.exit(1, view.code)
}

/// The program cannot start: says everything that is missing and what would help, and ends the process.
/// `errors` is what start-up met; it is said as it is where a second look finds nothing.
pub fn fail(task: &Task, program: &[u8], mut errors: Vec<Error>) -> ! {
    if let Some(Ok(subject)) = task.files.first().map(|file| Subject::open(task, file)) {
        let found = notes::all(&subject);
        if found.first().is_some_and(|first| errors.first().is_some_and(|error| error.object == first.object)) {
            errors = found;
        }
    }
    report::fail(program, &errors)
}

/// What is being written.
struct View<'a> {
    task: &'a Task,
    out: Page,
    color: bool,
    code: i32,
    json: Json,
    /// Lines that are shown once, whatever number of files they come from.
    shown: Vec<String>,
    by_line: Index,
}

const RED: &str = "31";
const DIM: &str = "2";
const GREEN: &str = "32";

impl View<'_> {
    /// A heading for each of several files: where lines of one could be taken for those of another.
    fn has_headings(&self) -> bool {
        !self.task.options.json && !matches!(self.task.options.action, Action::Paths | Action::Tree)
    }

    fn show(&mut self, subject: &Subject) {
        self.warn(&subject.warnings);
        if self.task.options.json {
            return json::subject(self, subject);
        }
        match self.task.options.action {
            Action::Tree if self.task.options.dot => tree::dot(self, subject),
            Action::Tree => tree::tree(self, subject),
            Action::Explain(name) => explain::name(self, subject, name),
            Action::ExplainSymbol(name) => explain::symbol(self, subject, name),
            Action::Paths => tree::paths(self, subject),
            Action::Check => check::check(self, subject),
            Action::List | Action::Run | Action::Verify => ldd::list(self, subject),
        }
    }

    /// A file that cannot be looked at.
    fn refuse(&mut self, file: &[u8], error: &Error) {
        if self.task.options.json {
            return json::refused(self, file, error);
        }
        if self.is_ldd() && self.task.options.action == Action::List {
            return ldd::refuse(self, file, error);
        }
        core::mem::take(&mut self.out).write(1);
        report::say(file, core::slice::from_ref(error));
        self.fail(error.exit_code());
    }

    /// Text for standard error, in its place among what goes to standard output.
    fn warn(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if self.is_ldd() {
            self.out.bytes(text); // ldd shows both as one
        } else {
            core::mem::take(&mut self.out).write(1);
            sys::write_all(2, text);
        }
    }

    /// An error of `subject`, as a start that it is met by tells of it.
    fn tell(&mut self, subject: &Subject, error: &Error) {
        self.warn(&page::line(format_args!("{}: {}{error}", Text(&subject.name), error.heading())).take());
    }

    /// A line for standard output that nothing was the same as before.
    fn once(&mut self, line: String) {
        let hash = elf::gnu_hash(line.as_bytes());
        if !self.by_line.candidates(hash).any(|at| self.shown.get(at as usize) == Some(&line)) {
            self.by_line.insert(hash, self.shown.len() as u32);
            let _ = writeln!(self.out, "{line}");
            self.shown.push(line);
        }
    }

    /// Called by ldd's name.
    fn is_ldd(&self) -> bool {
        self.task.options.ldd.is_some()
    }

    /// The exit code is the first failure's.
    fn fail(&mut self, code: i32) {
        if self.code == 0 {
            self.code = if self.is_ldd() { 1 } else { code };
        }
    }

    /// `text` in a colour, if colours are wanted.
    fn paint(&mut self, style: &str, text: core::fmt::Arguments<'_>) {
        let _ = match self.color {
            true => write!(self.out, "\x1b[{style}m{text}\x1b[0m"),
            false => self.out.write_fmt(text),
        };
    }
}

impl Subject {
    fn open(task: &Task, file: &'static [u8]) -> Result<Self, Error> {
        let mut settings = task.settings.clone();
        let program = match task.mapped {
            Some(told) => open::kernel_program(file, told)?,
            None => {
                // ldd names a file in the current directory as the shell would run it.
                let here: &[u8] = if task.options.ldd.is_some() && !file.contains(&b'/') { b"./" } else { b"" };
                let path = settings.root.choose([here, file].concat());
                settings.path = ProgramPath::Given(path.clone());
                open::program(&settings.root, &path, Purpose::Inspect)?
            }
        };
        let name = program.name.clone();
        let mut search = Search::new(&settings);
        search.own_name = program.interpreter().unwrap_or(GLIBC_LOADER).owned();
        let program =
            open::admit(program, search.strict, Purpose::Inspect).map_err(|cause| Error::new(&name, cause))?;
        search.follow(program.interpreter(), &program.dynamic.needed, task.mapped.is_some());
        let (mut objects, mut names) = (Objects::default(), Names::default());
        let mut log = SearchLog::default();
        let (purpose, queue, mut observers) = (Purpose::Inspect, Vec::new(), debug::observers());
        observers.0.push(&mut log);
        let (all, by_name) = (&mut objects, &mut names);
        let mut discovery = Discovery { objects: all, names: by_name, search: &mut search, purpose, queue, observers };
        discovery.begin(program)?;
        let (preloaded, warnings) = discovery.preload(&task.preload);
        discovery.needed();
        Ok(Self { name, objects, names, log, preloaded, warnings, libc: search.policy.libc })
    }

    fn program(&self) -> &Object {
        &self.objects[0]
    }

    /// The name object `number` was first asked for by.
    fn asked_for(&self, number: usize) -> &[u8] {
        match self.log.found(number) {
            Some(attempt) => &attempt.name,
            None => &self.objects[number].name,
        }
    }

    /// What object `number` needs: each name, and the object that answers to it.
    #[inline(never)]
    fn needs(&self, number: usize) -> alloc::vec::IntoIter<(&[u8], Option<usize>)> {
        let dynamic = &self.objects[number].dynamic;
        let mut needs = Vec::new();
        for (index, name) in dynamic.needed.iter().enumerate() {
            let need = match self.objects[number].needs_musl {
                Some(_) if Kind::Musl.has_name(name) => self.names.by_name(Kind::Glibc.rules().names[0]),
                _ => self.names.by_name(name),
            };
            // An auxiliary filtee that is nowhere is not missed.
            if need.is_some() || dynamic.filtee(index) != Some(Filtee::Auxiliary) {
                needs.push((*name, need));
            }
        }
        needs.into_iter()
    }

    /// Versions that object `number` needs of others and they do not have: errors, then warnings.
    fn version_errors(&self, number: usize) -> Vec<Error> {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        resolve::check_versions(&self.objects, &self.names, number, &mut errors, &mut warnings);
        errors.extend(warnings);
        errors
    }

    /// The places tried for a need that was not met.
    fn attempts(&self, need: &Missing) -> &[Attempt] {
        self.log.attempts.get(need.attempts.clone()).unwrap_or_default()
    }

    /// The objects that need object `number`, and the objects in between, up to the program.
    fn chain(&self, number: usize) -> Vec<usize> {
        core::iter::successors(Some(number), |number| self.objects[*number].needed_by).collect()
    }

    /// Why a place is asked, as a word for programs and one for people.
    fn reason(&self, place: Place) -> String {
        let of = |list: &str, number: usize| format!("{list} of {}", Text(&self.objects[number].name));
        match place {
            Place::Path => "path".into(),
            Place::Rpath(number) => of("rpath", number),
            Place::LibraryPath => "LD_LIBRARY_PATH".into(),
            Place::Runpath(number) => of("runpath", number),
            Place::Cache => "ld.so.cache".into(),
            Place::Configured => "ld.so.conf".into(),
            Place::Default => "default path".into(),
        }
    }
}

/// Why a place was passed over, in few words.
fn verdict(cause: &Cause) -> String {
    match cause {
        Cause::System(_, ENOENT) => "no such file".into(),
        Cause::System(_, errno) => format!("{}", ld_rs_plan::error::Errno(*errno)),
        cause => format!("{cause}"),
    }
}
