//! What a packager and a new user do: install, uninstall, dist and deb of the Makefile, into folders of their own, into the
//! place of a system's loader (`packaging/system.rs`) and into a small tree of another release, where the package must work and leave without a trace; and that manual, completion and
//! `--help` say what the code has.

mod common;
#[path = "packaging/system.rs"]
mod system;

use common::{Outcome, command, loader, must, repository, run, scratch, shell};
use ld_rs_tests::run::{Limits, bounded, shell_line, start};
use libtest_mimic::{Arguments, Completion, Trial};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

fn main() -> ExitCode {
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let trials = vec![
        trial("install", install_and_uninstall),
        trial("directories", directories_have_the_gnu_names),
        trial("system", system::there_and_back),
        trial("system_refused", system::what_cannot_be_is_refused),
        trial("linked_under_it", system::what_is_linked_under_it),
        trial("manual", the_manual_is_clean_and_complete),
        trial("messages", the_table_of_messages_is_the_codes),
        trial("rules", the_table_of_rules_is_the_claims),
        trial("completion", completion_knows_the_options),
        trial("container", a_container_of_the_files_named_alone),
        Trial::ignorable_test("dist", dist_builds),
        Trial::ignorable_test("deb", package_in_a_clean_tree),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// `make` in `dir` with these arguments.
fn make(dir: &Path, arguments: &str) -> String {
    let limits = Limits { time: Duration::from_secs(300), memory: 64 << 30 };
    let mut make = shell(dir, &format!("make --no-print-directory {arguments}"));
    for name in ["HOME", "PATH", "CARGO_HOME", "RUSTUP_HOME"] {
        make.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    let ran = bounded(&mut make, &limits).unwrap_or_else(|e| panic!("{e}"));
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert_eq!(ran.end.to_string(), "exit 0", "{}\n{out}{err}", shell_line(&make));
    out.into_owned()
}

/// README's ways into a container: the files that `--paths` names and ld-rs.so.1 are all there is, no other loader.
fn a_container_of_the_files_named_alone() {
    let root = scratch("container");
    let script = format!(
        r#"set -e
        cp {ld_rs} ld-rs.so.1
        for file in $({ld_rs} --paths /bin/ls | grep -v /ld-linux); do cp --parents -L "$file" .; done
        cp bin/ls bin/patched; patchelf --set-interpreter /ld-rs.so.1 bin/patched
        inside() {{ $([ $(id -u) = 0 ] || echo unshare -r) /usr/sbin/chroot . "$@"; }}
        inside /ld-rs.so.1 /bin/ls /bin
        inside /bin/patched /"#,
        ld_rs = loader().display()
    );
    assert_eq!(must(&mut shell(&root, &script)), "ls\npatched\nbin\nld-rs.so.1\nlib\n");
}

/// Every file below `dir` that is no folder: mode, path, target of a link.
fn files(dir: &Path) -> Vec<String> {
    let listing = must(&mut shell(dir, "find . ! -type d -printf '%m %P %l\\n'"));
    let mut lines: Vec<_> = listing.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.sort();
    lines
}

fn install_and_uninstall() {
    let dir = scratch("install");
    let target = format!("DESTDIR={}", dir.display());
    make(&repository(), &format!("install {target}"));
    let lib = dir.join("usr/local/lib/ld-rs.so.1");
    assert_eq!(
        files(&dir),
        [
            "644 usr/local/share/bash-completion/completions/ld-rs.so",
            "644 usr/local/share/man/man1/ldd-rs.1",
            "644 usr/local/share/man/man7/ld-rs-messages.7",
            "644 usr/local/share/man/man7/ld-rs-rules.7",
            "644 usr/local/share/man/man8/ld-rs.so.8",
            "755 usr/local/lib/ld-rs.so.1",
            "755 usr/local/lib/ld-rs/ld-linux-x86-64.so.2",
            "755 usr/local/lib/ld-rs/system",
            "777 usr/local/bin/ldd-rs ../lib/ld-rs.so.1",
            "777 usr/local/lib/ld-rs.so ld-rs.so.1",
            "777 usr/local/share/bash-completion/completions/ld-rs.so.1 ld-rs.so",
            "777 usr/local/share/bash-completion/completions/ldd-rs ld-rs.so",
        ]
    );
    let sections = must(command(&dir, "readelf").args(["-SdW"]).arg(&lib));
    assert!(sections.contains("soname: [ld-rs.so.1]"), "{sections}");
    assert!(!sections.contains(".debug_info"), "{sections}");
    let listed = must(command(&dir, dir.join("usr/local/bin/ldd-rs")).arg("/bin/ls"));
    assert!(listed.contains("libc.so.6 => "), "{listed}");
    let said = must(command(&dir, dir.join("usr/local/lib/ld-rs.so")).args(["/bin/echo", "hello"]));
    assert_eq!(said, "hello\n");

    // A program that runs keeps the file it has.
    let (first, mut running) = (
        fs::metadata(&lib).unwrap().ino(),
        start(Command::new(&lib).args(["/bin/cat"]).stdin(std::process::Stdio::piped())).unwrap(),
    );
    make(&repository(), &format!("install {target}"));
    assert_ne!(fs::metadata(&lib).unwrap().ino(), first);
    drop(running.stdin.take());
    assert!(running.wait().unwrap().success());

    // What is not ours stays.
    fs::write(dir.join("usr/local/lib/other.so"), "").unwrap();
    make(&repository(), &format!("uninstall {target}"));
    assert_eq!(files(&dir), ["644 usr/local/lib/other.so"]);
}

fn directories_have_the_gnu_names() {
    let dir = scratch("directories");
    let to = |arguments: &str| format!("DESTDIR='{}' {arguments}", dir.display());
    let chosen = to("prefix=/p exec_prefix=/e bindir=/b libdir=/l/lib64 mandir=/m completionsdir=/c");
    make(&repository(), &format!("install {chosen}"));
    let installed = files(&dir);
    assert_eq!(installed.len(), 12, "{installed:#?}");
    for file in
        ["755 l/lib64/ld-rs.so.1", "777 b/ldd-rs ../l/lib64/ld-rs.so.1", "644 m/man8/ld-rs.so.8", "644 c/ld-rs.so"]
    {
        assert!(installed.iter().any(|line| line == file), "{file} is not in {installed:#?}");
    }
    make(&repository(), &format!("uninstall {chosen}"));
    assert!(files(&dir).is_empty());
    make(&repository(), &format!("install {}", to("PREFIX=/opt/x")));
    assert!(files(&dir).iter().all(|line| line[4..].starts_with("opt/x/")));
}

fn dist_builds() -> Result<Completion, libtest_mimic::Failed> {
    if !repository().join(".git").exists() {
        return Ok(Completion::ignored_with("the sources are not a git checkout"));
    }
    let dir = scratch("dist");
    let archive = || repository().join(make(&repository(), "dist").lines().last().unwrap());
    let first = archive();
    let bytes = fs::read(&first).unwrap();
    assert!(bytes == fs::read(archive()).unwrap(), "two archives of one state differ");
    must(command(&dir, "tar").arg("-xzf").arg(&first));
    let top: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [source] = &top[..] else { panic!("{top:?}") };
    assert!(!source.join("target").exists());
    make(source, "install DESTDIR=$PWD/out PREFIX=/usr");
    let said = must(command(&dir, source.join("out/usr/lib/ld-rs.so")).arg("--version"));
    assert!(said.starts_with("ld-rs.so "), "{said}");
    assert_eq!(must(command(&dir, source.join("out/usr/lib/ld-rs.so")).args(["/bin/echo", "hello"])), "hello\n");
    fs::remove_dir_all(source).unwrap();
    Ok(Completion::Completed)
}

/// The package installed with dpkg into a tree of another release, used there, and removed.
fn package_in_a_clean_tree() -> Result<Completion, libtest_mimic::Failed> {
    let release = Command::new(repository().join("tests/trees/release")).arg("trixie").output().expect("trees/release");
    if release.status.code() == Some(75) {
        return Ok(Completion::ignored_with("no network for a tree of trixie"));
    }
    assert!(release.status.success(), "{}", String::from_utf8_lossy(&release.stderr));
    let dir = scratch("deb");
    let package = || {
        make(&repository(), "deb");
        let find = must(&mut shell(&repository(), "ls target/ld-rs_*_amd64.deb"));
        fs::read(repository().join(find.trim())).unwrap()
    };
    let bytes = package();
    assert!(bytes == package(), "two packages of one state differ");
    fs::write(dir.join("ld-rs.deb"), bytes).unwrap();
    let trixie = repository().join("target/trees/small/trixie");
    must(command(&dir, "cp").args(["-al", "--"]).arg(&trixie).arg("tree"));
    must(&mut shell(
        &dir,
        "mkdir -p admin/info admin/updates admin/triggers && touch admin/status admin/available tree/complete",
    ));

    // dpkg and chroot want root, if only in a namespace.
    // SAFETY: geteuid has no preconditions.
    let root = if unsafe { libc::geteuid() } == 0 { "" } else { "unshare -r " };
    let dpkg = format!(
        "{root}env PATH=/usr/sbin:/sbin:/usr/bin:/bin dpkg --admindir=admin --instdir=tree --log=dpkg.log --force-script-chrootless"
    );
    let inside = |line: &str| -> Outcome { run(&mut shell(&dir, &format!("{root}/usr/sbin/chroot tree {line}"))) };
    let state = || {
        must(&mut shell(
            &dir,
            "cd tree && find . -printf '%P %y %m %s %l\\n' | grep -v '^[^ ]* d' | sort; find . -type d | sort",
        ))
    };
    let before = state();
    must(&mut shell(&dir, &format!("{dpkg} --install ld-rs.deb")));
    assert_ne!(state(), before);
    let status = must(&mut shell(&dir, "dpkg-query --admindir=admin --show --showformat='${Package} ${Status}\\n'"));
    assert_eq!(status, "ld-rs install ok installed\n");
    assert_eq!(must(&mut shell(&dir, &format!("{dpkg} --verify ld-rs"))), "");

    let lines = |outcome: Outcome| -> BTreeSet<String> {
        assert_eq!(outcome.end, "exit 0", "{outcome:?}");
        outcome.stdout.lines().map(|line| line.split(" (0x").next().unwrap_or("").to_owned()).collect()
    };
    let theirs = lines(inside("/lib64/ld-linux-x86-64.so.2 --list /bin/ls"));
    assert_eq!(lines(inside("/usr/bin/ldd-rs /bin/ls")), theirs);
    let own = lines(inside("/bin/ls /usr"));
    assert_eq!(lines(inside("/usr/lib/x86_64-linux-gnu/ld-rs.so /bin/ls /usr")), own);
    must(&mut shell(
        &dir,
        "cp tree/bin/ls tree/adopted && patchelf --set-interpreter /usr/lib/x86_64-linux-gnu/ld-rs.so.1 tree/adopted",
    ));
    assert_eq!(lines(inside("/adopted /usr")), own);
    fs::remove_file(dir.join("tree/adopted")).unwrap();

    must(&mut shell(&dir, &format!("{dpkg} --purge ld-rs")));
    assert_eq!(state(), before);
    assert_eq!(must(&mut shell(&dir, "dpkg-query --admindir=admin --show --showformat='${Package}\\n'")), "");
    fs::remove_dir_all(dir.join("tree")).unwrap();
    Ok(Completion::Completed)
}

/// The words in `text` of the form `before`word`after`, a word being of option or variable letters.
fn words(text: &str, before: &str, after: &str) -> BTreeSet<String> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.match_indices(before)
        .map(|(at, _)| &text[at + before.len()..])
        .map(|rest| (rest.split(|c| !letters(c)).next().unwrap_or(""), rest))
        .filter(|(word, rest)| !word.is_empty() && rest[word.len()..].starts_with(after))
        .map(|(word, _)| word.to_owned())
        .collect()
}

/// The options of ld-rs.so that the code knows, without ldd's.
fn options() -> BTreeSet<String> {
    let code = fs::read_to_string(repository().join("loader/plan/src/args.rs")).unwrap();
    let reader = code.split("match () {").nth(1).unwrap().split("match &mut options.ldd").next().unwrap();
    let options = words(reader, "is(name, b\"--", "\")");
    assert!(options.len() > 20, "{options:?}");
    options
}

fn the_manual_is_clean_and_complete() {
    let (man, dir) = (repository().join("man"), scratch("manual"));
    for page in ["ld-rs.so.8", "ldd-rs.1", "ld-rs-messages.7", "ld-rs-rules.7"] {
        let lint = run(command(&dir, "mandoc").args(["-T", "lint", "-W", "all"]).arg(man.join(page)));
        // Which other manuals are there is a matter of the machine.
        let complaints: Vec<_> =
            lint.stdout.lines().filter(|line| !line.contains("referenced manual not found")).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
    let text = fs::read_to_string(man.join("ld-rs.so.8")).unwrap();
    let help = must(command(&dir, loader()).arg("--help"));
    assert_eq!(words(&text, ".It Fl -", ""), options());
    // There is nothing to say of what is refused, and of what is for tests.
    let told = words(&help, "  --", "").union(&words(&help, "; --", "")).cloned().collect::<BTreeSet<_>>();
    assert_eq!(told, options().into_iter().filter(|name| name != "audit" && name != "bindings").collect());
    let ldd = fs::read_to_string(man.join("ldd-rs.1")).unwrap();
    let ldd_help = must(command(&dir, loader()).arg0("ldd-rs").arg("--help"));
    for option in words(&ldd_help, "--", "") {
        assert!(ldd.contains(&format!(" -{option}")), "ldd-rs.1 lacks --{option}");
    }

    let code = fs::read_to_string(repository().join("loader/plan/src/args.rs")).unwrap();
    let reader = code.split("pub fn take").nth(1).unwrap().split("const UNSECURE").next().unwrap();
    let mut variables = words(reader, "is(name, b\"", "\")");
    assert!(variables.len() > 10, "{variables:?}");
    // runtime reads it, for the libc it is meant for.
    variables.insert("GLIBC_TUNABLES".into());
    assert_eq!(words(&text, ".It Ev ", ""), variables);
    let own = must(&mut shell(&repository(), "grep -rhoE '\"LD_RS_[A-Z_]+' loader runtime/src | tr -d '\"' | sort -u"));
    assert!(own.lines().all(|name| variables.contains(name)), "{own}");
}

fn the_table_of_messages_is_the_codes() {
    let messages = repository().join("man/messages");
    must(command(&repository(), &messages).arg("--check"));
    // A message of the programs in testprogs/bad is there by its words.
    let page = fs::read_to_string(repository().join("man/ld-rs-messages.7")).unwrap();
    let dir = scratch("messages");
    fs::write(dir.join("text"), "no program, a text that is longer than the header of an ELF file is, by some bytes\n")
        .unwrap();
    let outcome = run(command(&dir, loader()).arg("./text"));
    let sentence = outcome.first_error().rsplit(": ").next().unwrap().to_owned();
    assert!(!sentence.is_empty() && page.contains(&format!(".It Li \"{sentence}\"")), "{outcome:?}");
}

fn the_table_of_rules_is_the_claims() {
    must(command(&repository(), repository().join("man/rules")).arg("--check"));
}

fn completion_knows_the_options() {
    let dir = scratch("completion");
    fs::write(dir.join("prog"), "").unwrap();
    let completion = repository().join("packaging/completion.bash");
    let complete = |line: &str| -> BTreeSet<String> {
        let script = format!(
            "source /usr/share/bash-completion/bash_completion && source {} && COMP_LINE='{line}' && COMP_POINT=${{#COMP_LINE}} && \
             COMP_WORDS=({line}) && {{ [[ $COMP_LINE != *' ' ]] || COMP_WORDS+=(''); }} && \
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) && _ld_rs; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            completion.display()
        );
        must(&mut shell(&dir, &script)).split_whitespace().map(str::to_owned).collect()
    };
    let expected: BTreeSet<_> = options().into_iter().map(|option| format!("--{option}")).collect();
    assert_eq!(complete("ld-rs.so --"), expected);
    assert_eq!(complete("ldd-rs --func"), BTreeSet::from(["--function-relocs".to_owned()]));
    assert_eq!(complete("ld-rs.so --list pr"), BTreeSet::from(["prog".to_owned()]));
    assert_eq!(complete("ld-rs.so --glibc-hwcaps-mask x86-64-v4"), BTreeSet::from(["x86-64-v4".to_owned()]));
}
