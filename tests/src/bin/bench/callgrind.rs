//! Instructions of a start, counted by valgrind: what does not wander with the machine. And where
//! they go in ld-rs, by function of its source; most are inlined into one another, so that the
//! symbol table alone would name only the outermost.

use crate::measure::{MEMORY, Start};
use ld_rs_tests::run::{self, Limits};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const LIMITS: Limits = Limits { time: Duration::from_secs(120), memory: MEMORY };

/// Counts the instructions of `start` under `loader`; the profile is left in `out`.
///
/// # Errors
/// When valgrind is missing, or the program or its time ends early.
pub fn count(loader: &Path, start: &Start, out: &Path) -> Result<f64, String> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--dump-instr=yes", "-q"]);
    command.arg(format!("--callgrind-out-file={}", out.display())).arg(loader);
    // Not LD_PRELOAD: that would stop valgrind's own front end.
    if let Some(preload) = &start.preload {
        command.arg("--preload").arg(preload);
    }
    if let Some(path) = &start.library_path {
        command.arg("--library-path").arg(path);
    }
    command.arg(&start.program).args(&start.args);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C");
    let ran = run::bounded(&mut command, &LIMITS)?;
    if ran.end != run::End::Exit(0) {
        let said = String::from_utf8_lossy(&ran.stderr);
        return Err(format!("callgrind: {}: {}", ran.end, said.lines().next().unwrap_or("no message")));
    }
    let text = std::fs::read_to_string(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.ok_or_else(|| format!("{}: no total", out.display()))
}

/// The functions of ld-rs that cost most in a profile, with their share of all instructions: an
/// instruction belongs to the innermost function of this project that it was inlined into.
///
/// # Errors
/// When there is no profile or no addr2line.
pub fn hottest(loader: &Path, profile: &Path, most: usize) -> Result<Vec<(String, f64)>, String> {
    let text = std::fs::read_to_string(profile).map_err(|e| format!("{}: {e}", profile.display()))?;
    let loader = std::fs::canonicalize(loader).map_err(|e| e.to_string())?;
    let (costs, total) = self_costs(&text, &loader.to_string_lossy());
    let names = functions(&loader, costs.keys().copied())?;
    let mut sums: HashMap<&str, f64> = HashMap::new();
    for (address, cost) in costs {
        *sums.entry(names.get(&address).map_or("?", String::as_str)).or_default() += cost / total;
    }
    let mut sums: Vec<_> = sums.into_iter().map(|(name, share)| (name.to_string(), share)).collect();
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums.truncate(most);
    Ok(sums)
}

/// Instructions by address in `object`, and those of all objects together. The format is
/// described in valgrind's manual, "Callgrind Format Specification".
fn self_costs(text: &str, object: &str) -> (HashMap<u64, f64>, f64) {
    let mut costs = HashMap::new();
    let (mut total, mut address) = (0.0, 0u64);
    let mut names: HashMap<&str, &str> = HashMap::new();
    let (mut inside, mut inclusive) = (false, false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("ob=").or(line.strip_prefix("cob=")) {
            // `(1) /a/b` defines what `(1)` stands for later.
            let (id, name) = name.split_once(' ').unwrap_or((name, ""));
            if !name.is_empty() {
                names.insert(id, name);
            }
            if line.starts_with("ob=") {
                inside = names.get(id) == Some(&object);
            }
        } else if line.starts_with("calls=") {
            inclusive = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            let mut words = line.split(' ');
            let position = words.next().unwrap_or("*");
            let hex = |digits: &str| u64::from_str_radix(digits.trim_start_matches("0x"), 16).unwrap_or(0);
            // Relative positions are decimal, absolute ones not.
            address = match position.as_bytes().first() {
                Some(b'*') => address,
                Some(b'+') => address.wrapping_add(position[1..].parse().unwrap_or(0)),
                Some(b'-') => address.wrapping_sub(position[1..].parse().unwrap_or(0)),
                _ => hex(position),
            };
            let cost: f64 = words.nth(1).and_then(|word| word.parse().ok()).unwrap_or(0.0);
            if !std::mem::take(&mut inclusive) {
                total += cost;
                if inside {
                    *costs.entry(address).or_default() += cost;
                }
            }
        }
    }
    (costs, total)
}

fn functions(object: &Path, addresses: impl Iterator<Item = u64>) -> Result<HashMap<u64, String>, String> {
    let fail = |e: std::io::Error| format!("addr2line: {e}");
    let mut child = Command::new("addr2line")
        .args(["-aifC", "-e"])
        .arg(object)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fail)?;
    let list: String = addresses.map(|address| format!("{address:#x}\n")).collect();
    let mut stdin = child.stdin.take().ok_or("addr2line: no pipe")?;
    let writer = std::thread::spawn(move || stdin.write_all(list.as_bytes()));
    let output = child.wait_with_output().map_err(fail)?;
    let _ = writer.join();
    let text = String::from_utf8_lossy(&output.stdout);
    let mut names = HashMap::new();
    let (mut address, mut lines) = (0, text.lines());
    while let Some(line) = lines.next() {
        if let Some(digits) = line.strip_prefix("0x") {
            address = u64::from_str_radix(digits, 16).map_err(|e| e.to_string())?;
            continue;
        }
        let place = lines.next().unwrap_or("");
        // From the innermost outwards; without one of ours the outermost stands.
        let name = match ["/loader/", "/runtime/"].iter().find_map(|dir| place.split_once(dir)) {
            Some((_, file)) => format!("{} {}", file.split(':').next().unwrap_or(file), short(line)),
            None => format!("in {}", short(line)),
        };
        let entry: &mut String = names.entry(address).or_default();
        if !entry.contains(".rs ") {
            *entry = name;
        }
    }
    Ok(names)
}

/// A Rust path without its types and crate.
fn short(name: &str) -> String {
    let mut depth = 0;
    let plain: String = name
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '<') - i32::from(*c == '>');
            depth == 0 && *c != '>'
        })
        .collect();
    let parts: Vec<&str> = plain.split("::").filter(|part| !part.is_empty()).collect();
    let from = parts.iter().rposition(|part| !part.starts_with('{')).unwrap_or(0);
    parts[from..].join("::")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_of_callees_and_of_other_objects_are_left_out() {
        let text = "positions: instr line\nevents: Ir\nob=(1) /ld\nfn=(1) a\n0x1000 1 5\n+16 1 7\n\
                    cob=(2) /libc\ncalls=1 0x9\n* 2 100\n-16 3 2\nob=(2)\n0x1000 1 30\nob=(1)\n* 1 4\n";
        let (costs, total) = self_costs(text, "/ld");
        assert_eq!(costs, HashMap::from([(0x1000, 11.0), (0x1010, 7.0)]));
        assert_eq!(total, 48.0);
    }

    #[test]
    fn a_function_keeps_its_own_name() {
        assert_eq!(short("ld_rs_plan::elf::lookup::<impl ld_rs_plan::Dynamic>::find"), "find");
        assert_eq!(short("a::Work<T>::relative::{{closure}}"), "relative::{{closure}}");
        assert_eq!(short("memcpy"), "memcpy");
    }
}
