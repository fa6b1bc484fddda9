//! Folders of target/bench and what fills them: built once, again when their key changes.

use ld_rs_tests::progress::Progress;
use ld_rs_tests::repository;
use ld_rs_tests::run::{self, BUILD_LIMITS};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// target/bench of this checkout.
pub fn root() -> PathBuf {
    repository().join("target/bench")
}

/// The folder `name`, filled by `fill` unless that was done with the same key.
///
/// # Errors
/// Those of `fill`, and when the folder cannot be written.
pub fn dir(name: &str, key: &str, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let dir = root().join(name);
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let key = format!("{:x}", hasher.finish());
    let stamp = dir.join("key");
    if fs::read_to_string(&stamp).is_ok_and(|old| old == key) {
        return Ok(dir);
    }
    Progress::new(0).clear();
    eprintln!("building {name}");
    let fail = |e: std::io::Error| format!("{}: {e}", dir.display());
    if dir.exists() {
        fs::remove_dir_all(&dir).map_err(fail)?;
    }
    fs::create_dir_all(&dir).map_err(fail)?;
    fill(&dir)?;
    fs::write(stamp, key).map_err(fail)?;
    Ok(dir)
}

/// Runs a compiler or linker in `dir`.
///
/// # Errors
/// When it is missing or fails, with its command and what it said.
pub fn tool(dir: &Path, name: &str, args: &[&str]) -> Result<(), String> {
    let mut command = Command::new(name);
    command.args(args).current_dir(dir);
    let ran = run::bounded(&mut command, &BUILD_LIMITS)?;
    if ran.end == run::End::Exit(0) {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ran.stderr);
    let start: Vec<&str> = said.lines().take(4).collect();
    Err(format!("{}: {}: {}", run::shell_line(&command), ran.end, start.join("; ")))
}
