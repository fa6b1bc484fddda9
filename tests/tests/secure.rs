//! Secure mode, with a real setuid program started by another user, under ld-rs and under the system's loader: environment,
//! search paths, argv, descriptors and limits are hostile. What ld-rs must give is written in the table; what glibc gives is
//! printed beside it. Then: auxiliary entries that a kernel or a tracer leaves out.

mod common;

use common::{SYSTEM_LOADER, loader, must, repository, scratch, shell};
use ld_rs_tests::run;
use libtest_mimic::{Arguments, Completion, Trial};
use std::ffi::CString;
use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const NOBODY: u32 = 65534;

/// What a case does to the start.
#[derive(Clone, Copy)]
enum Trick {
    /// Sets variables; `{dir}` is the folder with the attacker's libraries.
    Environment(&'static [(&'static str, &'static str)]),
    /// Sets as many variables that go.
    Many(usize),
    /// Starts in the folder with the attacker's libraries.
    Directory,
    /// Another argv[0].
    Argv0(&'static str),
    /// Closes 0, 1 and 2.
    Closed,
    /// Sets a limit (RLIMIT_*), in bytes.
    Limit(u32, u64),
}
use Trick::{Argv0, Closed, Directory, Environment, Limit, Many};

/// The one line that the program may say, without its environment; every case must give it under ld-rs.
const SAID: &str = "secure 1, user 0, library honest, 3 descriptors open, memory filled with 00, arguments [--list] [x y], environment";

const CASES: &[(&str, Trick)] = &[
    ("nothing", Environment(&[])),
    ("LD_PRELOAD by path", Environment(&[("LD_PRELOAD", "{dir}/libevil.so")])),
    ("LD_PRELOAD by name", Environment(&[("LD_PRELOAD", "libevil.so"), ("LD_LIBRARY_PATH", "{dir}")])),
    ("LD_PRELOAD by path from a trusted folder", Environment(&[("LD_PRELOAD", "/usr/lib/../..{dir}/libevil.so")])),
    ("LD_PRELOAD with a long name", Environment(&[("LD_PRELOAD", "libevil.so:{name of 255}")])),
    ("LD_PRELOAD with $ORIGIN", Environment(&[("LD_PRELOAD", "$ORIGIN/evil/libevil.so ${ORIGIN}/evil/libevil.so")])),
    ("LD_LIBRARY_PATH", Environment(&[("LD_LIBRARY_PATH", "{dir}")])),
    ("LD_LIBRARY_PATH with $ORIGIN, empty, relative", Environment(&[("LD_LIBRARY_PATH", ":$ORIGIN/evil::evil:.")])),
    ("two of one name", Environment(&[("LD_LIBRARY_PATH", "{dir}"), ("ld_library_path", "{dir}")])),
    ("LD_AUDIT", Environment(&[("LD_AUDIT", "{dir}/libevil.so")])),
    ("LD_VERBOSE", Environment(&[("LD_VERBOSE", "1"), ("LD_WARN", "1")])),
    ("LD_DEBUG", Environment(&[("LD_DEBUG", "all"), ("LD_DEBUG_OUTPUT", "{dir}/debug")])),
    ("LD_SHOW_AUXV", Environment(&[("LD_SHOW_AUXV", "1")])),
    ("LD_ORIGIN_PATH", Environment(&[("LD_ORIGIN_PATH", "{dir}")])),
    ("LD_PROFILE", Environment(&[("LD_PROFILE", "libhonest.so"), ("LD_PROFILE_OUTPUT", "{dir}")])),
    ("variables of this loader", Environment(&[("LD_RS_SAVE", "{dir}"), ("LD_RS_SEAL", "1"), ("LD_RS_ANY", "1")])),
    ("LD_BIND_NOW and others", Environment(&[("LD_BIND_NOW", "1"), ("LD_HWCAP_MASK", "0"), ("LD_DYNAMIC_WEAK", "1")])),
    ("GLIBC_TUNABLES", Environment(&[("GLIBC_TUNABLES", "glibc.malloc.perturb=85")])),
    ("GLIBC_TUNABLES, malformed", Environment(&[("GLIBC_TUNABLES", "glibc.malloc.mxfast=glibc.malloc.mxfast=A")])),
    ("MALLOC_PERTURB_", Environment(&[("MALLOC_PERTURB_", "85"), ("MALLOC_CHECK_", "3")])),
    (
        "paths of libc",
        Environment(&[
            ("GCONV_PATH", "{dir}"),
            ("LOCPATH", "{dir}"),
            ("NLSPATH", "{dir}"),
            ("TMPDIR", "{dir}"),
            ("RES_OPTIONS", "x"),
            ("HOSTALIASES", "{dir}"),
            ("TZDIR", "{dir}"),
        ]),
    ),
    ("10,000 variables", Many(10_000)),
    ("a value of 100,000 bytes", Environment(&[("LD_LIBRARY_PATH", "{long}"), ("LD_PRELOAD", "{long}")])),
    ("current directory", Directory),
    ("argv[0] is ldd", Argv0("ldd")),
    ("argv[0] is the loader", Argv0("ld-rs.so")),
    ("argv[0] is empty", Argv0("")),
    ("argv[0] with a path to the attacker's", Argv0("{dir}/../evil/prog")),
    ("descriptors 0 to 2 closed", Closed),
    ("stack of 128 KiB", Limit(libc::RLIMIT_STACK, 128 << 10)),
    ("stack of 1 GiB", Limit(libc::RLIMIT_STACK, 1 << 30)),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = vec![
        Trial::ignorable_test("setuid", setuid_table),
        Trial::test("auxiliary entries", || {
            missing_auxiliary_entries();
            Ok(())
        }),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A folder another user can reach, with the two setuid programs.
fn build() -> (PathBuf, [PathBuf; 2]) {
    let dir = std::env::temp_dir().join(format!("ld-rs-secure-{}", std::process::id()));
    fs::create_dir_all(dir.join("evil/evil")).expect("folder");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("permissions");
    let ours = dir.join("ld-rs.so");
    fs::copy(loader(), &ours).expect("copy");
    let source = repository().join("tests/tests/secure/prog.c");
    // The attacker's folder is named by every unsafe element; only the last one is the owner's.
    let script = "mkdir -p honest
        echo 'const char *whose(void) { return \"honest\"; }' | gcc -shared -fPIC -x c - -o honest/libhonest.so -Wl,-soname,libhonest.so
        echo 'const char *whose(void) { return \"evil\"; }' | gcc -shared -fPIC -x c - -o evil/libhonest.so -Wl,-soname,libhonest.so
        cp evil/libhonest.so evil/libevil.so; cp evil/libhonest.so evil/evil/; cp evil/libhonest.so evil/evil/libevil.so";
    must(&mut shell(&dir, script));
    let programs = [("prog-ours", ours.as_path()), ("prog-glibc", Path::new(SYSTEM_LOADER))].map(|(name, interp)| {
        let link = format!(
            "gcc {} -o {name} honest/libhonest.so -Wl,--enable-new-dtags '-Wl,-rpath,$ORIGIN/evil:${{ORIGIN}}/evil:{}/honest' \
             -Wl,--dynamic-linker={}",
            source.display(),
            dir.display(),
            interp.display()
        );
        must(&mut shell(&dir, &link));
        let path = dir.join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).expect("setuid");
        path
    });
    (dir, programs)
}

/// How it ended, and what it said on its descriptor and on stderr.
fn start(program: &Path, dir: &Path, trick: Trick) -> (String, String, String) {
    let (mut report, writer) = std::io::pipe().expect("pipe");
    let evil = dir.join("evil");
    let fill = |text: &str| {
        text.replace("{dir}", &evil.display().to_string())
            .replace("{long}", &"/a:".repeat(33_000))
            .replace("{name of 255}", &"x".repeat(255))
    };
    let mut command = Command::new(program);
    command.arg0("prog").args(["--list", "x y"]).env_clear().env("FIRST", "1");
    command.current_dir("/").uid(NOBODY).gid(NOBODY).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut limit = None;
    match trick {
        Environment(variables) => {
            command.envs(variables.iter().map(|(name, value)| (name, fill(value))));
        }
        Many(count) => {
            command.envs((0..count).map(|number| (format!("LD_{number}"), "")));
        }
        Directory => {
            command.current_dir(&evil);
        }
        Argv0(name) => {
            command.arg0(fill(name));
        }
        Limit(which, bytes) => limit = Some((which, libc::rlimit { rlim_cur: bytes, rlim_max: bytes })),
        Closed => {}
    }
    command.env("LAST", "1");
    let (fd, closed) = (writer.as_raw_fd(), matches!(trick, Closed));
    // SAFETY: dup2, close, alarm and setrlimit are async-signal-safe; only copied values are touched.
    unsafe {
        command.pre_exec(move || {
            libc::alarm(20);
            libc::dup2(fd, 9);
            if closed {
                for fd in 0..3 {
                    libc::close(fd);
                }
            }
            if let Some((which, limit)) = &limit {
                libc::setrlimit(*which, limit);
            }
            Ok(())
        });
    }
    let mut child = run::start(&mut command).expect("start");
    drop(writer);
    let mut said = String::new();
    report.read_to_string(&mut said).expect("report");
    let mut errors = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut errors).expect("stderr");
    let status = child.wait().expect("wait");
    let end =
        status.signal().map_or(format!("exit {}", status.code().unwrap_or(-1)), |signal| format!("signal {signal}"));
    (end, said, errors)
}

fn setuid_table() -> Result<Completion, libtest_mimic::Failed> {
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Ok(Completion::ignored_with("only root can make a program setuid"));
    }
    let (dir, [ours, glibc]) = build();
    let (_, said, _) = start(&glibc, &dir, Environment(&[]));
    if said.starts_with("secure 0") {
        let _ = fs::remove_dir_all(&dir);
        return Ok(Completion::ignored_with("setuid programs have no effect here (nosuid or no_new_privs)"));
    }
    let mut complaints = String::new();
    for (name, trick) in CASES {
        let (end, said, errors) = start(&ours, &dir, *trick);
        let (glibc_end, glibc_said, glibc_errors) = start(&glibc, &dir, *trick);
        let kept = ["FIRST", "LAST", "ld_library_path"].map(|name| said.contains(&format!(" {name}")));
        let left: Vec<_> = said
            .split(", environment")
            .nth(1)
            .unwrap_or("")
            .split(", auxv")
            .next()
            .unwrap_or("")
            .split_whitespace()
            .filter(|name| !["FIRST", "LAST", "ld_library_path"].contains(name))
            .collect();
        let good = end == "exit 0"
            && (errors.is_empty() || errors == glibc_errors)
            && said.starts_with(SAID)
            && kept[0]
            && kept[1]
            && left.is_empty()
            && said.ends_with("auxv follows\n");
        let verdict = |end: &str, said: &str, errors: &str| match (end, said.starts_with(SAID), errors.is_empty()) {
            ("exit 0", true, true) if said.contains("LD_") || said.contains("GLIBC_") => "safe, variable kept".into(),
            ("exit 0", true, true) => "safe".into(),
            ("exit 0", true, false) => format!("safe, says {:?}", errors.lines().next().unwrap_or("")),
            _ => format!("{end} {:?} {:?}", said.get(..60).unwrap_or(said), errors.lines().next().unwrap_or("")),
        };
        println!(
            "{name:45} {:10} glibc: {}",
            verdict(&end, &said, &errors),
            verdict(&glibc_end, &glibc_said, &glibc_errors)
        );
        if !good {
            complaints += &format!("{name}: {end}\n{said}{errors}\n");
        }
    }
    // A listing of what a program needs does not run it: ldd knows this end.
    for program in [&ours, &glibc] {
        for value in [&[("LD_TRACE_LOADED_OBJECTS", "1")], &[("LD_TRACE_LOADED_OBJECTS", "")]] {
            let ended = start(program, &dir, Environment(value));
            assert_eq!(ended, ("exit 5".into(), String::new(), String::new()));
        }
    }
    // As many variables as the kernel takes cost a look at each.
    let time = std::time::Instant::now();
    let (end, said, _) = start(&ours, &dir, Many(90_000));
    assert!(end == "exit 0" && said.starts_with(SAID) && time.elapsed().as_secs() < 3, "{end} {said} {time:?}");
    // Nothing was written where the attacker wished it.
    let mut written: Vec<_> = fs::read_dir(dir.join("evil"))
        .expect("folder")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .collect();
    written.sort();
    let honest = written == ["evil", "libevil.so", "libhonest.so"];
    complaints += &scarcity(&ours, &dir);
    let _ = fs::remove_dir_all(&dir);
    assert!(complaints.is_empty(), "{complaints}");
    assert!(honest, "{written:?}");
    Ok(Completion::Completed)
}

/// Address space from nothing up: the kernel refuses, we say so and leave with 127, or it runs. Never a signal of ours.
fn scarcity(program: &Path, dir: &Path) -> String {
    let mut complaints = String::new();
    let (mut refused, mut ran) = (0, 0);
    for step in 0..120u64 {
        let bytes = (1 << 20) + step * (128 << 10);
        let (end, said, errors) = start(program, dir, Limit(libc::RLIMIT_AS, bytes));
        match end.as_str() {
            "exit 0" if said.starts_with(SAID) => ran += 1,
            "exit 127" if errors.lines().next().is_some_and(|line| line.contains("annot")) => refused += 1,
            "exit 3" if said.is_empty() && errors.is_empty() => {} // nothing left for the program
            // execve itself: the kernel ends a process whose new image does not fit.
            "signal 9" | "signal 11" if said.is_empty() && errors.is_empty() && ran + refused == 0 => {}
            _ => complaints += &format!("{bytes} bytes of address space: {end} {said}{errors}\n"),
        }
    }
    println!("address space: {refused} limits refused with a message, {ran} enough");
    if refused < 3 || ran < 3 {
        complaints += "the sweep missed one of its ends\n";
    }
    complaints
}

/// A tracer renames each auxiliary entry in turn to AT_IGNORE before the first instruction: it runs, or says why not.
fn missing_auxiliary_entries() {
    let dir = scratch("auxv");
    must(&mut shell(
        &dir,
        &format!(
            "echo 'int printf(const char *, ...); int main(void) {{ return !printf(\"ran\\n\"); }}' | gcc -x c - -o prog -Wl,--dynamic-linker={}",
            loader().display()
        ),
    ));
    let program = CString::new(dir.join("prog").display().to_string()).expect("path");
    let mut complaints = String::new();
    let names = [
        (0, "none"),
        (3, "AT_PHDR"),
        (4, "AT_PHENT"),
        (5, "AT_PHNUM"),
        (6, "AT_PAGESZ"),
        (7, "AT_BASE"),
        (9, "AT_ENTRY"),
        (11, "AT_UID"),
        (12, "AT_EUID"),
        (13, "AT_GID"),
        (14, "AT_EGID"),
        (15, "AT_PLATFORM"),
        (16, "AT_HWCAP"),
        (17, "AT_CLKTCK"),
        (23, "AT_SECURE"),
        (25, "AT_RANDOM"),
        (26, "AT_HWCAP2"),
        (31, "AT_EXECFN"),
        (33, "AT_SYSINFO_EHDR"),
        (51, "AT_MINSIGSTKSZ"),
    ];
    for (key, name) in names {
        let (end, said) = without(&program, key);
        println!("{name:16} {end} {said:?}");
        let fine = end == "exit 0" && said == "ran\n" || end == "exit 127" && !said.is_empty() && said.ends_with('\n');
        if !fine || (key == 0 && end != "exit 0") {
            complaints += &format!("without {name}: {end} {said:?}\n");
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

/// Starts `program` with the auxiliary entry `key` renamed.
fn without(program: &CString, key: u64) -> (String, String) {
    let (mut reader, writer) = std::io::pipe().expect("pipe");
    let (out, argv, envp) = (writer.as_raw_fd(), [program.as_ptr(), std::ptr::null()], [std::ptr::null()]);
    // SAFETY: between fork and exec only async-signal-safe calls are made; the arrays outlive them. The stopped child's
    // stack is read and written by ptrace alone.
    let status = unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(20);
            libc::dup2(out, 1);
            libc::dup2(out, 2);
            libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
            libc::execve(program.as_ptr(), argv.as_ptr(), envp.as_ptr());
            libc::_exit(99);
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0);
        let mut registers: libc::user_regs_struct = std::mem::zeroed();
        libc::ptrace(libc::PTRACE_GETREGS, child, 0, &mut registers);
        let word = |at: u64| libc::ptrace(libc::PTRACE_PEEKDATA, child, at, 0).cast_unsigned();
        // argc, argv, null, envp (none), null, then the entries.
        let mut at = registers.rsp + 8 * (1 + word(registers.rsp) + 1 + 1);
        while word(at) != 0 {
            if word(at) == key {
                libc::ptrace(libc::PTRACE_POKEDATA, child, at, 1u64);
            }
            at += 16;
        }
        libc::ptrace(libc::PTRACE_DETACH, child, 0, 0);
        libc::waitpid(child, &mut status, 0);
        status
    };
    drop(writer);
    let mut said = String::new();
    reader.read_to_string(&mut said).expect("output");
    let end = if libc::WIFSIGNALED(status) {
        format!("signal {}", libc::WTERMSIG(status))
    } else {
        format!("exit {}", libc::WEXITSTATUS(status))
    };
    (end, said)
}
