//! ld-rs.so explains itself: `--tree`, `--explain`, `--paths`, `--check`, `--json`, `--stats` on programs, libraries,
//! freestanding, glibc and musl files, many at once. What they say is compared with ldd, readelf, strace and python's
//! JSON reader.

mod common;

use common::{Outcome, loader, must, repository, run, scratch, shell, tool};
use std::path::{Path, PathBuf};

/// A program with a chain of libraries found in four ways, one that is missing, one that is shadowed.
fn sample(name: &str) -> PathBuf {
    let home = scratch(name);
    must(&mut shell(
        &home,
        r#"set -e; mkdir run env
        so="gcc -shared -fPIC -Wl,--no-as-needed"
        echo 'int leaf(void) { return 1; } int both = 1;' > leaf.c; echo 'int lost(void) { return 1; }' > lost.c
        echo 'int leaf(void), lost(void); int both = 2; int middle(void) { return leaf() + lost(); }' > middle.c
        echo 'int middle(void), leaf(void); int main(void) { return middle() + leaf(); }' > main.c
        $so leaf.c -o env/libleaf.so -Wl,-soname,libleaf.so; $so lost.c -o run/liblost.so -Wl,-soname,liblost.so
        $so middle.c -o run/libmiddle.so -Wl,-soname,libmiddle.so -Lenv -lleaf -Lrun -llost
        gcc main.c -o prog -Wl,--no-as-needed -Lrun -lmiddle -Lenv -lleaf -lm -Wl,-rpath-link,run -Wl,--enable-new-dtags '-Wl,-rpath,$ORIGIN/run'
        cp run/liblost.so kept.so"#,
    ));
    home
}

fn ours(home: &Path, arguments: &str) -> Outcome {
    run(&mut shell(home, &format!("LD_LIBRARY_PATH=env {} {arguments}", loader().display())))
}

/// What python's JSON reader makes of the document, by an expression over `d`.
fn read(home: &Path, document: &str, expression: &str) -> String {
    std::fs::write(home.join("document"), document).expect("write");
    let line = format!("/usr/bin/python3 -c 'import json; d = json.load(open(\"document\")); print({expression})'");
    must(&mut shell(home, &line)).trim().to_owned()
}

#[test]
fn tree_tells_where_and_why() {
    let home = sample("tree");
    let outcome = ours(&home, "--tree ./prog");
    assert_eq!(outcome.end, "exit 127", "liblost.so is not on middle's way: {outcome:?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[0], "./prog");
    assert!(
        lines[1].starts_with("├── libmiddle.so => ") && lines[1].ends_with("/run/libmiddle.so [runpath of ./prog]"),
        "{lines:?}"
    );
    assert_eq!(lines[2], "│   ├── libleaf.so => env/libleaf.so [LD_LIBRARY_PATH]");
    assert!(lines.contains(&"│   ├── liblost.so => not found"), "{lines:?}");
    assert!(lines.contains(&"│   │       tried env/liblost.so [LD_LIBRARY_PATH]: no such file"), "{lines:?}");
    assert!(lines.contains(&"│   │       tried /etc/ld.so.cache [ld.so.cache]: not listed"), "{lines:?}");
    assert!(!outcome.stdout.contains("run/liblost.so"), "a runpath is not inherited: {outcome:?}");
    assert!(lines.contains(&"├── libleaf.so => env/libleaf.so (above)"), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("└── libc.so.6 => ") && line.ends_with("(above)")), "{lines:?}");
    // No more levels than asked for, and the same first one.
    let one = ours(&home, "--tree=1 ./prog").stdout;
    let level: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with(['├', '└'])).collect();
    assert_eq!(one.lines().skip(1).count(), level.len());
    assert!(one.lines().skip(1).all(|line| line.starts_with(['├', '└'])));
    // LD_DEBUG is told of the same search, and changes nothing of it.
    let debugged =
        run(&mut shell(&home, &format!("LD_DEBUG=libs LD_LIBRARY_PATH=env {} --tree ./prog", loader().display())));
    assert_eq!(debugged.stdout, outcome.stdout);
    assert!(debugged.stderr.contains("trying file=env/liblost.so"), "{debugged:?}");
    // Everything ldd lists is in the tree.
    let list = ours(&home, "--list ./prog").stdout;
    for path in list.lines().filter_map(|line| line.split_whitespace().nth(2)).filter(|path| path.starts_with('/')) {
        assert!(outcome.stdout.contains(path), "{path}");
    }
}

#[test]
fn colours_only_where_wanted() {
    let home = sample("color");
    assert!(!ours(&home, "--tree ./prog").stdout.contains('\u{1b}'), "no terminal, no colour");
    let painted = ours(&home, "--tree --color=always ./prog").stdout;
    assert!(painted.contains("\u{1b}[31mnot found\u{1b}[0m"));
    assert!(!ours(&home, "--tree --color=never ./prog").stdout.contains('\u{1b}'));
    // On a terminal, as script makes one.
    tool("script", "bsdutils");
    let line = format!("'{} --tree ./prog'", loader().display());
    let terminal = |before: &str| run(&mut shell(&home, &format!("{before} script -qec {line} typescript"))).stdout;
    assert!(terminal("").contains('\u{1b}') && !terminal("NO_COLOR=1").contains('\u{1b}'));
}

#[test]
fn dot_and_paths() {
    let home = sample("dot");
    let dot = ours(&home, "--tree --dot ./prog /bin/ls").stdout;
    assert!(dot.starts_with("digraph") && dot.ends_with("}\n") && dot.matches("digraph").count() == 1);
    assert!(dot.contains(r#""./prog" -> "env/libleaf.so" [label="LD_LIBRARY_PATH"];"#), "{dot}");
    assert!(dot.contains(r#"-> "liblost.so" [color=red,label="not found"];"#), "{dot}");
    let paths = ours(&home, "--paths /bin/ls /bin/bash").stdout;
    let mut unique: Vec<&str> = paths.lines().collect();
    assert!(unique.iter().all(|path| Path::new(path).is_file()), "{paths}");
    for wanted in ["/bin/ls", "/bin/bash", common::SYSTEM_LOADER] {
        assert!(unique.contains(&wanted), "{wanted}: {paths}");
    }
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), paths.lines().count());
    // Enough to run from: the files in a folder of their own.
    must(&mut shell(
        &home,
        &format!(
            "mkdir root; {} --paths /bin/ls | xargs cp --parents -L -t root; /usr/sbin/chroot root /bin/ls /",
            loader().display()
        ),
    ));
}

#[test]
fn explain_one_library() {
    let home = sample("explain");
    let lost = ours(&home, "--explain liblost.so ./prog");
    assert_eq!(lost.end, "exit 127");
    assert!(lost.stdout.contains("/run/libmiddle.so, which ./prog needs\n"), "{lost:?}");
    assert!(lost.stdout.contains("  result: not found\n"), "{lost:?}");
    must(&mut shell(
        &home,
        "cp kept.so env/liblost.so; printf '\\1' | dd of=env/liblost.so bs=1 seek=4 conv=notrunc status=none",
    ));
    let narrow = ours(&home, "--explain liblost.so ./prog").stdout;
    assert!(narrow.contains("  tried env/liblost.so [LD_LIBRARY_PATH]: wrong ELF class: ELFCLASS32\n"), "{narrow}");
    must(&mut shell(&home, "cp kept.so env/liblost.so"));
    let found = ours(&home, "--explain liblost.so ./prog");
    assert_eq!(found.end, "exit 0");
    assert!(
        found.stdout.contains("  tried env/liblost.so [LD_LIBRARY_PATH]: taken\n  result: env/liblost.so\n"),
        "{found:?}"
    );
    let nobody = ours(&home, "--explain libnone.so ./prog");
    assert!(nobody.stdout.contains("nothing needs it") && nobody.end == "exit 1", "{nobody:?}");
    let loader = ours(&home, "--explain ld-linux-x86-64.so.2 ./prog").stdout;
    assert!(loader.contains("ld-rs itself answers to this name"), "{loader}");
}

#[test]
fn explain_one_symbol() {
    let home = sample("symbol");
    let both = ours(&home, "--explain-symbol both ./prog").stdout;
    let lines: Vec<&str> = both.lines().collect();
    assert!(lines[1].starts_with("  defined by ") && lines[1].contains("/run/libmiddle.so: object at 0x"), "{both}");
    assert!(lines.iter().any(|line| line.starts_with("  shadowed in env/libleaf.so: object at 0x")), "{both}");
    let leaf = ours(&home, "--explain-symbol leaf ./prog").stdout;
    assert!(leaf.contains("  wanted by ./prog\n"), "{leaf}");
    let versioned = ours(&home, "--explain-symbol memcpy@GLIBC_2.2.5 ./prog").stdout;
    let default = ours(&home, "--explain-symbol memcpy ./prog").stdout;
    assert!(versioned.contains("libc.so.6 in version GLIBC_2.2.5: function"), "{versioned}");
    assert!(default.contains("libc.so.6 in version GLIBC_2.14: function chosen at start (IFUNC)"), "{default}");
    let none = ours(&home, "--explain-symbol middel ./prog");
    assert!(none.end == "exit 1" && none.stdout.contains("has middle\n"), "{none:?}");
}

#[test]
fn check_finds_all_that_is_unresolved() {
    let home = sample("check");
    let lost = ours(&home, "--check ./prog");
    assert_eq!(lost.end, "exit 1");
    assert!(
        lost.stderr.contains("liblost.so: cannot open") && lost.stderr.contains("undefined symbol: lost\n"),
        "{lost:?}"
    );
    must(&mut shell(&home, "cp kept.so env/liblost.so"));
    let sound = ours(&home, "--check ./prog /bin/ls /usr/bin/python3");
    assert_eq!((sound.end.as_str(), sound.stdout.matches("ok: ").count()), ("exit 0", 3), "{sound:?}");
}

#[test]
fn every_program_checks() {
    let home = scratch("every");
    // Whatever runs has nothing unresolved: the programs of the base system.
    let line =
        format!("cd /usr/bin; {} --check ls bash perl tar git gcc python3 sort find openssl", loader().display());
    let outcome = run(&mut shell(&home, &line));
    assert_eq!(outcome.end, "exit 0", "{outcome:?}");
}

#[test]
fn json_is_one_document() {
    let home = sample("json");
    for command in ["--list", "--tree", "--check", "--paths", "--explain libleaf.so", "--explain-symbol leaf"] {
        let document = ours(&home, &format!("--json {command} ./prog /bin/ls ./main.c")).stdout;
        assert_eq!(read(&home, &document, "d[\"schema\"], len(d[\"files\"])"), "2 3", "{command}");
        assert_eq!(read(&home, &document, "\"invalid ELF header\" in d[\"files\"][2][\"error\"]"), "True");
    }
    let document = ours(&home, "--json --explain liblost.so ./prog").stdout;
    let objects = read(&home, &document, "[o[\"name\"] for o in d[\"files\"][0][\"objects\"]]");
    let list = ours(&home, "--list ./prog").stdout;
    let listed = list.lines().filter(|line| line.contains("=> /") || line.contains("=> env/"));
    for name in listed.filter_map(|line| line.split_whitespace().next()) {
        assert!(objects.contains(&format!("'{name}'")), "{name}: {objects}");
    }
    assert_eq!(
        read(&home, &document, "d[\"files\"][0][\"missing\"][0][\"name\"], d[\"files\"][0][\"libc\"]"),
        "liblost.so glibc"
    );
    assert_eq!(read(&home, &document, "d[\"files\"][0][\"explain\"][\"tried\"][0][\"rejected\"]"), "no such file");
    let check = ours(&home, "--json --check ./prog");
    assert_eq!(check.end, "exit 1");
    assert_eq!(
        read(&home, &check.stdout, "any(\"undefined symbol: lost\" in e for e in d[\"files\"][0][\"errors\"])"),
        "True"
    );
}

/// File names are bytes: each has a string of its own in JSON, from which it can be had back.
#[test]
fn json_tells_any_name() {
    let home = scratch("names");
    must(&mut shell(
        &home,
        r#"mkdir odd; for name in plain 'gr\303\274n' 'a\\x0ab' 'a\nb' 'back\\slash' '\377' '\\xff' '\\\\xff' '\\\377' '\\x5cxff' '\302\233' '\303' '"'; do
            cp /bin/true "odd/$(printf "$name")" || exit 1; done"#,
    ));
    let document = ours(&home, "--json --list ./odd/*").stdout;
    assert!(document.contains("\"./odd/plain\"") && document.contains("\"./odd/grün\""), "{document}");
    assert!(document.contains(r#""./odd/back\\slash""#), "{document}");
    let names = r#"sorted(re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), s.encode()) for s in"#;
    for key in ["f[\"file\"]", "f[\"objects\"][0][\"path\"]"] {
        let same = format!(
            "(lambda re, os: {names} [{key} for f in d[\"files\"]]) == sorted(b\"./odd/\" + n for n in os.listdir(b\"odd\")))(__import__(\"re\"), __import__(\"os\")), len(set({key} for f in d[\"files\"]))"
        );
        assert_eq!(read(&home, &document, &same), "True 13", "{key} {document}");
    }
}

/// Files of ld.so.conf that include each other are read once each. (The system's loader has no `--sysroot`.)
#[test]
fn ld_so_conf_files_may_include_each_other() {
    let home = scratch("conf");
    must(&mut shell(
        &home,
        r#"set -e; mkdir -p tree/etc/ld.so.conf.d tree/usr/bin tree/opt/lib
        for i in $(seq 12); do echo 'include /etc/ld.so.conf.d/*.conf' > tree/etc/ld.so.conf.d/$i.conf; done
        echo 'include /etc/ld.so.conf.d/*.conf' > tree/etc/ld.so.conf; echo /opt/lib >> tree/etc/ld.so.conf.d/7.conf
        echo 'int one(void) { return 1; }' > one.c; echo 'int one(void); int main(void) { return one(); }' > main.c
        gcc -shared -fPIC one.c -o tree/opt/lib/libone.so; gcc main.c -o tree/usr/bin/prog -Ltree/opt/lib -lone"#,
    ));
    let tree = ours(&home, "--tree --sysroot tree /usr/bin/prog");
    let found = tree.stdout.lines().find(|line| line.contains("libone.so => "));
    assert!(found.is_some_and(|line| line.ends_with("/tree/opt/lib/libone.so [ld.so.conf]")), "{tree:?}");
}

/// Libraries each of which needs the next take about the time of as many that the first one needs. (Compared with
/// ourselves: the system's loader takes the square of their number for either.)
#[test]
fn a_deep_chain_takes_the_time_of_a_wide_tree() {
    let home = scratch("chain");
    std::fs::write(
        home.join("chain.py"),
        r#"
import struct, os, resource, subprocess, sys
def library(needed):
    names = b'\0$ORIGIN\0' + b''.join(n.encode() + b'\0' for n in needed)
    entries, at = [], 9
    for name in needed:
        entries.append((1, at)); at += len(name) + 1
    count = len(entries) + 7
    dynamic = 64 + 56 * 3; symbols = dynamic + 16 * count; table = symbols + 24; strings = table + 24
    total = strings + len(names)
    entries += [(29, 1), (5, strings), (6, symbols), (10, len(names)), (11, 24), (4, table), (0, 0)]
    segment = lambda kind, offset, size, align: struct.pack('<IIQQQQQQ', kind, 6, offset, offset, 0, size, size, align)
    head = struct.pack('<4sBBBBB7sHHIQQQIHHHHHH', b'\x7fELF', 2, 1, 1, 0, 0, b'', 3, 62, 1, 0, 64, 0, 0, 64, 56, 3, 64, 0, 0)
    body = b''.join(struct.pack('<QQ', *entry) for entry in entries)
    return head + segment(1, 0, total, 4096) + segment(2, dynamic, len(body), 8) + segment(0x6474e551, 0, 0, 16) + body + \
        bytes(24) + struct.pack('<IIII', 1, 1, 0, 0) + bytes(8) + names
N = 6000
for kind in 'chain', 'wide':
    os.mkdir(kind)
    for i in range(N):
        needed = [f'l{i + 1}.so'] if kind == 'chain' and i + 1 < N else [f'l{j}.so' for j in range(1, N)] if i == 0 else []
        open(f'{kind}/l{i}.so', 'wb').write(library(needed))
def seconds(arguments, preload):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([sys.argv[1], *arguments], stdout=subprocess.PIPE, env={'LD_PRELOAD': preload}, check=True, timeout=20)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, done.stdout.count(b'.so') >= (0 if preload else N)
for arguments in ['--list'], ['--tree'], ['--json', '--tree'], ['--check'], None:
    best = {}
    for kind in 'chain', 'wide':
        given = ['/bin/true'] if arguments is None else [*arguments, f'{kind}/l0.so']
        runs = [seconds(given, f'{kind}/l0.so' if arguments is None else '') for _ in range(3)]
        assert arguments in (['--check'], ['--tree'], None) or all(whole for _, whole in runs), given
        best[kind] = min(time for time, _ in runs)
    print(arguments, best)
    assert best['chain'] < 10 * best['wide'] + 0.25, (arguments, best)
"#,
    )
    .expect("script");
    println!("{}", must(&mut shell(&home, &format!("python3 chain.py {}", loader().display()))));
}

#[test]
fn musl_files_can_be_inspected() {
    let home = scratch("musl");
    tool("musl-gcc", "musl-tools");
    must(&mut shell(
        &home,
        r#"set -e; echo 'int two(void) { return 2; }' > two.c; echo 'int two(void); int main(void) { return two(); }' > main.c
        musl-gcc -shared -fPIC two.c -o libtwo.so -Wl,-soname,libtwo.so; musl-gcc main.c -o prog -L. -ltwo '-Wl,-rpath,$ORIGIN'
        test "$(./prog; echo $?)" = 2"#,
    ));
    let theirs = must(&mut shell(&home, "/lib/ld-musl-x86_64.so.1 --list ./prog"));
    let list = ours(&home, "--list ./prog");
    assert_eq!(list.end, "exit 0", "{list:?}");
    for name in ["libtwo.so => ", "libc.so => /lib/ld-musl-x86_64.so.1 "] {
        assert!(theirs.contains(name) && list.stdout.contains(name), "{name}: {theirs} {list:?}");
    }
    assert!(!list.stdout.contains("linux-vdso"), "musl does not list it");
    assert_eq!(ours(&home, "--check ./prog ./libtwo.so").end, "exit 0");
    let document = ours(&home, "--json --tree ./prog").stdout;
    assert_eq!(read(&home, &document, "d[\"files\"][0][\"libc\"], len(d[\"files\"][0][\"missing\"])"), "musl 0");
    assert_eq!(ours(&home, "./prog").end, "exit 2");
    must(&mut shell(&home, "mkdir away; mv libtwo.so away"));
    let tree = ours(&home, "--tree ./prog");
    assert!(tree.stdout.contains("[default path]: no such file") && !tree.stdout.contains("ld.so.cache"), "{tree:?}");
    assert!(ours(&home, "--list ./prog").stdout.contains("\tlibtwo.so => not found\n"));
}

#[test]
fn freestanding_and_static_files_can_be_inspected() {
    let home = scratch("freestanding");
    let include = repository().join("testprogs/include");
    must(&mut shell(
        &home,
        &format!(
            r#"set -e; flags="-nostdlib -ffreestanding -fPIC -I{}"; echo 'int one(void) {{ return 1; }}' > one.c
            echo 'int one(void); void _start(void) {{ one(); for (;;); }}' > main.c
            gcc $flags -shared one.c -o libone.so; gcc $flags -pie main.c -o prog -L. -l:libone.so '-Wl,-rpath,$ORIGIN' -Wl,--dynamic-linker={}
            echo 'int main(void) {{ return 0; }}' > m.c; gcc -static m.c -o static; gcc -static-pie m.c -o static-pie"#,
            include.display(),
            loader().display()
        ),
    ));
    let list = ours(&home, "--list ./prog");
    assert!(
        list.end == "exit 0" && list.stdout.contains("\tlibone.so => ") && !list.stdout.contains("libc"),
        "{list:?}"
    );
    assert_eq!(ours(&home, "--check ./prog ./libone.so static static-pie").end, "exit 0");
    assert_eq!(read(&home, &ours(&home, "--json --list ./prog").stdout, "d[\"files\"][0][\"libc\"]"), "none");
    assert_eq!(ours(&home, "--list static").stdout, "\tstatically linked\n");
    assert_eq!(ours(&home, "--list static-pie").stdout, "\tstatically linked\n");
}

#[test]
fn of_a_large_segment_only_the_tables_are_read() {
    let home = scratch("large");
    tool("strace", "strace");
    must(&mut shell(
        &home,
        r#"set -e; echo '__asm__(".section .rodata; .fill 16 << 20, 1, 7"); int one(void) { return 1; }' > one.c
        echo 'int one(void); int main(void) { return one() - 1; }' > main.c
        for style in gnu sysv; do
            gcc -shared -fPIC one.c -o lib$style.so -Wl,-z,noseparate-code -Wl,--hash-style=$style
            gcc main.c -o $style -L. -l:lib$style.so '-Wl,-rpath,$ORIGIN'
        done"#,
    ));
    for style in ["gnu", "sysv"] {
        let line = format!("strace -y -e trace=pread64 -o trace {} --check ./{style}", loader().display());
        must(&mut shell(&home, &line));
        let trace = std::fs::read_to_string(home.join("trace")).expect("strace's output");
        let of_it = trace.lines().filter(|line| line.contains(&format!("/lib{style}.so>")));
        let read: u64 =
            of_it.map(|line| line.rsplit(' ').next().and_then(|n| n.parse::<u64>().ok()).expect(line)).sum();
        assert!((1024..65536).contains(&read), "{read} bytes of 16 MiB\n{trace}");
        must(&mut shell(&home, &format!("{} ./{style}", loader().display())));
    }
}

#[test]
fn stats_agree_with_strace_and_readelf() {
    let home = scratch("stats");
    tool("strace", "strace");
    let line = format!("strace -o trace {} --stats --json /bin/true", loader().display());
    let stats = run(&mut shell(&home, &line)).stderr;
    let told: usize = read(&home, &stats, "sum(p[\"system_calls\"] for p in d[\"phases\"])").parse().expect("number");
    // The kernel's account from the first look at a file to the line itself.
    let trace = std::fs::read_to_string(home.join("trace")).expect("trace");
    let lines: Vec<&str> = trace.lines().collect();
    let ours = lines.iter().position(|line| line.starts_with("writev(2")).expect("the line");
    let first = lines.iter().position(|line| line.starts_with("open")).expect("a file");
    assert!(told.abs_diff(ours - first) <= 3, "told {told}, strace {}\n{trace}", ours - first);
    let relocations = must(&mut shell(
        &home,
        r"for f in /bin/true $(ldd /bin/true | grep -o '/.*libc.so.6'); do readelf -rW $f; done | grep -cE 'R_X86_64_(GLOB_DAT|JUMP_SLO)'",
    ));
    let counted = read(&home, &stats, "d[\"relocations\"][\"GLOB_DAT\"] + d[\"relocations\"].get(\"JUMP_SLOT\", 0)");
    assert_eq!(counted, relocations.trim());
    assert_eq!(read(&home, &stats, "d[\"schema\"], d[\"command\"], d[\"tls\"][0][\"module\"]"), "2 stats 1");
    let text = run(&mut shell(&home, &format!("{} --stats /bin/echo hello", loader().display())));
    assert!(
        text.stdout == "hello\n" && text.stderr.contains("relocations: ") && text.stderr.contains("TLS module 1: "),
        "{text:?}"
    );
    let memory: u64 = read(&home, &stats, "d[\"loader_memory\"]").parse().expect("number");
    assert!((10_000..1_000_000).contains(&memory), "{memory}");
}

/// A tree of 200 libraries, each of which needs three others.
#[test]
fn two_hundred_libraries() {
    let home = scratch("many");
    must(&mut shell(
        &home,
        r#"set -e; for i in $(seq 200 -1 1); do
            needs=; for d in 1 2 7; do n=$((i + d)); test $n -gt 200 || needs="$needs -l:lib$n.so"; done
            echo "int f$i(void) { return $i; }" > f.c
            gcc -shared -fPIC -nostdlib f.c -o lib$i.so -L. -Wl,--no-as-needed $needs -Wl,--allow-shlib-undefined
        done
        echo 'int main(void) { return 0; }' > main.c
        gcc main.c -o prog -Wl,--no-as-needed -L. $(seq -f '-l:lib%g.so' 1 200) '-Wl,-rpath,$ORIGIN,--disable-new-dtags'"#,
    ));
    for arguments in ["--list", "--tree", "--check", "--json --tree", "--explain lib200.so"] {
        let outcome = ours(&home, &format!("{arguments} ./prog"));
        assert_eq!(outcome.end, "exit 0", "{arguments}: {outcome:?}");
        assert!(outcome.stdout.contains("lib200.so") || arguments == "--check");
    }
    let theirs = must(&mut shell(&home, "ldd ./prog | grep -c lib"));
    let ours = must(&mut shell(&home, &format!("{} --list ./prog | grep -c lib", loader().display())));
    assert_eq!(ours, theirs);
}
