//! How much stack dlopen and its family take, on a painted stack, against the system's loader: coroutines that open
//! libraries have stacks of a few KiB, measured under glibc.

mod common;

use common::{command, loader, must, repository, run, scratch, shell};
use std::path::Path;

/// Bytes that may be more than glibc's: the frames of two compilers are not alike to the word.
const LEEWAY: i64 = 32;

/// Libraries, and what is none, as the program is to open them.
const LIBRARIES: [&str; 18] = [
    "libsmall.so",
    "./libsmall.so",
    "$ORIGIN/libsmall.so",
    "././././././././././././././././././././././././././././././././././././././././././././././././././././libsmall.so",
    "libneeds.so",
    "libc0.so",
    "libt.so",
    "libie.so",
    "libdesc.so",
    "libv.so",
    "libinit.so",
    "libdata.so",
    "libifunc.so",
    "libz.so.1",
    "libnone.so",
    "/nowhere/libnone.so",
    "libbad.so",
    "./depth",
];

const BUILD: &str = r#"set -e
    make() { gcc -O2 -shared -fPIC -x c - -x none -o $1 "${@:2}" '-Wl,-rpath,$ORIGIN' -L.; }
    echo 'int small(void) { return 1; }' | make libsmall.so -nostdlib
    echo 'int small(void); int needs(void) { return small(); }' | make libneeds.so -l:libsmall.so
    echo 'int c20(void) { return 1; }' | make libc20.so
    for i in $(seq 19 -1 0); do
        echo "int c$((i + 1))(void); int c$i(void) { return c$((i + 1))(); }" | make libc$i.so -l:libc$((i + 1)).so
    done
    tls='__thread int variable = 3; int touch(void) { return variable++; }'
    echo "$tls" | make libt.so
    echo "$tls" | make libie.so -ftls-model=initial-exec
    echo "$tls" | make libdesc.so -mtls-dialect=gnu2
    echo 'V1 { global: small; local: *; };' > map
    echo 'int small(void) { return 1; }' | make libv.so -Wl,--version-script=map
    echo 'int n; __attribute__((constructor)) static void c(void) { n++; }
        __attribute__((destructor)) static void d(void) { n--; }' | make libinit.so
    for i in $(seq 300); do echo "int x$i; int *p$i = &x$i; int f$i(void) { return x$i; }"; done | make libdata.so
    echo 'static int a(void) { return 1; } static int (*pick(void))(void) { return a; }
        int chosen(void) __attribute__((ifunc("pick"))); int uses(void) { return chosen(); }' | make libifunc.so
    echo 'int nowhere(void); int bad(void) { return nowhere(); }' | make libbad.so
    echo 'int small(void); int asks(void) { return small(); }' | make liblazy.so -l:libsmall.so -Wl,-z,lazy
    gcc -O1 -fno-stack-protector $SRC -o depth -pthread '-Wl,-rpath,$ORIGIN'"#;

fn depths(dir: &Path, loader: &Path) -> Vec<(i64, String)> {
    let mut command = command(dir, loader);
    command.arg("./depth").args(LIBRARIES);
    let outcome = run(&mut command);
    assert_eq!((&*outcome.end, &*outcome.stderr), ("exit 0", ""), "{}", outcome.stdout);
    let line = |line: &str| line.split_once(' ').map(|(bytes, call)| (bytes.parse().unwrap(), call.to_string()));
    outcome.stdout.lines().map(|text| line(text).unwrap()).collect()
}

#[test]
fn no_call_takes_more_stack_than_under_the_systems_loader() {
    let dir = scratch("depth");
    must(shell(&dir, BUILD).env("SRC", repository().join("tests/tests/dlopen/depth.c")));
    let (ours, theirs) = (depths(&dir, &loader()), depths(&dir, Path::new(ld_rs_tests::SYSTEM_LOADER)));
    assert!(ours.len() > 150 && ours.iter().map(|(_, call)| call).eq(theirs.iter().map(|(_, call)| call)), "{ours:?}");
    let deeper = ours.iter().zip(&theirs).filter(|((ours, _), (theirs, _))| *ours > theirs + LEEWAY);
    let deeper: Vec<_> = deeper.map(|((ours, call), (theirs, _))| format!("{call}: {ours}, there {theirs}")).collect();
    assert!(deeper.is_empty(), "{deeper:#?}");
    for (small, call) in ours.iter().filter(|(_, call)| call.starts_with("dlopen libsmall.so")) {
        assert!(*small < 3600, "{call}: {small}");
    }
}
