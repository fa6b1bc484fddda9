//! Files that hold little and claim much: of one or two blocks, with holes of terabytes in which a table is said to lie.
//! Inspecting them takes as much memory and time as what they hold is worth. The memory is bounded by RLIMIT_DATA, the
//! time by the harness. The system's loader has no inspection but `--list` and `--verify`; these are compared.

mod common;

use common::{Outcome, SYSTEM_LOADER, loader, must, scratch, shell};
use ld_rs_tests::run::{Limits, bounded};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the tables of [`library`] lie that no tag of a test is about.
const STRINGS: u64 = 0x200;
const SYMBOLS: u64 = 0x300;
const HASH: u64 = 0x380;
const SECTION: u64 = 0x400;
/// Where a table of a test may begin.
const ROOM: u64 = 0x1000;

/// Numbers of the ELF specification.
mod elf {
    pub const PT_LOAD: u32 = 1;
    pub const PT_DYNAMIC: u32 = 2;
    pub const PT_NOTE: u32 = 4;
    pub const DT_PLTRELSZ: u64 = 2;
    pub const DT_HASH: u64 = 4;
    pub const DT_STRTAB: u64 = 5;
    pub const DT_SYMTAB: u64 = 6;
    pub const DT_RELA: u64 = 7;
    pub const DT_RELASZ: u64 = 8;
    pub const DT_RELAENT: u64 = 9;
    pub const DT_STRSZ: u64 = 10;
    pub const DT_SYMENT: u64 = 11;
    pub const DT_PLTREL: u64 = 20;
    pub const DT_JMPREL: u64 = 23;
    pub const DT_INIT_ARRAY: u64 = 25;
    pub const DT_INIT_ARRAYSZ: u64 = 27;
    pub const DT_RELRSZ: u64 = 35;
    pub const DT_RELR: u64 = 36;
    pub const DT_RELRENT: u64 = 37;
    pub const DT_GNU_HASH: u64 = 0x6fff_fef5;
    pub const DT_VERSYM: u64 = 0x6fff_fff0;
}

/// A library of one segment of `size` bytes, which is all of the file. `tags` are put in the place of those it
/// would have, a value of `None` taking one away; `header` is one program header more, p_type and where it lies; `pieces` are
/// bytes at places.
fn library(
    path: &Path,
    size: u64,
    tags: &[(u64, Option<u64>)],
    header: Option<(u32, u64, u64)>,
    pieces: &[(u64, &[u8])],
) {
    let own = [
        (elf::DT_STRTAB, STRINGS),
        (elf::DT_STRSZ, 16),
        (elf::DT_SYMTAB, SYMBOLS),
        (elf::DT_SYMENT, 24),
        (elf::DT_HASH, HASH),
    ];
    let own = own.into_iter().filter(|(tag, _)| tags.iter().all(|(other, _)| other != tag));
    let others = tags.iter().filter_map(|(tag, value)| Some((*tag, (*value)?)));
    let words = own.chain(others).chain([(0, 0)]).flat_map(|(tag, value)| [tag, value]);
    let section: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    let mut headers = vec![(elf::PT_LOAD, 0, size), (elf::PT_DYNAMIC, SECTION, section.len() as u64)];
    match header {
        Some((elf::PT_DYNAMIC, at, size)) => headers[1] = (elf::PT_DYNAMIC, at, size),
        other => headers.extend(other),
    }
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(16, 0);
    bytes.extend([3u16, 62].iter().flat_map(|half| half.to_le_bytes()));
    bytes.extend(1u32.to_le_bytes());
    bytes.extend([0u64, 64, 0].iter().flat_map(|word| word.to_le_bytes()));
    bytes.extend(0u32.to_le_bytes());
    bytes.extend([64u16, 56, headers.len() as u16, 64, 0, 0].iter().flat_map(|half| half.to_le_bytes()));
    for (kind, at, size) in headers {
        bytes.extend([kind, 4].iter().flat_map(|word| word.to_le_bytes()));
        let align = if kind == elf::PT_LOAD { 0x1000 } else { 8 };
        bytes.extend([at, at, 0, size, size, align].iter().flat_map(|word| word.to_le_bytes()));
    }
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    let hash = [1u32, 1, 0, 0].map(u32::to_le_bytes).concat();
    for (place, bytes) in [(0, &bytes[..]), (HASH, &hash), (SECTION, &section)].iter().chain(pieces) {
        file.write_all_at(bytes, *place).unwrap();
    }
}

/// The kinds of tables, each in a file of `size` bytes; the folder and the files' names.
fn files(name: &str, size: u64) -> (PathBuf, Vec<&'static str>) {
    use elf::*;
    let dir = scratch(name);
    let mut names = Vec::new();
    let (end, rest) = (size - ROOM, (size - 2 * ROOM) / 24 * 24);
    let mut make = |name: &'static str, tags: &[_], header, pieces: &[_]| {
        library(&dir.join(name), size, tags, header, pieces);
        names.push(name);
    };
    make("libstrings.so", &[(DT_STRSZ, Some(end))], None, &[]);
    make("libstringsend.so", &[(DT_STRSZ, Some(end))], None, &[(end, b"x")]);
    make("libsymbols.so", &[(DT_STRTAB, Some(end)), (DT_SYMTAB, Some(ROOM))], None, &[(end, b"\0a\0")]);
    let middle = size / 2 / ROOM * ROOM;
    let count = ((middle - ROOM) / 24).min((size - middle) / 4 - 16).min(u32::MAX.into()) as u32;
    let counted = [1u32, count].map(u32::to_le_bytes).concat();
    make("libcounted.so", &[(DT_SYMTAB, Some(ROOM)), (DT_HASH, Some(middle))], None, &[(middle, &counted)]);
    // One bucket whose chain never ends.
    let endless = [1u32, 1, 1, 0, !0, !0, 1].map(u32::to_le_bytes).concat();
    let tags = [(DT_HASH, None), (DT_GNU_HASH, Some(middle)), (DT_SYMTAB, Some(ROOM))];
    make("libchain.so", &tags, None, &[(middle, &endless)]);
    make("librela.so", &[(DT_RELA, Some(ROOM)), (DT_RELASZ, Some(rest)), (DT_RELAENT, Some(24))], None, &[]);
    let tags = [(DT_RELA, Some(ROOM)), (DT_RELASZ, Some(rest)), (DT_RELAENT, Some(24))];
    make("librelaend.so", &tags, None, &[(end - 8, &[0; 8])]);
    make("libplt.so", &[(DT_JMPREL, Some(ROOM)), (DT_PLTRELSZ, Some(rest)), (DT_PLTREL, Some(7))], None, &[]);
    make("librelr.so", &[(DT_RELR, Some(ROOM)), (DT_RELRSZ, Some(rest)), (DT_RELRENT, Some(8))], None, &[]);
    make("libarray.so", &[(DT_INIT_ARRAY, Some(ROOM)), (DT_INIT_ARRAYSZ, Some(rest))], None, &[]);
    make("libversions.so", &[(DT_VERSYM, Some(ROOM))], None, &[]);
    make("libnotes.so", &[], Some((PT_NOTE, ROOM, rest)), &[]);
    make("libsection.so", &[], Some((PT_DYNAMIC, SECTION, rest)), &[]);
    (dir, names)
}

/// `line` in `dir` with `$L` for a loader, 6 MiB of data and a minute.
fn inspect(dir: &Path, loader: &Path, line: &str) -> Outcome {
    let mut command = shell(dir, &format!("ulimit -d 6144; {line}"));
    command.env("L", loader);
    let ran = bounded(&mut command, &Limits { time: Duration::from_secs(60), memory: 1 << 46 }).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Outcome { end: ran.end.to_string(), stdout: text(ran.stdout), stderr: text(ran.stderr) }
}

#[test]
fn inspecting_costs_what_the_file_holds() {
    for (name, size) in [("gigabytes", 5 << 30), ("terabytes", 8 << 40)] {
        let (dir, names) = files(name, size);
        for file in names {
            for way in ["--tree", "--paths", "--check", "--check --json", "--explain libx.so", "--list"] {
                let done = inspect(&dir, &loader(), &format!("\"$L\" {way} ./{file}"));
                // What nothing needs is not found.
                let expected = if way.starts_with("--explain") { "exit 1" } else { "exit 0" };
                assert_eq!((&*done.end, &*done.stderr), (expected, ""), "{size} {file} {way}: {done:?}");
            }
            let done = inspect(&dir, &loader(), &format!("\"$L\" --explain-symbol nothing ./{file}"));
            assert!(done.stdout.contains("not defined by any object"), "{size} {file}: {done:?}");
            // The system's loader reads terabytes of notes, which takes it hours.
            for way in ["--list", "--verify"].iter().filter(|_| name == "gigabytes") {
                let [ours, theirs] = [loader(), SYSTEM_LOADER.into()]
                    .map(|loader: PathBuf| inspect(&dir, &loader, &format!("\"$L\" {way} ./{file}")).end);
                assert_eq!(ours, theirs, "{size} {file} {way}");
            }
        }
    }
}

/// What needs such a library, preloads it, or is told of it by ldd's name.
#[test]
fn needing_and_preloading_costs_what_the_file_holds() {
    let (dir, names) = files("needed", 5 << 30);
    must(shell(&dir, "ln -s $(readlink -f $L) ldd-rs").env("L", loader()));
    for file in names.into_iter().filter(|name| *name != "libarray.so" && !name.starts_with("librel")) {
        for line in [
            format!("\"$L\" --preload ./{file} --list /bin/true"),
            format!("LD_PRELOAD=./{file} \"$L\" --check /bin/true"),
            format!("LD_PRELOAD=./{file} ./ldd-rs /bin/true"),
        ] {
            let done = inspect(&dir, &loader(), &line);
            assert!(done.end == "exit 0" && done.stderr.is_empty(), "{file}: {line}: {done:?}");
        }
        // Each look-up goes through a chain as long as it is said to be, here as there; glibc takes no void slots.
        if ["libchain.so", "libplt.so"].contains(&file) {
            continue;
        }
        let line = format!("\"$L\" --preload ./{file} /bin/true");
        for loader in [loader(), SYSTEM_LOADER.into()] {
            let done = inspect(&dir, &loader, &line);
            assert_eq!(done.end, "exit 0", "{file}: {done:?}");
        }
    }
}

/// What a program of another tree finds there in the place of its configuration.
#[test]
fn configuration_with_holes_is_read_as_far_as_it_goes() {
    let home = scratch("conf");
    must(&mut shell(
        &home,
        "set -e; mkdir -p tree/etc/ld.so.conf.d tree/usr/bin tree/opt/lib; cp /bin/true tree/usr/bin/prog
        echo 'include /etc/ld.so.conf.d/*' > tree/etc/ld.so.conf; echo /opt/lib > tree/etc/ld.so.conf.d/1
        truncate -s 8T tree/etc/ld.so.conf.d/2; mkfifo tree/etc/ld.so.conf.d/3; ln -s /dev/zero tree/etc/ld.so.conf.d/4
        mkdir tree/etc/ld.so.conf.d/5; for i in $(seq 2000); do truncate -s 1M tree/etc/ld.so.conf.d/z$i; done
        cp $(ldd /bin/true | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p') tree/opt/lib",
    ));
    let list = |when: &str| {
        let done = inspect(&home, &loader(), "\"$L\" --sysroot tree --tree /usr/bin/prog");
        let found = done.stdout.lines().find(|line| line.contains("libc.so.6")).unwrap_or_default();
        assert!(done.end == "exit 0" && found.ends_with("/tree/opt/lib/libc.so.6 [ld.so.conf]"), "{when}: {done:?}");
    };
    list("no cache");
    // A cache of holes only is none; nor is one whose entries lie in a hole.
    must(&mut shell(&home, "truncate -s 8T tree/etc/ld.so.cache"));
    list("holes");
    let cache = File::options().write(true).open(home.join("tree/etc/ld.so.cache")).unwrap();
    cache.write_all_at(b"glibc-ld.so.cache1.1\xff\xff\xff\x7f", 0).unwrap();
    let done = inspect(&home, &loader(), "\"$L\" --sysroot tree --tree /usr/bin/prog");
    assert!(done.end == "exit 127" && done.stdout.contains("[ld.so.cache]: not listed"), "{done:?}");
}
