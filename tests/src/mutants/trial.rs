//! Runs a mutant where it can do no harm.
//!
//! A mutant is arbitrary code: it gets little time and memory, may write no file, and where the
//! harness is root it is somebody else. Address randomisation is off, so that what went wrong can
//! be repeated under [`super::watch`].

use crate::run::{End, start};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Wall-clock time; processor time is bounded too, in case the machine is busy.
pub(super) const TIME: Duration = Duration::from_secs(5);
const CPU_SECONDS: u64 = 3;
const MEMORY: u64 = 1 << 30;
/// nobody; not a number that has any rights.
const SOMEBODY_ELSE: u32 = 65534;
const MOST_OUTPUT: usize = 1 << 16;

/// What a process did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
    /// How it ended; `Err` with errno if it was not started.
    pub end: Result<End, i32>,
}

/// The name under which the loader lies beside each program.
pub const LOADER: &str = "ld-rs.so";

pub(super) fn confine(command: &mut Command, traced: bool) {
    let privileged = is_root();
    command.stdin(Stdio::null()).process_group(0);
    let limits =
        [(libc::RLIMIT_AS, MEMORY), (libc::RLIMIT_CORE, 0), (libc::RLIMIT_FSIZE, 0), (libc::RLIMIT_NPROC, 500)];
    // SAFETY: between fork and exec only system calls are made, on copied numbers.
    unsafe {
        command.pre_exec(move || {
            let check = |rc: i64| if rc < 0 { Err(std::io::Error::last_os_error()) } else { Ok(()) };
            for (which, value) in limits {
                let limit = libc::rlimit { rlim_cur: value, rlim_max: value };
                check(libc::setrlimit(which, &limit).into())?;
            }
            if !traced {
                // SIGXCPU at the first number, SIGKILL at the second.
                let limit = libc::rlimit { rlim_cur: CPU_SECONDS, rlim_max: CPU_SECONDS + 1 };
                check(libc::setrlimit(libc::RLIMIT_CPU, &limit).into())?;
            }
            check(libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong).into())?;
            if privileged {
                check(libc::setgroups(0, std::ptr::null()).into())?;
                check(libc::setresgid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE).into())?;
                check(libc::setresuid(SOMEBODY_ELSE, SOMEBODY_ELSE, SOMEBODY_ELSE).into())?;
            }
            check(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).into())?;
            if traced {
                check(libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0))?;
            }
            Ok(())
        });
    }
}

fn is_root() -> bool {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Runs `command` within the limits.
pub fn run(mut command: Command) -> Outcome {
    confine(&mut command, false);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut child = match start(&mut command) {
        Ok(child) => child,
        Err(e) => return Outcome { stdout, stderr, end: Err(e.raw_os_error().unwrap_or(0)) },
    };
    let deadline = Instant::now() + TIME;
    let mut late = false;
    if let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) {
        late |= !drain(out, err, deadline, &mut stdout, &mut stderr);
    }
    // Its outputs are closed: it has ended, or will soon.
    while !late && !has_ended(child.id()) {
        std::thread::sleep(Duration::from_micros(50));
        late = Instant::now() > deadline;
    }
    // Not reaped yet, so that the group's number is still its own.
    kill_group(child.id());
    let end = match child.wait() {
        _ if late => End::Timeout,
        Ok(status) if status.signal() == Some(libc::SIGXCPU) => End::Timeout,
        Ok(status) => status.code().map_or(End::Signal(status.signal().unwrap_or(0)), End::Exit),
        Err(_) => End::Timeout,
    };
    Outcome { stdout, stderr, end: Ok(end) }
}

/// Reads both pipes to their ends; false if the time was over first.
fn drain(
    mut out: impl Read + AsRawFd,
    mut err: impl Read + AsRawFd,
    deadline: Instant,
    stdout: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
) -> bool {
    let mut polled = [out.as_raw_fd(), err.as_raw_fd()].map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    while polled.iter().any(|one| one.fd >= 0) {
        let left = deadline.saturating_duration_since(Instant::now()).as_millis() as i32;
        // SAFETY: an array of two.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), 2, left) };
        if ready == 0 {
            return false;
        }
        let mut buffer = [0; 4096];
        for (i, one) in polled.iter_mut().enumerate().filter(|(_, one)| one.fd >= 0 && one.revents != 0) {
            let (count, kept) =
                if i == 0 { (out.read(&mut buffer), &mut *stdout) } else { (err.read(&mut buffer), &mut *stderr) };
            match count {
                Ok(count) if count > 0 && kept.len() < MOST_OUTPUT => kept.extend(&buffer[..count]),
                Ok(count) if count > 0 => {}
                // poll ignores negative descriptors.
                _ => one.fd = -1,
            }
        }
    }
    true
}

fn has_ended(id: u32) -> bool {
    // SAFETY: the all-zero siginfo_t is a valid value of this plain C struct.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    // SAFETY: `info` is a local that outlives the call.
    let rc = unsafe { libc::waitid(libc::P_PID, id, &mut info, libc::WEXITED | libc::WNOWAIT | libc::WNOHANG) };
    // SAFETY: waitid filled it in, or left the zeroes.
    rc != 0 || unsafe { info.si_pid() } != 0
}

pub(super) fn kill_group(id: u32) {
    if let Ok(group) = i32::try_from(id) {
        // SAFETY: kill has no effect on our memory.
        unsafe { libc::kill(-group, libc::SIGKILL) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(line: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(line);
        command
    }

    #[test]
    fn outputs_and_end_are_told_apart() {
        let outcome = run(sh("echo out; echo err >&2; exit 7"));
        assert_eq!((outcome.stdout, outcome.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
        assert_eq!(outcome.end, Ok(End::Exit(7)));
        assert_eq!(run(sh("kill -SEGV $$")).end, Ok(End::Signal(libc::SIGSEGV)));
        assert_eq!(run(Command::new("/dev/null")).end, Err(libc::EACCES));
    }

    #[test]
    fn time_is_bounded() {
        assert_eq!(run(sh("while :; do :; done")).end, Ok(End::Timeout));
        assert_eq!(run(sh("exec sleep 100 >&- 2>&-")).end, Ok(End::Timeout));
    }

    #[test]
    fn no_file_can_be_written() {
        let file = std::env::temp_dir().join(format!("ld-rs-mutant-{}", std::process::id()));
        let outcome = run(sh(&format!("echo x > {}", file.display())));
        assert_ne!(outcome.end, Ok(End::Exit(0)));
        assert!(!std::fs::read(&file).is_ok_and(|bytes| !bytes.is_empty()));
        let _ = std::fs::remove_file(file);
    }
}
