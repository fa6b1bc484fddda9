//! Lawful but bizarre libraries by the thousand: each is opened by a program under the system's loader and under ours,
//! which have to do the same with it.
//!
//! [`library`] draws what one holds, [`tables`] makes its tables and segments, [`writer`] the file; `driver.c` opens it.
//! A library is its number: the same number makes the same bytes.

pub mod library;
mod tables;
mod writer;

use crate::SYSTEM_LOADER;
use crate::run::{self, Limits};
use library::Library;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Libraries that one driver opens.
const BATCH: u64 = 50;
/// For a driver with all of them.
const DRIVER_LIMITS: Limits = Limits { time: Duration::from_secs(120), memory: 64 << 30 };

/// What became of some libraries.
#[derive(Default)]
pub struct Report {
    /// How many both loaders opened.
    pub opened: usize,
    /// How many both refused in the same words.
    pub refused: usize,
    /// Number of a library, what differs, and what is odd about it.
    pub differences: Vec<(u64, String)>,
    /// How many libraries have each feature.
    pub features: BTreeMap<String, usize>,
}

/// The program that opens them, and what they need.
pub struct Workshop {
    dir: PathBuf,
}

impl Workshop {
    /// Builds driver and dependencies in `dir`, whose old contents go.
    ///
    /// # Errors
    /// The compiler's.
    pub fn build(dir: &Path) -> Result<Workshop, String> {
        let _ = std::fs::remove_dir_all(dir);
        std::fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).map_err(|e| format!("{name}: {e}"));
        write("driver.c", include_str!("driver.c"))?;
        write(
            "dep.c",
            "void note(int); static void __attribute__((constructor)) begin(void) { note(NUMBER); } int dep = NUMBER;\n",
        )?;
        for line in [
            "-shared -fPIC -DNUMBER=3 dep.c -o libdep.so",
            "-shared -fPIC -DNUMBER=4 -Ddep=other dep.c -o libother.so",
            "driver.c -o driver -rdynamic -w",
        ] {
            let mut command = Command::new("gcc");
            command.args(line.split(' ')).current_dir(dir);
            let ran = run::bounded(&mut command, &run::BUILD_LIMITS)?;
            if ran.end != run::End::Exit(0) {
                return Err(format!("gcc {line}: {}", String::from_utf8_lossy(&ran.stderr)));
            }
        }
        Ok(Workshop { dir: dir.to_path_buf() })
    }

    /// What the driver says of each library of `list` under `loader`, by number.
    fn drive(&self, loader: &str, list: &str) -> Result<BTreeMap<u64, String>, String> {
        let mut command = Command::new(loader);
        command.arg("./driver").arg(list).current_dir(&self.dir);
        run::fixed_environment(&mut command);
        command.env("LD_LIBRARY_PATH", ".");
        let ran = run::bounded(&mut command, &DRIVER_LIMITS)?;
        if ran.end != run::End::Exit(0) {
            return Err(format!("{loader}: {}: {}", ran.end, String::from_utf8_lossy(&ran.stderr)));
        }
        let text = String::from_utf8_lossy(&ran.stdout).into_owned();
        let mut told = BTreeMap::new();
        for part in text.split("L ./b").skip(1) {
            let (number, rest) = part.split_once(".so").ok_or("no number")?;
            told.insert(number.parse().map_err(|e| format!("{number}: {e}"))?, rest.to_string());
        }
        Ok(told)
    }

    /// Opens the libraries `numbers` under `loader` and the system's.
    ///
    /// # Errors
    /// When the machine is at fault: a file cannot be written, a driver not be started.
    pub fn compare(&self, loader: &Path, numbers: std::ops::Range<u64>) -> Result<Report, String> {
        let mut report = Report::default();
        let mut from = numbers.start;
        while from < numbers.end {
            let batch = from..numbers.end.min(from + BATCH);
            let mut list = String::new();
            let mut features: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
            for number in batch.clone() {
                let library = Library::make(number);
                let name = format!("b{number}.so");
                std::fs::write(self.dir.join(&name), &library.bytes).map_err(|e| format!("{name}: {e}"))?;
                list += &format!("L ./{name} {}\n{}E\n", library.mode, library.asks);
                features.insert(number, library.features);
            }
            std::fs::write(self.dir.join("list"), &list).map_err(|e| format!("list: {e}"))?;
            let theirs = self.drive(SYSTEM_LOADER, "list")?;
            let ours = self.drive(&loader.display().to_string(), "list")?;
            for number in batch.clone() {
                let (theirs, ours) = (theirs.get(&number).ok_or("not told")?, ours.get(&number).ok_or("not told")?);
                for feature in &features[&number] {
                    *report.features.entry(feature.clone()).or_default() += 1;
                }
                if theirs == ours {
                    *if ours.contains("  refused: ") { &mut report.refused } else { &mut report.opened } += 1;
                    let _ = std::fs::remove_file(self.dir.join(format!("b{number}.so")));
                } else {
                    let (own, glibc) = (lines_not_in(ours, theirs), lines_not_in(theirs, ours));
                    let text = format!("glibc:\n{glibc}ours:\n{own}odd: {:?}", features[&number]);
                    report.differences.push((number, text));
                }
            }
            from = batch.end;
        }
        Ok(report)
    }
}

/// The lines of `text` that `other` has not.
fn lines_not_in(text: &str, other: &str) -> String {
    let known: BTreeSet<&str> = other.lines().collect();
    text.lines().filter(|line| !known.contains(line)).map(|line| format!("{line}\n")).collect()
}
