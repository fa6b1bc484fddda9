//! LD_DEBUG, LD_DEBUG_OUTPUT, LD_SHOW_AUXV and the options of glibc's loader: the same lines as the system's loader prints,
//! where both do the same.

mod common;

use common::{Outcome, SYSTEM_LOADER, loader, must, run, scratch, shell, tool};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A program that needs one library by RUNPATH and one by LD_LIBRARY_PATH, and opens a third.
fn sample(name: &str) -> PathBuf {
    let home = scratch(name);
    must(&mut shell(
        &home,
        r#"set -e; mkdir run env
        echo 'int one(void) { return 1; } __thread int t = 5; int *where(void) { return &t; }' > one.c; echo 'int two(void) { return 2; }' > two.c
        echo 'int three(void) { return 3; } __attribute__((constructor)) static void begin(void) {} __attribute__((destructor)) static void end(void) {}' > three.c
        cat > main.c <<'END'
#include <dlfcn.h>
int one(void), two(void);
int main(void) {
    void *handle = dlopen("libthree.so", RTLD_NOW);
    int (*three)(void) = handle ? (int (*)(void))dlsym(handle, "three") : two;
    int sum = one() + two() + three();
    if (handle) dlclose(handle);
    return sum;
}
END
        gcc -shared -fPIC one.c -o run/libone.so -Wl,-soname,libone.so; gcc -shared -fPIC two.c -o env/libtwo.so -Wl,-soname,libtwo.so
        gcc -shared -fPIC three.c -o run/libthree.so -Wl,-soname,libthree.so
        gcc main.c -o prog -Lrun -lone -Lenv -ltwo '-Wl,-rpath,$ORIGIN/run,--enable-new-dtags'"#,
    ));
    home
}

/// What one loader says with `environment` set: our loader's path and the process's number taken out.
fn told(home: &Path, by: &Path, environment: &str) -> Vec<String> {
    let line = format!("LD_LIBRARY_PATH=env {environment} {} ./prog", by.display());
    let outcome = run(&mut shell(home, &line));
    assert_eq!(outcome.end, "exit 6", "{outcome:?}");
    let path = std::fs::canonicalize(by).expect("path");
    outcome.stderr.lines().map(|line| numbered(line).replace(&*path.to_string_lossy(), SYSTEM_LOADER)).collect()
}

/// The line after the process's number, which stands right-aligned in 10 columns before a colon and a tab.
fn numbered(line: &str) -> &str {
    let (number, text) = line.split_at_checked(12).unwrap_or_else(|| panic!("short line {line:?}"));
    assert!(number.ends_with(":\t") && number[..10].trim_start().parse::<u32>().is_ok(), "{line:?}");
    text
}

fn both(home: &Path, environment: &str) -> [Vec<String>; 2] {
    let system = std::fs::canonicalize(SYSTEM_LOADER).expect("the system's loader");
    [loader(), PathBuf::from(SYSTEM_LOADER)].map(|by| {
        told(home, &by, environment)
            .iter()
            .map(|line| line.replace(&*system.to_string_lossy(), SYSTEM_LOADER))
            .collect()
    })
}

fn only(lines: &[String], wanted: &[&str]) -> Vec<String> {
    lines.iter().filter(|line| wanted.iter().any(|word| line.contains(word))).cloned().collect()
}

#[test]
fn libs_tell_each_place() {
    let home = sample("libs");
    must(&mut shell(&home, "mkdir ofx86_64 ofhaswell ofxeon_phi"));
    let [ours, theirs] = both(&home, "LD_DEBUG=libs");
    // glibc 2.36 also looks into subdirectories that only it ever had, named by hwcap (tls, x86_64, avx512_1) and platform.
    let legacy = ["/tls/", "/x86_64/", "/avx512_1/", "/haswell/", "/xeon_phi/"];
    let wanted = ["find library=", "trying file=", "search cache=", "initialize program", "transferring"];
    let plain = |lines: &[String]| {
        let mut lines = only(lines, &wanted);
        lines.retain(|line| !line.contains("glibc-hwcaps") && !legacy.iter().any(|word| line.contains(word)));
        lines
    };
    assert_eq!(plain(&ours), plain(&theirs));
    let [expanded, theirs_expanded] = both(&home, "LD_LIBRARY_PATH='of$PLATFORM:env' LD_DEBUG=libs");
    assert!(only(&expanded, &["trying file=of"]).len() > 1, "{expanded:?}");
    assert_eq!(plain(&expanded), plain(&theirs_expanded));
    for reason in ["\t\t(LD_LIBRARY_PATH)", "\t\t(RUNPATH from file ./prog)"] {
        assert!(
            ours.iter().any(|line| line.starts_with(" search path=") && line.ends_with(reason)),
            "{reason}: {ours:?}"
        );
        assert!(theirs.iter().any(|line| line.ends_with(reason)), "{reason}: {theirs:?}");
    }
    let calls = |lines: &[String]| {
        only(lines, &["calling init: ", "calling fini: "])
            .into_iter()
            .filter(|line| line.contains("/lib"))
            .collect::<BTreeSet<_>>()
    };
    assert!(calls(&ours).iter().any(|line| line.ends_with("run/libthree.so")), "{ours:?}");
}

#[test]
fn files_tell_of_every_object_also_by_dlopen() {
    let home = sample("files");
    let [ours, theirs] = both(&home, "LD_DEBUG=files");
    let wanted =
        ["needed by", "dynamically loaded by", "generating link map", "opening file", "closing file", "destroying"];
    assert_eq!(only(&ours, &wanted), only(&theirs, &wanted));
    let phnums = |lines: &[String]| -> Vec<String> {
        only(lines, &["phnum:"]).iter().map(|line| line[line.find("phnum:").expect("there")..].to_owned()).collect()
    };
    assert_eq!(phnums(&ours), phnums(&theirs));
    let sizes = |lines: &[String]| -> Vec<String> {
        only(lines, &["size: 0x"]).iter().map(|line| line[line.find("size:").expect("there")..].to_owned()).collect()
    };
    assert_eq!(sizes(&ours), sizes(&theirs));
}

#[test]
fn versions_and_scopes() {
    let home = sample("versions");
    let [ours, theirs] = both(&home, "LD_DEBUG=versions");
    assert_eq!(only(&ours, &["checking for version"]), only(&theirs, &["checking for version"]));
    let [ours, theirs] = both(&home, "LD_DEBUG=scopes");
    let program = |lines: &[String]| {
        let at = lines.iter().position(|line| line == "object=./prog [0]").expect("the program");
        lines[at + 1].clone()
    };
    assert_eq!(program(&ours), program(&theirs));
}

#[test]
fn bindings_and_symbols() {
    let home = sample("bindings");
    let [ours, theirs] = both(&home, "LD_BIND_NOW=1 LD_DEBUG=bindings");
    let of = |lines: &[String], file: &str| -> BTreeSet<String> {
        only(lines, &[&format!("binding file {file}")]).into_iter().filter(|line| !line.contains("ld-linux")).collect()
    };
    for file in ["./prog", "env/libtwo.so", "/lib/x86_64-linux-gnu/libc.so.6"] {
        // dlsym's symbol is no relocation; the loader's own malloc becomes libc's in the program's name.
        let other = |line: &str| {
            ["three'", "`malloc'", "`calloc'", "`realloc'", "`free'"].iter().any(|name| line.contains(name))
        };
        let (ours, theirs) = (of(&ours, file), of(&theirs, file));
        let missing: Vec<&String> = theirs.difference(&ours).filter(|line| !other(line)).collect();
        assert!(missing.is_empty() && !ours.is_empty(), "{file}: {missing:?}");
    }
    // Every line in its place, but for what glibc's loader looks up for itself: functions of the vdso, and what its own
    // relocations name.
    let [ours, mut theirs] =
        both(&home, "LD_BIND_NOW=1 LD_DEBUG=symbols,bindings").map(|lines| only(&lines, &["symbol=", "binding file "]));
    theirs.retain(|line| !line.contains("vdso"));
    let first =
        theirs.iter().rposition(|line| *line == "symbol=calloc;  lookup in file=./prog [0]").expect("its malloc");
    let last = theirs.iter().rposition(|line| line.contains("symbol `_dl_catch_error'")).expect("its errors");
    theirs.drain(first..=last);
    assert!(theirs.iter().any(|line| line.starts_with("symbol=three;")));
    assert_eq!(ours, theirs);
}

/// With LD_BIND_NOT each call of a function is looked up, and told, anew.
#[test]
fn each_call_with_bind_not() {
    let home = sample("each-call");
    must(&mut shell(
        &home,
        r#"sed 's/one() + two() + three()/one() + one() + one() + one() - one() + three()/' main.c > calls.c
        gcc calls.c -o prog -Lrun -lone -Lenv -ltwo -Wl,-z,lazy '-Wl,-rpath,$ORIGIN/run,--enable-new-dtags'"#,
    ));
    let calls = |environment: &str| {
        both(&home, environment).map(|lines| lines.iter().filter(|line| line.contains("normal symbol `one'")).count())
    };
    assert_eq!(calls("LD_DEBUG=bindings"), [1, 1]);
    assert_eq!(calls("LD_BIND_NOT=1 LD_DEBUG=bindings"), [5, 5]);
}

#[test]
fn relocation_statistics_and_tls() {
    let home = sample("statistics");
    let [ours, theirs] = both(&home, "LD_DEBUG=reloc");
    let processed = |lines: &[String]| -> BTreeSet<String> {
        only(lines, &["relocation processing"])
            .iter()
            .map(|line| line.replace(" (lazy)", ""))
            .filter(|line| !line.contains("ld-linux"))
            .collect()
    };
    assert_eq!(processed(&ours), processed(&theirs));
    let [ours, theirs] = both(&home, "LD_DEBUG=statistics");
    for label in [
        "runtime linker statistics:",
        "  total startup time in dynamic loader: ",
        "            time needed for relocation: ",
        "                 number of relocations: ",
        "        number of relative relocations: ",
        "           time needed to load objects: ",
    ] {
        for lines in [&ours, &theirs] {
            assert!(lines.iter().any(|line| line.starts_with(label)), "{label}: {lines:?}");
        }
    }
    let tls = told(&home, &loader(), "LD_DEBUG=tls");
    assert!(
        tls.iter().any(|line| line.contains("run/libone.so [0]: 4 bytes, alignment 4, at thread pointer - 0x")),
        "{tls:?}"
    );
}

#[test]
fn words_that_are_none_and_help() {
    let home = sample("words");
    let [ours, theirs] = [&loader(), Path::new(SYSTEM_LOADER)]
        .map(|by| run(&mut shell(&home, &format!("LD_LIBRARY_PATH=env LD_DEBUG=nonsense {} ./prog", by.display()))));
    assert_eq!(ours, theirs);
    let help = run(&mut shell(&home, &format!("LD_DEBUG=libs,help {} ./prog", loader().display())));
    assert_eq!(help.end, "exit 0", "help runs nothing");
    assert!(
        help.stdout.starts_with("Valid options for the LD_DEBUG environment variable are:\n\n  libs        "),
        "{help:?}"
    );
    // Every category glibc names, and nothing at all without LD_DEBUG.
    let theirs = run(&mut shell(&home, "LD_DEBUG=help /bin/true")).stdout;
    for word in theirs.lines().filter_map(|line| line.strip_prefix("  ")).filter_map(|line| line.split(' ').next()) {
        assert!(help.stdout.contains(&format!("\n  {word} ")), "{word}");
        let told =
            run(&mut shell(&home, &format!("LD_LIBRARY_PATH=env LD_DEBUG={word} {} ./prog", loader().display())));
        assert!(!told.stderr.contains("unknown"), "{word}: {told:?}");
    }
    assert_eq!(told(&home, &loader(), "LD_DEBUG="), [""; 0]);
}

#[test]
fn output_to_a_file() {
    let home = sample("output");
    let line =
        format!("LD_LIBRARY_PATH=env LD_DEBUG=files,libs LD_DEBUG_OUTPUT=$PWD/log {} ./prog", loader().display());
    let outcome = run(&mut shell(&home, &line));
    assert_eq!((outcome.end.as_str(), outcome.stderr.as_str()), ("exit 6", ""));
    let logs = must(&mut shell(&home, "ls log.*; cat log.*"));
    let (name, text) = logs.split_once('\n').expect("a name and text");
    let number = name.strip_prefix("log.").expect("log.PID");
    assert!(text.lines().all(|line| line[..10].trim_start() == number) && text.contains("libthree.so"), "{logs}");
    assert!(text.contains("calling fini: "), "the end too");
}

#[test]
fn auxv_as_glibc_shows_it() {
    let home = scratch("auxv");
    must(&mut shell(
        &home,
        &format!(
            "echo 'int main(void) {{ return 0; }}' > m.c; gcc m.c -o ours -Wl,--dynamic-linker={}; gcc m.c -o same",
            loader().display()
        ),
    ));
    let [ours, theirs] = ["./ours", "./same"].map(|program| {
        let text = must(&mut shell(&home, &format!("LD_SHOW_AUXV=1 {program}")));
        // Addresses differ from run to run.
        let line = |line: &str| line.find("0x7").or(line.find("0x5")).map_or(line, |at| &line[..at]).to_owned();
        text.lines().map(line).filter(|line| !line.starts_with("AT_EXECFN")).collect::<Vec<_>>()
    });
    assert_eq!(ours, theirs);
}

/// What has the file's name already may be another's: nothing is written to it but by its owner, who made it.
#[test]
fn output_goes_to_no_file_of_others() {
    let home = sample("planted");
    let start = format!(
        "LD_LIBRARY_PATH=env LD_DEBUG=files LD_DEBUG_OUTPUT=$PWD/log exec {} ./prog 2>told",
        loader().display()
    );
    for (plant, told) in [
        ("true", false),
        ("echo mine > log.$$", false),
        ("ln -s target log.$$", true),
        ("touch target; ln -s target log.$$", true),
        ("touch target; ln target log.$$", true),
        ("mkfifo log.$$", true),
        ("mkdir log.$$", true),
    ] {
        let line = format!("rm -rf log.* target; {plant}; {start}");
        assert_eq!(run(&mut shell(&home, &line)).end, "exit 6", "{plant}");
        // Where there is no file, lines go to standard error.
        let text =
            must(&mut shell(&home, "cat told; echo; find target log.* -type f -exec cat {} + 2>/dev/null || true"));
        let (on_stderr, in_file) = text.split_once("\n\n").unwrap_or(("", &text));
        assert_eq!((on_stderr.contains("file="), in_file.contains("file=")), (told, !told), "{plant}: {text}");
        assert!(in_file.contains("mine") == plant.contains("mine"), "{plant}");
    }
}

fn by(home: &Path, by: &Path, arguments: &str) -> Outcome {
    run(&mut shell(home, &format!("{} {arguments}", by.display())))
}

#[test]
fn options_of_glibcs_loader() {
    let home = sample("options");
    must(&mut shell(
        &home,
        r#"set -e; for d in x86-64-v2 x86-64-v3 mine .; do mkdir -p hw/glibc-hwcaps/$d; done
        echo 'int two(void) { return 20; }' > v2.c; echo 'int two(void) { return 40; }' > mine.c
        gcc -shared -fPIC v2.c -o hw/glibc-hwcaps/x86-64-v2/libtwo.so -Wl,-soname,libtwo.so
        gcc -shared -fPIC mine.c -o hw/glibc-hwcaps/mine/libtwo.so -Wl,-soname,libtwo.so
        cp env/libtwo.so hw/; echo '#include <stdio.h>
int main(int c, char **v) { puts(v[0]); return 0; }' > name.c; gcc name.c -o name"#,
    ));
    for arguments in [
        "--library-path env ./prog",
        "--library-path=env ./prog",
        "--library-path hw ./prog",
        "--library-path hw --glibc-hwcaps-mask x86-64-v3 ./prog",
        "--library-path hw --glibc-hwcaps-mask=x86-64-v2:x86-64-v3 ./prog",
        "--library-path hw --glibc-hwcaps-prepend mine ./prog",
        "--library-path hw --glibc-hwcaps-prepend=none:mine --glibc-hwcaps-mask '' ./prog",
        "--library-path env --inhibit-cache ./prog",
        "--argv0 another ./name",
        "--argv0=another ./name",
        "--preload env/libtwo.so ./name",
        "--preload=none.so ./name",
        "--library-path env --preload 'libtwo.so none.so' ./prog",
    ] {
        // glibc 2.36 does not know the form with `=`.
        let [ours, theirs] =
            [by(&home, &loader(), arguments), by(&home, Path::new(SYSTEM_LOADER), &arguments.replace('=', " "))];
        assert_eq!(
            (&ours.end, &ours.stdout, ours.first_error()),
            (&theirs.end, &theirs.stdout, theirs.first_error()),
            "{arguments}"
        );
    }
    // glibc 2.36 takes no notice of the program in the list, whatever its documentation says.
    for list in ["./prog", "''", "other:./prog"] {
        let ours = by(&home, &loader(), &format!("--library-path env --inhibit-rpath {list} ./prog"));
        assert_eq!(ours.end, "exit 127", "{list}: {ours:?}");
    }
    assert_eq!(by(&home, &loader(), "--library-path env --inhibit-rpath other ./prog").end, "exit 6");
    let help =
        by(&home, &loader(), "--library-path env --glibc-hwcaps-prepend mine --glibc-hwcaps-mask x86-64-v2 --help");
    let theirs = by(
        &home,
        Path::new(SYSTEM_LOADER),
        "--library-path env --glibc-hwcaps-prepend mine --glibc-hwcaps-mask x86-64-v2 --help",
    );
    assert_eq!(help.end, "exit 0");
    let section = |text: &str, head: &str| -> Vec<String> {
        let lines = text.lines().skip_while(|line| !line.starts_with(head)).skip(1);
        lines.take_while(|line| line.starts_with("  ")).map(str::to_owned).collect()
    };
    let hwcaps = "Subdirectories of glibc-hwcaps directories, in priority order:";
    assert_eq!(section(&help.stdout, hwcaps), section(&theirs.stdout, hwcaps));
    let path = "Shared library search path:";
    // Ours goes on with the directories of other distributions.
    let (ours, theirs_path) = (section(&help.stdout, path), section(&theirs.stdout, path));
    assert_eq!(ours[..theirs_path.len()], theirs_path);
    assert!(by(&home, &loader(), "--version").stdout.starts_with("ld-rs.so "));
    let facts = by(&home, &loader(), "--list-diagnostics").stdout;
    let theirs = by(&home, Path::new(SYSTEM_LOADER), "--list-diagnostics").stdout;
    for key in ["dl_dst_lib=", "dl_hwcaps_subdirs=", "dl_hwcaps_subdirs_active=", "dl_pagesize=", "dl_platform="] {
        let line = |text: &str| text.lines().find(|line| line.starts_with(key)).map(str::to_owned);
        assert_eq!(line(&facts), line(&theirs), "{key}");
    }
    assert_eq!(by(&home, &loader(), "--list-tunables").end, "exit 0");
}

/// 0 for a program, 2 for a library without an interpreter, 1 for all else; and not a word.
#[test]
fn verify_answers_by_its_exit_code() {
    let home = scratch("verify");
    must(&mut shell(
        &home,
        "set -e; echo text > text; : > empty; echo 'int main(void) { return 0; }' > m.c; gcc m.c -o prog; gcc m.c -o static -static
        gcc -shared -fPIC m.c -o lib.so; head -c 100 prog > short; cp prog machine; printf '\\xb7' | dd of=machine bs=1 seek=18 conv=notrunc
        cp prog class; printf '\\1' | dd of=class bs=1 seek=4 conv=notrunc; gcc -c m.c -o object.o; mkfifo pipe; mkdir folder 2>&1",
    ));
    let files = "./text ./empty ./none ./short ./machine ./class ./object.o ./folder /dev/null ./prog ./static ./lib.so /lib/x86_64-linux-gnu/libc.so.6";
    for file in files.split(' ').chain([SYSTEM_LOADER, "''"]) {
        let [ours, theirs] = [loader(), SYSTEM_LOADER.into()].map(|by: PathBuf| {
            let ended = run(&mut shell(&home, &format!("{} --verify {file}", by.display())));
            (ended.end, ended.stdout, ended.stderr)
        });
        assert_eq!(ours, theirs, "{file}");
    }
    // Where glibc's loader would wait, or be a loader that loads itself.
    for (file, end) in [("./pipe".into(), "exit 1"), (loader(), "exit 2")] {
        let ended = run(&mut shell(&home, &format!("{} --verify {}", loader().display(), file.display())));
        assert_eq!((ended.end.as_str(), ended.stderr.as_str()), (end, ""), "{file:?}");
    }
}

/// A program that changes its user must not be told how to load, nor tell.
#[test]
fn nothing_of_it_in_secure_mode() {
    tool("setpriv", "util-linux");
    if must(&mut shell(Path::new("/"), "id -u")).trim() != "0" {
        return; // only root can make the program
    }
    let home = std::env::temp_dir().join(format!("ld-rs-secure-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("folder");
    std::fs::copy(loader(), home.join("loader")).expect("copy");
    must(&mut shell(
        &home,
        "set -e; chmod 755 . loader; echo 'int main(void) { return 5; }' > m.c; gcc m.c -o prog -Wl,--dynamic-linker=$PWD/loader; chmod 4755 prog",
    ));
    let all = "LD_DEBUG=all LD_DEBUG_OUTPUT=$PWD/log LD_SHOW_AUXV=1 LD_VERBOSE=1 LD_WARN=1 LD_ORIGIN_PATH=/tmp";
    let as_user =
        run(&mut shell(&home, &format!("setpriv --reuid 65534 --clear-groups env {all} ./prog; echo $?; ls")));
    let as_root = run(&mut shell(&home, "LD_DEBUG=all ./prog"));
    std::fs::remove_dir_all(&home).expect("clean");
    assert!(as_root.stderr.contains("calling init: "), "told where it may be: {as_root:?}");
    assert_eq!((as_user.stdout.as_str(), as_user.stderr.as_str()), ("5\nloader\nm.c\nprog\n", ""));
}
