//! Malformed files by the thousand against a loader: see `testprogs/mutants/README.md`.

use ld_rs_tests::mutants::seeds::Seeds;
use ld_rs_tests::mutants::{Mode, Mutant, batch, single};
use ld_rs_tests::progress::Progress;
use ld_rs_tests::{ld_rs, repository};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
mutants [OPTION]...
  --count N        judge N mutants (default 2000)
  --from N         number of the first one (default 1)
  --seed N         judge mutant N alone, say what it is and leave its files in target/mutants/N
  --mode M         list, verify, run or kernel; repeatable (default: all four)
  --operator TEXT  only mutants whose operator's name contains TEXT
  --loader PATH    the loader to test (default: LD_RS, else target/release/ld-rs.so)
  --bad DIR        where the files of bad mutants are kept (default target/mutants/bad)
  --jobs N         threads (default: processors)
Exit code 0 if none is bad, 1 if some are, 2 if the test could not be made.
";

struct Options {
    count: u64,
    from: u64,
    seed: Option<u64>,
    modes: Vec<Mode>,
    operator: String,
    loader: Option<PathBuf>,
    bad: PathBuf,
    jobs: usize,
}

fn options() -> Result<Options, String> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let bad = repository().join("target/mutants/bad");
    let mut options = Options {
        count: 2000,
        from: 1,
        seed: None,
        modes: Vec::new(),
        operator: String::new(),
        loader: None,
        bad,
        jobs,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--help" {
            print!("{HELP}");
            std::process::exit(0);
        }
        let value = words.next().ok_or_else(|| format!("{word}: no value, or unknown; see --help"))?;
        let number = || value.parse::<u64>().map_err(|e| format!("{word} {value}: {e}"));
        match word.as_str() {
            "--count" => options.count = number()?,
            "--from" => options.from = number()?,
            "--seed" => options.seed = Some(number()?),
            "--mode" => {
                let mode = Mode::ALL.into_iter().find(|mode| mode.name() == value);
                options.modes.push(mode.ok_or(format!("--mode {value}: unknown"))?);
            }
            "--operator" => options.operator = value,
            "--loader" => options.loader = Some(value.into()),
            "--bad" => options.bad = value.into(),
            "--jobs" => options.jobs = number()?.max(1) as usize,
            _ => return Err(format!("{word}: unknown; see --help")),
        }
    }
    if options.modes.is_empty() {
        options.modes.extend(Mode::ALL);
    }
    Ok(options)
}

fn show(seeds: &Seeds, number: u64, modes: &[Mode], loader: &Path) -> Result<bool, String> {
    let mutant = Mutant::make(&seeds.list, number, "").ok_or("no such mutant")?;
    let folder = repository().join(format!("target/mutants/{number}"));
    println!("mutant {number}: {}", mutant.describe(&seeds.list));
    let verdicts = single(seeds, &mutant, modes, &folder)?;
    for (mode, verdict) in &verdicts {
        println!("{}: {} {}", mode.name(), verdict.class, verdict.cause);
        println!("  {:?} {}", verdict.outcome.end, verdict.note.as_deref().unwrap_or_default());
        for (name, text) in [("stdout", &verdict.outcome.stdout), ("stderr", &verdict.outcome.stderr)] {
            for line in String::from_utf8_lossy(text).lines() {
                println!("  {name}: {line}");
            }
        }
        if let Some(death) = &verdict.death {
            println!("  {death:x?} (offsets from the base of {})", loader.display());
        }
    }
    println!("files: {}", folder.display());
    Ok(verdicts.iter().all(|(_, verdict)| !verdict.class.is_bad()))
}

fn work() -> Result<bool, String> {
    let options = options()?;
    let loader = options.loader.map_or_else(ld_rs, Ok)?;
    let seeds = Seeds::build(&loader, "run")?;
    if let Some(number) = options.seed {
        return show(&seeds, number, &options.modes, &loader);
    }
    let (range, jobs) = ((options.from, options.count), options.jobs);
    let report =
        batch(&seeds, range, &options.modes, &options.operator, jobs, &options.bad, &Progress::new(options.count))?;
    println!("{report}");
    if report.bad() > 0 {
        println!("\nBad, by cause:\n{}", report.causes(&loader));
        println!("files: {}", options.bad.display());
    }
    let notes = report.notes(&loader);
    if !notes.is_empty() {
        println!("\nWorth a look:\n{notes}");
    }
    Ok(report.bad() == 0)
}

fn main() -> ExitCode {
    match work() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("mutants: {e}");
            ExitCode::from(2)
        }
    }
}
