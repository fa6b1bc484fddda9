//! Ten broken situations: the first line is glibc's byte for byte, where glibc has a good one; the notes after it say what
//! would help, and every missing thing is told at once. The manual shows each with what mends it.

mod common;

use common::{Outcome, SYSTEM_LOADER, loader, must, run, scratch, shell};
use std::path::{Path, PathBuf};

/// Sources: a program, a library it needs, and a library that one needs.
fn sound(name: &str) -> PathBuf {
    let home = scratch(name);
    must(&mut shell(
        &home,
        r#"set -e
        echo 'int inner(void) { return 3; }' > inner.c
        echo 'int inner(void); int outer_sum(int x) { return x + inner(); }' > outer.c
        echo 'int outer_sum(int); int main(void) { return outer_sum(4); }' > main.c
        mkdir lib
        gcc -shared -fPIC inner.c -o lib/libinner.so -Wl,-soname,libinner.so
        gcc -shared -fPIC outer.c -o lib/libouter.so -Wl,-soname,libouter.so -Llib -linner
        gcc main.c -o prog -Llib -louter -Wl,-rpath-link,lib -Wl,-z,now '-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib'
        "#,
    ));
    assert_eq!(start(&home, &loader(), "./prog").end, "exit 7");
    home
}

fn start(home: &Path, by: &Path, program: &str) -> Outcome {
    run(&mut shell(home, &format!("{} {program}", by.display())))
}

/// Ours, after its first line was found to be the system's.
fn as_glibc(home: &Path, program: &str) -> Outcome {
    let [ours, theirs] = [&loader(), Path::new(SYSTEM_LOADER)].map(|by| start(home, by, program));
    assert_eq!(ours.first_error(), theirs.first_error(), "{ours:?}");
    assert_eq!(ours.end, theirs.end, "{ours:?}");
    ours
}

#[track_caller]
fn says(outcome: &Outcome, notes: &[&str]) {
    for note in notes {
        let found = outcome.stderr.lines().any(|line| line.starts_with("  note: ") && line.contains(note));
        assert!(found, "no note with {note:?}:\n{}", outcome.stderr);
    }
}

#[test]
fn a_missing_library_that_is_elsewhere() {
    let home = sound("elsewhere");
    must(&mut shell(&home, "mkdir -p lib/deeper && mv lib/libinner.so lib/deeper/"));
    let ours = as_glibc(&home, "./prog");
    says(&ours, &["needed by", "libouter.so, needed by ./prog", "/lib/deeper/libinner.so, where nothing looks for it"]);
}

#[test]
fn all_missing_libraries_at_once() {
    let home = sound("all");
    must(&mut shell(
        &home,
        "gcc main.c -o prog -Llib -louter -linner -lm -Wl,--no-as-needed -Wl,-rpath-link,lib lib/libinner.so",
    ));
    let ours = as_glibc(&home, "./prog");
    for missing in ["libouter.so: cannot open", "libinner.so: cannot open"] {
        let line = format!(
            "./prog: error while loading shared libraries: {missing} shared object file: No such file or directory"
        );
        assert!(ours.stderr.contains(&line), "{ours:?}");
    }
}

#[test]
fn another_version_of_the_library() {
    let home = sound("version");
    must(&mut shell(
        &home,
        "patchelf --replace-needed libouter.so libouter.so.2 prog && cp lib/libouter.so lib/libouter.so.1",
    ));
    says(&as_glibc(&home, "./prog"), &["/lib/libouter.so.1"]);
}

#[test]
fn the_wrong_libc() {
    let home = sound("libc");
    must(&mut shell(
        &home,
        "musl-gcc -shared -fPIC outer.c -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so",
    ));
    // It joins, unless that is refused.
    assert_eq!(start(&home, &loader(), "./prog").end, "exit 7");
    let [ours, theirs] = [&loader(), Path::new(SYSTEM_LOADER)]
        .map(|by| run(&mut shell(&home, &format!("LD_RS_OTHER_LIBC=refuse {} ./prog", by.display()))));
    assert_eq!((ours.first_error(), &ours.end), (theirs.first_error(), &theirs.end), "{ours:?}");
    says(&ours, &["libouter.so is made for musl, ./prog for glibc"]);
    // The reverse. musl's libc is also what is needed as libc.so.6; what it lacks it lacks.
    must(&mut shell(&home, "musl-gcc main.c -o muslprog lib/libouter.so -Wl,-rpath,$PWD/lib -Wl,-rpath-link,lib"));
    must(&mut shell(
        &home,
        "echo 'const char *gnu_get_libc_version(void); const char *v(void) { return gnu_get_libc_version(); }' > gnu.c
        gcc -shared -fPIC outer.c gnu.c -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so",
    ));
    let ours = run(&mut shell(&home, &format!("{} ./muslprog", loader().display())));
    says(&ours, &["libouter.so is made for glibc, ./muslprog for musl"]);
}

#[test]
fn a_version_that_is_too_new() {
    let home = sound("new");
    // A reference to a symbol version that no glibc here has: the name in .gnu.version_r is changed in place.
    must(&mut shell(
        &home,
        r#"echo '#include <stdio.h>
int main(void) { puts("x"); return 0; }' > p.c; gcc p.c -o prog
        python3 - <<'END'
import re
bytes = open('prog', 'rb').read()
old, new = b'GLIBC_2.34', b'GLIBC_2.98'
def hash(name):
    h = 0
    for c in name:
        h = (h << 4) + c
        h = (h ^ (h & 0xf0000000) >> 24) & 0x0fffffff
    return h.to_bytes(4, 'little')
assert bytes.count(hash(old)) == 1
open('prog', 'wb').write(bytes.replace(old + b'\0', new + b'\0').replace(hash(old), hash(new)))
END"#,
    ));
    let ours = as_glibc(&home, "./prog");
    let newest = must(&mut shell(
        &home,
        "readelf -VW $(gcc -print-file-name=libc.so.6) | grep -o 'Name: GLIBC_[0-9.]*' | cut -c 7- | sort -uV | tail -1",
    ));
    says(&ours, &[&format!("needs GLIBC_2.98, this libc.so.6 goes to {}; run with --sysroot", newest.trim())]);
}

#[test]
fn a_version_that_another_library_lost() {
    let home = sound("lost");
    must(&mut shell(
        &home,
        r#"set -e; echo 'OUTER_1.2 { global: outer_sum; };' > new.map; echo 'OUTER_1.0 { global: outer_sum; };' > old.map
        make() { gcc -shared -fPIC outer.c -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so -Wl,--version-script,$1.map; }
        make new; gcc main.c -o prog -Llib -louter -Wl,-rpath-link,lib -Wl,-z,now '-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib'; make old"#,
    ));
    says(&as_glibc(&home, "./prog"), &["needs OUTER_1.2, this libouter.so goes to OUTER_1.0"]);
}

#[test]
fn a_renamed_symbol() {
    let home = sound("renamed");
    must(&mut shell(
        &home,
        "gcc -shared -fPIC outer.c -Douter_sum=outer_sums -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so",
    ));
    let ours = as_glibc(&home, "./prog");
    assert_eq!(ours.first_error(), "./prog: symbol lookup error: ./prog: undefined symbol: outer_sum");
    says(&ours, &["libouter.so has outer_sums"]);
}

#[test]
fn another_architecture() {
    let home = sound("machine");
    must(&mut shell(&home, r"printf '\267\0' | dd of=lib/libouter.so bs=1 seek=18 conv=notrunc status=none"));
    let ours = start(&home, &loader(), "./prog");
    assert!(ours.first_error().ends_with("libouter.so: wrong ELF machine: 183, expected 62 (x86-64)"), "{ours:?}");
    says(&ours, &["AArch64"]);
    must(&mut shell(&home, r"printf '\1' | dd of=lib/libouter.so bs=1 seek=4 conv=notrunc status=none"));
    says(&as_glibc(&home, "./prog"), &["32-bit", "found /"]);
}

/// Moves `home` to where another user may look, whatever folder the checkout lies in.
fn to_the_open(home: &Path) -> PathBuf {
    let open = std::env::temp_dir().join(format!(
        "ld-rs-{}-{}",
        home.file_name().unwrap_or_default().display(),
        std::process::id()
    ));
    let _ = std::fs::remove_dir_all(&open);
    must(&mut shell(
        home,
        &format!("cp -r . {0} && cp {1} {0}/loader && chmod -R a+rX {0}", open.display(), loader().display()),
    ));
    open
}

/// `command` as a user who may not read everything: where the tests run as root, nobody.
fn as_another(command: &str) -> String {
    format!("$([ $(id -u) != 0 ] || echo setpriv --reuid 65534 --regid 65534 --clear-groups) {command}")
}

/// The number of that user.
fn another(home: &Path) -> String {
    match must(&mut shell(home, "id -u")).trim() {
        "0" => "65534".into(),
        own => own.into(),
    }
}

#[test]
fn an_unreadable_file() {
    let home = to_the_open(&sound("unreadable"));
    must(&mut shell(&home, "chmod 0 lib/libouter.so"));
    let user = another(&home);
    let [ours, theirs] =
        ["./loader", SYSTEM_LOADER].map(|by| run(&mut shell(&home, &as_another(&format!("{by} ./prog")))));
    std::fs::remove_dir_all(&home).expect("clean up");
    assert_eq!(theirs.end, ours.end);
    assert!(ours.first_error().contains("libouter.so: cannot open shared object file: "), "{ours:?}");
    says(&ours, &[&format!("user {user} may not read it")]);
}

#[test]
fn a_runpath_that_leads_nowhere() {
    let home = sound("runpath");
    must(&mut shell(&home, "patchelf --force-rpath --set-rpath '$ORIGIN/libs:/nowhere/at/all' prog"));
    let ours = as_glibc(&home, "./prog");
    says(
        &ours,
        &["/libs, which is not there", "/nowhere/at/all, which is not there", "/lib/libouter.so, where nothing looks"],
    );
}

#[test]
fn a_circle_of_symbolic_links() {
    let home = sound("circle");
    must(&mut shell(
        &home,
        "cd lib && rm libouter.so && ln -s libother.so libouter.so && ln -s libouter.so libother.so",
    ));
    let ours = start(&home, &loader(), "./prog");
    assert_eq!(ours.end, "exit 127");
    assert!(
        ours.first_error().ends_with("cannot open shared object file: Too many levels of symbolic links"),
        "{ours:?}"
    );
    says(&ours, &["a symbolic link that leads back to itself"]);
}

#[test]
fn a_download_cut_short() {
    let home = sound("cut");
    must(&mut shell(&home, "truncate -s 9000 lib/libouter.so"));
    let ours = start(&home, &loader(), "./prog");
    assert_eq!(ours.end, "exit 127");
    assert!(ours.first_error().ends_with("libouter.so: file too short"), "{ours:?}");
    says(&ours, &["the file has 9000 bytes, its headers tell of "]);
}

#[test]
fn a_text_file() {
    let home = sound("text");
    for (text, kind) in [
        ("hello\\n%.0s", "text"),
        ("#!/bin/sh\\n%.0s", "a script"),
        ("/* GNU ld script */ GROUP ( /lib/libouter.so.1 )\\n%.0s", "a linker script"),
        ("<!DOCTYPE html>\\n%.0s", "a web page"),
    ] {
        must(&mut shell(&home, &format!("printf '{text}' $(seq 100) > lib/libouter.so")));
        let ours = as_glibc(&home, "./prog");
        assert!(ours.first_error().ends_with("libouter.so: invalid ELF header"), "{ours:?}");
        says(&ours, &[&format!("the file is {kind}")]);
        says(&start(&home, &loader(), "lib/libouter.so"), &[&format!("the file is {kind}")]);
    }
}

/// A situation of the manual: what it is, what brings it about, and what its message leads to: the program runs then.
struct Situation(&'static str, &'static str, &'static str);

const SITUATIONS: [Situation; 10] = [
    Situation(
        "A library is missing where the program looks",
        "mkdir lib/deeper && mv lib/libinner.so lib/deeper/",
        "LD_LIBRARY_PATH=lib/deeper ld-rs.so ./prog",
    ),
    Situation(
        "A library of the wrong libc",
        "echo 'extern int optreset; void outer_reset(void) { optreset = 1; }' > reset.c
         musl-gcc -shared -fPIC outer.c reset.c -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so",
        "gcc -shared -fPIC outer.c -o lib/libouter.so -Llib -linner && ld-rs.so ./prog",
    ),
    Situation(
        "A library is older than the program",
        "echo 'OUTER_1.2 { outer_sum; };' > new.map; echo 'OUTER_1.0 { outer_sum; };' > old.map; mkdir old
         make() { gcc -shared -fPIC outer.c -o $1/libouter.so -Wl,-soname,libouter.so lib/libinner.so -Wl,--version-script,$2.map; }
         make lib new; make old old; gcc main.c -o prog -Llib -louter -Wl,-rpath-link,lib -Wl,-z,now
         patchelf --force-rpath --set-rpath '$ORIGIN/old:$ORIGIN/lib' prog",
        "rm old/libouter.so && ld-rs.so ./prog",
    ),
    Situation(
        "A symbol was renamed",
        "gcc -shared -fPIC outer.c -Douter_sum=outer_sums -o lib/libouter.so -Wl,-soname,libouter.so lib/libinner.so",
        "gcc -Douter_sum=outer_sums main.c -o prog -Llib -louter -Wl,-rpath-link,lib \\
    -Wl,--disable-new-dtags -Wl,-rpath,'$ORIGIN/lib' && ld-rs.so ./prog",
    ),
    Situation(
        "A library for another processor",
        r"cp lib/libouter.so lib/libouter.so.x86-64; printf '\267\0' | dd of=lib/libouter.so bs=1 seek=18 conv=notrunc status=none",
        "mv lib/libouter.so.x86-64 lib/libouter.so && ld-rs.so ./prog",
    ),
    Situation("A file that may not be read", "chmod 0 lib/libouter.so", "chmod a+r lib/libouter.so && ld-rs.so ./prog"),
    Situation(
        "A RUNPATH that leads nowhere",
        "patchelf --force-rpath --set-rpath '$ORIGIN/libs:/nowhere/at/all' prog",
        "patchelf --force-rpath --set-rpath '$ORIGIN/lib' prog && ld-rs.so ./prog",
    ),
    Situation(
        "Symbolic links in a circle",
        "cd lib && mv libouter.so libouter.so.1 && ln -s libother.so libouter.so && ln -s libouter.so libother.so",
        "ln -sf libouter.so.1 lib/libouter.so && ld-rs.so ./prog",
    ),
    Situation(
        "A download cut short",
        "cp lib/libouter.so whole && truncate -s 9000 lib/libouter.so",
        "cp whole lib/libouter.so && ld-rs.so ./prog",
    ),
    Situation(
        "A linker script, or another text, in place of a library",
        "mv lib/libouter.so lib/libouter.so.1 && echo 'GROUP ( libouter.so.1 AS_NEEDED ( libinner.so ) ) /* what gcc -louter reads */' > lib/libouter.so",
        "mv lib/libouter.so.1 lib/libouter.so && ld-rs.so ./prog",
    ),
];

/// The file that the manual's transcripts are made of is what is said, and each is mended by what it suggests.
#[test]
fn the_manual_shows_ten_situations_and_what_mends_them() {
    let mut shown = String::new();
    for (number, Situation(title, breaks, mends)) in SITUATIONS.iter().enumerate() {
        let home = to_the_open(&sound(&format!("manual-{number}")));
        must(&mut shell(&home, &format!("set -e; {breaks}")));
        let start = |line: &str| {
            let as_another = as_another(&home.join("loader").display().to_string());
            run(&mut shell(&home, &format!("ld-rs.so() {{ {as_another} \"$@\"; }}; {line}")))
        };
        let broken = start("ld-rs.so ./prog");
        assert!(["exit 1", "exit 127"].contains(&&*broken.end), "{title}: {broken:?}");
        let mended = start(mends);
        assert_eq!((&*mended.end, &*mended.stderr), ("exit 7", ""), "{title}");
        let user = format!("user {}", another(&home));
        std::fs::remove_dir_all(&home).expect("clean up");
        let said = broken.stderr.replace(&home.display().to_string(), "/home/me/app").replace(&user, "user 1000");
        shown += &format!("{title}\n$ ld-rs.so ./prog\n{said}$ {mends}\n\n");
    }
    let made = scratch("manual").join("situations");
    std::fs::write(&made, &shown).expect("write");
    let kept = std::fs::read_to_string(common::repository().join("man/situations")).unwrap_or_default();
    assert!(
        kept == shown,
        "man/situations is out of date:\ncp {} man/situations && man/messages\n{shown}",
        made.display()
    );
}
