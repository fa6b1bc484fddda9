//! Programs of musl beyond what one process shows (`testprogs` has the rest): what --list, --tree, --check and LD_DEBUG say,
//! beside musl's own linker where it says anything; a set-user-ID copy; gdb; preloaded functions around the next ones.

mod common;

use common::{command, loader, must, run, scratch, shell, tool};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

const OWN: &str = ld_rs_tests::MUSL_LOADER;

/// A program that ld-rs starts, with a needed library, one that it opens, and one to preload.
fn sample(name: &str) -> PathBuf {
    tool("musl-gcc", "musl-tools");
    let home = scratch(name);
    build(&home, &loader());
    home
}

fn build(home: &Path, interp: &Path) {
    fs::write(
        home.join("main.c"),
        "#include <dlfcn.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <sys/auxv.h>\n#include <unistd.h>\nint two(void);\n\
         int main(int argc, char **argv)\n{\n    void *late = dlopen(argc > 1 ? argv[1] : \"liblate.so\", RTLD_NOW);\n    \
         int (*three)(void) = late ? (int (*)(void))dlsym(late, \"three\") : two;\n    \
         printf(\"%d %d secure %d user %d preload %s\\n\", two(), three(), (int)getauxval(AT_SECURE), (int)geteuid(),\n        \
         getenv(\"LD_PRELOAD\") ? \"set\" : \"-\");\n    return 0;\n}\n",
    )
    .expect("source");
    must(&mut shell(
        home,
        &format!(
            r#"set -e; echo 'int two(void) {{ return 2; }}' > two.c; echo 'static __thread int t = 3; int three(void) {{ return t; }}' > late.c
            printf '#define _GNU_SOURCE\n#include <dlfcn.h>\nint two(void) {{ return 40 + ((int (*)(void))dlsym(RTLD_NEXT, "two"))(); }}\n' > wrap.c
            musl-gcc -g -O0 -shared -fPIC two.c -o libtwo.so -Wl,-soname,libtwo.so
            musl-gcc -g -O0 -shared -fPIC late.c -o liblate.so; musl-gcc -shared -fPIC wrap.c -o libwrap.so
            musl-gcc -g -O0 main.c -o prog -L. -ltwo '-Wl,-rpath,$ORIGIN' -Wl,--dynamic-linker={}"#,
            interp.display()
        ),
    ));
}

/// Names and paths of a list, without addresses; a path of $ORIGIN is with musl as the program was named, here whole.
fn listed(home: &Path, text: &str) -> Vec<String> {
    let whole = format!("{}/", home.display());
    let names = text.lines().map(|line| line.trim().split(" (0x").next().unwrap_or(""));
    names.map(|line| line.replace(&whole, "./").replace("././", "./")).collect()
}

#[test]
fn list_as_musls_ldd_prints_it() {
    let home = sample("list");
    // By musl's own name for the loader, which it prints as the program names it.
    must(&mut shell(&home, &format!("patchelf --set-interpreter {OWN} prog")));
    for (file, end) in [("./prog", "exit 0"), ("./libtwo.so", "exit 0"), ("/nonexistent", "exit 1")] {
        let theirs = run(command(&home, OWN).args(["--list", file]));
        let ours = run(command(&home, loader()).args(["--list", file]));
        assert_eq!(listed(&home, &ours.stdout), listed(&home, &theirs.stdout), "{file}");
        assert_eq!((theirs.end.as_str(), ours.end == "exit 0"), (end, end == "exit 0"), "{file}");
    }
    must(&mut shell(&home, "mkdir away; mv libtwo.so away"));
    let ours = run(command(&home, loader()).args(["--list", "./prog"]));
    assert!(ours.stdout.contains("\tlibtwo.so => not found\n"), "{ours:?}");
}

#[test]
fn tree_check_and_debug() {
    let home = sample("tree");
    let tree = run(command(&home, loader()).args(["--tree", "./prog"]));
    assert_eq!(tree.end, "exit 0");
    assert!(tree.stdout.contains("libtwo.so") && tree.stdout.contains("libc.so"), "{tree:?}");
    assert_eq!(run(command(&home, loader()).args(["--check", "./prog"])).end, "exit 0");
    let debug = run(command(&home, "./prog").env("LD_DEBUG", "files,libs,bindings"));
    assert_eq!((debug.end.as_str(), debug.stdout.as_str()), ("exit 0", "2 3 secure 0 user 0 preload -\n"));
    for words in ["find library=libtwo.so", "to ./libtwo.so", "`two'", "liblate.so", "calling fini:"] {
        let whole = home.join("libtwo.so").display().to_string();
        let text = debug.stderr.replace(&whole, "./libtwo.so");
        assert!(text.contains(words), "{words}: {text}");
    }
    for (options, words) in [("--stats", "objects"), ("--explain libtwo.so", "libtwo.so")] {
        let said = run(&mut shell(&home, &format!("{} {options} ./prog", loader().display())));
        assert!(said.end == "exit 0" && (said.stdout + &said.stderr).contains(words), "{options}");
    }
}

#[test]
fn preloaded_and_next() {
    let home = sample("preload");
    let preload = home.join("libwrap.so").display().to_string();
    let own = run(command(&home, OWN).arg("./prog").env("LD_PRELOAD", &preload));
    assert_eq!(own.stdout, "42 3 secure 0 user 0 preload set\n");
    assert_eq!(run(command(&home, "./prog").env("LD_PRELOAD", &preload)), own);
    assert_eq!(run(command(&home, loader()).arg("./prog").env("LD_PRELOAD", &preload)), own);
}

/// Of musl's variables none counts for a set-user-ID program of another user, and it does not see them.
#[test]
fn secure_mode() {
    if fs::metadata("/proc/self").expect("proc").uid() != 0 {
        return eprintln!("only root can make a program setuid");
    }
    tool("musl-gcc", "musl-tools");
    let home = std::env::temp_dir().join(format!("ld-rs-musl-secure-{}", std::process::id()));
    fs::create_dir_all(&home).expect("folder");
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).expect("permissions");
    let ours = home.join("ld-rs.so");
    fs::copy(loader(), &ours).expect("copy");
    build(&home, &ours);
    let whole = |name: &str| home.join(name).display().to_string();
    // In secure mode no object is looked for in $ORIGIN.
    must(&mut shell(&home, "patchelf --set-rpath $PWD prog; chown root prog; chmod 4755 prog"));
    let mut line = command(&home, "./prog");
    line.arg(whole("liblate.so")).env("LD_PRELOAD", whole("libwrap.so")).env("LD_LIBRARY_PATH", "/nonexistent");
    assert_eq!(run(&mut line).stdout, "42 3 secure 0 user 0 preload set\n", "as root, who is its owner");
    let said = run(line.uid(65534).gid(65534));
    assert_eq!((said.end.as_str(), said.stdout.as_str()), ("exit 0", "2 3 secure 1 user 0 preload -\n"), "{said:?}");
    fs::remove_dir_all(&home).expect("folder");
}

#[test]
fn gdb_stops_in_objects_of_the_start_and_opened_ones() {
    let home = sample("gdb");
    tool("gdb", "gdb");
    fs::write(
        home.join("commands"),
        "set breakpoint pending on\nset debuginfod enabled off\nbreak two\nbreak three\nrun\nbacktrace\ncontinue\nbacktrace\n\
         info sharedlibrary\ncontinue\n",
    )
    .expect("commands");
    for program in ["./prog".to_string(), format!("{} ./prog", loader().display())] {
        let said = run(&mut shell(&home, &format!("gdb -nx -batch -x commands --args {program}")));
        let text = said.stdout;
        for words in ["two () at two.c", "three () at late.c", "in main (", "libtwo.so", "liblate.so", "2 3 secure 0"] {
            assert!(text.contains(words), "{program}: {words}:\n{text}\n{}", said.stderr);
        }
        assert!(text.contains("libc.so") || text.contains("ld-musl-x86_64.so.1"), "{text}");
    }
}
