//! The command line and the environment: what the user asked for.
//!
//! Called once at start with borrowed bytes. Secure mode is decided by the caller before this runs.

use alloc::vec::Vec;

/// What `ld-rs.so OPTION... PROGRAM ARG...` asks for.
#[derive(Debug, Default, Clone)]
pub struct Options<'a> {
    /// `--list`: print the objects, run nothing.
    pub list: bool,
    /// `--verify`: tell by the exit code whether the file is for us.
    pub verify: bool,
    /// `--inhibit-cache`: do not use /etc/ld.so.cache.
    pub inhibit_cache: bool,
    /// `--library-path`: instead of LD_LIBRARY_PATH.
    pub library_path: Option<&'a [u8]>,
    /// `--preload`: after LD_PRELOAD's objects.
    pub preload: Option<&'a [u8]>,
    /// `--argv0`: the program's argv[0].
    pub argv0: Option<&'a [u8]>,
    /// `--inhibit-rpath`: objects, by name, whose RPATH and RUNPATH have no effect.
    pub inhibit_rpath: Option<&'a [u8]>,
    /// `--bindings`: print what each symbolic relocation binds to, found by this engine; run nothing.
    pub bindings: Option<&'a [u8]>,
    /// Position of PROGRAM in the arguments.
    pub program: usize,
}

/// A command line that cannot be followed, or that asks for text only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop<'a> {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// No PROGRAM.
    MissingProgram,
    /// An option we do not know.
    Unrecognized(&'a [u8]),
    /// An option that needs an argument.
    MissingArgument(&'a [u8]),
    /// An option of glibc's loader that has no effect to offer here.
    Unsupported(&'a [u8]),
}

/// Reads the options in `args` (argv, with our own name first).
pub fn options<'a>(args: &[&'a [u8]]) -> Result<Options<'a>, Stop<'a>> {
    let own_name = args.first().copied().unwrap_or_default();
    let mut options =
        Options { list: own_name.ends_with(b"ldd") || own_name.ends_with(b"ldd-rs"), ..Options::default() };
    let mut at = 1usize;
    while let Some(arg) = args.get(at).copied() {
        if !arg.starts_with(b"--") {
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
            let value = inline.or_else(|| {
                let value = args.get(at).copied();
                at = at.saturating_add(1);
                value
            });
            value.ok_or(Stop::MissingArgument(name))
        };
        match name {
            b"--list" => options.list = true,
            b"--verify" => options.verify = true,
            b"--inhibit-cache" => options.inhibit_cache = true,
            b"--library-path" => options.library_path = Some(value()?),
            b"--preload" => options.preload = Some(value()?),
            b"--argv0" => options.argv0 = Some(value()?),
            b"--inhibit-rpath" => options.inhibit_rpath = Some(value()?),
            b"--bindings" => options.bindings = Some(value()?),
            b"--help" => return Err(Stop::Help),
            b"--version" => return Err(Stop::Version),
            b"--audit" => return Err(Stop::Unsupported(name)),
            _ => return Err(Stop::Unrecognized(arg)),
        }
    }
    options.program = at;
    if at >= args.len() { Err(Stop::MissingProgram) } else { Ok(options) }
}

/// What the environment asks for. Empty in secure mode.
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
    /// LD_TRACE_LOADED_OBJECTS is set and not empty: as `--list`.
    pub list: bool,
}

impl<'a> Environment<'a> {
    /// Reads one `NAME=VALUE`.
    pub fn take(&mut self, variable: &'a [u8]) {
        let Some(eq) = memchr::memchr(b'=', variable) else { return };
        let value = variable.get(eq.saturating_add(1)..).unwrap_or_default();
        match variable.get(..eq).unwrap_or_default() {
            b"LD_LIBRARY_PATH" => self.library_path = Some(value),
            b"LD_PRELOAD" => self.preload = Some(value),
            b"LD_ORIGIN_PATH" => self.origin_path = Some(value),
            b"LD_BIND_NOW" => self.bind_now = !value.is_empty(),
            b"LD_TRACE_LOADED_OBJECTS" => self.list = !value.is_empty(),
            _ => {}
        }
    }
}

/// Variables beside `LD_*` that a secure program must not see: the union of glibc 2.36's and 2.41's
/// lists (`unsecvars.h` and the tunables' security levels).
const UNSECURE: [&[u8]; 24] = [
    b"GCONV_PATH",
    b"GETCONF_DIR",
    b"GLIBC_TUNABLES",
    b"HOSTALIASES",
    b"LOCALDOMAIN",
    b"LOCPATH",
    b"MALLOC_ARENA_MAX",
    b"MALLOC_ARENA_TEST",
    b"MALLOC_CHECK_",
    b"MALLOC_MMAP_MAX_",
    b"MALLOC_MMAP_THRESHOLD_",
    b"MALLOC_PERTURB_",
    b"MALLOC_TCACHE_COUNT",
    b"MALLOC_TOP_PAD_",
    b"MALLOC_TRACE",
    b"MALLOC_TRIM_THRESHOLD_",
    b"NIS_PATH",
    b"NLSPATH",
    b"RESOLV_ADD_TRIM_DOMAINS",
    b"RESOLV_HOST_CONF",
    b"RESOLV_MULTI",
    b"RES_OPTIONS",
    b"TMPDIR",
    b"TZDIR",
];

/// Whether `variable` (`NAME=VALUE`) is to be removed in secure mode.
#[must_use]
pub fn is_unsecure(variable: &[u8]) -> bool {
    let name = memchr::memchr(b'=', variable).and_then(|eq| variable.get(..eq)).unwrap_or(variable);
    name.starts_with(b"LD_") || UNSECURE.contains(&name)
}

/// The names in LD_PRELOAD or `--preload`.
#[must_use]
pub fn preload_names(list: &[u8]) -> Vec<&[u8]> {
    list.split(|byte| matches!(byte, b':' | b' ')).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn options_end_at_the_program() {
        let options = options(&[b"ld-rs.so", b"--argv0", b"x", b"--library-path=/a", b"./p", b"--list"]).unwrap();
        assert_eq!((options.argv0, options.library_path), (Some(&b"x"[..]), Some(&b"/a"[..])));
        assert_eq!((options.program, options.list), (4, false));
    }

    #[test]
    fn double_dash_ends_options() {
        assert_eq!(options(&[b"ld-rs.so", b"--", b"--odd"]).unwrap().program, 2);
        assert_eq!(options(&[b"ld-rs.so", b"--"]).unwrap_err(), Stop::MissingProgram);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(options(&[b"ld-rs.so", b"--what", b"p"]).unwrap_err(), Stop::Unrecognized(b"--what"));
        assert_eq!(options(&[b"ld-rs.so", b"--preload"]).unwrap_err(), Stop::MissingArgument(b"--preload"));
    }

    #[test]
    fn unsecure_variables() {
        assert!(is_unsecure(b"LD_ANYTHING=1") && is_unsecure(b"GLIBC_TUNABLES=x") && !is_unsecure(b"PATH=/bin"));
    }
}
