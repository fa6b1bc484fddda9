//! Malformed files by the thousand: sound seeds, one structure of one file changed, each mutant
//! listed, verified, run by the loader and started by the kernel.
//!
//! [`elf`] knows where the structures are, [`operators`] change them, [`seeds`] builds the sound
//! programs of `testprogs/mutants`, [`trial`] runs a process under limits, [`watch`] finds out where
//! it died, [`judge`] says what that means, [`report`] counts. A mutant is its number: the same
//! number makes the same bytes from the same seeds.

pub mod elf;
pub mod judge;
pub mod operators;
pub mod report;
pub mod seeds;
pub mod trial;
pub mod watch;

use crate::progress::Progress;
use judge::Verdict;
use operators::{OPERATORS, Rule, Subject};
use report::Report;
use seeds::{Seed, Seeds, Worker};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is done with a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `ld-rs.so --list`, of the program or of the changed file.
    List,
    /// `ld-rs.so --verify`, of the changed file.
    Verify,
    /// `ld-rs.so ./prog`.
    Run,
    /// `./prog`: PT_INTERP is the loader.
    Kernel,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 4] = [Mode::List, Mode::Verify, Mode::Run, Mode::Kernel];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        ["list", "verify", "run", "kernel"][self as usize]
    }
}

/// xorshift64*: small, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// Neighbouring seeds give unlike sequences.
    pub fn new(seed: u64) -> Rng {
        let mut rng = Rng((seed ^ 0x5851_f42d_4c95_7f2d).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            rng.next();
        }
        rng
    }

    /// 64 bits.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `end`; 0 for an `end` of 0.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 8).checked_rem(end).unwrap_or(0)
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// An element of a list that is not empty.
    pub fn of<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len() as u64) as usize]
    }

    /// An element, if there is one.
    pub fn of_some<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        list.get(self.below(list.len() as u64) as usize)
    }
}

/// A seed with one file changed.
pub struct Mutant {
    /// What it is made from.
    pub number: u64,
    /// Index of the seed.
    pub seed: usize,
    /// Index of the changed file in it.
    pub file: usize,
    /// The operator, or `several`.
    pub operator: &'static str,
    /// What the loader must do with it.
    pub rule: Rule,
    /// The changed file.
    pub bytes: Vec<u8>,
    /// What was changed.
    pub changes: Vec<String>,
    /// Whether `--list` is asked about the changed file, else about the program.
    pub list_file: bool,
}

/// Files tried for one operator before another one is taken.
const TRIES: u32 = 64;

impl Mutant {
    /// Makes mutant `number`. `None` if its operator's name does not contain `only`.
    pub fn make(seeds: &[Seed], number: u64, only: &str) -> Option<Mutant> {
        let mut rng = Rng::new(number);
        let mut operator = rng.below(OPERATORS.len() as u64) as usize;
        loop {
            let (name, edit) = OPERATORS[operator];
            if !name.contains(only) {
                return None;
            }
            for _ in 0..TRIES {
                let seed = rng.below(seeds.len() as u64) as usize;
                let file = rng.below(seeds[seed].files.len() as u64) as usize;
                let sound = &seeds[seed].files[file];
                let mut subject = Subject {
                    elf: &sound.elf,
                    bytes: sound.elf.bytes.clone(),
                    program: sound.program,
                    elsewhere: sound.name.starts_with("libc.so"),
                    wanted: &sound.wanted,
                    copied: &sound.copied,
                    changes: Vec::new(),
                    rng: Rng::new(rng.next()),
                };
                let Some(rule) = edit(&mut subject).filter(|_| !subject.changes.is_empty()) else { continue };
                let mut mutant = Mutant {
                    number,
                    seed,
                    file,
                    operator: name,
                    rule,
                    bytes: Vec::new(),
                    changes: Vec::new(),
                    list_file: rng.one_in(2),
                };
                for _ in 0..rng.below(10).saturating_sub(7) {
                    let (_, edit) = OPERATORS[rng.below(OPERATORS.len() as u64) as usize];
                    // One edit may undo or hide another.
                    let _ = edit(&mut subject);
                    (mutant.operator, mutant.rule) = ("several", Rule::Open);
                }
                (mutant.bytes, mutant.changes) = (subject.bytes, subject.changes);
                return Some(mutant);
            }
            operator = (operator + 1) % OPERATORS.len();
        }
    }

    /// What it is, for people.
    pub fn describe(&self, seeds: &[Seed]) -> String {
        let seed = &seeds[self.seed];
        let mut text = format!("{} of {}\n{}: {:?}\n", seed.files[self.file].name, seed.name, self.operator, self.rule);
        for change in &self.changes {
            text.push_str(&format!("  {change}\n"));
        }
        text
    }
}

/// Judges the mutants `from..from + count` in `modes`, on `jobs` threads. What is bad is kept
/// below `bad`, whose old contents go. `progress` counts mutants.
///
/// # Errors
/// When the machine is at fault: a file cannot be written, a process not be started.
pub fn batch(
    seeds: &Seeds,
    (from, count): (u64, u64),
    modes: &[Mode],
    only: &str,
    jobs: usize,
    bad: &Path,
    progress: &Progress,
) -> Result<Report, String> {
    if bad.exists() {
        std::fs::remove_dir_all(bad).map_err(|e| format!("{}: {e}", bad.display()))?;
    }
    seeds.allow_traces(5 + count / 200);
    let report = Mutex::new(Report::default());
    let next = AtomicU64::new(from);
    let work = |worker: Worker| -> Result<(), String> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= from + count {
                return Ok(());
            }
            if number.is_multiple_of(32) {
                progress.show(number - from, "malformed files");
            }
            let Some(mutant) = Mutant::make(&seeds.list, number, only) else { continue };
            for (mode, verdict) in worker.judge(&mutant, modes)? {
                let mut report = report.lock().expect("no panic under this lock");
                let keep = report.take(&mutant, mode, &verdict);
                drop(report);
                if keep {
                    worker.keep(&mutant, mode, &verdict, bad)?;
                }
            }
        }
    };
    std::thread::scope(|scope| -> Result<(), String> {
        let mut threads = Vec::new();
        for number in 0..jobs {
            let worker = Worker::new(seeds, number)?;
            threads.push(scope.spawn(|| work(worker)));
        }
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a worker panicked".into())))
    })?;
    progress.clear();
    report.into_inner().map_err(|e| e.to_string())
}

/// Judges one mutant; its files are left in `folder`, so that it can be run by hand.
///
/// # Errors
/// As [`batch`].
pub fn single(seeds: &Seeds, mutant: &Mutant, modes: &[Mode], folder: &Path) -> Result<Vec<(Mode, Verdict)>, String> {
    seeds.allow_traces(4);
    let worker = Worker::new(seeds, 0)?;
    let verdicts = worker.judge(mutant, modes)?;
    worker.leave(mutant, folder)?;
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_a_bound_reach_all_of_them() {
        let mut rng = Rng::new(1);
        let mut seen = [false; 7];
        (0..200).for_each(|_| seen[rng.below(7) as usize] = true);
        assert_eq!(seen, [true; 7]);
        assert_eq!(rng.below(0), 0);
    }

    #[test]
    fn neighbouring_seeds_differ_at_once() {
        let first: std::collections::BTreeSet<u64> = (0..1000).map(|seed| Rng::new(seed).next()).collect();
        assert_eq!(first.len(), 1000);
    }

    #[test]
    fn operators_have_names_of_their_own() {
        let names: std::collections::BTreeSet<&str> = OPERATORS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), OPERATORS.len());
    }
}
