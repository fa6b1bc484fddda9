//! What grows with the number of libraries, needs and directories grows with it and not with its square: instructions,
//! counted by callgrind, for one size and for four times as much. The system's loader is no measure here: to start with
//! 6,000 libraries takes it the square.

mod common;

use common::{loader, must, scratch, shell};
use ld_rs_tests::run::{BUILD_LIMITS, bounded};
use std::path::Path;

/// For four times the work: linear is 4, with tables that double a little more, a square 16.
const MOST: f64 = 5.0;

/// Instructions of the loader with these arguments, however it ends.
fn instructions(dir: &Path, arguments: &str) -> f64 {
    common::tool("valgrind", "valgrind");
    let line = format!("valgrind --tool=callgrind --callgrind-out-file=/dev/null $L {arguments} 2>&1 >/dev/null");
    let ran = bounded(shell(dir, &line).env("L", loader()), &BUILD_LIMITS).unwrap();
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let count = text.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.unwrap_or_else(|| panic!("{line}: {text}"))
}

#[test]
fn instructions_grow_with_the_number_of_libraries_and_needs() {
    let dir = scratch("growth");
    // A chain; libraries beside each other; needs of what is not there.
    must(&mut shell(
        &dir,
        r#"set -e; for n in 100 400; do
            mkdir chain$n flat$n;
            for i in $(seq $n); do
                [ $i = 1 ] && gcc -shared -nostdlib -x c /dev/null -o flat$n/lib1.so || cp flat$n/lib1.so flat$n/lib$i.so
            done
            cp flat$n/*.so chain$n
            for i in $(seq $n); do
                patchelf --set-soname lib$i.so flat$n/lib$i.so
                j=$((i + 1)); [ $i = $n ] || patchelf --add-needed lib$j.so chain$n/lib$i.so
            done
            patchelf $(for i in $(seq $n); do echo --add-needed lib$i.so; done) --output all$n.so flat$n/lib1.so
        done
        for n in 500 2000; do
            patchelf $(for i in $(seq $n); do echo --add-needed no$i.so; done) --output missing$n.so flat100/lib1.so
        done"#,
    ));
    let ratio = |line: &str, [few, many]: [&str; 2]| {
        let ratio = instructions(&dir, &line.replace('N', many)) / instructions(&dir, &line.replace('N', few));
        assert!(ratio < MOST, "{line}: {ratio}");
    };
    for needs in ["--library-path chainN WAY ./chainN/lib1.so", "--library-path flatN WAY ./allN.so"] {
        for way in ["--list", "--tree", "--check", "--preload ./chainN/lib1.so /bin/true --"] {
            ratio(&needs.replace("WAY", way), ["100", "400"]);
        }
    }
    for way in ["--tree", "--tree --dot", "--paths"] {
        ratio(&format!("{way} ./missingN.so"), ["500", "2000"]);
    }
}

/// Opens libraries and closes them one by one, in three orders.
const OPENS: &str = r#"#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv)
{
    int n = atoi(argv[1]), step = atoi(argv[2]);
    void *handles[n];
    for (int i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "./one%d/lib%d.so", n, i + 1);
        if (!(handles[i] = dlopen(name, RTLD_NOW)))
            return puts(dlerror()), 1;
    }
    for (int i = 0; step && i < n; i++)
        if (dlclose(handles[(step + n) * (long)i % n]) || dlsym(RTLD_DEFAULT, "nowhere"))
            return 1;
    return 0;
}"#;

#[test]
fn instructions_of_dlclose_do_not_grow_with_what_else_is_loaded() {
    let dir = scratch("growth-closing");
    std::fs::write(dir.join("opens.c"), OPENS).unwrap();
    must(&mut shell(
        &dir,
        r#"set -e; gcc -O1 -o opens opens.c; gcc -shared -nostdlib -x c /dev/null -o lib.so
        for n in 301 1204; do mkdir one$n; for i in $(seq $n); do cp lib.so one$n/lib$i.so; done; done"#,
    ));
    // valgrind places what comes later higher, not lower as the kernel: a table of objects is then moved by each opening,
    // which is why that is not judged.
    let opened = [301, 1204].map(|n| instructions(&dir, &format!("./opens {n} 0")));
    /// Times as many instructions for four times the libraries: 5.7 in order, where the table of addresses is closed up now
    /// and then; to look at all that is loaded would make 16.
    const MOST_OF_CLOSING: f64 = 8.0;
    // In order, backwards, and mixed.
    for step in [1, -1, 97] {
        let all = [301, 1204].map(|n| instructions(&dir, &format!("./opens {n} {step}")));
        let [few, many] = [all[0] - opened[0], all[1] - opened[1]];
        assert!(many / few < MOST_OF_CLOSING, "{step}: {few}, {many}");
    }
}
