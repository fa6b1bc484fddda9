//! What an outcome means, given what the loader had to do with the file.

use super::Mode;
use super::operators::Rule;
use super::trial::Outcome;
use super::watch::{Death, HandOver, Whose};
use crate::run::End;
use std::fmt;

/// The classes that reports count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A message and exit code 127 or 1; of `--verify` the code is enough.
    Refused,
    /// The kernel did not start it, or started it without the loader.
    ByKernel,
    /// As the sound seed.
    Ran,
    /// In another way, or not to its end, but by its own code.
    RanItsOwnWay,
    /// A signal while the loader was at work.
    Crash,
    /// The loader did not come to an end.
    Hang,
    /// The loader met a state that it holds for impossible.
    Internal,
    /// No message, or exit code 0 without having run.
    Mute,
    /// Not refused, though it had to be.
    WronglyAccepted,
    /// Not run as before, though nothing that counts was changed.
    WronglyRefused,
}

impl Class {
    /// In the order of reports.
    pub const ALL: [(Class, &'static str); 10] = [
        (Class::Refused, "refused"),
        (Class::ByKernel, "kernel"),
        (Class::Ran, "ran"),
        (Class::RanItsOwnWay, "own way"),
        (Class::Crash, "CRASH"),
        (Class::Hang, "HANG"),
        (Class::Internal, "INTERNAL"),
        (Class::Mute, "MUTE"),
        (Class::WronglyAccepted, "ACCEPTED"),
        (Class::WronglyRefused, "REJECTED"),
    ];

    /// Whether it is a defect.
    pub fn is_bad(self) -> bool {
        self >= Class::Crash
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Class::ALL[*self as usize].1)
    }
}

/// A class, and for a bad one what groups it with others of the same cause.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The class.
    pub class: Class,
    /// The cause, as far as it can be told from outside.
    pub cause: String,
    /// Worth a look, though no defect by the rules.
    pub note: Option<String>,
    /// Where it died, if it was watched.
    pub death: Option<Death>,
    /// What happened.
    pub outcome: Outcome,
}

/// What a mutant is measured by.
pub struct Measure<'a> {
    /// How it was started.
    pub mode: Mode,
    /// What the loader had to do.
    pub rule: Rule,
    /// The operator, which names the cause of a wrong decision.
    pub operator: &'a str,
    /// The changed file.
    pub file: &'a str,
    /// What the sound seed does.
    pub sound: &'a Outcome,
}

/// What programs of a seed print when the first code of each of their files runs.
const SIGNS_OF_LIFE: [&[u8]; 3] = [b"entry\n", b"constructor of ", b"DT_INIT of "];

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// `--list` prints addresses, which depend on sizes, and folders, which a mutant does not share
/// with its seed.
fn bare(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let bare = |line: &str| -> String {
        let words = line.split(" (0x").next().unwrap_or(line).split_whitespace();
        words.map(|word| word.rsplit('/').next().unwrap_or(word).to_string() + " ").collect()
    };
    text.lines().map(|line| bare(line) + "\n").collect()
}

/// Ways to look closer at a run by repeating it.
pub struct Closer<'a> {
    /// Where it ends.
    pub watch: &'a dyn Fn() -> Death,
    /// Whether the loader hands over control to where the sound seed's is never handed.
    pub astray: &'a dyn Fn() -> Option<HandOver>,
}

/// Judges `outcome`.
pub fn judge(measure: &Measure<'_>, outcome: Outcome, closer: &Closer<'_>) -> Verdict {
    let Measure { mode, rule, operator, file, sound } = *measure;
    let inspecting = matches!(mode, Mode::List | Mode::Verify);
    let must_refuse = match rule {
        Rule::RefusedAtSight => true,
        Rule::RefusedInUse => !inspecting,
        Rule::Lawful | Rule::Open => false,
    };
    let lived = |sign: &&[u8]| contains(&outcome.stdout, sign);
    let (entered, code_ran) = (lived(&SIGNS_OF_LIFE[0]), SIGNS_OF_LIFE.iter().any(lived));
    let as_sound = outcome.end == sound.end && bare(&outcome.stdout) == bare(&sound.stdout);
    let message = String::from_utf8_lossy(&outcome.stderr).into_owned();
    let internal = ["internal error", "Inconsistency detected by ld.so"]; // ours, glibc's
    let internal = message.lines().find(|line| internal.iter().any(|word| line.contains(word)));
    let refused_by_code = match outcome.end {
        Ok(End::Exit(1)) if mode == Mode::Verify => true,
        // A list that lacks a library says so on standard output.
        Ok(End::Exit(1 | 127)) => !message.trim().is_empty() || mode == Mode::List && !outcome.stdout.is_empty(),
        _ => false,
    };
    let accepted = match outcome.end {
        Ok(End::Exit(0)) => inspecting || entered,
        Ok(End::Exit(2)) => mode == Mode::Verify,
        _ => entered,
    };
    let mut death = None;
    let (class, cause) = if let Some(line) = internal {
        (Class::Internal, line.to_string())
    } else if inspecting && code_ran {
        (Class::WronglyAccepted, format!("{operator}: its code ran while it was inspected"))
    } else if must_refuse && code_ran {
        (Class::WronglyAccepted, format!("{operator}: its code ran"))
    } else if must_refuse && accepted {
        (Class::WronglyAccepted, operator.to_string())
    } else if as_sound {
        (Class::Ran, String::new())
    } else if rule == Rule::Lawful && (accepted || refused_by_code) {
        (Class::WronglyRefused, format!("{operator}: {}", message.lines().next().unwrap_or("another output")))
    } else if accepted {
        (Class::RanItsOwnWay, String::new())
    } else if refused_by_code {
        (Class::Refused, String::new())
    } else if outcome.end.is_err() {
        (Class::ByKernel, String::new())
    } else {
        let mut seen = (closer.watch)();
        // Where it looks as if the entry point were no code, code at an entry point that was moved may have gone there.
        let ours = matches!(seen.whose, Whose::Loader(_) | Whose::LedByLoader(..));
        if ours
            && !inspecting
            && rule == Rule::Open
            && let Some(Ok((file, at))) = (closer.astray)()
        {
            seen.whose = Whose::Target(format!("{file}, let loose at {at:#x}"));
        }
        let verdict = of_death(measure, &outcome, &seen);
        death = Some(seen);
        verdict
    };
    let mut note = None;
    if class == Class::Refused && must_refuse && mode != Mode::Verify && !message.contains(file) {
        note = Some("refused without a word of the file".to_string());
    } else if class == Class::RanItsOwnWay
        && matches!(outcome.end, Ok(End::Signal(_) | End::Timeout))
        && death.is_none()
    {
        // Called by a program that runs amok, the loader may die; it is good to know where.
        let seen = (closer.watch)();
        if matches!(seen.whose, Whose::Loader(_) | Whose::LedByLoader(..)) {
            note = Some(format!("after the entry point: {}", of_death(measure, &outcome, &seen).1));
        }
        death = Some(seen);
    }
    Verdict { class, cause, note, death, outcome }
}

/// It neither ran nor was refused in an orderly way.
fn of_death(measure: &Measure<'_>, outcome: &Outcome, death: &Death) -> (Class, String) {
    let inspecting = matches!(measure.mode, Mode::List | Mode::Verify);
    let how = match (outcome.end, death.signal) {
        (Ok(End::Timeout), _) => "no end".to_string(),
        (Ok(End::Signal(signal)), _) => format!("signal {signal}"),
        (Ok(end), _) => end.to_string(),
        (Err(errno), _) => format!("not started: errno {errno}"),
    };
    let class = match outcome.end {
        Ok(End::Timeout) => Class::Hang,
        Ok(End::Signal(_)) => Class::Crash,
        _ => Class::Mute,
    };
    match &death.whose {
        Whose::Kernel | Whose::NoLoader if measure.mode == Mode::Kernel => (Class::ByKernel, String::new()),
        Whose::Target(_) if !inspecting => match measure.rule {
            Rule::RefusedAtSight | Rule::RefusedInUse => {
                (Class::WronglyAccepted, format!("{}: {how} in its own code", measure.operator))
            }
            Rule::Lawful => (Class::WronglyRefused, format!("{}: {how} in its own code", measure.operator)),
            Rule::Open => (Class::RanItsOwnWay, String::new()),
        },
        Whose::Loader(at) => (class, format!("{how} at {at:#x} of the loader")),
        Whose::LedByLoader(0, to) => (class, format!("{how}: the loader jumped to an entry point at {}", kind_of(*to))),
        Whose::LedByLoader(from, to) => (class, format!("{how}: the loader called {} before {from:#x}", kind_of(*to))),
        whose => (class, format!("{how}, {whose:?}")),
    }
}

/// Addresses differ from mutant to mutant; the cause does not.
fn kind_of(address: u64) -> &'static str {
    match address {
        0 => "address 0",
        1..0x1_0000 => "a low address",
        _ if address >> 47 != 0 => "an address beyond the user's",
        _ => "an address that is no code",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(end: Result<End, i32>, stdout: &str, stderr: &str) -> Outcome {
        Outcome { stdout: stdout.into(), stderr: stderr.into(), end }
    }

    fn class_of(mode: Mode, rule: Rule, got: Outcome, whose: Whose, astray: Option<HandOver>) -> Class {
        let sound = match mode {
            Mode::List => outcome(Ok(End::Exit(0)), "\tlibx.so => ./libx.so (0x1000)\n", ""),
            Mode::Verify => outcome(Ok(End::Exit(0)), "", ""),
            Mode::Run | Mode::Kernel => outcome(Ok(End::Exit(0)), "constructor of x\nentry\n7\n", ""),
        };
        let measure = Measure { mode, rule, operator: "operator", file: "x", sound: &sound };
        let watch = || Death { whose: whose.clone(), signal: None, stack: Vec::new() };
        judge(&measure, got, &Closer { watch: &watch, astray: &|| astray.clone() }).class
    }

    fn class(mode: Mode, rule: Rule, got: Outcome, whose: Whose) -> Class {
        class_of(mode, rule, got, whose, None)
    }

    const SEGV: Result<End, i32> = Ok(End::Signal(libc::SIGSEGV));
    const FINE: Result<End, i32> = Ok(End::Exit(0));
    const REFUSED: Result<End, i32> = Ok(End::Exit(127));

    #[test]
    fn a_message_and_a_code_are_a_refusal() {
        let refusal = || outcome(REFUSED, "", "prog: error while loading shared libraries: x\n");
        for rule in [Rule::Open, Rule::RefusedAtSight, Rule::RefusedInUse] {
            assert_eq!(class(Mode::Run, rule, refusal(), Whose::Unknown), Class::Refused);
        }
        assert_eq!(class(Mode::Run, Rule::Lawful, refusal(), Whose::Unknown), Class::WronglyRefused);
        let silent = outcome(REFUSED, "", "");
        assert_eq!(class(Mode::Run, Rule::Open, silent.clone(), Whose::Loader(1)), Class::Mute);
        assert_eq!(class(Mode::Verify, Rule::Open, silent, Whose::Loader(1)), Class::Mute);
        assert_eq!(class(Mode::Verify, Rule::Open, outcome(Ok(End::Exit(1)), "", ""), Whose::Unknown), Class::Refused);
        let late = outcome(REFUSED, "constructor of x\n", "prog: error\n");
        assert_eq!(class(Mode::Run, Rule::RefusedInUse, late, Whose::Unknown), Class::WronglyAccepted);
    }

    #[test]
    fn a_death_is_its_owners() {
        let died = || outcome(SEGV, "", "");
        assert_eq!(class(Mode::Run, Rule::Open, died(), Whose::Loader(1)), Class::Crash);
        assert_eq!(class(Mode::Run, Rule::Open, died(), Whose::LedByLoader(1, 2)), Class::Crash);
        assert_eq!(class(Mode::Run, Rule::Open, died(), Whose::Unknown), Class::Crash);
        assert_eq!(class(Mode::Run, Rule::Open, died(), Whose::Target("x".into())), Class::RanItsOwnWay);
        assert_eq!(class(Mode::Run, Rule::RefusedInUse, died(), Whose::Target("x".into())), Class::WronglyAccepted);
        assert_eq!(class(Mode::List, Rule::Open, died(), Whose::Target("x".into())), Class::Crash);
        assert_eq!(class(Mode::Kernel, Rule::RefusedInUse, died(), Whose::Kernel), Class::ByKernel);
        assert_eq!(class(Mode::Run, Rule::Open, outcome(Ok(End::Timeout), "", ""), Whose::Loader(1)), Class::Hang);
        assert_eq!(class(Mode::Run, Rule::Open, outcome(FINE, "", ""), Whose::Loader(1)), Class::Mute);
        let panicked = outcome(REFUSED, "", "ld-rs.so: internal error: x\n");
        assert_eq!(class(Mode::Run, Rule::Open, panicked, Whose::Unknown), Class::Internal);
        let after = outcome(SEGV, "constructor of x\nentry\n", "");
        assert_eq!(class(Mode::Run, Rule::Open, after, Whose::Loader(1)), Class::RanItsOwnWay);
    }

    #[test]
    fn code_let_loose_excuses_the_loader_and_no_code_does_not() {
        let died = || outcome(SEGV, "", "");
        let loose = Some(Ok(("libx.so".into(), 0x1234)));
        assert_eq!(class_of(Mode::Run, Rule::Open, died(), Whose::Loader(1), loose.clone()), Class::RanItsOwnWay);
        assert_eq!(class_of(Mode::Run, Rule::RefusedInUse, died(), Whose::Loader(1), loose.clone()), Class::Crash);
        assert_eq!(class_of(Mode::List, Rule::Open, died(), Whose::Loader(1), loose), Class::Crash);
        assert_eq!(class_of(Mode::Run, Rule::Open, died(), Whose::Loader(1), Some(Err(7))), Class::Crash);
        let entry = || Whose::LedByLoader(0, 9);
        let moved = Some(Ok(("prog".into(), 0x1143)));
        assert_eq!(class_of(Mode::Run, Rule::Open, died(), entry(), moved), Class::RanItsOwnWay);
        assert_eq!(class_of(Mode::Run, Rule::Open, died(), entry(), Some(Err(9))), Class::Crash);
        assert_eq!(class_of(Mode::Run, Rule::Open, died(), entry(), None), Class::Crash);
    }

    #[test]
    fn what_must_be_refused_must_not_be_accepted() {
        let ran = || outcome(FINE, "constructor of x\nentry\n7\n", "");
        assert_eq!(class(Mode::Run, Rule::Lawful, ran(), Whose::Unknown), Class::Ran);
        assert_eq!(class(Mode::Run, Rule::RefusedInUse, ran(), Whose::Unknown), Class::WronglyAccepted);
        let other = || outcome(FINE, "constructor of x\nentry\n8\n", "");
        assert_eq!(class(Mode::Run, Rule::Open, other(), Whose::Unknown), Class::RanItsOwnWay);
        assert_eq!(class(Mode::Run, Rule::Lawful, other(), Whose::Unknown), Class::WronglyRefused);
        let list = || outcome(FINE, "\tlibx.so => /elsewhere/libx.so (0x2000)\n", "");
        assert_eq!(class(Mode::List, Rule::Lawful, list(), Whose::Unknown), Class::Ran);
        assert_eq!(class(Mode::List, Rule::RefusedInUse, list(), Whose::Unknown), Class::Ran);
        assert_eq!(class(Mode::List, Rule::RefusedAtSight, list(), Whose::Unknown), Class::WronglyAccepted);
        assert_eq!(class(Mode::List, Rule::Open, ran(), Whose::Unknown), Class::WronglyAccepted);
        assert_eq!(
            class(Mode::Verify, Rule::RefusedAtSight, outcome(Ok(End::Exit(2)), "", ""), Whose::Unknown),
            Class::WronglyAccepted
        );
    }
}
