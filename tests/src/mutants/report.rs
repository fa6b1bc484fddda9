//! Counts verdicts by mode, operator and class, and groups the bad ones by cause.

use super::judge::{Class, Verdict};
use super::{Mode, Mutant};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::process::Command;

/// Mutants of one cause that are kept as files.
const KEPT: u64 = 5;

type Counts = [u64; Class::ALL.len()];

#[derive(Default)]
struct Group {
    count: u64,
    modes: BTreeSet<Mode>,
    operators: BTreeSet<&'static str>,
    /// The first mutants, smallest number first.
    examples: BTreeSet<u64>,
    stack: Vec<u64>,
}

/// The verdicts of a batch.
#[derive(Default)]
pub struct Report {
    modes: BTreeMap<Mode, Counts>,
    operators: BTreeMap<&'static str, Counts>,
    groups: BTreeMap<(Class, String), Group>,
    notes: BTreeMap<(Class, String), Group>,
}

impl Group {
    fn add(&mut self, mutant: &Mutant, mode: Mode, verdict: &Verdict) {
        self.count += 1;
        self.modes.insert(mode);
        self.operators.insert(mutant.operator);
        self.examples.insert(mutant.number);
        if self.examples.len() > 4 {
            self.examples.pop_last();
        }
        if let Some(death) = verdict.death.as_ref().filter(|_| self.stack.is_empty()) {
            self.stack.clone_from(&death.stack);
        }
    }
}

impl Report {
    /// Counts a verdict; whether its file should be kept.
    pub fn take(&mut self, mutant: &Mutant, mode: Mode, verdict: &Verdict) -> bool {
        self.modes.entry(mode).or_default()[verdict.class as usize] += 1;
        self.operators.entry(mutant.operator).or_default()[verdict.class as usize] += 1;
        if let Some(note) = &verdict.note {
            self.notes.entry((verdict.class, note.clone())).or_default().add(mutant, mode, verdict);
        }
        if !verdict.class.is_bad() {
            return false;
        }
        let group = self.groups.entry((verdict.class, verdict.cause.clone())).or_default();
        group.add(mutant, mode, verdict);
        group.count <= KEPT
    }

    /// How many verdicts say that the loader has a defect.
    pub fn bad(&self) -> u64 {
        self.groups.values().map(|group| group.count).sum()
    }

    /// How many verdicts are of this class.
    pub fn count(&self, class: Class) -> u64 {
        self.modes.values().map(|counts| counts[class as usize]).sum()
    }

    /// The bad verdicts by cause, with the source lines of `loader` where it died.
    pub fn causes(&self, loader: &Path) -> String {
        describe(&self.groups, loader)
    }

    /// What is no defect by the rules, but worth a look.
    pub fn notes(&self, loader: &Path) -> String {
        describe(&self.notes, loader)
    }
}

fn describe(groups: &BTreeMap<(Class, String), Group>, loader: &Path) -> String {
    let mut text = String::new();
    for ((class, cause), group) in groups {
        let modes: Vec<_> = group.modes.iter().map(|mode| mode.name()).collect();
        let operators: Vec<_> = group.operators.iter().copied().collect();
        let examples: Vec<_> = group.examples.iter().map(u64::to_string).collect();
        text += &format!("{class} {}: {cause}\n", group.count);
        text += &format!("    modes {}; seeds {}\n", modes.join(" "), examples.join(" "));
        text += &format!("    {}\n", operators.join(", "));
        let died = cause.split(" at ").nth(1).and_then(|rest| rest.split(' ').next());
        let died = died.and_then(|at| u64::from_str_radix(at.trim_start_matches("0x"), 16).ok());
        // The word before a return address is in the call.
        let frames = group.stack.iter().map(|address| address - 1);
        for address in died.into_iter().chain(frames) {
            text += &format!("    {address:#x} {}\n", source_line(loader, address));
        }
    }
    text
}

/// By addr2line, the innermost function first; nothing where that is not to be had.
fn source_line(loader: &Path, address: u64) -> String {
    let mut command = Command::new("addr2line");
    command.args(["-C", "-f", "-p", "-s", "-e"]).arg(loader).arg(format!("{address:#x}"));
    let output = command.output().map(|output| output.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&output);
    // The names of generic functions have no end.
    text.lines().map(|line| line.trim().chars().take(160).collect()).collect::<Vec<String>>().join(" ")
}

/// Two tables: by mode, by operator.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modes: Vec<_> = self.modes.iter().map(|(mode, counts)| (mode.name(), counts)).collect();
        let operators: Vec<_> = self.operators.iter().map(|(name, counts)| (*name, counts)).collect();
        for (title, rows) in [("mode", modes), ("operator", operators)] {
            write!(f, "{title:44}")?;
            for (_, name) in Class::ALL {
                write!(f, "{name:>9}")?;
            }
            writeln!(f)?;
            for (name, counts) in rows {
                write!(f, "{name:44}")?;
                for count in counts {
                    match count {
                        0 => write!(f, "{:>9}", ".")?,
                        _ => write!(f, "{count:>9}")?,
                    }
                }
                writeln!(f)?;
            }
            writeln!(f)?;
        }
        write!(f, "{} of {} bad", self.bad(), self.modes.values().flatten().sum::<u64>())
    }
}
