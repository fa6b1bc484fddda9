//! More than the machine's own glibc: small trees of other Debian releases, in which `ld-rs.so --sysroot TREE` runs their
//! programs, and our programs on their libc, beside the tree's own loader; and what recognition of a libc rests on.
//!
//! `make test` uses trixie, `LD_RS_RELEASES="trixie sid bullseye"` all. Where there is no mirror to fetch a tree from, its
//! trials are counted as ignored, with that reason.

mod common;

use common::{Outcome, command, loader, must, repository, run, scratch, shell, system_file};
use ld_rs_tests::build::Workshop;
use ld_rs_tests::claim;
use ld_rs_tests::directive::{Libc, Oracle};
use ld_rs_tests::mutants::elf::Elf;
use ld_rs_tests::run::{LIMITS, bounded, differences, fixed_environment, shell_line};
use libtest_mimic::{Arguments, Completion, Failed, Trial};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of `trees/release` where no mirror can be reached.
const NO_NETWORK: i32 = 75;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = vec![
        trial("machine/tables", tables_are_what_the_debug_package_says),
        trial("machine/cpu", || cpu_of(&native(), &[loader().display().to_string()])),
        Trial::ignorable_test("machine/cpus", || Ok(cpus_of(&native(), &[loader().display().to_string()]))),
        trial("machine/tunables", || tunables_of(&native(), &[loader().display().to_string()])),
        trial("machine/updated", an_updated_libc_has_tunables_by_its_loader),
        trial("machine/altered", an_altered_libc_is_refused),
        trial("machine/unknown", an_unknown_build_is_proved),
        trial("machine/aside", an_unknown_libc_is_left_to_its_loader),
        trial("machine/sysroot", sysroot_means_the_tree),
    ];
    let chosen = std::env::var("LD_RS_RELEASES").unwrap_or_else(|_| "trixie".into());
    for release in chosen.split_whitespace() {
        match Release::fetch(release) {
            Ok(release) => trials.extend(release.trials()),
            Err(reason) => trials
                .push(Trial::ignorable_test(format!("{release}/all"), move || Ok(Completion::ignored_with(reason)))),
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A test that fails by a panic.
fn trial(name: &str, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

/// A tree of another release.
#[derive(Clone)]
struct Release {
    name: String,
    tree: PathBuf,
    /// Its own loader with the options that keep it inside the tree.
    own: Vec<String>,
}

impl Release {
    /// The tree, unpacked if it is not there. `Err` is a reason not to run; a tree that cannot be made otherwise ends all.
    fn fetch(name: &str) -> Result<Release, String> {
        let script = repository().join("tests/trees/release");
        let done = Command::new(&script).arg(name).output().unwrap_or_else(|e| panic!("{}: {e}", script.display()));
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.code() == Some(NO_NETWORK) {
            return Err(format!("no tree of {name}: {}", said.lines().last().unwrap_or_default()));
        }
        assert!(done.status.success(), "{} {name}: {said}", script.display());
        let tree = repository().join("target/trees/small").join(name);
        let tree = fs::canonicalize(&tree).unwrap_or_else(|e| panic!("{}: {e}", tree.display()));
        let inside = |path: &str| format!("{}/{path}", tree.display());
        let directories = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"].map(inside).join(":");
        let loader =
            ["lib/x86_64-linux-gnu", "lib64"].map(|directory| inside(&format!("{directory}/ld-linux-x86-64.so.2")));
        let loader = loader.into_iter().find(|path| Path::new(path).is_file()).expect("the tree has its loader");
        let own = vec![loader, "--inhibit-cache".into(), "--library-path".into(), directories];
        Ok(Release { name: name.into(), tree, own })
    }

    fn trials(self) -> Vec<Trial> {
        let this = Arc::new(self);
        let mut trials = Vec::new();
        for (name, program, arguments) in PROGRAMS {
            let release = this.clone();
            trials.push(trial(&format!("{}/{name}", this.name), move || {
                let found = release.program(program);
                let program = found.unwrap_or_else(|| panic!("{} lacks {program}", release.tree.display()));
                release.same(&program, arguments);
            }));
        }
        // Programs built on this machine cannot run on an older libc.
        if this.name == "bullseye" {
            return trials;
        }
        for (name, test) in [("cpu", cpu_of as fn(&[String], &[String])), ("tunables", tunables_of)] {
            let release = this.clone();
            trials.push(trial(&format!("{}/{name}", this.name), move || {
                let ours = [loader().display().to_string(), "--sysroot".into(), release.tree.display().to_string()];
                test(&release.own, &ours);
            }));
        }
        let release = this.clone();
        trials.push(Trial::ignorable_test(format!("{}/cpus", this.name), move || {
            let ours = [loader().display().to_string(), "--sysroot".into(), release.tree.display().to_string()];
            Ok(cpus_of(&release.own, &ours))
        }));
        let testprogs = repository().join("testprogs");
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("releases").join(&this.name);
        let workshop = Arc::new(Workshop::new(&root, &testprogs, &loader()));
        for claim in claim::find(&testprogs).expect("test programs") {
            let Ok(spec) = &claim.spec else { continue }; // the matrix complains
            let config = spec.configs().into_iter().find(|(_, skip)| skip.is_none()).map(|(config, _)| config);
            let Some(config) = config.filter(|_| spec.libc == Libc::Glibc && spec.starts.len() == 2) else { continue };
            let (release, workshop) = (this.clone(), workshop.clone());
            trials.push(Trial::ignorable_test(format!("{}/{}", this.name, claim.name), move || {
                release.prove(&workshop, &claim, &config).map_err(Failed::from)
            }));
        }
        trials
    }

    /// `python3` stands for whichever the release has.
    fn program(&self, name: &str) -> Option<PathBuf> {
        let folders = ["usr/bin", "bin"].map(|folder| self.tree.join(folder));
        folders.into_iter().find_map(|folder| {
            let names = fs::read_dir(&folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let mut fitting: Vec<_> =
                names.filter(|found| found == name || found.starts_with(&format!("{name}."))).collect();
            fitting.sort();
            fitting.first().map(|found| folder.join(found))
        })
    }

    /// The tree's program under its own loader and under ours.
    fn same(&self, program: &Path, arguments: &[&str]) {
        let dir = scratch(&format!("{}-{}", self.name, program.file_name().unwrap_or_default().display()));
        let mut native = command(&dir, &self.own[0]);
        native.args(&self.own[1..]).arg(program).args(arguments);
        // Its libc would look for these on the host.
        native.env("GCONV_PATH", self.tree.join("usr/lib/x86_64-linux-gnu/gconv"));
        let expected = run(&mut native);
        assert_eq!((expected.end.as_str(), expected.stderr.as_str()), ("exit 0", ""), "{}", shell_line(&native));
        assert!(!expected.stdout.is_empty());
        let inner = Path::new("/").join(program.strip_prefix(&self.tree).expect("a program of the tree"));
        let mut ours = command(&dir, loader());
        ours.arg("--sysroot").arg(&self.tree).arg(inner).args(arguments);
        assert_eq!(run(&mut ours), expected, "{}", shell_line(&ours));
    }

    /// A test program of ours on the tree's libc.
    fn prove(
        &self,
        workshop: &Workshop,
        claim: &claim::Claim,
        config: &ld_rs_tests::directive::Config,
    ) -> Result<Completion, String> {
        let spec = claim.spec.as_ref().map_err(String::clone)?;
        let built = workshop.build(&claim.dir, &claim.name, spec, config)?;
        let dir = built.dir.display().to_string();
        let program = format!("./{}", spec.program());
        let start = |words: &[String]| {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).arg(&program);
            command.args(spec.run.iter().map(|arg| arg.replace("{dir}", &dir))).current_dir(&built.dir);
            fixed_environment(&mut command);
            command.envs(spec.env.iter().map(|(k, v)| (k, v.replace("{dir}", &dir))));
            command
        };
        let ours = [loader().display().to_string(), "--sysroot".into(), self.tree.display().to_string()];
        let mut ours = start(&ours);
        let what = claim::first_difference(&mut ours, spec, &program, &built.dir)?;
        if !what.is_empty() {
            // Where the directives do not hold for that release, its own loader says so too.
            let own = bounded(&mut start(&self.own), &LIMITS)?;
            if spec.oracle == Oracle::Same && !differences(spec, &program, &built.dir, &own).is_empty() {
                return Ok(Completion::ignored_with(format!("{}'s own loader gives something else", self.name)));
            }
            return Err(format!("{}\n{what}\nbuilt by:\n{}", shell_line(&ours), built.log.join("\n")));
        }
        fs::remove_dir_all(&built.dir).map_err(|e| format!("{dir}: {e}"))?;
        Ok(Completion::Completed)
    }
}

/// What runs in each tree: a name, the program, its arguments.
const PROGRAMS: &[(&str, &str, &[&str])] = &[
    ("sort", "sort", &["-r", "--parallel=4", "/etc/passwd"]),
    (
        "bash",
        "bash",
        &[
            "-c",
            "trap 'echo bye' EXIT; f() { local i; for ((i = 0; i < 3; i++)); do echo $((i ** 3)); done; }; f | (read a; echo $a); echo ${BASH_VERSION%%.*}; (exit 3); echo $?",
        ],
    ),
    ("sed", "sed", &["-En", "s/^([^:]*):.*/<\\1>/p", "/etc/passwd"]),
    ("iconv", "iconv", &["-f", "UTF-8", "-t", "UTF-16", "/etc/passwd"]),
    ("iconv-charsets", "iconv", &["-f", "ISO-8859-15", "-t", "CP1252//TRANSLIT", "/etc/passwd"]),
    ("getconf", "getconf", &["GNU_LIBPTHREAD_VERSION"]),
    ("getent", "getent", &["passwd", "root", "nobody"]),
    ("ls", "ls", &["-ld", "/"]),
    (
        "perl",
        "perl",
        &[
            "-e",
            "printf \"%vd %s\\n\", $^V, join ',', map { $_ ** 2 } sort { $b <=> $a } 1 .. 9; print sprintf('%.3f', atan2(1, 1)), \"\\n\"",
        ],
    ),
    (
        "python",
        "python3",
        &[
            "-c",
            "import sys, ssl, sqlite3, ctypes, decimal, lzma, bz2, zlib, hashlib, threading, json
print(sys.version, sys.prefix, sys.executable, ssl.OPENSSL_VERSION, sqlite3.sqlite_version)
out = []
ts = [threading.Thread(target=lambda i=i: out.append(hashlib.sha256(b'%d' % i).hexdigest())) for i in range(20)]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(out)[0], decimal.Decimal(2).sqrt(), ctypes.CDLL(None).getpid() > 0, len(lzma.compress(b'x' * 9999)))
print(zlib.crc32(bz2.compress(json.dumps(list(range(99))).encode())), 'é'.encode('cp1252'))
try: ctypes.CDLL('libnothere.so')
except OSError as e: print(e)",
        ],
    ),
];

fn native() -> Vec<String> {
    vec![ld_rs_tests::SYSTEM_LOADER.into()]
}

/// What a program is told of the CPU, by the libc's own loader and by ours.
fn cpu_of(own: &[String], ours: &[String]) {
    let dir = scratch(&format!("cpu-{}", own[0].replace('/', "_")));
    must(&mut shell(&dir, &format!("gcc -w -o prog {}", repository().join("tests/tests/releases/cpu.c").display())));
    let expected = cpu_told(&dir, own, "");
    let leaf_7 = expected.iter().find(|line| line.starts_with(" 1: ")).expect("a leaf");
    assert!(!leaf_7.ends_with(" 00000000 00000000 00000000 00000000"));
    assert!(expected.len() > 36 && expected.iter().any(|field| field.starts_with("preferred[0] ")), "{expected:?}");
    assert_eq!(cpu_told(&dir, ours, ""), expected);
    for tunables in CPU_TUNABLES {
        assert_eq!(cpu_told(&dir, ours, tunables), cpu_told(&dir, own, tunables), "{tunables}");
    }
}

/// What GLIBC_TUNABLES may say of the CPU: each name of `hwcaps`, and thresholds in and out of bounds.
const CPU_TUNABLES: &[&str] = &[
    "glibc.cpu.hwcaps=-AVX,-CX8,-FMA,-HTT,-IBT,-RTM",
    "glibc.cpu.hwcaps=-AVX2,-BMI1,-BMI2,-CMOV,-ERMS,-FMA4,-SSE2,-I586,-I686",
    "glibc.cpu.hwcaps=-LZCNT,-MOVBE,-SHSTK,-SSSE3,-POPCNT,-SSE4_1,-SSE4_2",
    "glibc.cpu.hwcaps=-AVX512F,-AVX512CD,-AVX512BW,-AVX512DQ,-AVX512ER,-AVX512PF,-AVX512VL",
    "glibc.cpu.hwcaps=-XSAVE",
    "glibc.cpu.hwcaps=-XSAVE,-XSAVEC",
    "glibc.cpu.hwcaps=-OSXSAVE,,-,nothing",
    "glibc.cpu.hwcaps=Slow_BSF,Prefer_ERMS,Prefer_FSRM,Avoid_STOSB,Slow_SSE4_2,Fast_Rep_String,Prefer_No_AVX512",
    "glibc.cpu.hwcaps=Fast_Copy_Backward,Prefer_No_VZEROUPPER,MathVec_Prefer_No_AVX512,Avoid_Non_Temporal_Memset",
    "glibc.cpu.hwcaps=-AVX512F,-AVX,-SSE4_2,Slow_SSE4_2,Prefer_No_AVX512,Prefer_No_VZEROUPPER,Prefer_PMINUB_for_stringop",
    "glibc.cpu.hwcaps=-Fast_Unaligned_Load,-Fast_Unaligned_Copy,-AVX_Fast_Unaligned_Load,-Prefer_PMINUB_for_stringop,I586",
    "glibc.cpu.hwcaps=-Avoid_Non_Temporal_Memset,-Avoid_STOSB,-Fast_Rep_String,-AVX2_Usable,AVX2",
    "glibc.cpu.hwcaps=-AVX2:glibc.cpu.hwcaps=-FMA",
    "glibc.cpu.x86_data_cache_size=0x1111:glibc.cpu.x86_shared_cache_size=0:glibc.cpu.x86_non_temporal_threshold=0x4040",
    "glibc.cpu.x86_non_temporal_threshold=0x4041:glibc.cpu.x86_rep_movsb_threshold=128:glibc.cpu.x86_rep_stosb_threshold=0",
    "glibc.cpu.x86_memset_non_temporal_threshold=0x5000:glibc.cpu.x86_rep_movsb_threshold=513",
    "glibc.cpu.x86_non_temporal_threshold=0xfffffffffffffff:glibc.cpu.x86_rep_stosb_threshold=-1:glibc.cpu.x86_shared_cache_size=7",
    "glibc.cpu.x86_non_temporal_threshold=0x1000000000000000:glibc.cpu.x86_rep_movsb_threshold=-1:glibc.cpu.x86_data_cache_size=0",
];

/// The same on CPUs that say they are others, by a tracer that answers CPUID in their place.
fn cpus_of(own: &[String], ours: &[String]) -> Completion {
    let dir = scratch(&format!("cpus-{}", own[0].replace('/', "_")));
    let sources = repository().join("tests/tests/releases");
    must(&mut shell(&dir, &format!("gcc -w -o prog {0}/cpu.c; gcc -w -o cpuid {0}/cpuid.c", sources.display())));
    let traced = |overrides: &str, loader: &[String]| {
        let tracer = [dir.join("cpuid").display().to_string(), format!("{overrides};")];
        [&tracer[..], loader].concat()
    };
    let probe = traced("", own);
    if run(command(&dir, &probe[0]).args(&probe[1..]).arg("./prog")).end == "exit 75" {
        return Completion::ignored_with("CPUID cannot be made to fault here");
    }
    let model = |family: u32, model: u32, stepping: u32| {
        let family = if family < 15 { family << 8 } else { 0xf00 | (family - 15) << 20 };
        format!("1,ff,0,0,{:x}", family | model >> 4 << 16 | (model & 15) << 4 | stepping)
    };
    const INTEL: &str = "0,ff,1,0,756e6547;0,ff,3,0,49656e69;0,ff,2,0,6c65746e";
    // HLE and RTM without and with RTM_ALWAYS_ABORT, and without AVX2, for functions of AVX2 would really execute XTEST.
    const TSX: &str = "7,0,1,ffffffdf,810;7,0,3,fffff7ff,0";
    const ABORT: &str = "7,0,1,ffffffdf,810;7,0,3,ffffffff,800";
    const NO_AVX_VNNI: &str = "7,1,0,ffffffef,0";
    const NO_ERMS: &str = "7,0,1,fffffdff,0";
    const NO_HTT: &str = "1,ff,3,efffffff,0";
    const NO_LEVEL3: &str = "4,3,2,ffffffff,0;4,3,0,0,0";
    let mut cases = vec![[INTEL, ABORT].join(";"), [INTEL, NO_HTT].join(";")];
    // Where glibc draws a line: TSX by stepping; Atoms; divisors; families.
    for (of_model, steppings) in [(0x55, [5, 6]), (0x8e, [12, 13]), (0x9e, [12, 13]), (0x3f, [3, 4]), (0x4e, [0, 3])] {
        cases.extend(steppings.map(|stepping| [INTEL, &model(6, of_model, stepping), TSX, NO_AVX_VNNI].join(";")));
    }
    for of_model in [0x37, 0x5c, 0x7a, 0x86, 0x1a, 0x3c, 0x4f, 0x66, 0x97, 0xa7, 0xaf, 0xb5, 0xcf] {
        cases.push([INTEL, &model(6, of_model, 1), TSX].join(";"));
    }
    cases.extend([model(6, 0x86, 1), model(6, 0x37, 1)].map(|model| [INTEL, &model, NO_LEVEL3].join(";")));
    cases.extend([model(18, 1, 0), model(15, 6, 0)].map(|model| [INTEL, &model].join(";")));
    for (highest, shipped) in [(1, 2), (15, 2), (31, 24)] {
        let caches = format!("4,2,0,fc003fff,4000;4,3,0,fc003fff,{:x}", highest << 14);
        cases.push([INTEL, NO_ERMS, &caches, &format!("b,0,1,0,2;b,1,1,0,{shipped:x}")].join(";"));
    }
    // AMD by its old leaves, and by the new one.
    let amd = "0,ff,1,0,68747541;0,ff,3,0,69746e65;0,ff,2,0,444d4163;80000000,ff,0,0,80000020;80000005,ff,2,0,20080140;\
               80000005,ff,3,0,20080140;80000006,ff,2,0,2006140;80000006,ff,3,0,1009140;80000008,ff,2,0,6007";
    let leaf = "8000001d,0,0,0,4121;8000001d,0,1,0,1c0003f;8000001d,0,2,0,3f;8000001d,1,0,0,4122;8000001d,1,1,0,1c0003f;\
                8000001d,1,2,0,3f;8000001d,2,0,0,4143;8000001d,2,1,0,1c0003f;8000001d,2,2,0,3ff;8000001d,3,0,0,3c163;\
                8000001d,3,1,0,3c0003f;8000001d,3,2,0,7fff";
    for (family, of_model) in [(0x15, 2), (0x17, 0x31), (0x19, 0x61)] {
        for told in [leaf, "8000001d,ff,2,0,0;8000001d,ff,0,0,0"] {
            cases.push([amd, &model(family, of_model, 1), told].join(";"));
            cases.push([amd, &model(family, of_model, 1), told, NO_ERMS].join(";"));
        }
    }
    for case in cases {
        assert_eq!(cpu_told(&dir, &traced(&case, ours), ""), cpu_told(&dir, &traced(&case, own), ""), "{case}");
    }
    Completion::Completed
}

/// What `cpu.c` shows with these GLIBC_TUNABLES, and each number of `struct cpu_features`.
fn cpu_told(dir: &Path, loader: &[String], tunables: &str) -> Vec<String> {
    let mut command = command(dir, &loader[0]);
    let told = must(command.args(&loader[1..]).arg("./prog").env("GLIBC_TUNABLES", tunables));
    let (about, area) = told.split_at(told.find("@0 ").expect("the area"));
    let version = about.lines().find_map(|line| line.strip_prefix("glibc ")).expect("a version");
    let words: BTreeMap<usize, &str> = area
        .lines()
        .filter_map(|line| line[1..].split_once(' '))
        .map(|(offset, word)| (offset.parse().expect("an offset"), word))
        .collect();
    let fields = cpu_fields(version).into_iter().map(|(name, (offset, size))| {
        let value: Vec<&str> = (offset..offset + size).step_by(4).rev().map(|word| words[&word]).collect();
        format!("{name} {}", value.concat())
    });
    about.lines().map(str::to_string).chain(fields).collect()
}

/// Offset in `_rtld_global_ro` and size of each number in the part `cpu` of the table of `version`: every member of
/// `struct cpu_features` that libc reads, but for the leaves.
fn cpu_fields(version: &str) -> BTreeMap<String, (usize, usize)> {
    let read = |path: &str| fs::read_to_string(repository().join("runtime/src/glibc").join(path)).expect(path);
    let part = |text: &str, head: &str, end: &str| -> Vec<(String, String)> {
        let body = text.split(head).nth(1).and_then(|rest| rest.split(end).next()).unwrap_or_default().to_string();
        let fields = body.lines().filter_map(|line| line.trim().trim_start_matches("pub ").split_once(": "));
        fields.map(|(name, value)| (name.into(), value.into())).collect()
    };
    let mut types: BTreeMap<_, _> = part(&read("layout.rs"), "pub struct Cpu {", "\n}").into_iter().collect();
    types.remove("cpuid"); // 2.31's leaves
    // How many numbers of how many bytes a field is; leaves are in arrays of arrays.
    let numbers = |kind: &str| -> Option<(usize, usize)> {
        let kind = kind.split_once("At<")?.1.trim_end_matches([',', '>']);
        let row = kind.strip_prefix('[').and_then(|row| row.strip_suffix(']')?.split_once("; "));
        let (number, count) = row.unwrap_or((kind, "1"));
        let size = [("u32", 4), ("u64", 8)].iter().find(|(name, _)| *name == number)?.1;
        Some((count.parse().ok()?, size))
    };
    let mut fields = BTreeMap::new();
    // Each table names what is not as in the one before.
    for line in read("tables/mod.rs").lines() {
        let Some(table) = line.strip_prefix("mod glibc_").and_then(|rest| rest.strip_suffix(';')) else { continue };
        for (name, value) in part(&read(&format!("tables/glibc_{table}.rs")), "cpu: Cpu {", "\n    },") {
            fields.retain(|field: &String, _| field.split('[').next() != Some(&name));
            let offset = value.split_once("at(").and_then(|(_, rest)| rest.split(')').next()?.parse::<usize>().ok());
            let (Some((count, size)), Some(offset)) = (types.get(&name).and_then(|kind| numbers(kind)), offset) else {
                continue;
            };
            fields.extend((0..count).map(|at| (format!("{name}[{at}]"), (offset + at * size, size))));
        }
        if table.replace('_', ".") == version {
            return fields;
        }
    }
    panic!("no table of {version}")
}

/// The values that libc takes from GLIBC_TUNABLES and the variables of old, under its own loader and under ours. These
/// count only where their numbers are certain: in the very build that a table was read from, and where the libc's own
/// loader of the same build lies beside it. Every other libc has its defaults.
fn tunables_of(own: &[String], ours: &[String]) {
    let dir = scratch(&format!("tunables-{}", own[0].replace('/', "_")));
    let (libc, plain) = tunables_heard(&dir, own, &[]);
    let show = |loader: &[String], environment: &[&str]| tunables_heard(&dir, loader, environment).1;
    assert_eq!(show(ours, &[]), plain);
    let id = build_id(&dir, &libc);
    let tables = repository().join("runtime/src/glibc/tables");
    let mut tables = fs::read_dir(tables).expect("tables").filter_map(|e| fs::read_to_string(e.ok()?.path()).ok());
    println!("{libc} {id}: {}", if tables.any(|table| table.contains(&id)) { "known" } else { "another build" });
    let overridden = format!("{SOME_TUNABLES}:glibc.malloc.mmap_max=-1");
    let cases: [&[&str]; 7] = [
        &[SOME_TUNABLES],
        &["GLIBC_TUNABLES=glibc.rtld.execstack=2"],
        &["GLIBC_TUNABLES=glibc.rtld.execstack=2:glibc.rtld.execstack=1"],
        &["MALLOC_PERTURB_=170", "MALLOC_MMAP_THRESHOLD_=4096", "MALLOC_ARENA_MAX=1"],
        &[&overridden, "MALLOC_PERTURB_=170"],
        &["GLIBC_TUNABLES=glibc.malloc.perturb=300::=:nothing=1:glibc.malloc.arena_max=1"],
        &["GLIBC_TUNABLES=glibc.gmon.minarcs=77:glibc.pthread.mutex_spin_count=5:glibc.mem.decorate_maps=1"],
    ];
    for case in cases {
        let expected = show(own, case);
        assert_eq!(show(ours, case), expected, "{case:?}");
        assert!(case[0] != SOME_TUNABLES || expected != plain, "a test of tunables needs some that are heard");
    }
}

const SOME_TUNABLES: &str = "GLIBC_TUNABLES=glibc.malloc.perturb=85:glibc.malloc.mmap_threshold=0x1000:glibc.malloc.arena_max=1:glibc.pthread.rseq=0";

/// The libc's file, and what it took from `environment`.
fn tunables_heard(dir: &Path, loader: &[String], environment: &[&str]) -> (String, String) {
    if !dir.join("prog").exists() {
        let source = repository().join("tests/tests/releases/tunables.c");
        must(&mut shell(dir, &format!("gcc -O1 -w -o prog {} -pthread", source.display())));
    }
    let mut command = command(dir, &loader[0]);
    command.args(&loader[1..]).arg("./prog");
    command.envs(environment.iter().filter_map(|variable| variable.split_once('=')));
    let Outcome { end, stdout, stderr } = run(&mut command);
    assert_eq!((end.as_str(), stderr.as_str()), ("exit 0", ""), "{}", shell_line(&command));
    let (libc, shown) = stdout.split_once('\n').expect("two lines");
    (libc.to_string(), shown.to_string())
}

fn build_id(dir: &Path, file: &str) -> String {
    let notes = must(&mut shell(dir, &format!("readelf -nW {file}")));
    notes.split("Build ID: ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a build id").into()
}

/// The machine's libc as a build that no table is of, as every update of it is: alone, beside its loader, and beside
/// loaders that are none of its build's. Its own loader is no oracle: it does not look who it is.
fn an_updated_libc_has_tunables_by_its_loader() {
    let dir = scratch("updated");
    let ours = |library_path: &str| {
        [loader().display().to_string(), "--library-path".into(), dir.join(library_path).display().to_string()]
    };
    let (libc, heard) = tunables_heard(&dir, &native(), &[SOME_TUNABLES]);
    let (_, plain) = tunables_heard(&dir, &native(), &[]);
    let change = |bytes: &mut Vec<u8>, place: &[u8]| {
        let found = bytes.windows(place.len()).position(|window| window == place);
        bytes[found.unwrap_or_else(|| panic!("no {place:02x?}"))] ^= 1;
    };
    let id = build_id(&dir, &libc);
    let digits = id.as_bytes().chunks(2).map(|two| u8::from_str_radix(&String::from_utf8_lossy(two), 16));
    let mut bytes = fs::read(&libc).expect("the machine's libc");
    change(&mut bytes, &digits.collect::<Result<Vec<u8>, _>>().expect("hex"));
    let own = fs::read(Path::new(&libc).with_file_name("ld-linux-x86-64.so.2")).expect("its loader lies beside it");
    let cases: [(&str, &[&[u8]], &str); 4] = [
        ("alone", &[], &plain),
        ("beside", &[b""], &heard),
        ("version", &[b") stable release"], &plain),
        ("list", &[b"glibc.malloc.perturb\0"], &plain),
    ];
    for (name, places, expected) in cases {
        fs::create_dir(dir.join(name)).expect("a directory");
        fs::write(dir.join(name).join("libc.so.6"), &bytes).expect("a libc");
        for place in places {
            let mut loader = own.clone();
            if !place.is_empty() {
                change(&mut loader, place);
            }
            fs::write(dir.join(name).join("ld-linux-x86-64.so.2"), loader).expect("a loader");
        }
        let (file, shown) = tunables_heard(&dir, &ours(name), &[SOME_TUNABLES]);
        assert_eq!(Path::new(&file), dir.join(name).join("libc.so.6"));
        assert_eq!(shown, expected, "{name}");
        assert_eq!(tunables_heard(&dir, &ours(name), &[]).1, plain, "{name}");
    }
    // What libc asks without a default of its own has one that does: gmon's arcs.
    let source = repository().join("testprogs/start/profiled/main.c");
    must(&mut shell(&dir, &format!("gcc -pg -o profiled {}", source.display())));
    let outcome = run(command(&dir, loader()).args(&ours("alone")[1..]).arg("./profiled"));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("5050\n1 arc called 100 times\n", ""));
}

/// `generate --check` reads the installed debug package and makes the machine's table anew.
fn tables_are_what_the_debug_package_says() {
    system_file("/usr/lib/debug/.build-id", "libc6-dbg");
    let mut check = Command::new(repository().join("runtime/layouts/generate"));
    let done = check.args(["--check", "/"]).output().expect("python3 and gdb are there");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    println!("{said}");
}

/// Each fact of recognition altered in a copy of the machine's libc: it is refused with what was found, never run.
fn an_altered_libc_is_refused() {
    let dir = scratch("altered");
    let path = must(&mut shell(&dir, "ldd /bin/true | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p'"));
    let bytes = fs::read(path.trim()).expect("libc.so.6");
    let elf = Elf::read(bytes.clone()).expect("libc.so.6 is sound");
    let place = |name: &str, offset: usize| {
        let number = (0..elf.symbols.len() as u32).find(|n| elf.symbol_name(*n) == Some(name.as_bytes()));
        let symbol = &elf.symbols[number.unwrap_or_else(|| panic!("no {name}")) as usize];
        elf.file_offset(symbol.value).expect("in the file") + offset
    };
    // lea string(%rip), %rax; ret
    let version = place("gnu_get_libc_version", 0);
    let after = version + if bytes[version..].starts_with(&[0xf3, 0x0f, 0x1e, 0xfa]) { 11 } else { 7 };
    let displacement = i32::from_le_bytes(bytes[after - 4..after].try_into().expect("four bytes"));
    let text = after.wrapping_add_signed(displacement as isize);
    assert!(bytes[text..].starts_with(b"2."), "the version lies where it is said to");
    let alterations = [
        ("version", text + 2),
        ("sizeof(struct pthread)", place("_thread_db_sizeof_pthread", 1)),
        ("start_routine", place("_thread_db_pthread_start_routine", 8)),
        ("_dl_stack_user", place("_thread_db_rtld_global__dl_stack_user", 8)),
        ("l_tls_modid", place("_thread_db_link_map_l_tls_modid", 8)),
        // mov GOT(%rip), %rax; jmp *disp32(%rax)
        ("_dl_find_object", place("_dl_find_object", 9)),
    ];
    let report = |library: &Path| {
        let mut command = command(&dir, loader());
        run(command.arg("--library-path").arg(library).args(["/bin/echo", "it ran"]))
    };
    let same = dir.join("same");
    fs::create_dir(&same).expect("folder");
    fs::write(same.join("libc.so.6"), &bytes).expect("copy");
    assert_eq!(report(&same).stdout, "it ran\n", "a copy is as good as the original");
    for (fact, at) in alterations {
        let altered = dir.join(fact.replace(['(', ')', ' '], "_"));
        fs::create_dir(&altered).expect("folder");
        let mut copy = bytes.clone();
        copy[at] ^= 1;
        fs::write(altered.join("libc.so.6"), copy).expect("copy");
        let outcome = report(&altered);
        let said = &outcome.stderr;
        assert_eq!((outcome.end.as_str(), outcome.stdout.as_str()), ("exit 127", ""), "{fact}: {said}");
        let first = format!(
            "/bin/echo: error while loading shared libraries: {}/libc.so.6: this build of glibc is not known to ld-rs",
            altered.display()
        );
        assert_eq!(outcome.first_error(), first);
        for wanted in [&format!("found {fact}"), "runtime/layouts/README.md", "known: "] {
            assert!(said.contains(wanted), "{fact}: no {wanted:?} in\n{said}");
        }
    }
}

/// A build that no table is of runs if its code uses the words of a layout and its loader has them there; with one of
/// either altered it is refused.
fn an_unknown_build_is_proved() {
    let dir = scratch("unknown");
    let path = must(&mut shell(&dir, "ldd /bin/true | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p'"));
    let own = Path::new(path.trim()).with_file_name("ld-linux-x86-64.so.2");
    let (mut libc, loader_file) = (fs::read(path.trim()).expect("libc.so.6"), fs::read(own).expect("its loader"));
    let id = libc.windows(8).position(|bytes| bytes == b"\x14\0\0\0\x03\0\0\0").expect("a build id") + 12;
    libc[id] ^= 1;
    let start = |libc: &[u8], own: &[u8]| {
        fs::write(dir.join("libc.so.6"), libc).expect("copy");
        fs::write(dir.join("ld-linux-x86-64.so.2"), own).expect("copy");
        run(command(&dir, loader()).arg("--library-path").arg(&dir).args(["/bin/echo", "it ran"]))
    };
    let outcome = start(&libc, &loader_file);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("it ran\n", ""));
    let refused = |libc: &[u8], own: &[u8], note: &str| {
        let outcome = start(libc, own);
        assert_eq!((outcome.end.as_str(), outcome.stdout.as_str()), ("exit 127", ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(note), "no {note:?} in\n{}", outcome.stderr);
    };
    // The loader: a size of each table, their first words, a lock's kind, a function.
    let elf = Elf::read(loader_file.clone()).expect("ld.so is sound");
    for (name, words) in [("_rtld_global", &[2560, 2584, 4192][..]), ("_rtld_global_ro", &[24, 72, 88])] {
        let number = (0..elf.symbols.len() as u32).find(|number| elf.symbol_name(*number) == Some(name.as_bytes()));
        let symbol = &elf.symbols[number.expect("the table") as usize];
        for word in words {
            let mut altered = loader_file.clone();
            altered[elf.file_offset(symbol.value + word).expect("in the file")] ^= 8;
            refused(&libc, &altered, &format!("at {name}+{word}, not "));
        }
        let sizes = [symbol.value.to_le_bytes(), symbol.size.to_le_bytes()].concat();
        let place = loader_file.windows(16).position(|bytes| bytes == sizes).expect("the symbol");
        let mut altered = loader_file.clone();
        altered[place + 8] ^= 8;
        refused(&libc, &altered, &format!("its loader has {name} of "));
    }
    // The code: all uses of a word that only some libc has are of another one. getcpu's and clock_getres' words are not in
    // use elsewhere: mov disp32(%rax),%rax in both of the first.
    let expected = "uses _rtld_global_ro+";
    let code = 744u32.to_le_bytes();
    for word in [760u32, 768] {
        let places: Vec<usize> = (0..libc.len() - 7)
            .filter(|at| libc[*at] == 0x48 && libc[at + 1] == 0x8b && libc[at + 3..at + 7] == word.to_le_bytes())
            .collect();
        assert!(!places.is_empty(), "{word}");
        let (mut other, mut no_word) = (libc.clone(), libc.clone());
        for at in places {
            other[at + 3..at + 7].copy_from_slice(&code);
            no_word[at + 3..at + 7].copy_from_slice(&(word + 4).to_le_bytes());
        }
        refused(&other, &loader_file, &format!("no code uses _rtld_global_ro+{word}"));
        refused(&no_word, &loader_file, expected);
    }
}

/// Where its own loader lies beside a libc that no table fits, that loader starts the program, with one line that says so
/// or none; not where that is refused, or options of ours ask for more.
fn an_unknown_libc_is_left_to_its_loader() {
    let dir = scratch("aside");
    let path = must(&mut shell(&dir, "ldd /bin/true | sed -n 's/.*libc.so.6 => \\([^ ]*\\).*/\\1/p'"));
    let mut libc = fs::read(path.trim()).expect("libc.so.6");
    let elf = Elf::read(libc.clone()).expect("libc.so.6 is sound");
    // What debuggers alone read.
    let name = b"_thread_db_sizeof_pthread".as_slice();
    let number = (0..elf.symbols.len() as u32).find(|number| elf.symbol_name(*number) == Some(name));
    let symbol = &elf.symbols[number.expect("the symbol") as usize];
    libc[elf.file_offset(symbol.value).expect("in the file")] ^= 8;
    fs::write(dir.join("libc.so.6"), libc).expect("copy");
    let own = dir.join("ld-linux-x86-64.so.2");
    fs::copy(Path::new(path.trim()).with_file_name("ld-linux-x86-64.so.2"), &own).expect("its loader");
    let source = "#include <stdio.h>\nint main(int n, char **v) { printf(\"%s %d\\n\", v[0], n); return 7; }";
    fs::write(dir.join("prog.c"), source).expect("a source");
    let flags = format!("-Wl,--dynamic-linker={} -Wl,-rpath,{}", loader().display(), dir.display());
    must(&mut shell(&dir, &format!("gcc prog.c -o prog {flags}")));
    let said =
        |program: &str| format!("{program}: this build of glibc is not known to ld-rs: left to {}\n", own.display());
    // By the kernel, and by the user.
    let outcome = run(command(&dir, "./prog").arg("word"));
    assert_eq!((&*outcome.end, &*outcome.stdout, outcome.stderr), ("exit 7", "./prog 2\n", said("./prog")));
    let outcome = run(command(&dir, loader()).arg("./prog"));
    assert_eq!((&*outcome.end, &*outcome.stdout, outcome.stderr), ("exit 7", "./prog 1\n", said("./prog")));
    let script = "echo a | cat; (exit 3); echo $?";
    let outcome = run(command(&dir, loader()).env("LD_LIBRARY_PATH", &dir).args(["/bin/bash", "-c", script]));
    assert_eq!((&*outcome.end, &*outcome.stdout, outcome.stderr), ("exit 0", "a\n3\n", said("/bin/bash")));
    let outcome = run(command(&dir, "./prog").env("LD_RS_QUIET", "1"));
    assert_eq!((&*outcome.end, &*outcome.stderr), ("exit 7", ""));
    let refused = |outcome: Outcome| {
        assert_eq!((&*outcome.end, &*outcome.stdout), ("exit 127", ""), "{}", outcome.stderr);
        assert!(outcome.first_error().ends_with("this build of glibc is not known to ld-rs"), "{}", outcome.stderr);
    };
    refused(run(command(&dir, "./prog").env("LD_RS_FALLBACK", "0")));
    refused(run(command(&dir, loader()).args(["--inhibit-cache", "./prog"])));
    // ld-rs by that name is no other loader.
    fs::copy(loader(), &own).expect("ld-rs");
    refused(run(&mut command(&dir, "./prog")));
}

/// Absolute names in a tree's files mean the tree: RUNPATH, NEEDED, ld.so.conf with includes, symbolic links, dlopen.
/// The system's loader has no such option: the same tree entered by chroot is the oracle where that is allowed.
fn sysroot_means_the_tree() {
    let dir = scratch("sysroot");
    let script = repository().join("tests/tests/releases/sysroot.sh");
    must(&mut shell(&dir, &format!("sh {} tree cached", script.display())));
    let expected = "runpath conf link absolute dlopened\n";
    for program in ["/opt/bin/prog", "tree/opt/bin/prog"] {
        for tree in ["tree", "./tree/", &dir.join("tree").display().to_string(), "cached"] {
            let outcome = run(command(&dir, loader()).args(["--sysroot", tree, program]));
            assert_eq!((outcome.end.as_str(), outcome.stderr.as_str()), ("exit 0", ""), "{tree} {program}");
            assert_eq!(outcome.stdout, expected, "{tree} {program}");
        }
    }
    // The kernel gives up (EAGAIN) where a `..` in a path is followed while anything anywhere is renamed.
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let names = ["one", "two"].map(|name| dir.join(name));
            fs::write(&names[0], "").expect("a file");
            while !done.load(Ordering::Relaxed) {
                for (from, to) in [(0, 1), (1, 0)] {
                    fs::rename(&names[from], &names[to]).expect("renamed");
                }
            }
        });
        let outcomes: Vec<Outcome> =
            (0..100).map(|_| run(command(&dir, loader()).args(["--sysroot", "tree", "/opt/bin/prog"]))).collect();
        done.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), (expected, ""), "while files are renamed");
        }
    });
    let outcome = run(command(&dir, loader()).args(["--sysroot", "tree", "--list", "/opt/bin/prog"]));
    assert_eq!(outcome.end, "exit 0", "{}", outcome.stderr);
    let outside: Vec<_> = outcome.stdout.lines().filter(|l| l.contains("=>") && !l.contains("/tree/")).collect();
    assert!(outside.is_empty(), "{outside:#?}");
    let outcome = run(command(&dir, loader()).args(["--sysroot", "nowhere", "/bin/true"]));
    assert_eq!(outcome.end, "exit 127");
    assert!(outcome.stderr.contains("nowhere: cannot open --sysroot directory: No such file"), "{}", outcome.stderr);
    // The oracle: what the system's loader makes of the tree when it is the root.
    let outcome = run(command(&dir, "unshare").args([
        "--user",
        "--map-root-user",
        "/usr/sbin/chroot",
        "cached",
        "/opt/bin/prog",
    ]));
    if outcome.stderr.contains("unshare") {
        println!("no oracle: {}", outcome.stderr.trim());
    } else {
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), (expected, ""), "{}", outcome.end);
    }
}
