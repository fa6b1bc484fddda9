//! One trial: a configuration is built once, then runs in each way of starting under ld-rs and
//! once under the system's loader, which for a program of musl is musl's.

use crate::build::{Built, Workshop};
use crate::directive::{Config, End, Libc, Oracle, Spec, Start};
use crate::run::{self, Ran, differences, shell_line};
use crate::{MUSL_LOADER, SYSTEM_LOADER, oracle_only};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A test program found in `testprogs/`, for one of its libcs.
pub struct Claim {
    /// `AREA/CLAIM`.
    pub name: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Its header, or what is wrong with it.
    pub spec: Result<Spec, String>,
}

/// All programs below `root`, sorted by name.
///
/// # Errors
/// When a folder cannot be read.
pub fn find(root: &Path) -> Result<Vec<Claim>, String> {
    let mut claims = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(dir) = folders.pop() {
        let entries = std::fs::read_dir(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        for entry in entries {
            let path = entry.map_err(|e| format!("{}: {e}", dir.display()))?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if ["main.c", "main.cc", "main.S"].contains(&file.as_str()) {
                let name = dir.strip_prefix(root).unwrap_or(&dir).display().to_string();
                let text = std::fs::read_to_string(&path).map_err(|e| e.to_string());
                let specs = text.and_then(|t| crate::directive::parse(&t));
                let specs = match specs {
                    Ok(specs) => specs.into_iter().map(Ok).collect(),
                    Err(e) => vec![Err(format!("{}: {e}", path.display()))],
                };
                claims.extend(specs.into_iter().map(|spec| Claim { name: name.clone(), dir: dir.clone(), spec }));
            }
        }
    }
    claims.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(claims)
}

/// Builds and runs one configuration.
///
/// # Errors
/// The commands that reproduce the failure and what differed.
pub fn prove(workshop: &Workshop, ld_rs: &Path, claim: &Claim, spec: &Spec, config: &Config) -> Result<(), String> {
    let built = workshop.build(&claim.dir, &format!("{}/{config}", claim.name), spec, config)?;
    let mut failures = Vec::new();
    let mut fail = |title: &str, command: &Command, what: String| {
        failures.push(format!("{title}: {}\n{what}", shell_line(command)));
    };
    let dir = built.dir.display().to_string();
    let program = format!("./{}", spec.program());
    let prepare = |command: &mut Command| {
        command.args(spec.run.iter().map(|arg| arg.replace("{dir}", &dir)));
        command.current_dir(&built.dir);
        run::fixed_environment(command);
        command.envs(spec.env.iter().map(|(k, v)| (k, v.replace("{dir}", &dir))));
    };

    for start in spec.starts.iter().filter(|_| !oracle_only()) {
        let (title, mut command) = match start {
            Start::Interp => ("started by the kernel", Command::new(&program)),
            Start::Direct => {
                let mut command = Command::new(ld_rs);
                command.args(spec.loader.iter().map(|arg| arg.replace("{dir}", &dir)));
                command.arg(&program);
                ("started directly", command)
            }
        };
        prepare(&mut command);
        match first_difference(&mut command, spec, &program, &built.dir) {
            Ok(what) if what.is_empty() => {}
            Ok(what) | Err(what) => fail(title, &command, what),
        }
    }

    if !matches!(spec.oracle, Oracle::No(_)) {
        let mut command = Command::new(if spec.libc == Libc::Musl { MUSL_LOADER } else { SYSTEM_LOADER });
        if spec.libc == Libc::None {
            command.arg("--preload").arg(workshop.oracle_libc()?);
        }
        command.args(spec.loader.iter().map(|arg| arg.replace("{dir}", &dir)));
        command.arg(&program);
        prepare(&mut command);
        match (run::bounded(&mut command, &run::LIMITS), &spec.oracle) {
            (Ok(ran), Oracle::Differs(reason)) => {
                if differences(spec, &program, &built.dir, &ran).is_empty() {
                    let what = format!("gives the same, against the directive: {reason}");
                    fail("the system's loader", &command, what);
                }
            }
            (Ok(ran), _) => {
                let what = differences(spec, &program, &built.dir, &ran);
                if !what.is_empty() {
                    let title = "the system's loader (so the expectation is wrong)";
                    fail(title, &command, what + &last_words(spec, &ran));
                }
            }
            (Err(e), _) => fail("the system's loader", &command, e),
        }
    }

    if failures.is_empty() {
        // What passed need not be looked at; what failed stays.
        std::fs::remove_dir_all(&built.dir).map_err(|e| format!("{dir}: {e}"))?;
        return Ok(());
    }
    Err(format!("{}\n\n{}", failures.join("\n"), reproduce(&built)))
}

/// Runs the program once, or `LD_RS_TIMES` times, for some defects show once in a thousand runs: what differs in the
/// first run that is not as `spec` says; empty if there is none.
///
/// # Errors
/// It could not be run.
pub fn first_difference(command: &mut Command, spec: &Spec, program: &str, dir: &Path) -> Result<String, String> {
    let times = std::env::var("LD_RS_TIMES").map_or(Ok(1), |text| text.parse());
    for _ in 0..times.map_err(|e| format!("LD_RS_TIMES: {e}"))? {
        let ran = run::bounded(command, &run::LIMITS)?;
        let what = differences(spec, program, dir, &ran);
        if !what.is_empty() {
            return Ok(what + &last_words(spec, &ran));
        }
    }
    Ok(String::new())
}

fn reproduce(built: &Built) -> String {
    format!("built in {} by:\n{}", built.dir.display(), built.log.join("\n"))
}

/// When a program died where it should not, its stderr says why even if stdout is at fault.
fn last_words(spec: &Spec, ran: &Ran) -> String {
    if ran.end == spec.exit || ran.stderr.is_empty() || spec.stderr.is_empty() {
        return String::new();
    }
    let time = if ran.end == End::Timeout { " (until it was killed)" } else { "" };
    format!("stderr{time}:\n{}", String::from_utf8_lossy(&ran.stderr))
}
