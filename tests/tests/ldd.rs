//! ldd, byte for byte: our lines against those of the system's ldd, for every file of /usr/bin and every library of the
//! multiarch folder, and for small programs that miss libraries, versions and symbols. Addresses differ and so does the
//! loader's own line; nothing else may, but where a rule says so (see `excused`).

mod common;

use common::{Outcome, command, loader, must, run, scratch, shell, tool};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files given to one process: enough to have headings, few enough for its time limit.
const BATCH: usize = 40;

/// Our loader by ldd's name.
fn our_ldd(home: &Path) -> PathBuf {
    let link = home.join("ldd-rs");
    if !link.exists() {
        symlink(loader(), &link).expect("link");
    }
    link
}

/// Every program of /usr/bin and every library of the multiarch folder.
fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["/usr/bin", "/usr/lib/x86_64-linux-gnu"]
        .iter()
        .flat_map(|dir| fs::read_dir(dir).expect(dir).map(|entry| entry.expect("entry").path()))
        .filter(|file| file.is_file())
        .filter(|file| file.starts_with("/usr/bin") || file.to_string_lossy().contains(".so"))
        .collect();
    files.sort();
    files
}

/// The text without what differs from run to run: addresses, and the number of the process.
fn without_addresses(text: &str) -> String {
    let number = |line: &str| line.find(":\t").filter(|at| *at == 10 && line.starts_with(' '));
    let lines = text.split_inclusive('\n').map(|line| number(line).map_or(line, |at| &line[at..]));
    let text = lines.collect::<String>();
    let mut result = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("(0x") {
        result.push_str(&rest[..at + 3]);
        rest = rest[at + 3..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    result + rest
}

/// What both say of `files`, standard error in its place.
fn both(home: &Path, options: &[&str], files: &[PathBuf]) -> [Outcome; 2] {
    [tool("ldd", "libc-bin"), our_ldd(home)].map(|ldd| {
        let mut line = command(home, "/bin/sh");
        line.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(ldd).args(options).args(files);
        let mut outcome = run(&mut line);
        outcome.stdout = without_addresses(&outcome.stdout);
        outcome
    })
}

/// A rule that excuses a difference: hardening refuses what glibc takes.
fn excused(file: &Path) -> bool {
    let facts = must(Command::new("readelf").args(["-lWd"]).arg(file));
    facts.contains("TEXTREL") || facts.lines().any(|line| line.trim().starts_with("LOAD") && line.contains("RWE"))
}

/// Compares all files of the system, with counts.
fn sweep(name: &str, options: &[&str]) {
    let home = scratch(name);
    let files = files();
    assert!(files.len() > 300, "a system with programs and libraries");
    let (mut equal, mut excuses) = (0, 0);
    let mut different: Vec<String> = Vec::new();
    for batch in files.chunks(BATCH) {
        let [theirs, ours] = both(&home, options, batch);
        if theirs == ours {
            equal += batch.len();
            continue;
        }
        for file in batch {
            let [theirs, ours] = both(&home, options, std::slice::from_ref(file));
            if theirs == ours {
                equal += 1;
            } else if excused(file) {
                excuses += 1;
            } else {
                different.push(format!("{}\n{}---\n{}", file.display(), theirs.stdout, ours.stdout));
            }
        }
    }
    println!("ldd {options:?}: {} files, {equal} equal, {excuses} refused by rule", files.len());
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    assert_eq!(equal + excuses, files.len());
}

#[test]
fn every_file_of_the_system() {
    sweep("plain", &[]);
}

#[test]
fn every_file_with_versions_and_all_undefined_symbols() {
    sweep("versions", &["-v", "-r"]);
}

#[test]
fn every_file_with_undefined_data() {
    sweep("data", &["-d"]);
}

#[test]
fn every_file_with_unused_dependencies() {
    sweep("unused", &["-u"]);
}

/// A program and libraries that miss much, built with gcc.
fn broken(name: &str) -> PathBuf {
    let home = scratch(name);
    must(&mut shell(
        &home,
        r#"
        set -e; mkdir -p lib/deep
        echo 'int here(void) { return 1; }' > here.c
        echo 'int gone(void) { return 1; }' > gone.c; echo 'int datum; int lost(void) { return 1; } int never(void) { return 1; }' > gone2.c
        echo 'int old(void) { return 1; }' > versioned.c
        echo 'int here(void), gone(void), lost(void); extern int datum; int *p = &datum; int both(void) { return here() + gone() + lost(); }' > both.c
        echo 'int both(void), old(void), here(void), never(void); extern int datum; int main(void) { return both() + old() + here() + (datum ? never() : 0); }' > main.c
        echo 'OLD_1 { global: old; };' > old.map; echo 'OLD_2 { global: old; };' > new.map
        so="gcc -shared -fPIC -Wl,--no-as-needed"
        $so here.c -o lib/libhere.so -Wl,-soname,libhere.so
        $so gone.c -o lib/libgone.so -Wl,-soname,libgone.so
        $so gone2.c -o lib/libgone2.so -Wl,-soname,libgone2.so
        $so versioned.c -o lib/libversioned.so -Wl,-soname,libversioned.so -Wl,--version-script,new.map
        cp lib/libversioned.so kept.so
        $so versioned.c -o lib/libversioned.so -Wl,-soname,libversioned.so -Wl,--version-script,old.map
        $so both.c -o lib/deep/libboth.so -Wl,-soname,libboth.so -Llib -lgone -lhere -lgone2 -Wl,-z,lazy
        for how in "" -Wl,--disable-new-dtags; do
            gcc -fPIC main.c -o program${how:+-old} -Wl,--no-as-needed -Llib -Llib/deep -Wl,-rpath-link,lib -lgone2 -lboth -lversioned -lhere -lm $PWD/lib/libhere.so \
              $how '-Wl,-rpath,$ORIGIN/lib/deep:$ORIGIN/lib:/nowhere//' -Wl,-z,lazy
        done
        echo 'int here(void), old(void); int main(void) { return here() + old(); }' > absolute.c; gcc -fPIC absolute.c -o absolute -Wl,--no-as-needed $PWD/lib/libhere.so lib/libversioned.so
        echo 'int main(void) { return 0; }' > empty.c
        gcc empty.c -static -o static; gcc empty.c -static-pie -o static-pie; gcc -c empty.c -o empty.o
        gcc -shared -nostdlib here.c -o alone.so; gcc -m32 -nostdlib -shared here.c -o narrow.so 2>/dev/null || true
        cp kept.so lib/libversioned.so; rm lib/libgone.so lib/libgone2.so
        echo text > text; : > empty; head -c 100 program > short; cp /bin/true unreadable; mkdir dir
        "#,
    ));
    home
}

#[test]
fn what_is_missing_stands_where_it_was_needed() {
    let home = broken("missing");
    let mut files: Vec<PathBuf> = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.extend(["lib/deep/libboth.so", "lib/libversioned.so", "absolute", "none", "dir/none"].map(PathBuf::from));
    files.retain(|file| !file.ends_with("ldd-rs"));
    files.sort();
    let mut seen = String::new();
    for options in [&[][..], &["-v"], &["-d"], &["-r"], &["-u"], &["--verb", "--f"]] {
        for file in &files {
            let [theirs, ours] = both(&home, options, std::slice::from_ref(file));
            assert_eq!(ours, theirs, "{options:?} {}", file.display());
            seen += &ours.stdout;
        }
        let [theirs, ours] = both(&home, options, &files);
        assert_eq!(ours, theirs, "{options:?}, all at once");
    }
    for line in [
        "\tlibgone.so => not found\n",
        "\tstatically linked\n",
        "\tnot a dynamic executable\n",
        "undefined symbol: never\t(",
        "version `OLD_1' not found (required by",
        "(OLD_1) => not found\n",
        "not regular file\n",
        "No such file or directory\n",
        "Unused direct dependencies:\n",
    ] {
        assert!(seen.contains(line), "nothing says {line:?}");
    }
}

#[test]
fn filtees_stand_before_their_filters() {
    let home = scratch("ldd-filters");
    let build = "echo 'int value;' > lib.c; echo 'int main(void) { return 0; }' > main.c
        library() { gcc -shared -fPIC lib.c -o $1.so -Wl,-soname,$1.so -Wl,--no-as-needed -Wl,-rpath,'$ORIGIN' -L. \"${@:2}\"; }
        library liba; library libb -Wl,-f,liba.so; library libf -Wl,-F,libb.so; library libx -Wl,-f,libnone.so -l:liba.so
        library libm -Wl,-F,libnone.so
        for name in f x m; do gcc main.c -o $name -L. -Wl,--no-as-needed -l$name -Wl,-rpath,'$ORIGIN'; done";
    must(command(&home, "bash").args(["-e", "-c", build]));
    for name in ["f", "x", "m"] {
        let [theirs, ours] = both(&home, &[], &[PathBuf::from(name)]);
        assert_eq!(ours, theirs, "{name}");
    }
    let list = |name: &str| {
        let lists = [PathBuf::from(common::SYSTEM_LOADER), loader()].map(|loader| {
            let mut outcome = run(command(&home, loader).args(["--list", name]));
            outcome.stdout = without_addresses(&outcome.stdout).replace("/lib64/ld-linux-x86-64.so.2", "");
            outcome
        });
        let [theirs, ours] = lists;
        assert_eq!(
            (&ours.stdout, ours.first_error(), &ours.end),
            (&theirs.stdout, theirs.first_error(), &theirs.end),
            "{name}"
        );
    };
    ["f", "x", "m"].iter().for_each(|name| list(&format!("./{name}")));
}

#[test]
fn the_environment_asks_as_the_options_do() {
    let home = broken("environment");
    let program = "./program";
    let system = common::SYSTEM_LOADER;
    for variables in [
        "LD_TRACE_LOADED_OBJECTS=1",
        "LD_TRACE_LOADED_OBJECTS= LD_VERBOSE=1",
        "LD_TRACE_LOADED_OBJECTS=1 LD_WARN=yes",
        "LD_TRACE_LOADED_OBJECTS=1 LD_WARN=yes LD_BIND_NOW=1",
        "LD_TRACE_LOADED_OBJECTS=1 LD_DEBUG=unused",
        "LD_TRACE_LOADED_OBJECTS=1 LD_LIBRARY_PATH=lib:lib/deep LD_PRELOAD=libhere.so:libnone.so",
    ] {
        let [theirs, ours] = [Path::new(system), &loader()].map(|loader| {
            let mut outcome = run(&mut shell(&home, &format!("{variables} {} {program} 2>&1", loader.display())));
            outcome.stdout = without_addresses(&outcome.stdout);
            outcome
        });
        assert_eq!(ours, theirs, "{variables}");
    }
    // As the interpreter of a program.
    let ours = loader();
    must(&mut shell(&home, &format!("gcc empty.c -o mine -Wl,--dynamic-linker={}", ours.display())));
    let traced = run(&mut shell(&home, "LD_TRACE_LOADED_OBJECTS=1 ./mine"));
    let listed = run(&mut shell(&home, &format!("{} --list ./mine", ours.display())));
    assert_eq!(without_addresses(&traced.stdout), without_addresses(&listed.stdout));
    assert!(traced.stdout.contains("libc.so.6 => /"), "{traced:?}");
}

#[test]
fn list_fails_where_something_is_missing() {
    let home = broken("list");
    let listed = run(&mut shell(&home, &format!("{} --list ./program", loader().display())));
    assert_eq!(listed.end, "exit 127");
    assert!(
        listed.stdout.contains("\tlibgone.so => not found\n") && listed.stdout.contains("libc.so.6 => "),
        "{listed:?}"
    );
}

#[test]
fn mistakes_are_answered_as_by_ldd() {
    let home = scratch("mistakes");
    for line in ["", "--v x", "--ver x", "-x y", "--unk y", "--help=1 x"] {
        let [theirs, ours] = [tool("ldd", "libc-bin"), our_ldd(&home)]
            .map(|ldd| run(&mut shell(&home, &format!("{} {line}", ldd.display()))));
        assert_eq!(ours, theirs, "{line}");
    }
    let ldd = our_ldd(&home);
    let help = run(&mut shell(&home, &format!("{} --hel", ldd.display())));
    for option in ["--data-relocs", "--function-relocs", "--unused", "--verbose", "--version"] {
        assert!(help.stdout.contains(option), "{help:?}");
    }
    assert!(run(&mut shell(&home, &format!("{} --vers", ldd.display()))).stdout.starts_with("ldd"));
}

/// Inspecting maps nothing that could run and starts nothing: told by the kernel.
#[test]
fn nothing_of_the_files_can_run() {
    let home = broken("inert");
    tool("strace", "strace");
    let ours = loader();
    let ldd = our_ldd(&home);
    let lines = [
        format!("{} -v -r program* static static-pie alone.so /usr/bin/python3 /usr/bin/git", ldd.display()),
        format!("{} --tree program* /usr/bin/python3", ours.display()),
        format!("{} --check --json program* /usr/bin/python3", ours.display()),
        format!("{} --explain libc.so.6 program* /usr/bin/python3", ours.display()),
        format!("{} --verify /usr/bin/python3", ours.display()),
    ];
    for line in lines {
        run(&mut shell(
            &home,
            &format!("strace -f -e trace=execve,mmap,mprotect,pkey_mprotect,clone,fork,vfork -o trace {line}"),
        ));
        let trace = fs::read_to_string(home.join("trace")).expect("trace");
        assert!(trace.contains("mmap(") && trace.matches("execve(").count() == 1, "{line}\n{trace}");
        for forbidden in ["PROT_EXEC", "MAP_FIXED", "clone(", "fork("] {
            assert!(!trace.contains(forbidden), "{line}: {forbidden}\n{trace}");
        }
    }
}
