//! Starts a program over and over and says what a start cost. Absolute times wander on a shared
//! machine, so programs that are to be compared run in turns and only the ratios of neighbouring
//! runs are quoted. Everything runs on one processor, with nothing inherited but a fixed small
//! environment, and ends after a time limit.

use ld_rs_tests::run::{self, Limits};
use std::ffi::{CString, OsStr, c_char};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What one measured process may take: seconds, and bytes of address space ([`steady`]).
pub const LIMIT: u32 = 60;
pub const MEMORY: u64 = 16 << 30;

/// What is started: a program and, for real ones, what stops it before its constructors.
#[derive(Clone, Debug)]
pub struct Start {
    pub program: PathBuf,
    pub args: Vec<String>,
    pub preload: Option<PathBuf>,
    /// LD_LIBRARY_PATH, for a program of another tree.
    pub library_path: Option<String>,
}

/// What one start cost: from the request to the kernel until the process is gone.
#[derive(Clone, Copy)]
pub struct Cost {
    pub seconds: f64,
    pub faults: f64,
}

/// How long to go on with one comparison.
pub struct Budget {
    pub time: Duration,
    pub least: usize,
    pub most: usize,
}

/// Median and the quarters around it.
#[derive(Clone, Copy)]
pub struct Spread {
    pub low: f64,
    pub middle: f64,
    pub high: f64,
}

impl Start {
    fn environment(&self) -> Vec<(&'static str, &OsStr)> {
        let mut all = vec![("PATH", OsStr::new("/usr/bin:/bin")), ("LC_ALL", OsStr::new("C"))];
        all.extend(self.library_path.as_deref().map(|path| ("LD_LIBRARY_PATH", OsStr::new(path))));
        all.extend(self.preload.as_deref().map(|path| ("LD_PRELOAD", path.as_os_str())));
        all
    }

    /// As a command that is not measured.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(self.environment());
        command
    }

    /// Runs it once, unmeasured, and returns its standard output.
    ///
    /// # Errors
    /// When it ends in any other way than exit 0, with what it said.
    pub fn output(&self) -> Result<String, String> {
        let limits = Limits { time: Duration::from_secs(LIMIT.into()), memory: MEMORY };
        let ran = run::bounded(&mut self.command(), &limits)?;
        if ran.end == run::End::Exit(0) {
            return Ok(String::from_utf8_lossy(&ran.stdout).trim_end().to_string());
        }
        let said = String::from_utf8_lossy(&ran.stderr);
        Err(format!("{}: {}", ran.end, said.lines().next().unwrap_or("no message")))
    }
}

/// A [`Start`] in the form the kernel wants, so that a measured run prepares nothing.
struct Prepared {
    // Kept alive for the pointers in `argv` and `envp`.
    _words: Vec<CString>,
    argv: Vec<*mut c_char>,
    envp: Vec<*mut c_char>,
    actions: libc::posix_spawn_file_actions_t,
    _null: File,
}

impl Prepared {
    fn new(start: &Start) -> Result<Prepared, String> {
        let word = |bytes: &[u8]| CString::new(bytes).map_err(|e| e.to_string());
        let mut words = vec![word(start.program.as_os_str().as_bytes())?];
        for arg in &start.args {
            words.push(word(arg.as_bytes())?);
        }
        let args = words.len();
        for (name, value) in start.environment() {
            words.push(word(&[name.as_bytes(), b"=", value.as_bytes()].concat())?);
        }
        let list = |words: &[CString]| -> Vec<*mut c_char> {
            words.iter().map(|w| w.as_ptr().cast_mut()).chain([std::ptr::null_mut()]).collect()
        };
        let null = File::options().write(true).open("/dev/null").map_err(|e| e.to_string())?;
        // SAFETY: the all-zero value is what posix_spawn_file_actions_init overwrites.
        let mut actions = unsafe { std::mem::zeroed() };
        // SAFETY: `actions` is ours and initialised by the first call before the second uses it.
        unsafe {
            libc::posix_spawn_file_actions_init(&mut actions);
            libc::posix_spawn_file_actions_adddup2(&mut actions, null.as_raw_fd(), 1);
        }
        Ok(Prepared {
            argv: list(words.get(..args).unwrap_or_default()),
            envp: list(words.get(args..).unwrap_or_default()),
            _words: words,
            actions,
            _null: null,
        })
    }

    fn run(&self) -> Result<Cost, String> {
        let mut pid = 0;
        let mut status = 0;
        // SAFETY: the all-zero rusage is a valid value of this plain C struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        let began = Instant::now();
        // SAFETY: both lists end with NULL and point into `_words`; the rest are our own locals.
        let rc = unsafe {
            libc::posix_spawn(
                &mut pid,
                self.argv[0],
                &self.actions,
                std::ptr::null(),
                self.argv.as_ptr(),
                self.envp.as_ptr(),
            )
        };
        if rc != 0 {
            return Err(io::Error::from_raw_os_error(rc).to_string());
        }
        // SAFETY: alarm and kill touch no memory, wait4 two locals. A process in time leaves
        // wait4 undisturbed; a late one is killed by its id, which is ours until it is reaped.
        unsafe {
            libc::alarm(LIMIT);
            while libc::wait4(pid, &mut status, 0, &mut usage) != pid {
                libc::kill(pid, libc::SIGKILL);
            }
        }
        let seconds = began.elapsed().as_secs_f64();
        // SAFETY: as above.
        unsafe { libc::alarm(0) };
        if !libc::WIFEXITED(status) || libc::WEXITSTATUS(status) != 0 {
            return Err(format!("ended with wait status {status:#x}"));
        }
        Ok(Cost { seconds, faults: usage.ru_minflt as f64 })
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // SAFETY: initialised in `new`, used by nobody after this.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.actions) };
    }
}

/// Runs all in turns, A B C A B C, and gives one list of costs each. Each should have run before,
/// so that its files are in memory.
///
/// # Errors
/// When one of them fails; the others are then worth nothing either.
pub fn in_turns(starts: &[&Start], budget: &Budget) -> Result<Vec<Vec<Cost>>, String> {
    let prepared = starts.iter().map(|s| Prepared::new(s)).collect::<Result<Vec<_>, _>>()?;
    let mut costs = vec![Vec::new(); starts.len()];
    let turn = || prepared.iter().map(Prepared::run).collect::<Result<Vec<_>, _>>();
    let began = Instant::now();
    for round in 0..budget.most {
        // Of what takes minutes, once is enough.
        let long = round > 0 && began.elapsed() > (10 * budget.time).max(Duration::from_secs(30));
        if long || round >= budget.least && began.elapsed() > budget.time {
            break;
        }
        for (list, cost) in costs.iter_mut().zip(turn()?) {
            list.push(cost);
        }
    }
    Ok(costs)
}

/// Median and quarters of a list; nothing of an empty one.
pub fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    // Between two values where the place is not a whole number.
    let at = |quarters: usize| {
        let (place, rest) = (last * quarters / 4, last * quarters % 4);
        let (a, b) = (sorted[place], sorted[(place + 1).min(last)]);
        a + (b - a) * rest as f64 / 4.0
    };
    Some(Spread { low: at(1), middle: at(2), high: at(3) })
}

/// Median and quarters of the quotients of neighbours.
pub fn ratio(over: &[f64], under: &[f64]) -> Option<Spread> {
    spread(over.iter().zip(under).map(|(a, b)| a / b))
}

/// What would remain of `times` if each of a start's `traps` had taken no time: in a virtual machine
/// the hypervisor's work, of which bare metal has nothing.
pub fn without_traps(times: &[f64], traps: u64, cost: f64) -> Vec<f64> {
    times.iter().map(|time| time - traps as f64 * cost).collect()
}

/// Prepares this process for measuring: one processor for all that follows, bounded memory, no
/// cores, and an alarm that interrupts a wait instead of ending us.
pub fn steady() {
    extern "C" fn interrupt(_: libc::c_int) {}
    // SAFETY: plain system calls on locals; the handler does nothing and is installed without
    // SA_RESTART, so that wait4 returns.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        let size = size_of_val(&set);
        libc::sched_getaffinity(0, size, &mut set);
        // The last one: interrupts tend to be served by the first.
        if let Some(cpu) = (0..libc::CPU_SETSIZE as usize).rev().find(|&cpu| libc::CPU_ISSET(cpu, &set)) {
            libc::CPU_ZERO(&mut set);
            libc::CPU_SET(cpu, &mut set);
            libc::sched_setaffinity(0, size, &set);
        }
        libc::setrlimit(libc::RLIMIT_AS, &libc::rlimit { rlim_cur: MEMORY, rlim_max: MEMORY });
        libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 });
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = interrupt as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(libc::SIGALRM, &action, std::ptr::null_mut());
    }
}

/// A copy of `program` whose PT_INTERP is `interpreter`, a path relative to where it is started.
///
/// # Errors
/// When it has no PT_INTERP long enough.
pub fn with_interpreter(program: &Path, interpreter: &str, copy: &Path) -> Result<(), String> {
    let fail = |e: io::Error| format!("{}: {e}", copy.display());
    let mut bytes = std::fs::read(program).map_err(fail)?;
    let field = |at: usize, size: usize| {
        let bytes = bytes.get(at..at + size)?;
        Some(bytes.iter().rev().fold(0, |value, &byte| value << 8 | usize::from(byte)))
    };
    let segment = || {
        let (table, entry, count) = (field(32, 8)?, field(54, 2)?, field(56, 2)?);
        const PT_INTERP: usize = 3;
        let found = (0..count).map(|i| table + i * entry).find(|&at| field(at, 4) == Some(PT_INTERP))?;
        Some((field(found + 8, 8)?, field(found + 32, 8)?))
    };
    let place = segment().and_then(|(offset, size)| bytes.get_mut(offset..offset + size));
    let place = place.filter(|place| place.len() > interpreter.len());
    let place = place.ok_or_else(|| format!("{}: no PT_INTERP to replace", program.display()))?;
    // The kernel takes the path up to the first NUL and asks for one at the end.
    place.fill(0);
    place[..interpreter.len()].copy_from_slice(interpreter.as_bytes());
    std::fs::write(copy, bytes).map_err(fail)?;
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(copy, mode).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_lie_between_values() {
        let of = |values: &[f64]| spread(values.iter().copied()).map(|s| (s.low, s.middle, s.high));
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[3.0]), Some((3.0, 3.0, 3.0)));
        assert_eq!(of(&[4.0, 1.0, 2.0]), Some((1.5, 2.0, 3.0)));
        assert_eq!(of(&[5.0, 3.0, 1.0, 2.0, 4.0]), Some((2.0, 3.0, 4.0)));
    }

    #[test]
    fn traps_are_taken_out_of_each_of_a_pair() {
        // (490 - 6 * 5) / (560 - 43 * 5) us, and the same times without any trap.
        let quotient = |ours: u64, theirs: u64| {
            let of = |time: f64, traps: u64| without_traps(&[time], traps, 5e-6);
            ratio(&of(490e-6, ours), &of(560e-6, theirs)).unwrap().middle
        };
        assert!((quotient(6, 43) - 460.0 / 345.0).abs() < 1e-9);
        assert!((quotient(0, 0) - 0.875).abs() < 1e-9);
    }

    #[test]
    fn a_process_that_fails_is_not_measured() {
        let start = |arg: &str| Start {
            program: "/bin/sh".into(),
            args: vec!["-c".into(), arg.into()],
            preload: None,
            library_path: None,
        };
        let budget = Budget { time: Duration::ZERO, least: 2, most: 2 };
        assert!(in_turns(&[&start("exit 0"), &start("exit 3")], &budget).is_err());
        assert!(in_turns(&[&start("kill -SEGV $$")], &budget).is_err());
        assert!(start("exit 3").output().is_err());
        let costs = in_turns(&[&start("exit 0")], &budget).unwrap();
        assert!(costs.len() == 1 && costs[0].len() == 2 && costs[0].iter().all(|c| c.seconds > 0.0 && c.faults > 0.0));
    }
}
