//! What opens libraries and does not fit into one program with one output: gdb sessions over a program that does, real
//! programs whose work is in extension modules.

mod common;

use common::{Outcome, SYSTEM_LOADER, command, loader, must, repository, run, scratch, shell, system_file, tool};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Builds the program of `tests/dlopen/gdb.c` with `interp` as its interpreter. `area` is how many bytes of initial-exec
/// TLS one library has: the system's loader takes few.
fn build_debuggee(dir: &Path, interp: &Path, area: usize) {
    tool("gcc", "gcc");
    let sources = repository().join("tests/tests/dlopen");
    let (from, interp) = (sources.display(), interp.display());
    let line = format!(
        "gcc -g -O0 -shared -fPIC -DWHO=needed -o libneeded.so {from}/gdb_lib.c && \
         gcc -g -O0 -shared -fPIC -DWHO=opened -DSTOPS=stop_here -o libopened.so {from}/gdb_lib.c && \
         gcc -g -O0 -shared -fPIC -DWHO=again -DSTOPS=stop_again -o libagain.so {from}/gdb_lib.c && \
         gcc -g -O0 -shared -fPIC -ftls-model=initial-exec -DWHO=area -DBYTES={area} -o libarea.so {from}/gdb_lib.c && \
         gcc -g -O0 -pthread -o prog {from}/gdb.c -L. -l:libneeded.so -Wl,-rpath,'$ORIGIN' \
             -Wl,--dynamic-linker={interp}"
    );
    must(&mut shell(dir, &line));
}

/// More than the surplus: the extension area.
const AREA: usize = 1 << 20;

/// One session: a breakpoint in the opened library, set before the program runs; there the libraries, the threads and
/// every thread's variables; then to the end. Returns everything gdb printed.
fn gdb_session(dir: &Path, debuggee: &[&Path]) -> String {
    gdb(
        dir,
        debuggee,
        &[
            "break stop_here",
            "run",
            "backtrace",
            "info sharedlibrary",
            "info threads",
            "thread apply all -q print of_program",
            "thread apply all -q print of_needed",
            "thread apply all -q print of_opened",
            "thread apply all -q print of_area",
            "break stop_again",
            "continue",
            "backtrace 1",
            "info sharedlibrary",
            "thread apply all -q print of_again",
            "continue",
        ],
    )
}

/// Runs gdb with these commands; everything it printed.
fn gdb(dir: &Path, debuggee: &[&Path], commands: &[&str]) -> String {
    tool("gdb", "gdb");
    let first = ["set pagination off", "set confirm off", "set debuginfod enabled off", "set breakpoint pending on"];
    let mut gdb = command(dir, "gdb");
    gdb.args(["-nx", "-batch", "-iex", "set auto-load safe-path /"]);
    for line in first.iter().chain(commands) {
        gdb.args(["-ex", line]);
    }
    gdb.arg("--args").args(debuggee);
    let outcome = run(&mut gdb);
    assert_eq!(outcome.end, "exit 0", "{}{}", outcome.stdout, outcome.stderr);
    outcome.stdout + &outcome.stderr
}

fn check_session(said: &str) {
    let mut complaints = String::new();
    let mut expect = |what: &str, holds: bool| {
        if !holds {
            let _ = writeln!(complaints, "not so: {what}");
        }
    };
    let has = |words: &[&str]| said.lines().any(|line| words.iter().all(|word| line.contains(word)));
    expect("the breakpoint is hit", has(&["hit Breakpoint 1", "stop_here"]) || has(&["Breakpoint 1, stop_here"]));
    expect(
        "the one in the library opened later is hit",
        has(&["Breakpoint 2, stop_again"]) || has(&["hit Breakpoint 2"]),
    );
    let lists: Vec<&str> = said.split("From  ").skip(1).collect();
    expect("the closed library is listed at the first stop only", {
        let row = |line: &str, name: &str| line.starts_with("0x0000") && line.ends_with(name);
        let listed = |at: usize, name: &str| lists.get(at).is_some_and(|list| list.lines().any(|line| row(line, name)));
        let first = listed(0, "libopened.so") && !listed(0, "libagain.so");
        first && !listed(1, "libopened.so") && listed(1, "libagain.so") && listed(1, "libarea.so")
    });
    expect("backtrace reaches main with its line", has(&["#1 ", " main () at ", "gdb.c:"]));
    for library in ["libopened.so", "libneeded.so", "libarea.so", "libc.so.6"] {
        expect(&format!("{library} is listed with its symbols"), has(&["0x0000", " Yes ", library]));
    }
    let threads = said.lines().filter(|line| line.contains("Thread 0x") && line.contains(") \""));
    expect("three threads, the first current and in stop_here", threads.count() >= 3 && has(&["* 1 ", "stop_here"]));
    expect("every file is the one that was loaded", !said.contains("not at the expected address"));
    for first in [100, 200, 300, 400, 500] {
        for value in first..first + 3 {
            expect(
                &format!("a thread's variable is {value}"),
                said.lines().any(|l| l.ends_with(&format!(" = {value}"))),
            );
        }
    }
    expect("the program ends by itself", said.contains("exited with code 07"));
    assert!(complaints.is_empty(), "{complaints}{said}");
}

/// The sessions themselves are sound: gdb says all of this under the system's loader.
#[test]
fn gdb_under_the_systems_loader() {
    let dir = scratch("gdb-native");
    build_debuggee(&dir, Path::new(SYSTEM_LOADER), 64);
    check_session(&gdb_session(&dir, &[Path::new("./prog")]));
}

#[test]
fn gdb_when_the_kernel_starts_the_loader() {
    let dir = scratch("gdb-interp");
    build_debuggee(&dir, &loader(), AREA);
    check_session(&gdb_session(&dir, &[Path::new("./prog")]));
}

#[test]
fn gdb_when_the_loader_is_started_directly() {
    let dir = scratch("gdb-direct");
    build_debuggee(&dir, Path::new(SYSTEM_LOADER), AREA);
    check_session(&gdb_session(&dir, &[&loader(), Path::new("./prog")]));
}

/// gdb must find what it needs in .dynsym.
#[test]
fn gdb_with_a_stripped_loader() {
    let dir = scratch("gdb-stripped");
    tool("strip", "binutils");
    let stripped = dir.join("ld-rs.so");
    must(&mut shell(&dir, &format!("strip -s -o {} {}", stripped.display(), loader().display())));
    build_debuggee(&dir, &stripped, AREA);
    check_session(&gdb_session(&dir, &[Path::new("./prog")]));
    check_session(&gdb_session(&dir, &[&stripped, Path::new("./prog")]));
}

/// Without any symbol table but .dynsym, in the loader, the program and the libraries, gdb still stops in opened
/// libraries and reads their variables in each thread; under the system's loader too.
#[test]
fn gdb_with_everything_stripped() {
    tool("strip", "binutils");
    let dir = scratch("gdb-all-stripped");
    let ours = dir.join("ld-rs.so");
    must(&mut shell(&dir, &format!("strip -s -o {} {}", ours.display(), loader().display())));
    let native: (&Path, usize, &[&Path]) = (Path::new(SYSTEM_LOADER), 64, &[Path::new("./prog")]);
    let interpreted: (&Path, usize, &[&Path]) = (&ours, AREA, &[Path::new("./prog")]);
    let direct: (&Path, usize, &[&Path]) = (Path::new(SYSTEM_LOADER), AREA, &[&ours, Path::new("./prog")]);
    for (interp, area, debuggee) in [native, interpreted, direct] {
        build_debuggee(&dir, interp, area);
        must(&mut shell(&dir, "strip -s prog libneeded.so libopened.so libagain.so libarea.so"));
        let mut commands = vec!["break stop_here", "run", "info sharedlibrary", "info threads"];
        commands.extend(["thread apply all -q print (int)of_needed", "thread apply all -q print (int)of_opened"]);
        commands.extend(["thread apply all -q print (int)of_area", "break stop_again", "continue"]);
        commands.extend(["thread apply all -q print (int)of_again", "continue"]);
        let said = gdb(&dir, debuggee, &commands);
        let line = |wanted: &[&str]| said.lines().any(|line| wanted.iter().all(|word| line.contains(word)));
        assert!(
            line(&["Breakpoint 1, ", "in stop_here ()"]) && line(&["Breakpoint 2, ", "in stop_again ()"]),
            "{said}"
        );
        assert!(line(&["0x0000", " Yes (*) ", "libopened.so"]) && line(&["* 1 ", "Thread 0x"]), "{said}");
        for first in [200, 300, 400, 500] {
            for value in first..first + 3 {
                assert!(said.lines().any(|line| line.ends_with(&format!(" = {value}"))), "{value}: {said}");
            }
        }
        assert!(said.contains("exited with code 07"), "{said}");
    }
}

/// Runs `program` with `args` natively, with ld-rs as PT_INTERP and as argument of ld-rs: all three must agree, and
/// succeed silently on stderr.
fn same_in_all_starts(test: &str, program: &Path, args: &[&str]) -> String {
    let dir = scratch(test);
    tool("patchelf", "patchelf");
    let copy = dir.join("program");
    fs::copy(program, &copy).expect("copy");
    must(&mut shell(&dir, &format!("patchelf --set-interpreter {} program", loader().display())));
    let start = |file: &Path, before: &[&Path]| -> Outcome {
        // The shell gives all three the same argv[0], by which programs find their files.
        let mut line = command(&dir, "/bin/bash");
        line.args(["-c", "exec -a \"$0\" \"$@\""]).arg(program).arg(file).args(before).args(args);
        run(&mut line)
    };
    let native = start(program, &[]);
    assert_eq!((native.end.as_str(), native.stderr.as_str()), ("exit 0", ""), "{}", native.stdout);
    assert_eq!(start(&copy, &[]), native, "with ld-rs as PT_INTERP");
    assert_eq!(start(&loader(), &[program]), native, "as argument of ld-rs");
    native.stdout
}

fn python() -> PathBuf {
    system_file("/usr/bin/python3", "python3")
}

/// Each in its turn in one process: more than forty objects with what they need.
#[test]
fn python_imports_every_extension_of_its_standard_library() {
    let code = r"
import importlib, sysconfig, os
folder = sysconfig.get_path('platstdlib') + '/lib-dynload'
good = bad = 0
for name in sorted(f.split('.')[0] for f in os.listdir(folder) if f.endswith('.so')):
    try:
        module = importlib.import_module(name)
        print(name, module.__file__, len(dir(module)))
        good += 1
    except ImportError as e:
        print(name, e)
        bad += 1
print('imported', good, 'not', bad)
assert good >= 30 and bad < 4
";
    let said = same_in_all_starts("python-extensions", &python(), &["-S", "-c", code]);
    assert!(said.contains("imported"), "{said}");
}

#[test]
fn python_ctypes_ssl_and_sqlite() {
    let code = r"
import ctypes, hashlib, sqlite3, ssl, threading
libc, libm = ctypes.CDLL(None), ctypes.CDLL('libm.so.6')
libm.cos.restype, libm.cos.argtypes = ctypes.c_double, [ctypes.c_double]
print(libc.strlen(b'four'), libm.cos(0.5))
order = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
numbers = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2)
libc.qsort(numbers, 6, 4, order)
print(list(numbers))
try:
    ctypes.CDLL('libnone.so')
except OSError as e:
    print(e)
try:
    libc.no_such_function
except AttributeError as e:
    print(str(e).split(':')[-1])
context = ssl.create_default_context()
print(ssl.OPENSSL_VERSION, len(context.get_ciphers()), ssl.RAND_status())
client = context.wrap_bio(ssl.MemoryBIO(), out := ssl.MemoryBIO(), server_hostname='localhost')
try:
    client.do_handshake()
except ssl.SSLWantReadError:
    print('hello', len(out.read()) > 200)
print(hashlib.new('sha3_256', b'x').hexdigest(), hashlib.scrypt(b'x', salt=b'y', n=2, r=1, p=1).hex()[:16])
def work(n):
    db = sqlite3.connect(':memory:')
    db.create_function('twice', 1, lambda x: 2 * x)
    db.execute('create table t (a integer, b text)')
    db.executemany('insert into t values (?, ?)', [(i, str(i * i)) for i in range(200)])
    results[n] = db.execute('select sum(twice(a)), max(length(b)), json_group_array(b) from t where a < ?', (n * 20,)).fetchall()
results = {}
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(results.items()), sqlite3.sqlite_version)
";
    let said = same_in_all_starts("python-libraries", &python(), &["-S", "-c", code]);
    assert!(said.contains("libnone.so: cannot open shared object file") && said.contains("hello True"), "{said}");
}

#[test]
fn perl_loads_its_extension_modules() {
    let code = r#"
use strict;
my @modules = qw(POSIX List::Util Scalar::Util Data::Dumper Socket Time::HiRes Storable Encode Digest::MD5 Digest::SHA Fcntl
    IO::File Cwd File::Glob Hash::Util MIME::Base64 Compress::Raw::Zlib B Opcode PerlIO::scalar Unicode::Normalize Time::Piece
    I18N::Langinfo IPC::SysV Math::BigInt::FastCalc Sys::Hostname Encode::JP mro re attributes);
for my $module (@modules) { eval "require $module; 1" or die "$module: $@"; }
print join("\n", sort @DynaLoader::dl_modules), "\n";
print "objects ", scalar(@DynaLoader::dl_librefs), "\n";
print POSIX::floor(-2.5), " ", POSIX::strftime("%Y", gmtime 0), " ", List::Util::sum(1 .. 100), "\n";
print Digest::MD5::md5_hex("x"), " ", Digest::SHA::sha256_hex("x"), " ", MIME::Base64::encode_base64("four");
$Data::Dumper::Sortkeys = 1; print Data::Dumper::Dumper(Storable::dclone({ a => [1, 2], b => { c => undef } }));
print length(Encode::encode("euc-jp", "\x{65e5}\x{672c}")), " ", Socket::inet_ntoa(Socket::inet_aton("127.0.0.1")), "\n";
my ($d) = Compress::Raw::Zlib::Deflate->new(-AppendOutput => 1); my $out = "";
$d->deflate("x" x 10000, $out); $d->flush($out); print length($out), "\n";
eval { require DynaLoader; DynaLoader::dl_load_file("/nonexistent.so", 0) or print DynaLoader::dl_error(), "\n" };
"#;
    let said = same_in_all_starts("perl-modules", &system_file("/usr/bin/perl", "perl"), &["-e", code]);
    let objects = said.lines().find_map(|line| line.strip_prefix("objects ")).and_then(|n| n.parse::<u32>().ok());
    assert!(objects.is_some_and(|n| n >= 20), "{said}");
}

/// A C program that opens a library of another language and calls `run` of it three times, in a thread too, at each
/// opening.
fn open_foreign(test: &str, build: &str, expected: &str) {
    tool("gcc", "gcc");
    let dir = scratch(test);
    let from = repository().join("tests/tests/dlopen").display().to_string();
    let (home, path) = (std::env::var("HOME").expect("HOME"), std::env::var("PATH").expect("PATH"));
    must(&mut shell(&dir, &format!("export PATH={path}; {}", build.replace("{src}", &from).replace("{home}", &home))));
    for interp in [PathBuf::from(SYSTEM_LOADER), loader()] {
        let interp = interp.display();
        must(&mut shell(&dir, &format!("gcc -O1 -pthread -o prog {from}/foreign.c -Wl,--dynamic-linker={interp}")));
        let outcome = run(&mut command(&dir, "./prog"));
        assert_eq!(
            (outcome.end.as_str(), outcome.stdout.as_str()),
            ("exit 0", expected),
            "{interp}\n{}",
            outcome.stderr
        );
    }
    let outcome = run(command(&dir, loader()).arg("./prog"));
    assert_eq!((outcome.end.as_str(), outcome.stdout.as_str()), ("exit 0", expected), "{}", outcome.stderr);
}

/// Panics are caught inside, thread-locals have destructors.
#[test]
fn rust_library_is_opened_by_a_c_program() {
    tool("rustc", "rustc");
    // rustup finds its toolchain through the home folder.
    let build = "HOME={home} rustc -O --edition 2024 --crate-type cdylib -o libforeign.so {src}/foreign.rs";
    open_foreign("rust-cdylib", build, "1 of thread, caught 7\n2 of thread, caught 7\n1 of thread, caught 7\n");
}

/// Its runtime has initial-exec TLS and starts threads in a constructor; it can never be closed.
#[test]
fn go_library_is_opened_by_a_c_program() {
    tool("go", "golang-go");
    let build = "GOCACHE=$PWD/cache GOFLAGS=-trimpath GO111MODULE=off CGO_ENABLED=1 \
                 go build -buildmode=c-shared -o libforeign.so {src}/foreign.go";
    open_foreign("go-c-shared", build, "1 of process, caught 7\n2 of process, caught 7\n3 of process, caught 7\n");
}

/// Three hundred C++ libraries in a tree over one, as machine learning frameworks come: constructors that register,
/// one inline variable for all, exceptions and type descriptions across, thread-local data in each, initial-exec in
/// every twenty-fourth. Compiled twice, then numbered and linked.
fn build_framework(dir: &Path) {
    tool("g++", "g++");
    let from = repository().join("tests/tests/dlopen").display().to_string();
    must(&mut shell(
        dir,
        &format!(
            "for model in global-dynamic initial-exec; do \
                 g++ -O2 -fPIC -ftls-model=$model -c {from}/framework_part.cc -o $model.o; done && \
             g++ -O2 -fPIC -shared {from}/framework_base.cc -o libbase.so && \
             for i in $(seq 300 -1 1); do \
                 model=global-dynamic; [ $((i % 24)) != 0 ] || model=initial-exec; need=; names=; \
                 for child in left:$((i * 2)) right:$((i * 2 + 1)); do \
                     of=${{child#*:}}; \
                     if [ $of -le 300 ]; then need=\"$need -l:libpart$of.so\"; name=part$of; else name=end_of_${{child%:*}}; fi; \
                     names=\"$names --redefine-sym ${{child%:*}}=$name\"; done; \
                 objcopy --redefine-sym self=part$i --redefine-sym last=last$i $names $model.o part.o && \
                 printf '.data\\n.globl number\\n.hidden number\\nnumber: .long %d\\n.section .note.GNU-stack\\n' $i | as -o number.o && \
                 gcc -shared part.o number.o -o libpart$i.so -L. -Wl,-rpath,'$ORIGIN' $need -l:libbase.so -lstdc++ || exit 1; \
             done"
        ),
    ));
    let models = must(&mut shell(dir, "readelf -Wr libpart24.so; readelf -Ws libpart1.so"));
    assert!(models.contains("R_X86_64_TPOFF64") && models.contains("UNIQUE"), "{models}");
}

#[test]
fn framework_of_three_hundred_libraries() {
    let dir = scratch("framework");
    build_framework(&dir);
    let from = repository().join("tests/tests/dlopen").display().to_string();
    let line = format!("gcc -O2 -pthread {from}/framework.c -o prog -Wl,-rpath,{}", dir.display());
    must(&mut shell(&dir, &line));
    let said = same_in_all_starts("framework-program", &dir.join("prog"), &[]);
    assert!(said.contains("300 300 "), "{said}");
    let code = r"
import ctypes, os, sys, threading
part = ctypes.CDLL(sys.argv[1] + '/libpart1.so')
part.part1.restype, part.part1.argtypes = ctypes.c_long, [ctypes.c_long]
print(part.part1(1), part.registered(), part.shared_count(), part.apply_all(7))
def work(n):
    results[n] = [part.part1(n), part.part1(n), part.part1(-1)]
results = {}
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(results.items()))
pid = os.fork()
if pid == 0:
    work(9)
    os._exit(results[9][0] % 100)
print(os.waitpid(pid, 0)[1])
";
    let said = same_in_all_starts("framework-python", &python(), &["-S", "-c", code, dir.to_str().expect("UTF-8")]);
    assert!(said.contains(" 300 300 "), "{said}");
}

/// C++ exceptions and Rust panics out of, into and across opened libraries: see unwind.cc.
#[test]
fn exceptions_and_panics_cross_opened_libraries() {
    tool("rustc", "rustc");
    tool("g++", "g++");
    let dir = scratch("unwind");
    let from = repository().join("tests/tests/dlopen").display().to_string();
    let (home, path) = (std::env::var("HOME").expect("HOME"), std::env::var("PATH").expect("PATH"));
    let build = format!(
        "export PATH={path}; for name in one two three; do HOME={home} rustc -O --edition 2024 --crate-type cdylib \
         -C metadata=$name -o lib$name.so {from}/unwind.rs; done"
    );
    must(&mut shell(&dir, &build));
    // Four threads of fifty rounds; in each, three panics pass frames of ours, one of them a guard of `two`'s as well,
    // and an exception passes both.
    let expected = "unwound 1000 here, 200 in one, 400 in two\n";
    let works = |line: &mut std::process::Command, how: &str| {
        let outcome = run(line);
        assert_eq!((outcome.end.as_str(), outcome.stdout.as_str()), ("exit 0", expected), "{how}\n{}", outcome.stderr);
    };
    for interp in [PathBuf::from(SYSTEM_LOADER), loader()] {
        let interp = interp.display();
        must(&mut shell(&dir, &format!("g++ -O1 -pthread -o prog {from}/unwind.cc -Wl,--dynamic-linker={interp}")));
        works(&mut command(&dir, "./prog"), &interp.to_string());
    }
    works(command(&dir, loader()).arg("./prog"), "started directly");
}
