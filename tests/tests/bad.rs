//! Files that are no loadable program or library, given to the loader as a program and as a library: one clear first
//! line and exit 127, never a signal, never a hang. Where glibc has a good sentence it is the expectation, and the
//! system's loader is asked for it in the same test; where it has none (see `Glibc`), the sentence is our own.

mod common;

use common::{SYSTEM_LOADER, command, loader, must, run, scratch, shell, tool};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What the system's loader makes of the same file.
#[derive(Clone, Copy, PartialEq)]
enum Glibc {
    /// It says the same: asked and compared.
    Same,
    /// It hangs, dies or says something unhelpful: not asked, for this reason.
    Poor(&'static str),
}
use Glibc::{Poor, Same};

/// How the file gets its name in the message.
#[derive(Clone, Copy)]
enum Named {
    /// The path it was found at.
    Path,
    /// The name it was asked for: nothing usable was found.
    Bare,
}

struct Case {
    name: &'static str,
    /// Turns the sound file at the path into the bad one.
    make: fn(&Path),
    program: (&'static str, Glibc),
    library: (Named, &'static str, Glibc),
}

const ENOENT: &str = "cannot open shared object file: No such file or directory";
const HANGS: Glibc = Poor("opens it for reading and hangs");
const ERRNO: Glibc = Poor("prints the error as a number");
const MISLEADS: Glibc = Poor("gives another reason, not the true one");

/// Overwrites bytes of the ELF header.
fn poke(file: &Path, at: usize, with: &[u8]) {
    let mut bytes = fs::read(file).expect("read");
    bytes[at..at + with.len()].copy_from_slice(with);
    fs::write(file, bytes).expect("write");
}

fn cut(file: &Path, len: u64) {
    fs::File::options().write(true).open(file).and_then(|f| f.set_len(len)).expect("truncate");
}

/// Puts something that is no regular file in its place.
fn replace(file: &Path, make: impl Fn(&Path) -> std::io::Result<()>) {
    fs::remove_file(file).and_then(|()| make(file)).expect("replace");
}

fn fifo(file: &Path) -> std::io::Result<()> {
    let name = std::ffi::CString::new(file.as_os_str().as_encoded_bytes())?;
    // SAFETY: a string that outlives the call.
    match unsafe { libc::mkfifo(name.as_ptr(), 0o644) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

const CASES: &[Case] = &[
    Case {
        name: "missing",
        make: |f| fs::remove_file(f).unwrap(),
        program: (ENOENT, Same),
        library: (Named::Bare, ENOENT, Same),
    },
    Case {
        name: "empty",
        make: |f| cut(f, 0),
        program: ("file too short", Same),
        library: (Named::Path, "file too short", Same),
    },
    Case {
        name: "half a header",
        make: |f| cut(f, 40),
        program: ("file too short", Same),
        library: (Named::Path, "file too short", Same),
    },
    Case {
        name: "a header and nothing else",
        make: |f| cut(f, 64),
        program: ("cannot read file data", Same),
        library: (Named::Path, "cannot read file data", Same),
    },
    Case {
        name: "a text file",
        make: |f| fs::write(f, "This is not the file you are looking for.\n".repeat(50)).unwrap(),
        program: ("invalid ELF header", Same),
        library: (Named::Path, "invalid ELF header", Same),
    },
    Case {
        name: "a short text file",
        make: |f| fs::write(f, "INPUT(libncurses.so.6 -ltinfo)\n").unwrap(),
        program: ("file too short", Same),
        library: (Named::Path, "file too short", Same),
    },
    Case {
        name: "wrong class",
        make: |f| poke(f, 4, &[1]),
        program: ("wrong ELF class: ELFCLASS32", Same),
        library: (Named::Bare, "wrong ELF class: ELFCLASS32", Same),
    },
    Case {
        name: "big-endian",
        make: |f| poke(f, 5, &[2]),
        program: ("ELF file data encoding not little-endian", Same),
        library: (Named::Path, "ELF file data encoding not little-endian", Same),
    },
    Case {
        name: "unknown ident version",
        make: |f| poke(f, 6, &[2]),
        program: ("ELF file version ident does not match current one", Same),
        library: (Named::Path, "ELF file version ident does not match current one", Same),
    },
    Case {
        name: "unknown OS ABI",
        make: |f| poke(f, 7, &[255]),
        program: ("ELF file OS ABI invalid", Same),
        library: (Named::Path, "ELF file OS ABI invalid", Same),
    },
    Case {
        name: "unknown version of the GNU ABI",
        make: |f| poke(f, 7, &[3, 4]),
        program: ("ELF file ABI version invalid", Same),
        library: (Named::Path, "ELF file ABI version invalid", Same),
    },
    Case {
        name: "padding that is none",
        make: |f| poke(f, 15, &[1]),
        program: ("nonzero padding in e_ident", Same),
        library: (Named::Path, "nonzero padding in e_ident", Same),
    },
    Case {
        name: "unknown version",
        make: |f| poke(f, 20, &[2]),
        program: ("ELF file version does not match current one", Same),
        library: (Named::Path, "ELF file version does not match current one", Same),
    },
    Case {
        name: "wrong machine",
        make: |f| poke(f, 18, &[183, 0]),
        program: ("wrong ELF machine: 183, expected 62 (x86-64)", MISLEADS),
        library: (Named::Path, "wrong ELF machine: 183, expected 62 (x86-64)", MISLEADS),
    },
    Case {
        name: "relocatable object",
        make: |f| poke(f, 16, &[1, 0]),
        program: ("only ET_DYN and ET_EXEC can be loaded", Same),
        library: (Named::Path, "only ET_DYN and ET_EXEC can be loaded", Same),
    },
    Case {
        name: "core file",
        make: |f| poke(f, 16, &[4, 0]),
        program: ("only ET_DYN and ET_EXEC can be loaded", Same),
        library: (Named::Path, "only ET_DYN and ET_EXEC can be loaded", Same),
    },
    Case {
        name: "wrong size of a program header",
        make: |f| poke(f, 54, &[64, 0]),
        program: ("ELF file's phentsize not the expected size", Same),
        library: (Named::Path, "ELF file's phentsize not the expected size", Same),
    },
    Case {
        name: "more program headers than the file holds",
        make: |f| poke(f, 56, &[0, 4]),
        program: ("cannot read file data", Same),
        library: (Named::Path, "cannot read file data", Same),
    },
    Case {
        name: "directory",
        make: |f| replace(f, |f| fs::create_dir(f)),
        program: ("cannot read file data: Is a directory", ERRNO),
        library: (Named::Path, "cannot read file data: Is a directory", ERRNO),
    },
    Case {
        name: "FIFO",
        make: |f| replace(f, fifo),
        program: ("not a regular file", HANGS),
        library: (Named::Path, "not a regular file", HANGS),
    },
    Case {
        name: "device",
        make: |f| replace(f, |f| symlink("/dev/null", f)),
        program: ("not a regular file", Poor("reads nothing from it and says: file too short")),
        library: (Named::Path, "not a regular file", Poor("reads nothing from it and says: file too short")),
    },
    Case {
        name: "endless symlink",
        make: |f| replace(f, |f| symlink(f.file_name().unwrap(), f)),
        program: ("cannot open shared object file: Too many levels of symbolic links", ERRNO),
        library: (Named::Bare, "cannot open shared object file: Too many levels of symbolic links", MISLEADS),
    },
    Case {
        name: "dangling symlink",
        make: |f| replace(f, |f| symlink("nowhere", f)),
        program: (ENOENT, Same),
        library: (Named::Bare, ENOENT, Same),
    },
];

/// A library, and a program that needs it and exits with 7, with `interp` as PT_INTERP.
fn sound(dir: &Path, interp: &Path) {
    let _ = tool("gcc", "gcc");
    fs::write(dir.join("answer.c"), "int answer(void) { return 7; }\n").expect("write");
    fs::write(dir.join("prog.c"), "int answer(void); int main(void) { return answer(); }\n").expect("write");
    must(&mut shell(dir, "gcc -shared -fPIC -o libanswer.so answer.c"));
    let interp = interp.display();
    must(&mut shell(
        dir,
        &format!("gcc -o prog prog.c -L. -l:libanswer.so -Wl,-rpath,'$ORIGIN' -Wl,--dynamic-linker={interp}"),
    ));
    assert_eq!(run(&mut command(dir, "./prog")).end, "exit 7", "the sound program has to run");
}

fn folder(test: &str, case: &str, who: &str) -> PathBuf {
    let dir = scratch(&format!("{test}/{}/{who}", case.replace(' ', "-")));
    assert!(dir.is_absolute());
    dir
}

fn copy_sound(from: &Path, to: &Path) {
    for name in ["prog", "libanswer.so"] {
        fs::copy(from.join(name), to.join(name)).expect("copy");
    }
}

/// One run; a complaint when the first line, the exit code or stdout is not as expected.
fn judge(complaints: &mut Vec<String>, what: &str, dir: &Path, args: &[&Path], line: &str) {
    let outcome = run(command(dir, args[0]).args(&args[1..]));
    if outcome.first_error() != line || outcome.end != "exit 127" || !outcome.stdout.is_empty() {
        complaints.push(format!(
            "{what}\n  wanted: {line}\n  got:    {} and {}",
            outcome.stderr.trim_end(),
            outcome.end
        ));
    }
}

#[test]
fn a_bad_program_is_refused_with_its_reason() {
    let (loader, system) = (loader(), Path::new(SYSTEM_LOADER));
    let home = scratch("program/sound");
    sound(&home, system);
    let mut complaints = Vec::new();
    for case in CASES {
        let (reason, glibc) = case.program;
        let line = format!("./prog: error while loading shared libraries: ./prog: {reason}");
        for (who, path) in [("ld-rs", &*loader), ("glibc", system)] {
            if who == "glibc" && glibc != Same {
                continue;
            }
            let dir = folder("program", case.name, who);
            copy_sound(&home, &dir);
            (case.make)(&dir.join("prog"));
            judge(&mut complaints, &format!("{} under {who}", case.name), &dir, &[path, Path::new("./prog")], &line);
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_bad_library_is_refused_with_its_reason() {
    let (loader, system) = (loader(), Path::new(SYSTEM_LOADER));
    let mut complaints = Vec::new();
    for (who, path) in [("glibc", system), ("ld-rs", &*loader)] {
        let home = scratch(&format!("library/sound-{who}"));
        sound(&home, path);
        for case in CASES {
            let (named, reason, glibc) = case.library;
            if who == "glibc" && glibc != Same {
                continue;
            }
            let dir = folder("library", case.name, who);
            copy_sound(&home, &dir);
            (case.make)(&dir.join("libanswer.so"));
            let name = match named {
                Named::Path => dir.join("libanswer.so").display().to_string(),
                Named::Bare => "libanswer.so".to_string(),
            };
            let prog = dir.join("prog");
            let line = format!("{}: error while loading shared libraries: {name}: {reason}", prog.display());
            judge(&mut complaints, &format!("{} under {who}, started by the kernel", case.name), &dir, &[&prog], &line);
            judge(&mut complaints, &format!("{} under {who}, started by hand", case.name), &dir, &[path, &prog], &line);
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// glibc kills the process by SIGBUS here. A file that lost only what no segment covers (section headers) still runs.
#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let loader = loader();
    let home = scratch("cut/sound");
    sound(&home, &loader);
    let mut complaints = Vec::new();
    for victim in ["prog", "libanswer.so"] {
        let whole = fs::read(home.join(victim)).expect("read");
        let headers = 64 + 56 * usize::from(u16::from_le_bytes([whole[56], whole[57]]));
        let needed = end_of_segments(&whole);
        assert!(headers < needed && needed < whole.len(), "section headers follow the segments");
        for len in (0..whole.len()).step_by(256).chain([63, headers - 1, headers, needed - 1, needed]) {
            let dir = folder("cut", victim, &len.to_string());
            copy_sound(&home, &dir);
            cut(&dir.join(victim), len as u64);
            let prog = dir.join("prog");
            let by_hand: &[&Path] = &[&loader, &prog];
            // The kernel judges a cut program before any loader does.
            let by_kernel: &[&Path] = if victim == "prog" { by_hand } else { &[&prog] };
            let path = dir.join(victim).display().to_string();
            let reason = match len {
                _ if len >= needed => None,
                _ if len < 64 => Some("file too short"),
                _ if len < headers => Some("cannot read file data"),
                _ => Some("file too short"), // the facts may follow
            };
            for args in [by_hand, by_kernel] {
                let outcome = run(command(&dir, args[0]).args(&args[1..]));
                let (end, line) = match reason {
                    None => ("exit 7", String::new()),
                    Some(reason) => (
                        "exit 127",
                        format!("{}: error while loading shared libraries: {path}: {reason}", prog.display()),
                    ),
                };
                if outcome.end != end || !outcome.first_error().starts_with(&line) {
                    complaints.push(format!(
                        "{victim} cut to {len} of {} (segments end at {needed}): {} with {}",
                        whole.len(),
                        outcome.end,
                        outcome.stderr.trim_end()
                    ));
                }
            }
            fs::remove_dir_all(&dir).expect("clean up");
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn end_of_segments(elf: &[u8]) -> usize {
    let word = |at: usize| u64::from_le_bytes(elf[at..at + 8].try_into().unwrap()) as usize;
    let count = usize::from(u16::from_le_bytes([elf[56], elf[57]]));
    (0..count)
        .map(|i| word(32) + 56 * i)
        .filter(|&p| elf[p..p + 4] == [1, 0, 0, 0])
        .map(|p| word(p + 8) + word(p + 32))
        .max()
        .expect("a PT_LOAD")
}

/// As another user where the test runs as root, who may read everything.
#[test]
fn an_unreadable_file_is_refused() {
    let loader = loader();
    // The build folder may lie where another user cannot look.
    let dir = std::env::temp_dir().join(format!("ld-rs-unreadable-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("folder");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("chmod");
    let ours = dir.join("ld-rs.so");
    fs::copy(&loader, &ours).expect("copy");
    fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).expect("chmod");
    sound(&dir, Path::new(SYSTEM_LOADER));
    let root = must(&mut shell(&dir, "id -u")).trim() == "0";
    let nobody: &[&str] = if root {
        tool("setpriv", "util-linux");
        &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    } else {
        &["env"]
    };
    let prog = dir.join("prog");
    let mut complaints = Vec::new();
    for (victim, glibc) in [("prog", Same), ("libanswer.so", MISLEADS)] {
        let file = dir.join(victim);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("chmod");
        let line = format!(
            "{}: error while loading shared libraries: {}: cannot open shared object file: Permission denied",
            prog.display(),
            file.display()
        );
        for by in [Path::new(SYSTEM_LOADER), &ours] {
            if by == ours || glibc == Same {
                let mut args: Vec<&Path> = nobody.iter().map(Path::new).collect();
                args.extend([by, &prog]);
                judge(&mut complaints, &format!("unreadable {victim} under {}", by.display()), &dir, &args, &line);
            }
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("chmod");
    }
    fs::remove_dir_all(&dir).expect("clean up");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// A program that may be run but not read is judged from memory, of which the kernel mapped only what the segments name:
/// program headers that begin in the last bytes of one and end behind it are refused. glibc's loader reads on.
#[test]
fn program_headers_that_leave_their_segment_are_refused() {
    let dir = std::env::temp_dir().join(format!("ld-rs-headers-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("folder");
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).expect("chmod");
    let ours = dir.join("ld-rs.so");
    fs::copy(loader(), &ours).expect("copy");
    fs::set_permissions(&ours, fs::Permissions::from_mode(0o755)).expect("chmod");
    // The first segment ends long before the next begins, in the file as in memory.
    let link = "echo 'int main(void) { return 7; }' | gcc -x c - -o prog -Wl,-z,separate-code,-z,max-page-size=65536";
    must(&mut shell(&dir, &format!("{link} -Wl,--dynamic-linker={}", ours.display())));
    let whole = fs::read(dir.join("prog")).expect("read");
    let size = 56 * usize::from(u16::from_le_bytes([whole[56], whole[57]]));
    let first = (64..64 + size).step_by(56).find(|&at| whole[at..at + 4] == [1, 0, 0, 0]).expect("a PT_LOAD");
    let used = usize::from(u16::from_le_bytes([whole[first + 32], whole[first + 33]]));
    assert!(used + size < 4096 - 8, "room on the first page");
    tool("setpriv", "util-linux");
    for (place, end) in [(4096 - size, "exit 7"), (4096 - size + 8, "exit 127"), (4096 - 8, "exit 127")] {
        let mut moved = whole.clone();
        for at in [first + 32, first + 40] {
            moved[at..at + 8].copy_from_slice(&4096u64.to_le_bytes()); // p_filesz, p_memsz
        }
        let table = moved[64..64 + size].to_vec();
        moved[place..place + size].copy_from_slice(&table);
        moved[32..40].copy_from_slice(&(place as u64).to_le_bytes());
        let prog = dir.join(format!("prog{place}"));
        fs::write(&prog, moved).expect("write");
        fs::set_permissions(&prog, fs::Permissions::from_mode(0o755)).expect("chmod");
        assert_eq!(run(&mut command(&dir, &prog)).end, "exit 7", "read from the file");
        fs::set_permissions(&prog, fs::Permissions::from_mode(0o111)).expect("chmod");
        let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
        let root = must(&mut shell(&dir, "id -u")).trim() == "0";
        let outcome = match root {
            true => run(command(&dir, "setpriv").args(nobody).arg(&prog)),
            false => run(&mut command(&dir, &prog)),
        };
        let line = "cannot read the program's headers";
        assert_eq!(outcome.end, end, "table at {place}: {}", outcome.stderr);
        assert_eq!(outcome.stderr.contains(line), end == "exit 127", "{}", outcome.stderr);
    }
    fs::remove_dir_all(&dir).expect("clean up");
}

#[test]
fn a_constructor_inside_of_the_loader_is_refused() {
    let dir = scratch("bad-constructor");
    let build = r#"set -e; printf 'int main(void) { return 0; }' > main.c
        for behind in 0 1; do
            printf '__asm__(".section .init_array,\\"aw\\"; .quad _dl_debug_state + %s");' $behind > lib.c
            gcc -shared -fPIC lib.c -o lib$behind.so; gcc main.c -Wl,--no-as-needed ./lib$behind.so -o prog$behind
        done"#;
    must(&mut shell(&dir, build));
    // A function that it exports may be named; what lies behind its first byte is none.
    must(&mut shell(&dir, &format!("{SYSTEM_LOADER} ./prog0")));
    must(&mut shell(&dir, &format!("{} ./prog0", loader().display())));
    let refused = run(command(&dir, loader()).arg("./prog1"));
    assert_eq!(refused.end, "exit 127");
    let reason = "./lib1.so: malformed ELF file: entry of a function array: found 0x";
    assert!(refused.stderr.contains(reason), "{}", refused.stderr);
}

/// Command lines that name no program: one line that says so, and where help is. glibc calls an option without its value
/// unrecognized.
#[test]
fn a_command_line_without_a_program_is_explained() {
    let dir = scratch("usage");
    let mut complaints = Vec::new();
    for by in [Path::new(SYSTEM_LOADER), &loader()] {
        let own = by.display();
        for (args, reason, glibc) in [
            (&[][..], "missing program name", Same),
            (&["--argv0", "x"], "missing program name", Same),
            (&["--nonsense", "/bin/true"], "unrecognized option '--nonsense'", Same),
            (&["--library-path"], "option requires an argument '--library-path'", MISLEADS),
        ] {
            if by == Path::new(SYSTEM_LOADER) && glibc != Same {
                continue;
            }
            let outcome = run(command(&dir, by).args(args));
            let wanted = format!("{own}: {reason}\nTry '{own} --help' for more information.\n");
            // Without arguments ld-rs ends as glibc up to 2.32 did: Debian 11's ldd script knows a loader by it.
            let old = by != Path::new(SYSTEM_LOADER) && args.is_empty();
            let end = if old { "exit 127" } else { "exit 1" };
            if outcome.stderr != wanted || outcome.end != end || !outcome.stdout.is_empty() {
                complaints.push(format!(
                    "{own} {args:?}\n  wanted: {wanted}  got:    {} and {}",
                    outcome.stderr, outcome.end
                ));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// It would relocate and protect a second copy of itself, which then does both again.
#[test]
fn the_loader_as_its_own_program_is_refused() {
    let dir = scratch("itself");
    let loader = loader();
    let line = format!("{}: loader cannot load itself", loader.display());
    let mut complaints = Vec::new();
    judge(&mut complaints, "by its name", &dir, &[&loader, &loader, Path::new("/bin/true")], &line);
    symlink(&loader, dir.join("other")).expect("symlink");
    judge(&mut complaints, "by another name", &dir, &[&loader, &dir.join("other"), Path::new("/bin/true")], &line);
    // glibc's, which has the SONAME that ours has in its place; it would start the process once more.
    judge(&mut complaints, "glibc's", &dir, &[&loader, Path::new("/lib64/ld-linux-x86-64.so.2")], &line);
    let verified = run(command(&dir, &loader).arg("--verify").arg(&loader));
    assert_eq!(verified.end, "exit 2", "to look at it is no start: {verified:?}");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
