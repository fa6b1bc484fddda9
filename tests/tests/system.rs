//! Programs nobody wrote for us: Debian's own, and ordinary C, C++, Rust and Go ones. Each script runs three times, with
//! the programs started natively, by the kernel with ld-rs as PT_INTERP, and as `ld-rs.so PROGRAM`; stdout, stderr and
//! exit code must not differ. What strace and /proc say about such a process is checked here too.

mod common;

use common::{Outcome, SYSTEM_LOADER, command, loader, must, repository, run, scratch, shell, system_file, tool};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// Under the system's loader.
    Native,
    /// By the kernel, PT_INTERP being ld-rs.
    Interp,
    /// `ld-rs.so PROGRAM`.
    Direct,
}

/// A program and the name the scripts call it by.
struct Program {
    name: &'static str,
    path: PathBuf,
}

fn debian(name: &'static str, path: &str, package: &str) -> Program {
    Program { name, path: system_file(path, package) }
}

/// The shell function by which a script starts the program. argv[0] is the same in all ways of starting: programs look
/// at it to find their files and name themselves by it.
fn starter(program: &Program, start: Start, home: &Path) -> String {
    let (name, path) = (program.name, program.path.display());
    match start {
        Start::Native => format!("{name}() {{ {path} \"$@\"; }}\n"),
        Start::Direct => format!("{name}() {{ {} {path} \"$@\"; }}\n", loader().display()),
        Start::Interp => {
            tool("patchelf", "patchelf");
            let copy = home.join(format!("{name}.interp"));
            fs::copy(&program.path, &copy).expect("copy");
            must(&mut shell(home, &format!("patchelf --set-interpreter {} {}", loader().display(), copy.display())));
            let interp = must(&mut shell(home, &format!("patchelf --print-interpreter {}", copy.display())));
            assert_eq!(interp.trim(), loader().display().to_string());
            format!("{name}() {{ ( exec -a {path} {} \"$@\" ); }}\n", copy.display())
        }
    }
}

/// Runs the script once a way of starting, each in a fresh folder, and compares. Returns what the native run said.
fn same(test: &str, programs: &[Program], starts: &[Start], script: &str) -> Outcome {
    let home = scratch(test);
    let mut results = Vec::new();
    for &start in [Start::Native].iter().chain(starts) {
        let dir = home.join(format!("{start:?}"));
        fs::create_dir(&dir).expect("folder");
        let mut text = String::from("set -f\n");
        for program in programs {
            text += &starter(program, start, &home);
        }
        text += script;
        let mut outcome = run(&mut shell(&dir, &text));
        for text in [&mut outcome.stdout, &mut outcome.stderr] {
            *text = text.replace(&dir.display().to_string(), "{dir}");
        }
        results.push((start, outcome));
    }
    let (_, native) = results.remove(0);
    let mut complaints = String::new();
    for (start, outcome) in results {
        if outcome != native {
            let _ = writeln!(complaints, "{start:?}: {}\n{}{}", outcome.end, outcome.stdout, outcome.stderr);
        }
    }
    assert!(complaints.is_empty(), "{complaints}natively: {}\n{}{}", native.end, native.stdout, native.stderr);
    native
}

const BOTH: &[Start] = &[Start::Interp, Start::Direct];

/// As `same`, and the native run has to succeed with something to show: two equal failures would prove nothing.
fn same_success(test: &str, programs: &[Program], script: &str) -> String {
    let native = same(test, programs, BOTH, script);
    assert_eq!((native.end.as_str(), native.stderr.as_str()), ("exit 0", ""), "{}", native.stdout);
    assert!(!native.stdout.is_empty());
    native.stdout
}

#[test]
fn true_and_false() {
    let programs = [debian("t", "/bin/true", "coreutils"), debian("f", "/bin/false", "coreutils")];
    assert_eq!(
        same("true", &programs, BOTH, "t && ! f && t --nonsense; t --version; f; echo $?; exit 5").end,
        "exit 5"
    );
}

#[test]
fn ls() {
    let programs = [debian("ls", "/bin/ls", "coreutils")];
    same_success("ls", &programs, "ls -l /usr; ls -ld / /etc/passwd; ls /usr/bin /lib/x86_64-linux-gnu");
    let failed = same("ls-missing", &programs, BOTH, "ls -l /nonexistent/file");
    assert_eq!((failed.end.as_str(), failed.stdout.as_str()), ("exit 2", ""));
}

#[test]
fn cat_sort_grep_sed() {
    let programs = [
        debian("cat", "/bin/cat", "coreutils"),
        debian("sort", "/usr/bin/sort", "coreutils"),
        debian("grep", "/bin/grep", "grep"),
        debian("sed", "/bin/sed", "sed"),
    ];
    let script = r#"
        cat /etc/passwd /etc/services | sort -r -t: -k3 -u | cat -A
        seq 20000 | sort --parallel=4 -S 100k -n -r | sed -n '1,5p;$p'
        grep -nE '^(root|nobody):.*(sh|nologin)$' /etc/passwd
        grep -c . /etc/services; grep -P '(?<=o)o(?=t)' /etc/passwd
        cat /etc/passwd | sed -E 's/([^:]*):.*/<\1>/; y/abc/ABC/' | sort
    "#;
    assert!(same_success("text", &programs, script).contains("<root>"));
}

#[test]
fn tar_and_gzip_round_trip() {
    let programs = [debian("tar", "/bin/tar", "tar"), debian("gzip", "/bin/gzip", "gzip")];
    let script = r#"
        mkdir a && seq 5000 > a/numbers && ln -s numbers a/link && mkdir a/empty && cp /etc/passwd a/
        tar -cf a.tar --sort=name --mtime=@0 --owner=0 --group=0 a && gzip -9n a.tar && md5sum a.tar.gz
        gzip -l a.tar.gz; gzip -dc a.tar.gz | tar -tvf -
        mkdir b && gzip -dk a.tar.gz && tar -xf a.tar -C b && diff -r a b/a && echo round trip
    "#;
    assert!(same_success("tar", &programs, script).contains("round trip"));
}

#[test]
fn bash_pipes_subshells_traps_and_functions() {
    let programs = [debian("bash", "/bin/bash", "bash")];
    let script = r#"bash -c '
        f() { local x=$1; (( x > 0 )) && { echo "f $x"; f $((x - 1)); }; }
        f 3
        trap "echo trapped USR1" USR1; kill -USR1 $$
        trap "echo leaving" EXIT
        seq 100 | while read n; do echo $((n * n)); done | (tail -n 2; echo sub $BASH_SUBSHELL)
        declare -A map=([a]=1 [b]=2); echo "${!map[@]}" | tr " " "\n" | /usr/bin/sort
        x=$(echo $(echo nested)); echo "${x^^} ${x//e/E}"
        cat <<< "here" & wait $!; echo waited $?
        ( exit 3 ); echo $?
        set -o pipefail; false | true; echo $?
        read -r line < <(echo process substitution); echo "$line"
        [[ abc123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[2]}"
        exec 3>file; echo to file >&3; exec 3>&-; cat file
        kill -TERM $BASHPID
    '; echo $?"#;
    let native = same("bash", &programs, BOTH, script);
    assert!(native.stdout.contains("NESTED nEstEd") && native.stdout.ends_with("143\n"), "{native:?}");
}

#[test]
fn perl_without_extension_modules() {
    let programs = [debian("perl", "/usr/bin/perl", "perl-base")];
    let script = r#"
        perl -we 'use strict; my %h = map { $_ => $_ ** 2 } 1 .. 20; print join(",", map { "$_=$h{$_}" } sort { $a <=> $b } keys %h), "\n";
            printf "%.10f %s\n", atan2(1, 1) * 4, join "|", "a1b22c333" =~ /(\d+)/g;
            local $SIG{ALRM} = sub { print "alarm\n" }; alarm 1; select undef, undef, undef, 3;
            my $pid = fork; if (!$pid) { exit 7 } waitpid $pid, 0; print $? >> 8, "\n";
            eval { die { code => 42 } }; print $@->{code}, "\n"; print `echo from a child`;
            open my $f, "<", "/etc/passwd" or die; my @l = <$f>; print scalar(@l), "\n"; print sprintf("%vd", $^V), "\n"'
        perl -ne 'print if 3 .. 5' /etc/services
    "#;
    assert!(same_success("perl", &programs, script).contains("3.1415926536"));
}

/// Only with what is built into the binary: an extension module would be a dlopen.
#[test]
fn python_with_builtin_modules() {
    let programs = [debian("python3", "/usr/bin/python3", "python3-minimal")];
    let code = r#"
import sys
sys.path = [p for p in sys.path if not p.endswith('lib-dynload')]
import json, math, os, re, subprocess, threading, time, zlib, hashlib, collections
print(math.sqrt(2), json.loads(json.dumps({'a': [1, 2.5, None, 'x']})), sys.flags.no_site)
local, results = threading.local(), []
def work(n):
    local.x = n
    time.sleep(0.01)
    results.append(local.x * sum(range(n)))
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(results))
print(zlib.crc32(zlib.compress(b'x' * 100000)) != 0, re.findall(r'\d+', 'a1b22'))
print(subprocess.run(['echo', 'child'], capture_output=True).stdout)
pid = os.fork()
if pid == 0:
    os._exit(9)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
print(deep(900), 2 ** 200)
try:
    deep(10 ** 6)
except RecursionError as e:
    print('recursion', e)
"#;
    let script = "python3 -S -c \"$CODE\"\npython3 -S -c 'import sys; sys.exit(\"bye\")'; echo $?\n";
    let native = same("python", &programs, BOTH, &format!("CODE=$(cat <<'END'\n{code}\nEND\n)\n{script}"));
    assert!(native.stdout.contains("1.4142135623730951") && native.stdout.ends_with("1\n"), "{native:?}");
}

#[test]
fn git_init_commit_log() {
    let programs = [debian("git", "/usr/bin/git", "git")];
    let script = r#"
        export HOME=$PWD GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
        for who in AUTHOR COMMITTER; do
            export GIT_${who}_NAME=name GIT_${who}_EMAIL=mail@example.org GIT_${who}_DATE='1700000000 +0000'
        done
        git --version && git init -q -b main . && seq 100 > f && git add f && git commit -q -m one && seq 2 90 > f
        git diff --stat && git commit -q -a -m two && git log -p --no-color && git fsck && git gc -q && git rev-parse HEAD
    "#;
    same_success("git", &programs, script);
}

#[test]
fn gcc_compiles_a_program() {
    let gcc = debian("gcc", "/usr/bin/gcc", "gcc");
    let cc1 = must(&mut shell(&repository(), "readlink -f $(/usr/bin/gcc -print-prog-name=cc1)"));
    let programs = [gcc, Program { name: "cc1", path: PathBuf::from(cc1.trim()) }];
    let script = r#"
        printf '#include <stdio.h>\nint main(void) { puts("hello, world"); return 0; }\n' > hello.c
        gcc --version && gcc -Wall -O2 -o hello hello.c && ./hello && gcc -E -dM hello.c | sort | md5sum
        gcc -E hello.c -o hello.i && cc1 -quiet -O2 -fpreprocessed hello.i -o hello.s && md5sum < hello.s && gcc -c hello.s -o hello.o && md5sum < hello.o
    "#;
    assert!(same_success("gcc", &programs, script).contains("hello, world"));
}

/// Builds with `line`, in which `{interp}` is the linker's argument that names the loader, once a way of starting, runs
/// `./prog ARGS` and compares.
fn same_built(test: &str, line: &str, args: &str) -> Outcome {
    let home = scratch(test);
    let sources = repository().join("tests/tests/system");
    let mut outcomes = Vec::new();
    for start in [Start::Native, Start::Interp, Start::Direct] {
        let dir = home.join(format!("{start:?}"));
        fs::create_dir(&dir).expect("folder");
        let interp = if start == Start::Interp { loader() } else { PathBuf::from(SYSTEM_LOADER) };
        let line = line.replace("{interp}", &format!("-Wl,--dynamic-linker={}", interp.display()));
        must(&mut shell(&dir, &line.replace("{src}", &sources.display().to_string())));
        let by = if start == Start::Direct { loader().display().to_string() } else { String::new() };
        outcomes.push((start, run(&mut shell(&dir, &format!("{by} ./prog {args}")))));
    }
    let native = outcomes[0].1.clone();
    for (start, outcome) in &outcomes {
        assert_eq!(*outcome, native, "{start:?}");
    }
    native
}

#[test]
fn c_threads_with_thread_local_data_in_program_and_library() {
    tool("gcc", "gcc");
    let line = "gcc -O2 -shared -fPIC -o libshared.so {src}/threads_lib.c && \
                gcc -O2 -pthread -o prog {src}/threads.c -L. -l:libshared.so -Wl,-rpath,'$ORIGIN' {interp}";
    let native = same_built("c-threads", line, "");
    assert_eq!(native.end, "exit 0");
    assert!(native.stdout.ends_with("thread 7: right\ninitial thread: 123 55 7\n") && !native.stdout.contains("wrong"));
}

#[test]
fn c_fork_signals_and_exit_handlers() {
    tool("gcc", "gcc");
    let native = same_built("c-processes", "gcc -O2 -pthread -o prog {src}/processes.c {interp}", "");
    assert_eq!(native.end, "exit 3");
    assert!(native.stdout.contains("child gave 10, parent has 9\ndestroyed key\n"), "{native:?}");
    assert!(native.stdout.ends_with("popen\npclose: 0\nexit handler\n"), "{native:?}");
}

#[test]
fn c_cancellation() {
    tool("gcc", "gcc");
    let native = same_built("c-cancel", "gcc -O2 -pthread -o prog {src}/cancel.c {interp}", "");
    assert_eq!(native.stdout, "clean-up handler\ndestroyed key\ncancelled: 1\n", "{native:?}");
}

#[test]
fn cplusplus_exceptions_and_thread_local_destructors() {
    tool("g++", "g++");
    let native = same_built("c++", "g++ -O1 -pthread -o prog {src}/exceptions.cc {interp}", "");
    assert_eq!(native.end, "exit 0");
    assert!(
        native.stdout.contains("caught stoi\n-per thread\n") && native.stdout.ends_with("-per thread\n-global\n"),
        "{native:?}"
    );
}

#[test]
fn rust_std_threads() {
    tool("rustc", "rustc");
    // rustup finds its toolchain through the home folder, which the fixed environment lacks.
    let home = std::env::var("HOME").expect("HOME");
    let rust = format!("HOME={home} rustc -O --edition 2024 -o prog {{src}}/threads.rs -C link-arg={{interp}}");
    let path = std::env::var("PATH").expect("PATH");
    let native = same_built("rust", &format!("PATH={path} {rust}"), "one two");
    assert_eq!(native.end, "exit 0");
    assert_eq!(native.stdout, "[100, 200, 300, 400, 500, 600, 700, 800]\nSome(\"carried\")\n[\"one\", \"two\"]\n");
}

/// The static one has no PT_INTERP: the kernel starts it alone, and ld-rs must hand over to it.
#[test]
fn go_static_and_with_c() {
    tool("go", "golang-go");
    let env = "export GOCACHE=$PWD/../cache GOFLAGS=-trimpath GO111MODULE=off;";
    let native = same_built("go-static", &format!("{env} CGO_ENABLED=0 go build -o prog {{src}}/go.go"), "one two");
    assert_eq!(native.end, "exit 4", "{native:?}");
    assert!(native.stdout.contains("recovered runtime error: invalid memory address"));
    let line = format!(
        "{env} CGO_ENABLED=1 go build -ldflags '-linkmode external -extldflags {{interp}}' -o prog {{src}}/cgo.go"
    );
    assert_eq!(same_built("go-cgo", &line, "").stdout, "[1 1 1 1 1 1 1 1] 5\n");
}

fn strace(dir: &Path, line: &str) -> Vec<String> {
    tool("strace", "strace");
    must(&mut shell(dir, &format!("strace -o trace {line} > out")));
    fs::read_to_string(dir.join("trace")).expect("trace").lines().map(str::to_string).collect()
}

/// Valgrind reads an object's symbols when it sees its code and its data mapped, and ends where they come in an order
/// that no other loader has: a program with enough libraries of all shapes runs under it as under the system's loader.
#[test]
fn gdb_under_valgrind() {
    let dir = scratch("valgrind");
    system_file("/usr/bin/valgrind", "valgrind");
    let gdb = system_file("/usr/bin/gdb", "gdb");
    let [native, ours] = [ld_rs_tests::SYSTEM_LOADER.into(), loader().display().to_string()].map(|loader: String| {
        let mut command = command(&dir, "valgrind");
        run(command.args(["-q", "--tool=none", &loader]).arg(&gdb).arg("--version"))
    });
    assert!(native.end == "exit 0" && native.stdout.starts_with("GNU gdb"), "{native:?}");
    assert_eq!(ours, native);
}

/// The thread pointer is set once, nothing is ever writable and executable, the cache serves, and when ls opens the
/// directory every descriptor from before is closed.
#[test]
fn ls_under_strace() {
    let dir = scratch("strace");
    let ls = system_file("/bin/ls", "coreutils");
    let trace = strace(&dir, &format!("{} {} /usr", loader().display(), ls.display()));
    let fs_set = trace.iter().filter(|l| l.starts_with("arch_prctl(ARCH_SET_FS")).count();
    assert_eq!(fs_set, 1, "{}", trace.join("\n"));
    let executable: Vec<_> = trace.iter().filter(|l| l.contains("PROT_WRITE|PROT_EXEC")).collect();
    assert!(executable.is_empty(), "{executable:#?}");
    assert!(trace.iter().any(|l| l.contains("PROT_EXEC")), "strace shows what it maps");

    // What /etc/ld.so.cache knows is opened at its place, and no folder is tried for it.
    assert!(trace.iter().any(|l| l.contains("\"/etc/ld.so.cache\"")), "{}", trace.join("\n"));
    let tried: Vec<_> =
        trace.iter().filter(|l| l.contains(".so.") && l.contains("ENOENT") && !l.contains("ld.so.preload")).collect();
    assert!(tried.is_empty(), "{tried:#?}");

    let mut open: Vec<&str> = Vec::new();
    let mut reached = false;
    for line in &trace {
        let result = line.rsplit_once(" = ").map_or("", |(_, r)| r.split(' ').next().unwrap_or(""));
        if line.starts_with("open") && line.contains("\"/usr\"") {
            reached = true;
            break;
        } else if line.starts_with("open") && !result.starts_with('-') {
            assert!(line.contains("O_CLOEXEC") || line.contains("\"/proc/"), "{line}");
            open.push(result);
        } else if let Some(fd) = line.strip_prefix("close(").and_then(|l| l.split(')').next()) {
            open.retain(|o| *o != fd);
        }
    }
    assert!(reached && open.is_empty(), "{open:?} are open\n{}", trace.join("\n"));
}

/// No page both writable and executable, and nothing of the system's loader, in a process either way started.
#[test]
fn maps_of_a_process() {
    let home = scratch("maps");
    let cat = debian("cat", "/bin/cat", "coreutils");
    for start in BOTH {
        let script = starter(&cat, *start, &home) + "cat /proc/self/maps";
        let outcome = run(&mut shell(&home, &script));
        assert_eq!((outcome.end.as_str(), outcome.stderr.as_str()), ("exit 0", ""), "{start:?}");
        let maps = outcome.stdout;
        assert!(maps.contains("/libc.so.6") && maps.contains("ld-rs"), "{start:?}\n{maps}");
        assert!(!maps.contains("rwx") && !maps.contains("wxp"), "{start:?}\n{maps}");
        assert!(!maps.contains("ld-linux"), "{start:?}\n{maps}");
    }
}

/// Descriptors a program inherits stay, and it gets no other.
#[test]
fn descriptors_of_a_process() {
    let programs = [debian("ls", "/bin/ls", "coreutils")];
    let listed = same_success("descriptors", &programs, "exec 7</dev/null; ls /proc/self/fd | cat");
    assert!(listed.starts_with("0\n1\n") && listed.ends_with("7\n"), "{listed}");
}

#[test]
fn argv0_and_environment_arrive_unchanged() {
    let dir = scratch("argv0");
    let loader = loader();
    let bash = system_file("/bin/bash", "bash");
    let options = ["--argv0", "another name"].map(Path::new);
    let mut cmd = command(&dir, &loader);
    let script = "echo \"$VAR|$#|$1|$2\"";
    let outcome = run(cmd.args(options).arg(&bash).args(["-c", script, "zero", "", "--x"]).env("VAR", "a\nb"));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("a\nb|2||--x\n", ""));
    let outcome = run(command(&dir, &loader).args(options).arg(&bash).args(["-c", "echo $0"]));
    assert_eq!(outcome.stdout, "another name\n");
}
