//! The programs of `testprogs/dlopen` that look for races, for longer than the matrix runs them: together about a
//! minute, or ten with `make stress` (STRESS_MINUTES=10): they run side by side. Each says what it did.

mod common;

use common::{command, loader, must, repository, scratch, shell, tool};
use ld_rs_tests::progress::Progress;
use ld_rs_tests::run::{End, LIMITS, Limits, bounded, shell_line};
use std::sync::{LazyLock, mpsc};
use std::time::{Duration, Instant};

fn minutes() -> u64 {
    std::env::var("STRESS_MINUTES").ok().map_or(1, |minutes| minutes.parse().expect("a number of minutes"))
}

/// Does `work`, and says meanwhile how many seconds all programs of this file have run of those they may take.
fn shown<T>(claim: &str, work: impl FnOnce() -> T) -> T {
    static ALL: LazyLock<(Progress, Instant)> = LazyLock::new(|| (Progress::new(60 * minutes()), Instant::now()));
    let (progress, begun) = &*ALL;
    std::thread::scope(|scope| {
        let (over, is_over) = mpsc::channel::<()>();
        if progress.is_seen() {
            scope.spawn(move || {
                while is_over.recv_timeout(Duration::from_secs(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
                    progress.show(begun.elapsed().as_secs(), &format!("{claim}, seconds"));
                }
                progress.clear();
            });
        }
        let done = work();
        drop(over);
        done
    })
}

/// Builds a program of `testprogs/dlopen` and runs it with these arguments, by one way of starting.
fn stress(claim: &str, libraries: &str, program: &str, arguments: &[&str]) {
    tool("g++", "g++");
    let dir = scratch(claim);
    let source = repository().join("testprogs/dlopen").join(claim);
    let build = format!("src={}; tls=$src/../parts/tls.c; so=\"gcc -O2 -shared -fPIC\"; {libraries}", source.display());
    must(&mut shell(&dir, &build));
    let line = format!(
        "g++ -x {program} -O2 -pthread -rdynamic {}/main.* -o prog -Wl,-rpath,'$ORIGIN' -Wl,--dynamic-linker={}",
        source.display(),
        loader().display()
    );
    must(&mut shell(&dir, &line));
    let mut prog = command(&dir, "./prog");
    prog.args(arguments).env("COUNTS", "1");
    let limits = Limits { time: Duration::from_secs(120 * minutes()), ..LIMITS };
    let ran = shown(claim, || bounded(&mut prog, &limits)).unwrap_or_else(|e| panic!("{e}"));
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!((ran.end, &*ran.stdout), (End::Exit(0), &b"ok\n"[..]), "{}\n{stderr}", shell_line(&prog));
    println!("{claim} {}: {stderr}", arguments.join(" "));
}

#[test]
fn threads_exceptions_signals_and_lists() {
    let libraries = r#"
        model() { echo "-ftls-model=global-dynamic -ftls-model=local-dynamic -mtls-dialect=gnu2 -ftls-model=initial-exec" |
            cut -d' ' -f$1; }
        for i in $(seq 24); do $so $(model $((i % 4 + 1))) -DWHO=m$i -DSIZE=$((i * 300)) $tls -o libm$i.so; done
        for i in $(seq 4); do $so $(model $i) -DWHO=kept$i -DSIZE=$((i * 25000)) $tls -o libkept$i.so; done
        $so $src/broken.c -o libbroken.so"#;
    stress("churn", libraries, "c++", &[&(40 * minutes()).to_string()]);
}

#[test]
fn forks_whose_child_opens() {
    stress(
        "fork_child_opens",
        "for who in a b; do $so -DWHO=$who $tls -o lib$who.so; done",
        "c",
        &[&(8000 * minutes()).to_string()],
    );
}

#[test]
fn cycles_leave_nothing() {
    let libraries = "$so -DWHO=b -DSILENT $src/../parts/speaks.c -o libb.so && \
                     $so $src/tls.c -DWHO=a -DSILENT $src/../parts/speaks.c -o liba.so -Wl,--no-as-needed -L. -l:libb.so \
                         -Wl,-rpath,'$ORIGIN'";
    stress("cycles_leave_nothing", libraries, "c", &[&(20000 * minutes()).to_string()]);
}

/// glibc's loader deadlocks on this program; `everything_in_one_thread` and `threads_open_while_one_exits` are the parts of
/// it that run under that one too.
#[test]
fn opens_closes_exits_forks_and_throws_at_once() {
    // Seconds; everything; for how many seconds a round may take no step before it counts as hanging, far more than a thread
    // waits for a processor on a machine that does other things.
    let arguments = [&*(60 * minutes()).to_string(), "tdcfsp", "60"];
    stress("everything_at_once", "sh $src/graph.sh 'gcc -O2'", "c++", &arguments);
}
