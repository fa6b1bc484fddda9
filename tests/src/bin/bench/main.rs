//! `make bench`: what programs, and calls into the loader, cost under ld-rs.so and under the
//! system's loader, one row each. The facts and the goals behind the rows are about the share of
//! a start that is the loader's; see each module for how that is isolated.
//!
//!     cargo run --release -p ld-rs-tests --bin bench -- [NAME...] [--quick] [--callgrind] [--profile] [--save[=DIR]]
//!
//! NAME: only rows whose name begins with it. --quick: fewer repetitions, without musl's loader and
//! the largest row. --callgrind: instruction counts as well. --profile: these, and where they go in
//! ld-rs. --save: writes RESULTS.md and results.svg (default: bench/). LD_RS names another loader.

mod cache;
mod callgrind;
mod calls;
mod measure;
mod real;
mod report;
mod trace;
mod workload;

use ld_rs_tests::progress::Progress;
use ld_rs_tests::{SYSTEM_LOADER, ld_rs, repository};
use measure::{Budget, Cost, Start, in_turns, ratio, spread, with_interpreter, without_traps};
use report::{Goal, Row, Section};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use workload::{Graph, Names, Spec};

/// The generated workloads: name, goal (time relative to glibc's), parameters.
fn generated() -> Vec<(&'static str, Option<f64>, Spec)> {
    use Graph::{Chain, Flat, Tree, Web};
    let web = |libraries, symbols| Spec::new(libraries, Web(8), symbols);
    vec![
        ("10 libs x 500", Some(0.75), web(10, 500)),
        ("100 libs x 500", Some(0.30), web(100, 500)),
        (
            "100 libs x 500, C++ names, versions",
            Some(0.40),
            Spec { names: Names::Cpp, versions: true, ..web(100, 500) },
        ),
        ("100 libs x 300, 200 weak duplicates", None, Spec { duplicates: 200, ..web(100, 300) }),
        ("chain of 100 x 500", Some(0.35), Spec::new(100, Chain, 500)),
        ("tree of 127 x 500", Some(0.35), Spec::new(127, Tree, 500)),
        ("200 libs x 200, flat", None, Spec::new(200, Flat, 200)),
        ("500 libs x 500", Some(0.08), web(500, 500)),
        ("1000 libs x 500", Some(0.05), web(1000, 500)),
        ("300 tiny libs", Some(0.50), Spec::new(300, Web(16), 4)),
        ("50 libs behind 60 RUNPATH directories", Some(0.35), Spec { directories: 60, ..web(50, 20) }),
        ("20 libs x 2000 PLT slots, 1 % called", Some(1.0), Spec { calls: 2000, ..web(20, 20) }),
    ]
}

/// Libraries of the growth curve: one workload, ever more of it.
const GROWTH: [usize; 4] = [10, 100, 1000, 3000];

/// Those that are neither installed nor in target/trees/tools are left out.
const REAL: [(&str, Option<f64>); 13] = [
    ("true", Some(0.65)),
    ("ls", None),
    ("bash", Some(0.75)),
    ("git", Some(0.75)),
    ("python3", Some(0.75)),
    ("perl", Some(0.75)),
    ("cc1", Some(0.85)),
    ("node", Some(0.85)),
    ("clang", Some(0.75)),
    ("gdb", Some(0.70)),
    ("kwrite", Some(0.55)),
    ("inkscape", Some(0.55)),
    ("ffmpeg", Some(0.45)),
];

/// Name, program, its arguments, goal.
const CALLS: [(&str, &str, &[&str], Goal); 18] = [
    ("GD access, start-up library", "calls", &["gd"], Goal::Time(3.0e-9)),
    ("GD access, dlopened library", "calls", &["late-gd"], Goal::Time(3.5e-9)),
    ("TLSDESC access, start-up library", "calls", &["desc"], Goal::Time(2.5e-9)),
    ("TLSDESC access, dlopened library", "calls", &["late-desc"], Goal::Time(3.0e-9)),
    (
        "extra cost of the first GD access after a dlopen, 1000 modules",
        "calls",
        &["after-dlopen", "1000"],
        Goal::Time(30e-9),
    ),
    ("first touch of a new module in a thread", "calls", &["first-touch"], Goal::Time(300e-9)),
    ("dlopen of a tiny TLS library, 1 loaded", "calls", &["dlopen", "1"], Goal::Time(25e-6)),
    ("dlopen of a tiny TLS library, 1000 loaded", "calls", &["dlopen", "1000"], Goal::Time(25e-6)),
    ("dlclose of a tiny TLS library, 1 loaded", "calls", &["dlclose", "1"], Goal::Time(8e-6)),
    ("dlclose of a tiny TLS library, 1000 loaded", "calls", &["dlclose", "1000"], Goal::Time(8e-6)),
    ("dlopen of one already loaded, 1000 loaded", "calls", &["again", "1000"], Goal::Time(0.2e-6)),
    ("dlsym, hit", "calls", &["hit"], Goal::Time(35e-9)),
    ("dlsym, miss", "calls", &["miss"], Goal::Time(100e-9)),
    ("C++ throw and catch", "calls", &["throw"], Goal::Ratio(1.05)),
    ("C++ throw and catch, 1000 dlopened", "calls", &["throw", "1000"], Goal::Ratio(1.05)),
    ("C++ throw and catch, 1000 from the start", "calls-1000", &["throw"], Goal::Ratio(1.05)),
    ("thread create and join", "calls", &["thread"], Goal::Ratio(1.0)),
    ("thread create and join, 1000 TLS modules", "calls-1000", &["thread"], Goal::Ratio(1.0)),
];

struct Options {
    names: Vec<String>,
    quick: bool,
    callgrind: bool,
    profile: bool,
    save: Option<PathBuf>,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options { names: vec![], quick: false, callgrind: false, profile: false, save: None };
        for arg in args {
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--callgrind" => options.callgrind = true,
                "--profile" => (options.callgrind, options.profile) = (true, true),
                "--save" => options.save = Some(repository().join("bench")),
                _ if arg.starts_with("--save=") => options.save = Some(PathBuf::from(&arg["--save=".len()..])),
                _ if arg.starts_with('-') => return Err(format!("unknown option {arg}")),
                _ => options.names.push(arg),
            }
        }
        // Relative to where the bench was started, which it leaves.
        options.save = options.save.map(std::path::absolute).transpose().map_err(|e| e.to_string())?;
        Ok(options)
    }

    /// All of a row's name, or its first words.
    fn wants(&self, row: &str) -> bool {
        let starts = |name: &String| {
            row.strip_prefix(name.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        };
        self.names.is_empty() || self.names.iter().any(starts)
    }

    fn budget(&self) -> Budget {
        let (time, least, most) = if self.quick { (700, 3, 60) } else { (6000, 7, 500) };
        Budget { time: Duration::from_millis(time), least, most }
    }
}

/// Programs find their loader by a short relative PT_INTERP, which fits where the system's path
/// stood; the bench runs in target/bench, where these links are.
const LOADERS: [&str; 3] = ["glibc.so", "ld-rs.so", "musl.so"];
const MUSL_LOADER: &str = "/lib/ld-musl-x86_64.so.1";

fn link_loaders(ld_rs: &Path) -> Result<(), String> {
    let root = cache::root();
    let fail = |e: std::io::Error| format!("{}: {e}", root.display());
    fs::create_dir_all(&root).map_err(fail)?;
    for (name, target) in LOADERS.iter().zip([Path::new(SYSTEM_LOADER), ld_rs, Path::new(MUSL_LOADER)]) {
        let link = root.join(name);
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(target, &link).map_err(fail)?;
    }
    std::env::set_current_dir(&root).map_err(fail)
}

/// One row before it is measured: [baseline, ld-rs] and perhaps a third.
struct Plan {
    name: String,
    goal: Option<Goal>,
    starts: Result<Vec<Start>, String>,
    kind: Kind,
}

enum Kind {
    /// A process is measured; it must print this.
    Start { stdout: String },
    /// As above, and no loader stands behind the baseline.
    Alone,
    /// The process measures calls and prints nanoseconds.
    Call,
}

/// The same start of `program` under `loaders`, from copies in `dir`.
fn starts(
    program: &Path,
    dir: &Path,
    loaders: &[&str],
    args: &[&str],
    preload: Option<&Path>,
) -> Result<Vec<Start>, String> {
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let start = |loader: &&str| {
        let copy = dir.join(format!("{name}.{loader}"));
        with_interpreter(program, loader, &copy)?;
        let args = args.iter().map(ToString::to_string).collect();
        let library_path = real::library_path(program);
        Ok(Start { program: copy, args, preload: preload.map(PathBuf::from), library_path })
    };
    loaders.iter().map(start).collect()
}

fn starts_of_built(built: &workload::Built, loaders: &[&str]) -> Result<Vec<Start>, String> {
    starts(&built.program, built.program.parent().unwrap_or(Path::new(".")), loaders, &[], None)
}

fn plan_generated(options: &Options) -> Vec<Plan> {
    let loaders = if Path::new(MUSL_LOADER).exists() && !options.quick { &LOADERS } else { &LOADERS[..2] };
    let mut plans = vec![];
    let mut add = |name: &str, goal: Option<f64>, kind: Kind, starts: Result<Vec<Start>, String>| {
        plans.push(Plan { name: name.into(), goal: goal.map(Goal::Ratio), starts, kind });
    };
    if options.wants("no library") {
        let none = || Kind::Start { stdout: String::new() };
        let (program, static_pie) = match workload::alone("no library") {
            Ok(built) => built,
            Err(e) => {
                add("no library", None, none(), Err(e));
                return plans;
            }
        };
        let all = starts(&program, &cache::root().join("no library"), loaders, &[], None);
        let against = all.clone().map(|mut starts| {
            starts.truncate(2);
            starts[0].program = static_pie;
            starts
        });
        add("no library", None, none(), all);
        add("no library (baseline: an empty static-pie)", Some(1.5), Kind::Alone, against);
    }
    type Build<'a> = Box<dyn Fn() -> Result<workload::Built, String> + 'a>;
    let mut builds: Vec<(&str, Option<f64>, Build)> = vec![];
    for (name, goal, spec) in generated() {
        // Seconds a start.
        if spec.libraries > 500 && options.quick && options.names.is_empty() {
            continue;
        }
        builds.push((name, goal, Box::new(move || workload::build(name, &spec))));
    }
    for (name, packed) in [("1 M relative relocations, RELA", false), ("1 M relative relocations, RELR", true)] {
        builds.push((name, Some(1.0), Box::new(move || workload::relative(name, packed))));
    }
    builds.retain(|(name, ..)| options.wants(name));
    let progress = Progress::new(builds.len() as u64);
    for (done, (name, goal, build)) in builds.iter().enumerate() {
        progress.show(done as u64, &format!("programs built, now {name}"));
        match build() {
            Ok(built) => {
                let starts = starts_of_built(&built, loaders);
                add(name, *goal, Kind::Start { stdout: built.stdout }, starts);
            }
            Err(e) => add(name, *goal, Kind::Alone, Err(e)),
        }
    }
    progress.clear();
    plans
}

fn plan_growth(options: &Options) -> Vec<Plan> {
    let wanted = GROWTH.iter().filter(|&&libraries| {
        let quick = options.quick && options.names.is_empty();
        options.wants("growth") && (libraries <= 100 || !quick)
    });
    let plan = |&libraries: &usize| {
        let name = format!("growth, {libraries} libraries");
        let built = workload::build(&name, &Spec::new(libraries, Graph::Web(8), 20));
        let starts = built.as_ref().map_err(String::clone).and_then(|built| starts_of_built(built, &LOADERS[..2]));
        let stdout = built.map(|built| built.stdout).unwrap_or_default();
        Plan { name, goal: None, starts, kind: Kind::Start { stdout } }
    };
    wanted.map(plan).collect()
}

/// Of programs built for musl the baseline is musl's own linker, which is their libc as well: what
/// ld-rs loads besides itself. What that has to cost at the least is a third start, of the same
/// program with one more library under musl's linker.
fn plan_musl(options: &Options) -> Vec<Plan> {
    let has = |tool: &str| Command::new(tool).arg("-dumpversion").output().is_ok_and(|output| output.status.success());
    if !Path::new(MUSL_LOADER).exists() || !has(workload::MUSL_GCC) {
        return vec![];
    }
    let mut plans = vec![];
    let loaders = [LOADERS[2], LOADERS[1]];
    if options.wants("musl, hello") {
        let starts = workload::hello().and_then(|[hello, more]| {
            let dir = hello.parent().unwrap_or(Path::new("."));
            let mut all = starts(&hello, dir, &loaders, &[], None)?;
            all.extend(starts(&more, dir, &loaders[..1], &[], None)?);
            Ok(all)
        });
        let kind = Kind::Start { stdout: "hello".into() };
        plans.push(Plan { name: "musl, hello".into(), goal: Some(Goal::Ratio(1.3)), starts, kind });
    }
    let name = "musl, 100 libs x 500";
    if options.wants(name) {
        let built = workload::build(name, &Spec { musl: true, ..Spec::new(100, Graph::Web(8), 500) });
        let starts = built.as_ref().map_err(String::clone).and_then(|built| starts_of_built(built, &loaders));
        let stdout = built.map(|built| built.stdout).unwrap_or_default();
        plans.push(Plan { name: name.into(), goal: Some(Goal::Ratio(0.5)), starts, kind: Kind::Start { stdout } });
    }
    plans
}

fn plan_real(options: &Options) -> Vec<Plan> {
    let wanted = REAL.iter().filter(|(name, _)| options.wants(name));
    wanted
        .filter_map(|&(name, goal)| {
            let program = real::find(name)?;
            let prepare = || {
                let stop = real::stop()?;
                starts(&program, &real::folder(name, &program)?, &LOADERS[..2], &[], Some(&stop))
            };
            let kind = Kind::Start { stdout: String::new() };
            Some(Plan { name: name.into(), goal: goal.map(Goal::Ratio), starts: prepare(), kind })
        })
        .collect()
}

fn plan_calls(options: &Options) -> Vec<Plan> {
    let wanted = CALLS.iter().filter(|(name, ..)| options.wants(name));
    wanted
        .map(|&(name, program, args, goal)| {
            let starts = calls::build().and_then(|dir| starts(&dir.join(program), &dir, &LOADERS[..2], args, None));
            Plan { name: name.into(), goal: Some(goal), starts, kind: Kind::Call }
        })
        .collect()
}

fn measure(plan: &Plan, ld_rs: &Path, options: &Options) -> Row {
    let mut row = Row::new(&plan.name, plan.goal);
    let result = plan.starts.as_ref().map_err(String::clone).and_then(|starts| match &plan.kind {
        Kind::Call => {
            measure_calls(&mut row, starts, options);
            Ok(())
        }
        Kind::Alone => measure_starts(&mut row, starts, "", options),
        Kind::Start { stdout } => {
            measure_starts(&mut row, starts, stdout, options)?;
            // Counting takes fifty times as long.
            let counts = options.callgrind && row.time.iter().flatten().all(|&seconds| seconds < 0.3);
            if counts { count_instructions(&mut row, starts, ld_rs, options) } else { Ok(()) }
        }
    });
    row.failures.extend(result.err());
    row
}

const WHO: [&str; 3] = ["baseline", "ld-rs", "third"];

/// First that each works and says `stdout`, then how long those take that do.
fn measure_starts(row: &mut Row, starts: &[Start], stdout: &str, options: &Options) -> Result<(), String> {
    let mut works = vec![];
    for (start, who) in starts.iter().zip(WHO) {
        let said = start.output().and_then(|said| match said == stdout {
            true => Ok(()),
            false => Err(format!("wrong result {said}, not {stdout}")),
        });
        match said {
            Ok(()) => works.push((who, start)),
            Err(_) if who == WHO[2] => row.third = "fails".into(),
            Err(e) => row.failures.push(format!("{who}: {e}")),
        }
    }
    let costs = in_turns(&works.iter().map(|w| w.1).collect::<Vec<_>>(), &options.budget())?;
    // Beside the times it is taken off, for it wanders with them.
    let cpuid_cost = trace::cpuid_cost();
    row.cpuid_cost = Some(cpuid_cost);
    let of = |who: &str, what: fn(&Cost) -> f64| -> Vec<f64> {
        let place = works.iter().position(|w| w.0 == who);
        place.map_or(vec![], |i| costs[i].iter().map(what).collect())
    };
    let times = WHO.map(|who| of(who, |cost| cost.seconds));
    row.time = [median(&times[0]), median(&times[1])];
    row.ratio = ratio(&times[1], &times[0]);
    if let Some(third) = ratio(&times[2], &times[0]) {
        row.third = format!("{:.2}", third.middle);
    }
    row.faults = [WHO[0], WHO[1]].map(|who| median(&of(who, |cost| cost.faults)));
    let mut cpuid = [None; 2];
    for (i, who) in WHO[..2].iter().enumerate() {
        let Some((_, start)) = works.iter().find(|w| w.0 == *who) else { continue };
        let memory = trace::memory(start)?;
        (row.resident[i], row.dirty[i]) = (Some(memory.resident), Some(memory.dirty));
        let counts = trace::counts(start)?;
        cpuid[i] = Some(counts.cpuid);
        (row.cpuid[i], row.calls[i]) = (Some(counts.cpuid as f64), Some(counts.calls as f64));
    }
    if let [Some(theirs), Some(ours)] = cpuid {
        let without = |times: &[f64], traps| without_traps(times, traps, cpuid_cost);
        row.without_traps = ratio(&without(&times[1], ours), &without(&times[0], theirs));
    }
    Ok(())
}

fn measure_calls(row: &mut Row, starts: &[Start], options: &Options) {
    let mut times = [vec![], vec![]];
    for _ in 0..if options.quick { 3 } else { 11 } {
        for (i, start) in starts.iter().enumerate() {
            let said = start.output().and_then(|said| said.parse::<f64>().map_err(|e| format!("{said}: {e}")));
            match said {
                Ok(nanoseconds) => times[i].push(nanoseconds * 1e-9),
                // Not tried again, so that the others of a row still are neighbours.
                Err(e) => {
                    row.failures.push(format!("{}: {e}", WHO[i]));
                    row.time[0] = median(&times[0]);
                    return;
                }
            }
        }
    }
    row.time = [median(&times[0]), median(&times[1])];
    row.ratio = ratio(&times[1], &times[0]);
}

fn median(values: &[f64]) -> Option<f64> {
    spread(values.iter().copied()).map(|s| s.middle)
}

fn count_instructions(row: &mut Row, starts: &[Start], ld_rs: &Path, options: &Options) -> Result<(), String> {
    let dir = cache::root().join("callgrind");
    fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let file: String = row.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let out = |i: usize| dir.join(format!("{file}.{i}"));
    // A copy ends in the name of its loader.
    let musl = starts[0].program.to_string_lossy().ends_with(LOADERS[2]);
    let baseline = Path::new(if musl { MUSL_LOADER } else { SYSTEM_LOADER });
    row.instructions[0] = Some(callgrind::count(baseline, &starts[0], &out(0))?);
    let ours = match callgrind::count(ld_rs, &starts[1], &out(1)) {
        // Valgrind lays a loader that it starts where a large program of fixed address (node) has to be.
        Err(e) if e.contains("cannot map the program at its fixed address") => return Ok(()),
        ours => ours?,
    };
    row.instructions[1] = Some(ours);
    if options.profile {
        println!("{}: {ours:.0} instructions under ld-rs", row.name);
        for (name, share) in callgrind::hottest(ld_rs, &out(1), 15)? {
            println!("{:6.1} %  {name}", share * 100.0);
        }
    }
    Ok(())
}

const GROWTH_TITLE: &str = "Growth, 20 symbols a library";

fn main() -> Result<(), String> {
    let options = Options::parse(std::env::args().skip(1))?;
    let ld_rs = ld_rs()?;
    link_loaders(&ld_rs)?;
    let plans = [
        ("Start-up, generated programs", "musl", plan_generated(&options)),
        (GROWTH_TITLE, "musl", plan_growth(&options)),
        ("Start-up, real programs before their constructors", "musl", plan_real(&options)),
        (
            "Start-up, programs built for musl; the baseline is musl's linker",
            "floor: one more library",
            plan_musl(&options),
        ),
        ("Calls after start-up", "musl", plan_calls(&options)),
    ];
    measure::steady();
    let progress = Progress::new(plans.iter().map(|(.., plans)| plans.len() as u64).sum());
    let (mut sections, mut done) = (vec![], 0);
    for (title, third, plans) in plans {
        let mut rows = vec![];
        for plan in plans {
            progress.show(done, &plan.name);
            let row = measure(&plan, &ld_rs, &options);
            done += 1;
            progress.clear();
            eprintln!("{}", row.line());
            rows.push(row);
        }
        sections.push(Section { title, third, rows });
    }
    let mode = if options.quick { "quick run" } else { "full run" };
    let text = format!(
        "# Benchmark results\n\n{}\n\n{}{}",
        report::circumstances(mode),
        report::legend(&sections),
        report::markdown(&sections)
    );
    println!("{text}");
    if let Some(dir) = &options.save {
        let write =
            |name: &str, text: &str| fs::write(dir.join(name), text).map_err(|e| format!("{}: {e}", dir.display()));
        fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let growth = sections.iter().find(|section| section.title == GROWTH_TITLE);
        let growth: Vec<_> = growth.map_or(vec![], |section| GROWTH.into_iter().zip(&section.rows).collect());
        write("results.svg", &report::picture(&sections, &growth))?;
        write("RESULTS.md", &format!("{text}\n![Ratios and goals](results.svg)\n"))?;
    }
    let failed = sections.iter().flat_map(|s| &s.rows).filter(|row| row.failed()).count();
    if failed == 0 { Ok(()) } else { Err(format!("{failed} rows fail under ld-rs or the baseline")) }
}
