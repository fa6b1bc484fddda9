//! What the test targets that start foreign programs share: a folder of one's own, a command in it under a fixed
//! environment, its outcome as text. A missing tool fails the test with the name of its package: a test that skips itself
//! proves nothing.
#![allow(dead_code, unused_imports)] // each target uses its own part

pub use ld_rs_tests::{SYSTEM_LOADER, repository};

use ld_rs_tests::run::{BUILD_LIMITS, LIMITS, Limits, bounded, fixed_environment, shell_line};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The loader under test.
pub fn loader() -> PathBuf {
    ld_rs_tests::ld_rs().unwrap_or_else(|e| panic!("no loader to test: {e}"))
}

/// A fresh folder for one test.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).expect("scratch folder of the last run");
    }
    fs::create_dir_all(&dir).expect("scratch folder");
    dir
}

/// Finds a tool in PATH or fails with the Debian package that has it.
pub fn tool(name: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("{name} is not installed: apt-get install {package}"))
}

/// A file of the system, or fails with the Debian package that has it.
pub fn system_file(path: &str, package: &str) -> PathBuf {
    assert!(Path::new(path).exists(), "{path} is not installed: apt-get install {package}");
    PathBuf::from(path)
}

/// How a program ended (`exit N`, `signal N` ...) and what it said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub end: String,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn first_error(&self) -> &str {
        self.stderr.lines().next().unwrap_or("")
    }
}

/// A command in `dir`.
pub fn command(dir: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    fixed_environment(&mut command);
    command.current_dir(dir).env("TZ", "UTC");
    command
}

/// A line for bash in `dir`.
pub fn shell(dir: &Path, line: &str) -> Command {
    let mut command = command(dir, "/bin/bash");
    command.args(["-c", line]);
    command
}

/// Runs a program under test.
pub fn run(command: &mut Command) -> Outcome {
    run_within(command, &LIMITS)
}

/// Runs a step that has to succeed (a compiler, patchelf) and returns its stdout.
pub fn must(command: &mut Command) -> String {
    let outcome = run_within(command, &BUILD_LIMITS);
    assert_eq!(outcome.end, "exit 0", "{}\n{}{}", shell_line(command), outcome.stdout, outcome.stderr);
    outcome.stdout
}

fn run_within(command: &mut Command, limits: &Limits) -> Outcome {
    let ran = bounded(command, limits).unwrap_or_else(|e| panic!("{e}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Outcome { end: ran.end.to_string(), stdout: text(ran.stdout), stderr: text(ran.stderr) }
}
