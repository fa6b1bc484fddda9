//! Starts a process so that it cannot harm the machine or the other tests (time, memory, no
//! core, a process group of its own that ends with it), and compares what it did with what a
//! test expects.

pub use crate::directive::End;
use crate::directive::Spec;
use std::fmt::Write as _;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// What a process may use.
pub struct Limits {
    /// Wall-clock time.
    pub time: Duration,
    /// Address space in bytes.
    pub memory: u64,
}

/// For a program under test. The address space is wide because a loader may reserve a lot of it.
pub const LIMITS: Limits = Limits { time: Duration::from_secs(20), memory: 16 << 30 };
/// For compilers and linkers.
pub const BUILD_LIMITS: Limits = Limits { time: Duration::from_secs(120), memory: 16 << 30 };

/// Output beyond this is cut off; the process then sees a closed pipe.
const MOST_OUTPUT: u64 = 4 << 20;

/// What a process did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// All of its standard output.
    pub stdout: Vec<u8>,
    /// All of its standard error.
    pub stderr: Vec<u8>,
    /// How it ended.
    pub end: End,
}

/// Starts `command`; every test process starts its children here.
///
/// One at a time: a child has, until its exec, what another thread holds open for writing at the fork, and a file that
/// is open for writing cannot be executed (ETXTBSY), so a program just copied would now and then refuse to start. Nor is
/// that all: exec tells us of its success, by closing a pipe, before it has closed the last of its files, so that it is
/// tried again for a second.
///
/// # Errors
/// Those of `Command::spawn`.
pub fn start(command: &mut Command) -> std::io::Result<Child> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let busy = |tried: &std::io::Result<Child>| matches!(tried, Err(e) if e.raw_os_error() == Some(libc::ETXTBSY));
    for _ in 0..1000 {
        let tried = command.spawn();
        if !busy(&tried) {
            return tried;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    command.spawn()
}

/// Runs `command` with an empty standard input and both outputs caught, and kills its whole
/// process group at the end.
///
/// # Errors
/// When it cannot be started.
pub fn bounded(command: &mut Command, limits: &Limits) -> Result<Ran, String> {
    let memory = libc::rlimit { rlim_cur: limits.memory, rlim_max: limits.memory };
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0);
    // SAFETY: setrlimit is async-signal-safe and the closure touches nothing but two copied
    // structs, as the time between fork and exec demands.
    unsafe {
        command.pre_exec(move || {
            if libc::setrlimit(libc::RLIMIT_AS, &memory) != 0 || libc::setrlimit(libc::RLIMIT_CORE, &none) != 0 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
    let mut child = start(command).map_err(|e| format!("{}: {e}", shell_line(command)))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (done, clock) = mpsc::channel::<()>();
    let id = child.id();
    let (late, stdout, stderr) = std::thread::scope(|scope| {
        let timer = scope.spawn(move || {
            let late = clock.recv_timeout(limits.time) == Err(mpsc::RecvTimeoutError::Timeout);
            if late {
                kill_group(id);
            }
            late
        });
        let stderr = scope.spawn(move || drain(err));
        let stdout = scope.spawn(move || drain(out));
        wait_unreaped(id);
        drop(done);
        let late = timer.join().unwrap_or(true);
        // Children left behind would hold the pipes open for ever.
        kill_group(id);
        (late, stdout.join(), stderr.join())
    });
    let status = child.wait().map_err(|e| format!("{}: {e}", shell_line(command)))?;
    let end = match (late, status.code(), status.signal()) {
        (true, ..) => End::Timeout,
        (_, Some(code), _) => End::Exit(code),
        (.., signal) => End::Signal(signal.unwrap_or(0)),
    };
    Ok(Ran { stdout: stdout.unwrap_or_default(), stderr: stderr.unwrap_or_default(), end })
}

fn drain(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A pipe that breaks has already given what it had.
    let _ = pipe.map(|p| p.take(MOST_OUTPUT).read_to_end(&mut bytes));
    bytes
}

/// Only for a child that is not yet reaped: its id cannot have gone to anyone else.
fn kill_group(id: u32) {
    if let Ok(group) = i32::try_from(id) {
        // SAFETY: kill has no effect on our memory.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
}

fn wait_unreaped(id: u32) {
    loop {
        // SAFETY: the all-zero siginfo_t is a valid value of this plain C struct.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        // SAFETY: `info` is a local that outlives the call.
        let rc = unsafe { libc::waitid(libc::P_PID, id, &mut info, libc::WEXITED | libc::WNOWAIT) };
        if rc == 0 || std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return;
        }
    }
}

/// The environment every program under test starts with.
pub fn fixed_environment(command: &mut Command) {
    command.env_clear();
    command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("HOME", "/");
}

/// What differs between what the directives ask for and what happened; empty when nothing does.
pub fn differences(spec: &Spec, program: &str, dir: &Path, ran: &Ran) -> String {
    let expand = |line: &String| line.replace("{prog}", program).replace("{dir}", &dir.display().to_string());
    let mut report = String::new();
    if ran.end != spec.exit {
        let _ = writeln!(report, "ended: {}, expected: {}", ran.end, spec.exit);
    }
    let expected: Vec<_> = spec.stdout.iter().map(expand).collect();
    report.push_str(&diff("stdout", &expected, &ran.stdout, false));
    let expected: Vec<_> = spec.stderr.iter().map(expand).collect();
    report.push_str(&diff("stderr", &expected, &ran.stderr, !expected.is_empty()));
    report
}

/// What differs between two runs; empty when nothing does.
pub fn compare(expected: &Ran, got: &Ran) -> String {
    let mut report = String::new();
    if got.end != expected.end {
        let _ = writeln!(report, "ended: {}, expected: {}", got.end, expected.end);
    }
    for (name, expected, got) in [("stdout", &expected.stdout, &got.stdout), ("stderr", &expected.stderr, &got.stderr)]
    {
        if expected != got {
            let lines: Vec<_> = lines(expected);
            let shown = diff(name, &lines, got, false);
            report.push_str(if shown.is_empty() { "they differ in their last newline\n" } else { &shown });
        }
    }
    report
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes).lines().map(str::to_string).collect()
}

/// The lines around the first difference. `prefix`: further lines are not compared.
fn diff(name: &str, expected: &[String], got: &[u8], prefix: bool) -> String {
    let mut got_lines = lines(got);
    if prefix {
        got_lines.truncate(expected.len());
    }
    let unfinished = !prefix && !got.is_empty() && !got.ends_with(b"\n");
    if got_lines == expected && !unfinished {
        return String::new();
    }
    let same = expected.iter().zip(&got_lines).take_while(|(a, b)| a == b).count();
    let mut report = format!("{name} differs from line {}:\n", same + 1);
    let from = same.saturating_sub(2);
    for line in expected.iter().skip(from).take(same - from) {
        let _ = writeln!(report, "    {line}");
    }
    for line in expected.iter().skip(same).take(10) {
        let _ = writeln!(report, "  - {line}");
    }
    for line in got_lines.iter().skip(same).take(10) {
        let _ = writeln!(report, "  + {line}");
    }
    if unfinished {
        report.push_str("  + (no newline at the end)\n");
    }
    report
}

/// The command as one can paste it into a shell.
pub fn shell_line(command: &Command) -> String {
    let quote = |word: &std::ffi::OsStr| {
        let word = word.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=+,./:@%{}".contains(c);
        if !word.is_empty() && word.chars().all(plain) {
            word.into_owned()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    let mut line = String::new();
    if let Some(dir) = command.get_current_dir() {
        let _ = write!(line, "cd {} && ", quote(dir.as_os_str()));
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let _ = write!(line, "{}={} ", name.to_string_lossy(), quote(value));
        }
    }
    line.push_str(&quote(command.get_program()));
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&quote(arg));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(line: &str, limits: &Limits) -> Ran {
        bounded(Command::new("/bin/sh").arg("-c").arg(line), limits).unwrap()
    }

    #[test]
    fn outputs_and_end_are_kept_apart() {
        let ran = sh("echo out; echo err >&2; exit 7", &LIMITS);
        assert_eq!((ran.stdout, ran.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
        assert_eq!(ran.end, End::Exit(7));
        assert_eq!(sh("kill -SEGV $$", &LIMITS).end, End::Signal(libc::SIGSEGV));
    }

    #[test]
    fn time_ends_the_process_and_what_it_started() {
        let limits = Limits { time: Duration::from_millis(200), ..LIMITS };
        let began = std::time::Instant::now();
        assert_eq!(sh("sleep 60 & sleep 60", &limits).end, End::Timeout);
        assert!(began.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_child_left_behind_does_not_hold_the_test() {
        let began = std::time::Instant::now();
        assert_eq!(sh("sleep 60 & exit 0", &LIMITS).end, End::Exit(0));
        assert!(began.elapsed() < Duration::from_secs(15));
    }

    #[test]
    fn memory_is_bounded() {
        let ran = sh("ulimit -v; ulimit -c", &Limits { memory: 1 << 30, ..LIMITS });
        assert_eq!(ran.stdout, b"1048576\n0\n");
    }

    #[test]
    fn a_difference_names_its_line() {
        let expected: Vec<String> = ["a", "b"].map(String::from).to_vec();
        assert_eq!(diff("stdout", &expected, b"a\nb\n", false), "");
        assert!(diff("stdout", &expected, b"a\nb", false).contains("no newline"));
        assert!(diff("stdout", &expected, b"a\nc\n", false).contains("line 2:\n    a\n  - b\n  + c"));
        assert!(!diff("stdout", &expected, b"a\nb\nc\n", false).is_empty());
        assert_eq!(diff("stderr", &expected, b"a\nb\nc\n", true), "");
        assert!(!diff("stdout", &[], b"x\n", false).is_empty());
    }
}
