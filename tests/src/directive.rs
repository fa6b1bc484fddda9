//! Reads the `//@` lines at the head of a test program. The format is fixed in
//! `testprogs/README.md`; whatever it does not know is an error, so that a typing mistake cannot
//! switch a check off.

use std::fmt;

/// The axes a configuration is a point of, in the order in which names print them.
pub const AXES: [(&str, &[&str]); 4] = [
    ("cc", &["gcc", "clang"]),
    ("ld", &["bfd", "lld", "mold", "gold"]),
    ("opt", &["-O0", "-O2"]),
    ("pie", &["pie", "nopie"]),
];

/// One point in the cross product of the axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    values: [String; 4],
    named: [bool; 4],
    libc: Libc,
}

impl Config {
    /// The value on the axis `name`; a name outside [`AXES`] has the empty value.
    pub fn get(&self, name: &str) -> &str {
        let at = AXES.iter().position(|(axis, _)| *axis == name);
        at.map_or("", |i| self.values[i].as_str())
    }

    fn matches(&self, when: &[(String, String)]) -> bool {
        when.iter().all(|(axis, value)| self.get(axis) == value)
    }
}

/// `cc=gcc,ld=mold`: only the axes the program names, and `libc=musl` before them where it is that.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut comma = "";
        if self.libc == Libc::Musl {
            write!(f, "libc=musl")?;
            comma = ",";
        }
        for (((axis, _), value), named) in AXES.iter().zip(&self.values).zip(self.named) {
            if named {
                write!(f, "{comma}{axis}={value}")?;
                comma = ",";
            }
        }
        Ok(())
    }
}

/// What makes a build folder, in the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One link.
    Build {
        /// The file it makes.
        output: String,
        /// Sources, objects and flags.
        words: Vec<String>,
    },
    /// A command for `sh -c` in the build folder.
    Sh(String),
}

/// What the program is linked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Libc {
    /// Freestanding, dynamic.
    None,
    /// An ordinary program of this system.
    Glibc,
    /// An ordinary program of musl.
    Musl,
    /// Freestanding, without PT_INTERP.
    Static,
}

/// The libcs by the names that `libc:` has for them.
const LIBCS: [(&str, Libc); 4] =
    [("none", Libc::None), ("glibc", Libc::Glibc), ("static", Libc::Static), ("musl", Libc::Musl)];

impl Libc {
    fn named(name: &str) -> Option<Libc> {
        LIBCS.iter().find(|(known, _)| *known == name).map(|(_, libc)| *libc)
    }

    /// Whether programs have the headers and the start of a libc.
    pub fn is_hosted(self) -> bool {
        matches!(self, Libc::Glibc | Libc::Musl)
    }
}

/// How a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// By the kernel, which finds ld-rs in PT_INTERP.
    Interp,
    /// `ld-rs.so ./prog`.
    Direct,
}

/// How a process ended, or is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By exit.
    Exit(i32),
    /// By a signal.
    Signal(i32),
    /// Killed by the harness when its time was over.
    Timeout,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exit(code) => write!(f, "exit {code}"),
            End::Signal(number) => write!(f, "signal {number}"),
            End::Timeout => write!(f, "killed after the time limit"),
        }
    }
}

/// What the system's loader must do with the same program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// The same.
    Same,
    /// It is not asked.
    No(String),
    /// Something else: a place where it fails.
    Differs(String),
}

/// A word that readelf must, or must not, print about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfCheck {
    /// The file, in the build folder.
    pub file: String,
    /// Whether the words must occur (else: must not).
    pub has: bool,
    /// The words.
    pub words: Vec<String>,
}

/// The header of one test program.
#[derive(Clone, Debug)]
pub struct Spec {
    /// What it proves.
    pub about: String,
    /// Values per axis, in the order of [`AXES`].
    axes: [Vec<String>; 4],
    named: [bool; 4],
    skips: Vec<(Vec<(String, String)>, String)>,
    /// Builds and commands in order.
    pub steps: Vec<Step>,
    /// What it is linked with.
    pub libc: Libc,
    /// Checks of the files made.
    pub elf: Vec<ElfCheck>,
    /// Arguments of the program.
    pub run: Vec<String>,
    /// Its environment beside the fixed one.
    pub env: Vec<(String, String)>,
    /// Options for the loader.
    pub loader: Vec<String>,
    /// Ways of starting.
    pub starts: Vec<Start>,
    /// How it ends.
    pub exit: End,
    /// All lines of its standard output.
    pub stdout: Vec<String>,
    /// The first lines of its standard error; none means that it is empty.
    pub stderr: Vec<String>,
    /// What the system's loader does.
    pub oracle: Oracle,
}

impl Spec {
    /// The cross product of the axes, each with the reason for which it is not applicable. What a linker makes does not depend on
    /// the libc: with musl each combination of the others has one linker, in turn, unless LD_RS_MATRIX is set.
    pub fn configs(&self) -> Vec<(Config, Option<&str>)> {
        let in_turn = self.libc == Libc::Musl && std::env::var_os("LD_RS_MATRIX").is_none();
        let (mut all, mut turn) = (Vec::new(), 0);
        let [ccs, lds, opts, pies] = &self.axes;
        for cc in ccs {
            for opt in opts {
                for pie in pies {
                    turn += 1;
                    let wanted = |at: &usize| !in_turn || *at == turn % lds.len();
                    for ld in (0..lds.len()).filter(wanted).map(|at| &lds[at]) {
                        let values = [cc.clone(), ld.clone(), opt.clone(), pie.clone()];
                        let config = Config { values, named: self.named, libc: self.libc };
                        let skip = self.skips.iter().find(|(when, _)| config.matches(when));
                        all.push((config, skip.map(|(_, reason)| reason.as_str())));
                    }
                }
            }
        }
        all
    }

    /// The program to start: the output `prog`, else the last one that is no library.
    pub fn program(&self) -> String {
        let programs = self.steps.iter().rev().filter_map(|step| match step {
            Step::Build { output, .. } if !output.ends_with(".so") => Some(output),
            _ => None,
        });
        let mut programs = programs.peekable();
        let last = programs.peek().map(|s| (*s).clone());
        match programs.find(|s| *s == "prog") {
            Some(prog) => prog.clone(),
            None => last.unwrap_or_else(|| "prog".to_string()),
        }
    }
}

/// Reads the header of a program: what it says for each libc that it names.
///
/// # Errors
/// Line number and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Spec>, String> {
    let mut libcs = vec![Libc::None];
    if let Some(line) = text.lines().find(|line| line.starts_with("//@ libc: ")) {
        let names = line["//@ libc: ".len()..].split(',');
        libcs = names.map(Libc::named).collect::<Option<_>>().ok_or("libc: not none, glibc, static or musl")?;
    }
    libcs.iter().map(|libc| parse_for(text, *libc, &libcs)).collect()
}

/// What a header says for one of its `libcs`: a key that begins with the name of another is for that one.
fn parse_for(text: &str, libc: Libc, libcs: &[Libc]) -> Result<Spec, String> {
    let mut spec = Spec {
        about: String::new(),
        axes: AXES.map(|(_, values)| values.iter().take(1).map(|v| v.to_string()).collect()),
        named: [false; 4],
        skips: Vec::new(),
        steps: Vec::new(),
        libc,
        elf: Vec::new(),
        run: Vec::new(),
        env: Vec::new(),
        loader: Vec::new(),
        starts: vec![Start::Interp, Start::Direct],
        exit: End::Exit(0),
        stdout: Vec::new(),
        stderr: Vec::new(),
        oracle: Oracle::Same,
    };
    let mut start_given = false;
    let header = text.lines().take_while(|line| line.starts_with("//")).count();
    for (number, line) in text.lines().enumerate() {
        let Some(directive) = line.strip_prefix("//@") else {
            continue;
        };
        let at = |what: &str| format!("line {}: {what}: {line}", number + 1);
        if number >= header {
            return Err(at("a directive below the header would not be read"));
        }
        let (key, value) = directive
            .strip_prefix(' ')
            .and_then(|d| d.split_once(':'))
            .ok_or_else(|| at("not of the form `//@ KEY: VALUE`"))?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        let key = match key.split_once(' ').map(|(name, key)| (Libc::named(name), key)) {
            Some((Some(only), key)) if only == libc => key,
            Some((Some(only), _)) if libcs.contains(&only) => continue,
            Some(_) => return Err(at("not for a libc of this program")),
            None => key,
        };
        let words = || value.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        match key {
            "about" => spec.about = value.to_string(),
            // A row of ld-rs-rules(7), which `man/rules` reads.
            "rule" => {
                let (subjects, text) = value.split_once(": ").ok_or_else(|| at("SUBJECT...: TEXT"))?;
                if subjects.trim().is_empty() || text.trim().is_empty() {
                    return Err(at("needs a subject and a text"));
                }
            }
            "axes" => {
                for word in value.split_whitespace() {
                    let (i, values) = axis(word).map_err(|e| at(&e))?;
                    spec.axes[i] = values;
                    spec.named[i] = true;
                }
            }
            "skip" => {
                let (when, reason) = value.split_once(" : ").ok_or_else(|| at("no reason"))?;
                let mut pairs = Vec::new();
                for word in when.split_whitespace() {
                    let (i, values) = axis(word).map_err(|e| at(&e))?;
                    let [value] = values.as_slice() else {
                        return Err(at("one value an axis, several lines for several"));
                    };
                    pairs.push((AXES[i].0.to_string(), value.clone()));
                }
                if pairs.is_empty() || reason.trim().is_empty() {
                    return Err(at("needs NAME=VALUE and a reason"));
                }
                spec.skips.push((pairs, reason.trim().to_string()));
            }
            "build" => {
                let (output, rest) = value.split_once(" = ").ok_or_else(|| at("no ` = ` in a build"))?;
                let words = rest.split_whitespace().map(str::to_string).collect();
                spec.steps.push(Step::Build { output: output.trim().to_string(), words });
            }
            "sh" => spec.steps.push(Step::Sh(value.to_string())),
            "libc" => {} // read by `parse`
            "elf" => {
                let mut words = words().into_iter();
                let file = words.next().ok_or_else(|| at("no file"))?;
                let has = match words.next().as_deref() {
                    Some("has") => true,
                    Some("lacks") => false,
                    _ => return Err(at("FILE has/lacks WORD...")),
                };
                let words: Vec<_> = words.collect();
                if words.is_empty() || words.iter().any(|w| w == "has" || w == "lacks") {
                    return Err(at("has or lacks, then words; one of the two a line"));
                }
                spec.elf.push(ElfCheck { file, has, words });
            }
            "run" => spec.run = words(),
            "env" => {
                let (name, value) = value.split_once('=').ok_or_else(|| at("NAME=VALUE"))?;
                spec.env.push((name.to_string(), value.to_string()));
            }
            "loader" => spec.loader = words(),
            "start" => {
                start_given = true;
                spec.starts.clear();
                for word in value.split(',') {
                    spec.starts.push(match word.trim() {
                        "interp" => Start::Interp,
                        "direct" => Start::Direct,
                        _ => return Err(at("interp, direct")),
                    });
                }
            }
            "exit" => {
                let (number, signal) = match value.strip_prefix("signal ") {
                    Some(number) => (number, true),
                    None => (value, false),
                };
                let number = number.trim().parse().map_err(|_| at("N or `signal N`"))?;
                spec.exit = if signal { End::Signal(number) } else { End::Exit(number) };
            }
            "stdout" => spec.stdout.push(value.to_string()),
            "stderr" => spec.stderr.push(value.to_string()),
            "oracle" => {
                let (word, reason) = value.split_once(':').unwrap_or((value, ""));
                let reason = reason.trim().to_string();
                spec.oracle = match (word.trim(), reason.is_empty()) {
                    ("yes", true) => Oracle::Same,
                    ("no", false) => Oracle::No(reason),
                    ("differs", false) => Oracle::Differs(reason),
                    _ => return Err(at("yes, `no: REASON` or `differs: REASON`")),
                };
            }
            _ => return Err(at("unknown directive")),
        }
    }
    if spec.about.is_empty() {
        return Err("no `//@ about:` line".to_string());
    }
    if spec.steps.is_empty() && spec.skips.is_empty() {
        return Err("no `//@ build:` line".to_string());
    }
    if !spec.loader.is_empty() || spec.libc == Libc::Static {
        // Neither loader options nor a file without PT_INTERP can come through the kernel.
        if start_given && spec.starts != [Start::Direct] {
            return Err("`loader:` and `libc: static` are for `start: direct`".to_string());
        }
        spec.starts = vec![Start::Direct];
    }
    Ok(spec)
}

/// `NAME=V1,V2` as the index of a known axis and known values.
fn axis(word: &str) -> Result<(usize, Vec<String>), String> {
    let (name, values) = word.split_once('=').ok_or("NAME=VALUE expected")?;
    let i = AXES.iter().position(|(axis, _)| *axis == name);
    let i = i.ok_or_else(|| format!("unknown axis {name}"))?;
    let values: Vec<String> = values.split(',').map(str::to_string).collect();
    match values.iter().find(|v| !AXES[i].1.contains(&v.as_str())) {
        Some(unknown) => Err(format!("unknown {name} {unknown}")),
        None => Ok((i, values)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Spec, String> {
        parse(text).map(|mut specs| specs.remove(0))
    }

    const HEAD: &str = "//@ about: x\n//@ build: prog = main.c\n";

    fn with(line: &str) -> Result<Spec, String> {
        one(&format!("{HEAD}{line}\n"))
    }

    #[test]
    fn a_missing_axis_has_its_first_value_and_is_not_in_the_name() {
        let spec = with("//@ axes: ld=lld,mold").unwrap();
        let names: Vec<_> = spec.configs().iter().map(|(c, _)| c.to_string()).collect();
        assert_eq!(names, ["ld=lld", "ld=mold"]);
        assert!(spec.configs().iter().all(|(c, _)| c.get("cc") == "gcc" && c.get("opt") == "-O0"));
    }

    #[test]
    fn configurations_are_the_cross_product() {
        let spec = with("//@ axes: cc=gcc,clang ld=bfd,gold opt=-O0,-O2 pie=nopie").unwrap();
        assert_eq!(spec.configs().len(), 8);
        assert_eq!(spec.configs()[1].0.to_string(), "cc=gcc,ld=gold,opt=-O0,pie=nopie");
    }

    #[test]
    fn a_skip_takes_only_the_combination_it_names() {
        let text = "//@ axes: cc=gcc,clang ld=bfd,mold\n//@ skip: cc=clang ld=mold : no: such thing";
        let spec = with(text).unwrap();
        let skipped: Vec<_> = spec.configs().into_iter().filter(|(_, s)| s.is_some()).collect();
        assert_eq!(skipped.len(), 1);
        assert_eq!(skipped[0].0.to_string(), "cc=clang,ld=mold");
        assert_eq!(skipped[0].1, Some("no: such thing"));
    }

    #[test]
    fn steps_keep_their_order() {
        let spec = one("// why\n//@ about: x\n//@ sh: echo a = b\n//@ build: liba.so = a.c -DX=1\n\
             //@ build: prog = main.c -l:liba.so\n\nint x;\n")
        .unwrap();
        assert_eq!(spec.steps[0], Step::Sh("echo a = b".into()));
        let words = vec!["a.c".to_string(), "-DX=1".to_string()];
        assert_eq!(spec.steps[1], Step::Build { output: "liba.so".into(), words });
        assert_eq!(spec.program(), "prog");
    }

    #[test]
    fn the_program_is_prog_or_the_last_output_that_is_no_library() {
        let spec = one("//@ about: x\n//@ build: a = a.c\n//@ build: b = b.c\n//@ build: c.so = c.c\n");
        assert_eq!(spec.unwrap().program(), "b");
        let spec = one("//@ about: x\n//@ build: prog = a.c\n//@ build: b = b.c\n");
        assert_eq!(spec.unwrap().program(), "prog");
    }

    #[test]
    fn each_libc_has_the_lines_for_all_and_its_own() {
        let text = format!("{HEAD}//@ libc: glibc,musl\n//@ stdout: both\n//@ musl stdout: one\n//@ glibc exit: 3\n");
        let specs = parse(&text).unwrap();
        let said: Vec<_> = specs.iter().map(|s| (s.libc, s.stdout.join(" "), s.exit)).collect();
        assert_eq!(said[0], (Libc::Glibc, "both".to_string(), End::Exit(3)));
        assert_eq!(said[1], (Libc::Musl, "both one".to_string(), End::Exit(0)));
        assert_eq!(specs[0].configs()[0].0.to_string(), "");
        assert_eq!(specs[1].configs()[0].0.to_string(), "libc=musl");
    }

    #[test]
    fn output_lines_keep_their_spaces() {
        let spec = with("//@ stdout:   two\n//@ stdout:").unwrap();
        assert_eq!(spec.stdout, ["  two", ""]);
    }

    #[test]
    fn ends_and_oracles() {
        assert_eq!(with("//@ exit: 127").unwrap().exit, End::Exit(127));
        assert_eq!(with("//@ exit: signal 6").unwrap().exit, End::Signal(6));
        assert_eq!(with("//@ oracle: no: why").unwrap().oracle, Oracle::No("why".into()));
        assert_eq!(with("//@ oracle: differs: a: b").unwrap().oracle, Oracle::Differs("a: b".into()));
        assert!(with("//@ oracle: no").is_err());
        assert!(with("//@ exit: soon").is_err());
    }

    #[test]
    fn loader_options_and_static_programs_are_started_directly() {
        assert_eq!(with("//@ loader: --list").unwrap().starts, [Start::Direct]);
        assert_eq!(with("//@ libc: static").unwrap().starts, [Start::Direct]);
        assert!(with("//@ start: interp\n//@ loader: --list").is_err());
    }

    #[test]
    fn elf_checks_are_one_sided() {
        let spec = with("//@ elf: liba.so lacks R_X86_64_TPOFF64 STATIC_TLS").unwrap();
        assert!(!spec.elf[0].has);
        assert_eq!(spec.elf[0].words.len(), 2);
        assert!(with("//@ elf: liba.so has").is_err());
        assert!(with("//@ elf: liba.so has A lacks B").is_err());
    }

    #[test]
    fn what_would_be_ignored_is_an_error() {
        for line in [
            "//@ abuot: x",
            "//@about: x",
            "//@ axes: cc=tcc",
            "//@ rule: DT_FILTER",
            "//@ rule: : text",
            "//@ axes: arch=x",
            "//@ skip: cc=gcc",
            "//@ skip: : reason",
            "//@ skip: cc=gcc,clang : reason",
            "//@ build: prog main.c",
            "//@ libc: bionic",
            "//@ musl stdout: x",
            "//@ libc: glibc,musl\n//@ bionic stdout: x",
            "//@ start: twice",
            "//@ env: NAME",
            "\n//@ exit: 1",
        ] {
            assert!(with(line).is_err(), "{line}");
        }
        assert!(parse("//@ build: prog = main.c\n").is_err());
        assert!(parse("//@ about: x\n").is_err());
    }
}
