//! The command line and the environment: what the user asked for.
//!
//! Called once at start with borrowed bytes. Secure mode is decided by the caller before this runs.

use core::ffi::CStr;

/// What is to be done with the file or files named.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// Run the program.
    #[default]
    Run,
    /// `--verify`: tell by the exit code whether the file is for us.
    Verify,
    /// `--list`: print the objects, as ldd.
    List,
    /// `--tree`: print who needs what, and where it was found.
    Tree,
    /// `--explain`: print how one name is searched for.
    Explain(&'a [u8]),
    /// `--explain-symbol`: print which object's definition wins.
    ExplainSymbol(&'a [u8]),
    /// `--paths`: print the files.
    Paths,
    /// `--check`: print whatever cannot be resolved.
    Check,
}

/// `--color`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// ldd's own options.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Ldd {
    /// `-v`: versions too.
    pub verbose: bool,
    /// `-d` and `-r`: undefined symbols too.
    pub warn: bool,
    /// `-r`: undefined functions too.
    pub bind_now: bool,
    /// `-u`: direct dependencies that nothing is used of, instead of the list.
    pub unused: bool,
}

/// What `ld-rs.so OPTION... PROGRAM ARG...` asks for.
#[derive(Debug, Default, Clone)]
pub struct Options<'a> {
    /// What to do.
    pub action: Action<'a>,
    /// Called as ldd, with its options.
    pub ldd: Option<Ldd>,
    /// `--tree=DEPTH`.
    pub depth: Option<usize>,
    /// `--dot`: the tree for graphviz.
    pub dot: bool,
    /// `--json`.
    pub json: bool,
    /// `--stats`: tell at hand-over what starting cost.
    pub stats: bool,
    /// `--color`.
    pub color: Color,
    /// `--inhibit-cache`: do not use /etc/ld.so.cache.
    pub inhibit_cache: bool,
    /// `--library-path`: instead of LD_LIBRARY_PATH.
    pub library_path: Option<&'a [u8]>,
    /// `--preload`: after LD_PRELOAD's objects.
    pub preload: Option<&'a [u8]>,
    /// `--audit`: objects that are told that they cannot audit.
    pub audit: Option<&'a [u8]>,
    /// `--argv0`: the program's argv[0].
    pub argv0: Option<&'a [u8]>,
    /// `--inhibit-rpath`: objects, by name, whose RPATH and RUNPATH have no effect.
    pub inhibit_rpath: Option<&'a [u8]>,
    /// `--bindings`: print what each symbolic relocation binds to, found by this engine; run nothing.
    pub bindings: Option<&'a [u8]>,
    /// `--sysroot`: the tree in which absolute paths are meant.
    pub sysroot: Option<&'a [u8]>,
    /// `--glibc-hwcaps-prepend`: subdirectories asked before the built-in ones.
    pub hwcaps_prepend: Option<&'a [u8]>,
    /// `--glibc-hwcaps-mask`: the built-in subdirectories that are asked at all.
    pub hwcaps_mask: Option<&'a [u8]>,
    /// `--help`, `--version` or their like: text instead of work, once all options are read.
    pub text: Option<Stop<'a>>,
    /// Position of PROGRAM in the arguments.
    pub program: usize,
}

/// A command line that cannot be followed, or that asks for text only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop<'a> {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// `--list-tunables`.
    Tunables,
    /// `--list-diagnostics`.
    Diagnostics,
    /// No PROGRAM.
    MissingProgram,
    /// Nothing at all.
    NoArguments,
    /// An option we do not know.
    Unrecognized(&'a [u8]),
    /// The beginning of two of ldd's options.
    Ambiguous(&'a [u8]),
    /// An option that needs an argument.
    MissingArgument(&'a [u8]),
    /// An option whose argument means nothing.
    BadArgument(&'a [u8]),
}

/// Whether argv[0] is ldd's name.
#[must_use]
pub fn is_ldd(own_name: &[u8]) -> bool {
    own_name.ends_with(b"ldd") || own_name.ends_with(b"ldd-rs")
}

/// Reads the options in `args` (argv, with our own name first). Long, with one arm an option.
#[inline(never)] // not on the way of a program that the kernel starts
pub fn options<'a>(args: &[&'a [u8]]) -> Result<Options<'a>, Stop<'a>> {
    let is_ldd = is_ldd(args.first().copied().unwrap_or_default());
    let action = if is_ldd { Action::List } else { Action::Run };
    let mut options = Options { action, ldd: is_ldd.then(Ldd::default), ..Options::default() };
    let mut at = 1usize;
    while let Some(arg) = args.get(at).copied() {
        if !arg.starts_with(if is_ldd { b"-" } else { b"--" }) {
            break;
        }
        at = at.saturating_add(1);
        if arg == b"--" {
            break;
        }
        let (name, inline) = match memchr::memchr(b'=', arg) {
            Some(eq) => (arg.get(..eq).unwrap_or_default(), arg.get(eq.saturating_add(1)..)),
            None => (arg, None),
        };
        let mut value = || {
            let next = args.get(at).copied().filter(|_| inline.is_none());
            at = at.saturating_add(next.map_or(0, |_| 1));
            inline.or(next).ok_or(Stop::MissingArgument(name))
        };
        match () {
            () if is(name, b"--list") => options.action = Action::List,
            () if is(name, b"--verify") => options.action = Action::Verify,
            () if is(name, b"--paths") => options.action = Action::Paths,
            () if is(name, b"--check") => options.action = Action::Check,
            () if is(name, b"--explain") => options.action = Action::Explain(value()?),
            () if is(name, b"--explain-symbol") => options.action = Action::ExplainSymbol(value()?),
            () if is(name, b"--tree") => {
                options.action = Action::Tree;
                options.depth = inline.map(|depth| number(depth).ok_or(Stop::BadArgument(arg))).transpose()?;
            }
            () if is(name, b"--dot") => (options.action, options.dot) = (Action::Tree, true),
            () if is(name, b"--json") => options.json = true,
            () if is(name, b"--stats") => options.stats = true,
            () if is(name, b"--color") => {
                options.color = match inline.unwrap_or(b"always") {
                    b"auto" => Color::Auto,
                    b"always" => Color::Always,
                    b"never" => Color::Never,
                    _ => return Err(Stop::BadArgument(arg)),
                }
            }
            () if is(name, b"--inhibit-cache") => options.inhibit_cache = true,
            () if is(name, b"--library-path") => options.library_path = Some(value()?),
            () if is(name, b"--preload") => options.preload = Some(value()?),
            () if is(name, b"--argv0") => options.argv0 = Some(value()?),
            () if is(name, b"--inhibit-rpath") => options.inhibit_rpath = Some(value()?),
            () if is(name, b"--bindings") => options.bindings = Some(value()?),
            () if is(name, b"--sysroot") => options.sysroot = Some(value()?),
            () if is(name, b"--glibc-hwcaps-prepend") => options.hwcaps_prepend = Some(value()?),
            () if is(name, b"--glibc-hwcaps-mask") => options.hwcaps_mask = Some(value()?),
            () if is(name, b"--list-tunables") => options.text = Some(Stop::Tunables),
            () if is(name, b"--list-diagnostics") => options.text = Some(Stop::Diagnostics),
            () if is(name, b"--help") && inline.is_none() => options.text = Some(Stop::Help),
            () if is(name, b"--version") && inline.is_none() => options.text = Some(Stop::Version),
            () if is(name, b"--audit") => options.audit = Some(value()?),
            () => match &mut options.ldd {
                Some(ldd) => ldd_option(arg, ldd, &mut options.text)?,
                None => return Err(Stop::Unrecognized(arg)),
            },
        }
    }
    options.program = at;
    match at >= args.len() && options.text.is_none() {
        true if args.len() <= 1 && !is_ldd => Err(Stop::NoArguments),
        true => Err(Stop::MissingProgram),
        false => Ok(options),
    }
}

/// Whether two names are equal; a call, for the comparisons written out would be a third of this module.
#[inline(never)]
fn is(name: &[u8], other: &[u8]) -> bool {
    name == other
}

/// A decimal number.
fn number(digits: &[u8]) -> Option<usize> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// One of ldd's options; a long one may be cut short as far as it stays clear.
fn ldd_option<'a>(arg: &'a [u8], ldd: &mut Ldd, text: &mut Option<Stop<'a>>) -> Result<(), Stop<'a>> {
    let is = |short: &[u8], long: &[u8], least: usize| is(arg, short) || arg.len() >= least && long.starts_with(arg);
    match () {
        () if is(b"-v", b"--verbose", 6) => ldd.verbose = true,
        () if is(b"-d", b"--data-relocs", 3) => ldd.warn = true,
        () if is(b"-r", b"--function-relocs", 3) => (ldd.warn, ldd.bind_now) = (true, true),
        () if is(b"-u", b"--unused", 3) => ldd.unused = true,
        () if is(b"--help", b"--help", 3) => *text = Some(Stop::Help),
        () if is(b"--version", b"--version", 6) => *text = Some(Stop::Version),
        () if b"--ver".starts_with(arg) && arg.len() > 2 => return Err(Stop::Ambiguous(arg)),
        () => return Err(Stop::Unrecognized(arg)),
    }
    Ok(())
}

/// How the variables begin that [`Environment::take`] knows.
pub const INITIALS: &[u8] = b"LNG";

/// What the environment asks for. In secure mode that is nothing but LD_PRELOAD.
#[derive(Debug, Default, Clone)]
pub struct Environment<'a> {
    /// LD_LIBRARY_PATH.
    pub library_path: Option<&'a [u8]>,
    /// LD_PRELOAD.
    pub preload: Option<&'a [u8]>,
    /// LD_ORIGIN_PATH: what `$ORIGIN` is for a program whose path is not known.
    pub origin_path: Option<&'a [u8]>,
    /// LD_BIND_NOW is set and not empty.
    pub bind_now: bool,
    /// LD_BIND_NOT is set and not empty: a function is looked up anew by each call.
    pub bind_not: bool,
    /// LD_DYNAMIC_WEAK is set: a weak definition is passed over for a later one that is not.
    pub dynamic_weak: bool,
    /// LD_AUDIT.
    pub audit: Option<&'a [u8]>,
    /// LD_TRACE_LOADED_OBJECTS is set and not empty: as ldd.
    pub list: bool,
    /// LD_WARN, LD_VERBOSE and LD_BIND_NOW: ldd's options.
    pub ldd: Ldd,
    /// LD_DEBUG.
    pub debug: Option<&'a [u8]>,
    /// LD_DEBUG_OUTPUT.
    pub debug_output: Option<&'a [u8]>,
    /// LD_SHOW_AUXV is set.
    pub show_auxv: bool,
    /// NO_COLOR is set and not empty.
    pub no_color: bool,
    /// GLIBC_TUNABLES.
    pub tunables: Option<&'a [u8]>,
    /// LD_RS_SEAL is set and not empty: what is protected of start-up objects is sealed, whether they ask for it or not.
    pub seal: bool,
    /// LD_RS_STRICT is set and not empty: objects that weaken the process's memory are refused.
    pub strict: bool,
    /// LD_RS_OTHER_LIBC is `refuse`: objects built for another libc than the program's do not join.
    pub refuse_other_libc: bool,
    /// LD_RS_SAVE: a folder where failures are saved.
    pub save: Option<&'a [u8]>,
    /// LD_RS_FALLBACK is 0: a glibc that is not known is not left to its own loader.
    pub no_fallback: bool,
    /// LD_RS_QUIET is set and not empty: nobody is told of that.
    pub quiet: bool,
}

impl<'a> Environment<'a> {
    /// Reads one `NAME=VALUE`.
    pub fn take(&mut self, variable: &'a [u8]) {
        // Nearly all variables are of no interest: told by their beginning.
        if !matches!(variable, [b'L', b'D', b'_', ..] | [b'N', b'O', b'_', b'C', ..] | [b'G', b'L', b'I', b'B', ..]) {
            return;
        }
        let Some(eq) = memchr::memchr(b'=', variable) else { return };
        let value = variable.get(eq.saturating_add(1)..).unwrap_or_default();
        let name = variable.get(..eq).unwrap_or_default();
        match () {
            () if is(name, b"LD_LIBRARY_PATH") => self.library_path = Some(value),
            () if is(name, b"LD_PRELOAD") => self.preload = Some(value),
            () if is(name, b"LD_ORIGIN_PATH") => self.origin_path = Some(value),
            () if is(name, b"LD_BIND_NOW") => self.bind_now = !value.is_empty(),
            () if is(name, b"LD_BIND_NOT") => self.bind_not = !value.is_empty(),
            () if is(name, b"LD_DYNAMIC_WEAK") => self.dynamic_weak = true,
            () if is(name, b"LD_AUDIT") => self.audit = Some(value),
            () if is(name, b"LD_TRACE_LOADED_OBJECTS") => self.list = true,
            () if is(name, b"LD_WARN") => self.ldd.warn = !value.is_empty(),
            () if is(name, b"LD_VERBOSE") => self.ldd.verbose = !value.is_empty(),
            () if is(name, b"LD_DEBUG") => self.debug = Some(value),
            () if is(name, b"LD_DEBUG_OUTPUT") => self.debug_output = Some(value),
            () if is(name, b"LD_SHOW_AUXV") => self.show_auxv = true,
            () if is(name, b"GLIBC_TUNABLES") => self.tunables = Some(value),
            () if is(name, b"NO_COLOR") => self.no_color = !value.is_empty(),
            () if is(name, b"LD_RS_SEAL") => self.seal = !value.is_empty(),
            () if is(name, b"LD_RS_STRICT") => self.strict = !value.is_empty(),
            () if is(name, b"LD_RS_OTHER_LIBC") => self.refuse_other_libc = value == b"refuse",
            () if is(name, b"LD_RS_SAVE") => self.save = Some(value).filter(|folder| !folder.is_empty()),
            () if is(name, b"LD_RS_FALLBACK") => self.no_fallback = value == b"0",
            () if is(name, b"LD_RS_QUIET") => self.quiet = !value.is_empty(),
            () => {}
        }
    }
}

/// Variables beside `LD_*` that a secure program must not see, with a space between two: the union of glibc 2.36's and 2.41's
/// lists (`unsecvars.h` and the tunables' security levels).
const UNSECURE: &[u8] = b"GCONV_PATH GETCONF_DIR GLIBC_TUNABLES HOSTALIASES LOCALDOMAIN LOCPATH MALLOC_ARENA_MAX \
    MALLOC_ARENA_TEST MALLOC_CHECK_ MALLOC_MMAP_MAX_ MALLOC_MMAP_THRESHOLD_ MALLOC_PERTURB_ MALLOC_TCACHE_COUNT \
    MALLOC_TOP_PAD_ MALLOC_TRACE MALLOC_TRIM_THRESHOLD_ NIS_PATH NLSPATH RESOLV_ADD_TRIM_DOMAINS RESOLV_HOST_CONF \
    RESOLV_MULTI RES_OPTIONS TMPDIR TZDIR";

/// Whether `variable` (`NAME=VALUE`) is to be removed in secure mode.
#[must_use]
pub fn is_unsecure(variable: &[u8]) -> bool {
    let name = memchr::memchr(b'=', variable).and_then(|eq| variable.get(..eq)).unwrap_or(variable);
    name.starts_with(b"LD_") || UNSECURE.split(|byte| *byte == b' ').any(|unsecure| unsecure == name)
}

/// Whether a secure program takes this from LD_PRELOAD: no path, and not longer than what glibc looks for.
#[must_use]
pub fn is_secure_name(name: &[u8]) -> bool {
    const LIMIT: usize = 255; // SECURE_NAME_LIMIT
    name.len() < LIMIT && !name.contains(&b'/')
}

/// The names in a list of what is to be preloaded.
pub fn names<'a>(list: &'a [u8], separators: &[u8]) -> impl Iterator<Item = &'a [u8]> {
    list.split(|byte| separators.contains(byte)).filter(|name| !name.is_empty())
}

/// What separates names in LD_PRELOAD and `--preload`, and in [`PRELOAD_FILE`].
pub const SEPARATORS: [&[u8]; 2] = [b": ", b": \t\n"];

/// The file that names what is preloaded into every program, after what LD_PRELOAD and `--preload` name.
pub const PRELOAD_FILE: &CStr = c"/etc/ld.so.preload";

/// Blanks comments, from a number sign to its line's end.
pub fn blank_comments(text: &mut [u8]) {
    let mut comment = false;
    for byte in text {
        comment = *byte == b'#' || comment && *byte != b'\n';
        if comment {
            *byte = b' ';
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{vec, vec::Vec};

    #[test]
    fn options_end_at_the_program() {
        let options = options(&[b"ld-rs.so", b"--argv0", b"x", b"--library-path=/a", b"./p", b"--list"]).unwrap();
        assert_eq!((options.argv0, options.library_path), (Some(&b"x"[..]), Some(&b"/a"[..])));
        assert_eq!((options.program, options.action), (4, Action::Run));
    }

    #[test]
    fn double_dash_ends_options() {
        assert_eq!(options(&[b"ld-rs.so", b"--", b"--odd"]).unwrap().program, 2);
        assert_eq!(options(&[b"ld-rs.so", b"--"]).unwrap_err(), Stop::MissingProgram);
        assert_eq!(options(&[b"ld-rs.so"]).unwrap_err(), Stop::NoArguments);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(options(&[b"ld-rs.so", b"--what", b"p"]).unwrap_err(), Stop::Unrecognized(b"--what"));
        assert_eq!(options(&[b"ld-rs.so", b"--preload"]).unwrap_err(), Stop::MissingArgument(b"--preload"));
    }

    #[test]
    fn ldds_options_may_be_cut_short() {
        let read = |args: &[&'static [u8]]| options(&[&[&b"/bin/ldd-rs"[..]], args].concat());
        let ldd = |args| read(args).unwrap().ldd.unwrap();
        assert_eq!(ldd(&[b"--verb", b"x"]), Ldd { verbose: true, ..Ldd::default() });
        assert_eq!(ldd(&[b"-r", b"-u", b"x"]), Ldd { warn: true, bind_now: true, unused: true, ..Ldd::default() });
        assert_eq!(read(&[b"--ve", b"x"]).unwrap_err(), Stop::Ambiguous(b"--ve"));
        assert_eq!(read(&[b"-x", b"x"]).unwrap_err(), Stop::Unrecognized(b"-x"));
        assert_eq!(read(&[b"-v"]).unwrap_err(), Stop::MissingProgram);
        assert_eq!(read(&[b"--tree=2", b"x"]).unwrap().depth, Some(2));
        assert_eq!(options(&[b"ld-rs.so", b"-v", b"x"]).unwrap().program, 1);
    }

    #[test]
    fn secure_names() {
        assert!(is_secure_name(b"libx.so") && is_secure_name(&[b'x'; 254]) && !is_secure_name(&[b'x'; 255]));
        assert!(!is_secure_name(b"/libx.so") && !is_secure_name(b"./x") && !is_secure_name(b"$ORIGIN/x"));
    }

    #[test]
    fn names_of_the_preload_file() {
        let names = |text: &[u8]| {
            let mut text = text.to_vec();
            blank_comments(&mut text);
            super::names(&text, SEPARATORS[1]).collect::<Vec<_>>().join(&b'|')
        };
        assert_eq!(names(b"/a.so"), b"/a.so");
        assert_eq!(names(b" a:b\tc\n\nd  e#f g\n#h\n:i##\nj#"), b"a|b|c|d|e|i|j");
        assert_eq!(names(b"a\r\nb\0c"), b"a\r|b\0c");
        assert_eq!((names(b""), names(b"# \n::\t#x")), (vec![], vec![]));
    }

    #[test]
    fn arguments_must_mean_something() {
        assert_eq!(options(&[b"l", b"--tree=x", b"p"]).unwrap_err(), Stop::BadArgument(b"--tree=x"));
        assert_eq!(options(&[b"l", b"--color=red", b"p"]).unwrap_err(), Stop::BadArgument(b"--color=red"));
    }

    #[test]
    fn unsecure_variables() {
        assert!(is_unsecure(b"LD_ANYTHING=1") && is_unsecure(b"GLIBC_TUNABLES=x") && !is_unsecure(b"PATH=/bin"));
        for name in
            [b"GCONV_PATH", &b"MALLOC_ARENA_TEST="[..], b"MALLOC_TRIM_THRESHOLD_=1", b"RESOLV_MULTI=x", b"TZDIR=/"]
        {
            assert!(is_unsecure(name), "{name:?}");
        }
        assert!(!is_unsecure(b"") && !is_unsecure(b"MALLOC_ARENA=1") && !is_unsecure(b"TMPDIR TZDIR=1"));
    }
}
