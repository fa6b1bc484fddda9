//! What a failure leaves behind: its text in memory, read from a core dump by gdb and without symbols, and the folder that
//! LD_RS_SAVE asks for, with which the same failure is had again. (That secure mode saves nothing is in secure.rs.)

mod common;

use common::{command, loader, must, run, scratch, shell, tool};
use std::fs;
use std::path::{Path, PathBuf};

/// `prog` opens a library that is not there as often as its argument says, then aborts; `lacking` needs one that is gone.
/// Both start with `ld-rs.so` in the folder, stripped as it is installed.
fn build(name: &str) -> PathBuf {
    let dir = scratch(name);
    let source = "#include <dlfcn.h>\n#include <stdlib.h>\n\
        int main(int n, char **v) { for (n = atoi(v[1]); n; n--) if (dlopen(\"libnothere.so.9\", RTLD_NOW)) return 1; abort(); }\n";
    fs::write(dir.join("prog.c"), source).unwrap();
    let script = format!(
        "strip --strip-all --keep-symbol=ld_rs_last_error -o ld-rs.so {} && chmod +x ld-rs.so
         gcc prog.c -o prog -Wl,--dynamic-linker=$PWD/ld-rs.so
         echo 'int f(void) {{ return 0; }}' | gcc -shared -fPIC -x c - -o libgone.so -Wl,-soname,libgone.so
         echo 'int f(void); int main(void) {{ return f(); }}' >lacking.c && gcc lacking.c -o lacking ./libgone.so -Wl,--dynamic-linker=$PWD/ld-rs.so
         rm libgone.so",
        loader().display()
    );
    must(&mut shell(&dir, &script));
    dir
}

fn gdb(dir: &Path, commands: &[&str], arguments: &[&str]) -> String {
    let mut gdb = command(dir, tool("gdb", "gdb"));
    gdb.args(["-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", "set confirm off"]);
    for line in commands {
        gdb.args(["-ex", line]);
    }
    let outcome = run(gdb.arg("--args").args(arguments));
    format!("{}{}", outcome.stdout, outcome.stderr)
}

const DLOPEN: &str = "libnothere.so.9: cannot open shared object file: No such file or directory";

#[test]
fn a_core_dump_tells_why_dlopen_failed() {
    let dir = build("core");
    let made = gdb(&dir, &["run", "generate-core-file core", "kill"], &["./prog", "2"]);
    let core = fs::read(dir.join("core")).unwrap_or_else(|e| panic!("{e}: {made}"));
    let read = must(command(&dir, "gdb").args([
        "-nx",
        "-batch",
        "-ex",
        "set debuginfod enabled off",
        "-ex",
        "x/s &ld_rs_last_error",
        "./prog",
        "core",
    ]));
    assert!(read.contains(&format!("\"ld-rs last error: {DLOPEN}\"")), "{read}");
    // Without any symbols.
    let wanted = format!("ld-rs last error: {DLOPEN}\0");
    assert!(core.windows(wanted.len()).any(|bytes| bytes == wanted.as_bytes()));
}

#[test]
fn a_failed_start_leaves_its_text() {
    let dir = build("start");
    for arguments in [&["./lacking"][..], &["./ld-rs.so", "./lacking"]] {
        let said = gdb(&dir, &["catch syscall exit_group", "run", "x/s &ld_rs_last_error", "kill"], arguments);
        // gdb starts the program by its absolute path.
        let text = said.split("\"ld-rs last error: ").nth(1).unwrap_or_else(|| panic!("{said}"));
        let wanted = "lacking: error while loading shared libraries: libgone.so: cannot open shared object file";
        assert!(text.lines().next().is_some_and(|line| line.contains(wanted)), "{said}");
    }
}

/// The folders of saved failures, in order.
fn saved(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort_by_key(|path| path.extension().and_then(|n| n.to_str()?.parse::<u32>().ok()));
    found
}

#[test]
fn a_failing_start_can_be_tried_again() {
    let dir = build("save");
    let keep = dir.join("keep");
    for start in [&["./lacking", "a b", ""][..], &["./ld-rs.so", "--inhibit-cache", "./lacking", "a b", ""]] {
        let _ = fs::remove_dir_all(&keep);
        fs::create_dir(&keep).unwrap();
        let outcome = run(command(&dir, start[0]).args(&start[1..]).env("LD_RS_SAVE", &keep).env("OTHER", "x y"));
        assert_eq!(outcome.end, "exit 127", "{outcome:?}");
        let [folder] = &saved(&keep)[..] else { panic!("{:?}", saved(&keep)) };
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(text("message"), outcome.stderr);
        assert_eq!(text("cmdline"), start.iter().map(|word| format!("{word}\0")).collect::<String>());
        assert_eq!(Path::new(&text("cwd")), dir);
        assert!(text("environ").contains("OTHER=x y\0"));
        // The program is among the files, with the build id that readelf sees.
        let notes = must(command(&dir, "readelf").args(["-nW", "lacking"]));
        let id = notes.split("Build ID: ").nth(1).unwrap().split_whitespace().next().unwrap();
        let line = format!("{id} {}\n", dir.join("lacking").display());
        assert!(text("files").contains(&line), "{line}{}", text("files"));
        // Once more from the folder alone.
        let again = format!(
            "cd \"$(cat {0}/cwd)\" && mapfile -d '' -t words <{0}/cmdline && mapfile -d '' -t variables <{0}/environ && \
             exec env -i \"${{variables[@]}}\" LD_RS_SAVE= \"${{words[@]}}\"",
            folder.display()
        );
        let again = run(&mut shell(Path::new("/"), &again));
        assert_eq!((again.end, again.stderr), (outcome.end, outcome.stderr));
    }
}

#[test]
fn failing_dlopens_are_saved_up_to_a_bound() {
    let dir = build("many");
    let keep = dir.join("keep");
    fs::create_dir(&keep).unwrap();
    let outcome = run(command(&dir, "./prog").arg("40").env("LD_RS_SAVE", &keep));
    assert_eq!(outcome.end, "signal 6", "{outcome:?}");
    let folders = saved(&keep);
    assert_eq!(folders.len(), 16);
    assert_eq!(fs::read_to_string(folders[3].join("message")).unwrap(), DLOPEN);
    assert!(fs::read_to_string(folders[3].join("files")).unwrap().contains("/libc.so.6\n"));
    // A folder that is not there costs nothing but the copy.
    let outcome = run(command(&dir, "./prog").arg("3").env("LD_RS_SAVE", "/no/such/folder"));
    assert_eq!(outcome.end, "signal 6", "{outcome:?}");
}

/// In a folder where others may write, names to come may be taken: by a folder, a link, a file, a link to nowhere.
#[test]
fn what_others_made_is_not_written_to() {
    let dir = build("taken");
    let script =
        "mkdir keep elsewhere; chmod 1777 keep; mkdir -m 777 keep/ld-rs.$$.0; ln -s ../elsewhere keep/ld-rs.$$.1
        touch keep/ld-rs.$$.2; ln -s ../none keep/ld-rs.$$.3; [ \"$TAKEN\" = some ] || mkdir keep/ld-rs.$$.{4..15}
        umask 0; LD_RS_SAVE=$PWD/keep exec ./lacking";
    for taken in ["some", "all"] {
        let outcome = run(shell(&dir, script).env("TAKEN", taken));
        assert_eq!(outcome.end, "exit 127", "{outcome:?}");
        let written =
            must(&mut shell(&dir, "find keep elsewhere none -mindepth 2 -printf '%m %f\\n' 2>/dev/null | sort"));
        let expected = "600 cmdline\n600 cwd\n600 environ\n600 files\n600 message\n";
        assert_eq!(written, if taken == "some" { expected } else { "" });
        let folders = must(&mut shell(&dir, "find keep/ld-rs.*.4 -maxdepth 0 -printf '%m\\n'; rm -r keep elsewhere"));
        assert_eq!(folders, if taken == "some" { "700\n" } else { "755\n" });
    }
}
