//! The system calls of ld-rs against those of the system's loader: none that a filter for the same program would punish,
//! and with an error from any of them an error or success, never a signal, an endless loop, another library or a leak.
//!
//! `syscalls/work.c` does the work; strace records what glibc's loader calls, and injects the errors.

mod common;

use common::{Outcome, SYSTEM_LOADER, loader, must, repository, run, scratch, shell, tool};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The folder with `work` for the system's loader, `work-rs` for ours, and their libraries: each in `right`, and a decoy of
/// the name in `decoy`, which is searched later. `libwords` has data of 5 MiB to be relocated, `libwords2` of 160 KiB.
fn build(name: &str) -> PathBuf {
    let dir = scratch(name);
    tool("strace", "strace");
    let (sources, ours) = (repository().join("tests/tests/syscalls"), loader());
    let (from, interpreter) = (sources.display(), ours.display());
    let script = format!(
        "mkdir right decoy none none2
         for place in right decoy; do
           echo \"const char *needed(void) {{ return \\\"$place\\\"; }}\" | gcc -shared -fPIC -x c - -o $place/libneeded.so
           echo \"__thread int t; const char *name(void) {{ t = 1; return \\\"$place\\\"; }}\" |
             gcc -shared -fPIC -x c - -o $place/libplug.so
         done
         words() {{ echo \"int a; int *w[$1] = {{[0 ... $1 - 1] = &a}}; int words(int i) {{ return w[i * 1000] == &a ? i : 0; }}
           __attribute__((destructor)) static void end(void) {{ a = 1; }}\" | gcc -shared -fPIC -x c - -o right/$2 -Wl,-Bsymbolic; }}
         words 700000 libwords.so && words 20000 libwords2.so
         for i in 1 2 3 4 5 6; do echo \"int i$i;\" | gcc -shared -fPIC -x c - -o right/libi$i.so; done
         gcc {from}/narrow.c -o narrow
         for end in '' -rs; do
           [ -z $end ] && interpreter={SYSTEM_LOADER} || interpreter={interpreter}
           gcc {from}/work.c -o work$end -pthread -Lright -Wl,--no-as-needed -lneeded -lwords -li1 -li2 -li3 -li4 -li5 -li6 \
             -Wl,-rpath,'$ORIGIN/none:$ORIGIN/none2:$ORIGIN/right:$ORIGIN/decoy' -Wl,--dynamic-linker=$interpreter || exit 1
         done"
    );
    must(&mut shell(&dir, &script));
    dir
}

/// The numbers of the system calls in a trace that `strace -n` wrote.
fn numbers(trace: &str) -> BTreeSet<u32> {
    let number = |line: &str| line.split_once('[')?.1.split_once(']')?.0.trim().parse().ok();
    trace.lines().filter_map(number).collect()
}

#[test]
fn no_call_that_glibcs_loader_does_not_make() {
    const EXECVE: u32 = 59;
    const FUTEX: u32 = 202;
    let dir = build("narrow");
    let ours = loader();
    let modes = ["start", "dlopen", "dlsym", "thread", "fork"];
    let environments =
        ["A=b", "LD_LIBRARY_PATH=none:none2", "LD_PRELOAD=right/libplug.so", "LD_BIND_NOW=1", "LD_DEBUG=all"];
    for mode in modes {
        for variable in environments {
            for direct in [false, true] {
                let (theirs, own) = if direct { (SYSTEM_LOADER, ours.to_str().unwrap()) } else { ("", "") };
                let recorded = format!("exec strace -E {variable} -f -n -qq -o trace {theirs} ./work {mode}");
                let recorded = run(&mut shell(&dir, &recorded));
                assert_eq!((&*recorded.end, &*recorded.stdout), ("exit 0", "fine\n"), "{recorded:?}");
                let mut allowed = numbers(&std::fs::read_to_string(dir.join("trace")).unwrap());
                assert!(allowed.len() > 10, "{allowed:?}");
                allowed.insert(EXECVE);
                // Whether pthread_join waits is a matter of who is first.
                allowed.extend((mode == "thread").then_some(FUTEX));
                let list = allowed.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
                let program = if direct { "./work" } else { "./work-rs" };
                let outcome =
                    run(&mut shell(&dir, &format!("exec env {variable} ./narrow {list} {own} {program} {mode}")));
                let said = (&*outcome.end, &*outcome.stdout);
                assert_eq!(
                    said,
                    ("exit 0", "fine\n"),
                    "{mode} {variable} direct={direct} allowed={list} {}",
                    outcome.stderr
                );
            }
        }
    }
}

/// The calls of the first thread in a trace but for those that it cannot do without (pthread_join aborts where futex fails), with how many of the name came up to each; between two of getppid if there are.
fn occurrences(trace: &str) -> Vec<(String, usize)> {
    let first = trace.split_whitespace().next().unwrap_or_default();
    let (mut counts, mut calls) = (BTreeMap::new(), Vec::new());
    let marked = trace.lines().filter(|line| line.contains("getppid(")).count() == 2;
    let mut inside = !marked;
    for line in trace.lines().filter(|line| line.starts_with(first)) {
        let Some(name) = line.split_whitespace().nth(1).and_then(|call| call.split_once('(')).map(|(name, _)| name)
        else {
            continue;
        };
        let count: &mut usize = counts.entry(name.to_owned()).or_default();
        *count += 1;
        if marked && name == "getppid" {
            inside = !inside;
        } else if inside && !matches!(name, "execve" | "exit_group" | "futex") {
            calls.push((name.to_owned(), *count));
        }
    }
    calls
}

/// Why `outcome` is not what a fault in `call` may lead to.
fn wrong(call: &str, phase: bool, outcome: &Outcome) -> bool {
    let (ran, said) = (outcome.end == "exit 0", outcome.stdout == "fine\n");
    let refused = matches!(outcome.end.as_str(), "exit 127" | "exit 1") && !outcome.stderr.is_empty();
    // The program's own words are written by a call, too.
    outcome.stdout.contains("decoy") || !(ran && (said || call == "write") || refused && !phase)
}

/// Some of them, in turn: of those of one call in different places different ones.
#[test]
fn an_error_from_a_call_is_an_error_or_success() {
    faults(7);
}

#[test]
#[ignore = "some minutes"]
fn an_error_from_any_call_is_an_error_or_success() {
    faults(1);
}

/// Injects each error into each call at each place, and looks what comes of every `step`th.
fn faults(step: usize) {
    const ERRNOS: [&str; 8] = ["EPERM", "EIO", "EINTR", "EAGAIN", "ENOMEM", "EMFILE", "ELOOP", "ESTALE"];
    let dir = build(&format!("faults{step}"));
    let own = loader();
    let mut lines = Vec::new();
    for (mode, direct) in
        [("start", false), ("start", true), ("dlopen-phase", false), ("dlclose-phase", false), ("thread-phase", false)]
    {
        let program = if direct { format!("{} ./work", own.display()) } else { "./work-rs".to_owned() };
        let outcome = run(&mut shell(&dir, &format!("strace -f -qq -o trace {program} {mode}")));
        assert_eq!((&*outcome.end, &*outcome.stdout), ("exit 0", "fine\n"), "{outcome:?}");
        let calls = occurrences(&std::fs::read_to_string(dir.join("trace")).unwrap());
        assert!(!calls.is_empty(), "{mode}: nothing to fail");
        for (call, when) in calls {
            // What is not carried out leaves something.
            let leaks = if matches!(&*call, "close" | "munmap") { "-E LEAKS=1" } else { "" };
            let mut inject = |errno: &str, when: &str| {
                let fault = format!("-e trace={call} -e inject={call}:error={errno}:when={when}");
                let line = format!("exec strace -f -qq -o /dev/null {leaks} {fault} {program} {mode}");
                lines.push((call.clone(), mode != "start", line));
            };
            ERRNOS.iter().for_each(|errno| inject(errno, &when.to_string()));
            if mode == "start" {
                // Interrupted for ever, which must not be tried for ever.
                inject("EINTR", &format!("{when}+"));
            }
        }
    }
    let lines: Vec<_> = lines.into_iter().step_by(step).collect();
    let (next, total) = (AtomicUsize::new(0), lines.len());
    let bad: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut bad = Vec::new();
            while let Some((call, phase, line)) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
                let outcome = run(&mut shell(&dir, line));
                // How often the start maps differs by one or two from run to run: then the fault met the start, which says so.
                let start =
                    outcome.end == "exit 127" && outcome.stderr.contains("error while loading shared libraries");
                if wrong(call, *phase && !start, &outcome) {
                    bad.push(format!("{line}\n  {outcome:?}"));
                }
            }
            bad
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    println!("{total} faults");
    assert!(total > 1500 / step && bad.is_empty(), "{} of {total}:\n{}", bad.len(), bad.join("\n"));
}
