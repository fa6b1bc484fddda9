//! What ld-rs says of itself: mistakes on the command line, `--help`, `--version`, `--list-diagnostics`,
//! LD_SHOW_AUXV. Words and exit codes are glibc's where it has them.

use core::fmt::Write;
use ld_rs_loader::search::{Search, Settings, hwcaps_level, platform};
use ld_rs_loader::{page::Page, stack::Stack, sys};
use ld_rs_plan::arch::{GLIBC_HWCAPS, LIB};
use ld_rs_plan::args::{self, Stop};
use ld_rs_plan::auxv::{self, Style};
use ld_rs_plan::{cache, error::Text, libc::Kind, search};

/// Says why the command line cannot be followed, or what it asks for where that is text only.
pub fn refuse(own_name: &[u8], stop: &Stop<'_>) -> ! {
    let own = Text(own_name);
    let is_ldd = args::is_ldd(own_name);
    let mut page = Page::default();
    let _ = match stop {
        Stop::Help | Stop::Version | Stop::Diagnostics => {
            page.bytes(if is_ldd { b"ldd (ld-rs) " } else { b"ld-rs.so " });
            page.bytes(concat!(env!("CARGO_PKG_VERSION"), "\n").as_bytes());
            page.exit(1, 0)
        }
        Stop::Tunables => {
            page.bytes(b"tunables are the libc's: see GLIBC_TUNABLES in ld-rs.so(8) and ld-rs-rules(7)\n");
            page.exit(2, 0)
        }
        Stop::MissingProgram if is_ldd => writeln!(page, "ldd: missing file arguments"),
        Stop::MissingProgram | Stop::NoArguments => writeln!(page, "{own}: missing program name"),
        Stop::Unrecognized(option) if is_ldd => writeln!(page, "ldd: unrecognized option `{}'", Text(option)),
        Stop::Unrecognized(option) => writeln!(page, "{own}: unrecognized option '{}'", Text(option)),
        Stop::MissingArgument(option) => writeln!(page, "{own}: option requires an argument '{}'", Text(option)),
        Stop::Ambiguous(option) => writeln!(page, "ldd: option `{}' is ambiguous", Text(option)),
        Stop::BadArgument(option) => writeln!(page, "{own}: invalid argument in '{}'", Text(option)),
    };
    let _ = match stop {
        Stop::BadArgument(_) | Stop::Ambiguous(_) => Ok(()),
        _ if is_ldd => writeln!(page, "Try `ldd --help' for more information."),
        _ => writeln!(page, "Try '{own} --help' for more information."),
    };
    // ldd scripts up to glibc 2.32 know a loader by this code; later ones ask for its version instead.
    page.exit(2, if *stop == Stop::NoArguments { 127 } else { 1 })
}

/// `--help`: the options, then where libraries are searched for and why there.
pub fn help(own_name: &[u8], settings: &Settings<'_>) -> ! {
    let mut page = Page::default();
    if args::is_ldd(own_name) {
        page.bytes(LDD_HELP.as_bytes());
        page.exit(1, 0)
    }
    page.bytes(HELP.as_bytes());
    let _ = writeln!(page, "\nThis program interpreter self-identifies as: {}", Text(own_name));
    page.bytes(b"\nShared library search path:\n");
    let mut search = Search::new(settings);
    let mut cache = !settings.inhibit_cache;
    for (path, default) in search.common_directories() {
        if default && core::mem::take(&mut cache) {
            let _ = writeln!(page, "  (libraries located via {})", Text(cache::PATH.to_bytes()));
        }
        let given = if settings.library_path_by_option { "--library-path" } else { "LD_LIBRARY_PATH" };
        let source = if default { "system search path" } else { given };
        let _ = writeln!(page, "  {} ({source})", Text(path));
    }
    page.bytes(b"\nSubdirectories of glibc-hwcaps directories, in priority order:\n");
    let [prepend, mask, _] = settings.hwcaps;
    for name in search::hwcaps(prepend, Some(b""), 1) {
        let _ = writeln!(page, "  {} (searched)", Text(&name));
    }
    let level = hwcaps_level(settings.hwcaps);
    for (at, name) in GLIBC_HWCAPS.iter().enumerate() {
        let supported = level + at > GLIBC_HWCAPS.len();
        let masked = mask.is_some_and(|mask| !mask.split(|byte| *byte == b':').any(|known| known == *name));
        let state = match (supported, masked) {
            (true, false) => " (supported, searched)",
            (true, true) => " (supported, masked)",
            (false, true) => " (masked)",
            (false, false) => "",
        };
        let _ = writeln!(page, "  {}{state}", Text(name));
    }
    page.exit(1, 0)
}

/// `--list-diagnostics`: facts of this machine and this start, a line each.
pub fn diagnostics(stack: &Stack, settings: &Settings<'_>) -> ! {
    let mut page = Page::default();
    let _ = writeln!(page, "dl_dst_lib=\"{}\"", Text(LIB));
    let _ = writeln!(page, "dl_hwcaps_subdirs=\"{}\"", Text(&GLIBC_HWCAPS.join(&b':')));
    // A bit a subdirectory, from the best on.
    let all = (1u32 << GLIBC_HWCAPS.len()) - 1;
    let active = all << (GLIBC_HWCAPS.len() + 1 - hwcaps_level(settings.hwcaps)) & all;
    let _ = writeln!(page, "dl_hwcaps_subdirs_active={active:#x}");
    let _ =
        writeln!(page, "dl_pagesize={:#x}\ndl_platform=\"{}\"", sys::page_size(), Text(platform(settings.platform)));
    page.bytes(b"dso.ld=\"ld-rs.so.1\"\n");
    for (at, variable) in stack.environment().enumerate() {
        // Values may be secrets; those that steer loading are what is asked for.
        let name = variable.split(|byte| *byte == b'=').next().unwrap_or_default();
        let _ = match variable.starts_with(b"LD_") || variable.starts_with(b"GLIBC_TUNABLES=") {
            true => writeln!(page, "env[{at:#x}]=\"{}\"", Text(variable)),
            false => writeln!(page, "env_filtered[{at:#x}]=\"{}\"", Text(name)),
        };
    }
    for (at, path) in Kind::Glibc.rules().default_dirs.iter().enumerate() {
        let _ = writeln!(page, "path.system_dirs[{at:#x}]=\"{}\"", Text(path));
    }
    page.bytes(concat!("version.version=\"", env!("CARGO_PKG_VERSION"), "\"\n").as_bytes());
    for (at, (key, value)) in stack.auxv_entries().enumerate() {
        let _ = write!(page, "auxv[{at:#x}].a_type={key:#x}\nauxv[{at:#x}].a_val");
        let _ = match auxv::entry(key) {
            Some((_, Style::String)) => writeln!(page, "_string=\"{}\"", Text(stack.aux_string(key as u32))),
            _ => writeln!(page, "={value:#x}"),
        };
    }
    page.exit(1, 0)
}

/// LD_SHOW_AUXV: the auxiliary vector, as glibc shows it.
pub fn show_auxv(stack: &Stack) {
    let mut page = Page::default();
    for (key, value) in stack.auxv_entries() {
        let Some((name, style)) = auxv::entry(key) else {
            let _ = writeln!(page, "AT_??? ({key:#x}): {value:#x}");
            continue;
        };
        let _ = write!(page, "AT_{name}:{:1$}", "", 18usize.saturating_sub(name.len()));
        let _ = match style {
            Style::Decimal => writeln!(page, "{value}"),
            Style::Hex => writeln!(page, "{value:#x}"),
            Style::Bare => writeln!(page, "{value:x}"),
            Style::String => writeln!(page, "{}", Text(stack.aux_string(key as u32))),
        };
    }
    page.write(1);
}

const LDD_HELP: &str = "\
Usage: ldd [OPTION]... FILE...
Print the shared objects that each FILE needs; nothing of it is run.

  -v, --verbose          versions too
  -d, --data-relocs      undefined data symbols too
  -r, --function-relocs  undefined data and function symbols too
  -u, --unused           direct dependencies that nothing is used of, instead
      --help             this text
      --version          the version

Options of ld-rs.so that inspect (--tree, --explain, --check, --json) work here too.
";

const HELP: &str = "\
Usage: ld-rs.so [OPTION]... [--] PROGRAM [ARGUMENT]...
  or:  ld-rs.so INSPECTION [OPTION]... [--] FILE...
Load PROGRAM with the objects it needs and run it, or inspect FILEs without running anything of them.

  --library-path PATH   use PATH instead of LD_LIBRARY_PATH
  --sysroot DIR         find PROGRAM, libraries and ld.so.cache in the tree DIR
  --inhibit-cache       do not use /etc/ld.so.cache
  --inhibit-rpath LIST  ignore RPATH and RUNPATH of the objects in LIST
  --glibc-hwcaps-prepend LIST  search these subdirectories of glibc-hwcaps first
  --glibc-hwcaps-mask LIST     of the built-in ones search only these
  --preload LIST        preload the objects in LIST after those of LD_PRELOAD
  --argv0 STRING        pass STRING as argv[0] to PROGRAM
  --stats               say at hand-over what starting cost
  --list-diagnostics    facts of this machine, a line each
  --list-tunables       tunables; there are none
  --help                this text
  --version             the version

Inspections:
  --list                the objects, as ldd
  --verify              exit 0 if FILE is for a loader, 2 if it is a library, 1 otherwise
  --tree[=DEPTH]        who needs what, and where it was found; --dot: for graphviz
  --explain NAME        every step of the search for one library
  --explain-symbol SYM  whose definition of SYM[@VERSION] wins
  --paths               every file once
  --check               whatever cannot be resolved, all at once
  --json                with any of these: one document
  --color[=WHEN]        auto, always or never

As the interpreter of a program (PT_INTERP), ld-rs.so runs without being named.
";
