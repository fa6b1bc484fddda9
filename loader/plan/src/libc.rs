//! Which libc a program lives with, and what that means for finding its libraries.
//!
//! loader's search asks before the first library is looked for ([`Kind::expected`]); runtime and inspection ask when
//! everything is loaded ([`loaded`]). All else that differs between libcs in a search is data here ([`Rules`]).

use crate::{arch, tunables};

/// The kinds of libc.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// None: the program brings its own start-up code. What it needs is searched for by glibc's rules.
    #[default]
    None,
    /// glibc.
    Glibc,
    /// musl.
    Musl,
}

/// One step of a search; [`crate::places::Order`] makes [`Place`](crate::places::Place)s of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The lists that the requester inherits from the objects that asked for it, its own first.
    Inherited,
    /// LD_LIBRARY_PATH or `--library-path`.
    LibraryPath,
    /// The requester's own DT_RUNPATH.
    Runpath,
    /// /etc/ld.so.cache.
    Cache,
    /// The directories of ld.so.conf, in a tree without a cache.
    Configured,
    /// The default directories.
    Default,
}

/// What a kind of libc means for a search.
#[derive(Debug)]
pub struct Rules {
    /// Names by which objects need the libc; also its DT_SONAME.
    pub names: &'static [&'static [u8]],
    /// How other names begin that mean the libc, whatever follows: of libraries that it is in one.
    pub name_starts: &'static [&'static [u8]],
    /// Where the libc is, if it is its own loader and [`Rules::names`] mean that one file.
    pub loader: Option<&'static [u8]>,
    /// The order of places.
    pub steps: &'static [Step],
    /// Whether DT_RUNPATH is inherited as DT_RPATH is.
    pub inherits_runpath: bool,
    /// Whether directories have glibc-hwcaps subdirectories.
    pub hwcaps: bool,
    /// The default directories.
    pub default_dirs: &'static [&'static [u8]],
    /// The file that lists other default directories, separated by colons and line feeds.
    pub default_dirs_file: Option<&'static [u8]>,
    /// Whether versions of symbols are wishes, and a missing one no error.
    pub versions_are_wishes: bool,
    /// Constructors come in the order of [`crate::order::depth_first`], and at exit destructors in the reverse of the order
    /// in which constructors came; else both as glibc sorts.
    pub depth_first: bool,
    /// Whether the program is told of by the path that it was started by (AT_EXECFN): in lists of objects, where it has no name
    /// else, and of an address.
    pub program_has_path: bool,
    /// Whether all functions are bound at start-up, and dlopen takes a mode without RTLD_LAZY and RTLD_NOW for RTLD_NOW; there is
    /// no RTLD_DEEPBIND.
    pub binds_now: bool,
}

/// glibc (elf/dl-load.c, `_dl_map_object`; the same from 2.31 to 2.43).
const GLIBC: Rules = Rules {
    names: &[b"libc.so.6"],
    name_starts: &[],
    loader: None,
    steps: &[Step::Inherited, Step::LibraryPath, Step::Runpath, Step::Cache, Step::Configured, Step::Default],
    inherits_runpath: false,
    hwcaps: true,
    default_dirs: &arch::GLIBC_DIRECTORIES,
    default_dirs_file: None,
    versions_are_wishes: false,
    depth_first: false,
    program_has_path: false,
    binds_now: false,
};

/// musl (ldso/dynlink.c, `load_library`; the same from 1.2.2 to 1.2.6).
const MUSL: Rules = Rules {
    names: &arch::MUSL_NAMES,
    name_starts: &[b"libc.", b"libpthread.", b"librt.", b"libm.", b"libdl.", b"libutil.", b"libxnet."],
    loader: Some(arch::MUSL_LOADER),
    steps: &[Step::LibraryPath, Step::Inherited, Step::Default],
    inherits_runpath: true,
    hwcaps: false,
    default_dirs: &[b"/lib", b"/usr/local/lib", b"/usr/lib"],
    default_dirs_file: Some(arch::MUSL_DIRECTORIES_FILE),
    versions_are_wishes: true,
    depth_first: true,
    program_has_path: true,
    binds_now: true,
};

impl Kind {
    /// What it means.
    #[must_use]
    pub const fn rules(self) -> &'static Rules {
        match self {
            Self::None | Self::Glibc => &GLIBC,
            Self::Musl => &MUSL,
        }
    }

    /// Its name for people and programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Glibc => "glibc",
            Self::Musl => "musl",
        }
    }

    /// Whether `name` is a name of this libc.
    #[must_use]
    pub fn has_name(self, name: &[u8]) -> bool {
        self != Self::None && self.rules().names.contains(&name)
    }

    /// Whether who needs `name` is given this libc, which is its own loader.
    #[must_use]
    pub fn means(self, name: &[u8]) -> bool {
        let Rules { name_starts, loader, .. } = self.rules();
        loader.is_some() && (self.has_name(name) || name_starts.iter().any(|start| name.starts_with(start)))
    }

    /// Whether an object with these DT_NEEDED asks for this libc.
    #[must_use]
    pub fn is_needed(self, needed: &[&[u8]]) -> bool {
        needed.iter().any(|name| self.has_name(name))
    }

    /// The libc that a program asks for by PT_INTERP and DT_NEEDED. A program with glibc's loader may have a library of
    /// its own by the name of musl's; one with another, as ld-rs, says by its needs what it is.
    #[must_use]
    pub fn expected(interpreter: Option<&[u8]>, needed: &[&[u8]]) -> Self {
        let file = interpreter.and_then(|path| path.rsplit(|byte| *byte == b'/').next());
        let musl = match file {
            Some(file) if file.starts_with(b"ld-musl-") => true,
            Some(file) if file.starts_with(b"ld-linux") => false,
            _ => Self::Musl.is_needed(needed),
        };
        match musl {
            true => Self::Musl,
            false if Self::Glibc.is_needed(needed) => Self::Glibc,
            false => Self::None,
        }
    }
}

/// The name that stands for `name` of a 64-bit interface to files, of which objects built for musl up to 1.2.3 ask, in a musl
/// that has one interface only (ldso/dynlink.c, `get_lfs64`, from 1.2.4 on).
#[must_use]
pub fn plain_name(name: &[u8]) -> Option<&[u8]> {
    /// Separated by spaces, as in `get_lfs64`.
    const NAMES: &[u8] = b"aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort creat \
        fallocate fgetpos fopen freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs ftello ftruncate ftw getdents \
        getrlimit glob globfree lio_listio lockf lseek lstat mkostemp mkostemps mkstemp mkstemps mmap nftw open openat \
        posix_fadvise posix_fallocate pread preadv prlimit pwrite pwritev readdir scandir sendfile setrlimit stat statfs \
        statvfs tmpfile truncate versionsort __fxstat __fxstatat __lxstat __xstat";
    match name {
        b"readdir64_r" => Some(b"readdir_r"),
        _ => name.strip_suffix(b"64").filter(|plain| NAMES.split(|byte| *byte == b' ').any(|known| known == *plain)),
    }
}

/// The minor version of a glibc 2, as its libc.so.6 says it of itself.
#[must_use]
pub fn glibc_minor(file: &[u8]) -> Option<u32> {
    let rest = tunables::build(file, b" release version 2.")?;
    let digits = rest.get(..rest.iter().position(|byte| !byte.is_ascii_digit())?)?;
    core::str::from_utf8(digits).ok()?.parse().ok()
}

/// The libc that was loaded, and its number. Takes of each object, in load order, the DT_SONAME or, lacking one, the
/// file's name, and how to tell whether it defines `_dlstart`: musl's libc, its own loader, does, and another library
/// may have the same name.
pub fn loaded<'a, F: FnOnce() -> bool>(objects: impl IntoIterator<Item = (&'a [u8], F)>) -> Option<(Kind, usize)> {
    objects.into_iter().enumerate().find_map(|(number, (name, defines_dlstart))| {
        if Kind::Glibc.has_name(name) {
            return Some((Kind::Glibc, number));
        }
        (Kind::Musl.has_name(name) && defines_dlstart()).then_some((Kind::Musl, number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::GLIBC_LOADER;

    #[test]
    fn the_program_says_what_it_expects() {
        const GLIBC_NEED: &[&[u8]] = &[b"libm.so.6", b"libc.so.6"];
        const MUSL_NEED: &[&[u8]] = &[b"libz.so.1", b"libc.musl-x86_64.so.1"];
        const PLAIN: &[&[u8]] = &[b"libc.so"];
        type Case = (Option<&'static [u8]>, &'static [&'static [u8]], Kind);
        let cases: [Case; 10] = [
            (Some(GLIBC_LOADER), GLIBC_NEED, Kind::Glibc),
            (Some(GLIBC_LOADER), &[], Kind::None),
            (Some(GLIBC_LOADER), PLAIN, Kind::None),
            (Some(b"/opt/ld-rs.so.1"), GLIBC_NEED, Kind::Glibc),
            (Some(b"/opt/ld-rs.so.1"), MUSL_NEED, Kind::Musl),
            (Some(b"/lib/ld-musl-x86_64.so.1"), PLAIN, Kind::Musl),
            (Some(b"/lib/ld-musl-x86_64.so.1"), &[], Kind::Musl),
            (None, PLAIN, Kind::Musl),
            (None, MUSL_NEED, Kind::Musl),
            (None, &[], Kind::None),
        ];
        for (interpreter, needed, expected) in cases {
            assert_eq!(Kind::expected(interpreter, needed), expected, "{interpreter:?} {needed:?}");
        }
    }

    #[test]
    fn large_file_names() {
        assert_eq!((plain_name(b"open64"), plain_name(b"__xstat64")), (Some(&b"open"[..]), Some(&b"__xstat"[..])));
        assert_eq!(plain_name(b"readdir64_r"), Some(&b"readdir_r"[..]));
        assert_eq!((plain_name(b"64"), plain_name(b"strtoll64"), plain_name(b"open")), (None, None, None));
    }

    #[test]
    fn musl_is_several_libraries_in_one() {
        for name in [&b"libc.so"[..], b"libc.musl-x86_64.so.1", b"ld-musl-x86_64.so.1", b"libm.so.6", b"libpthread.so"]
        {
            assert!(Kind::Musl.means(name) && !Kind::Glibc.means(name), "{name:?}");
        }
        assert!(![&b"libcrypt.so"[..], b"libmnl.so.0", b"/lib/libc.so"].iter().any(|name| Kind::Musl.means(name)));
    }

    #[test]
    fn minor_versions() {
        let file = b"..\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\nCopyright".as_slice();
        assert_eq!(glibc_minor(file), Some(36));
        assert_eq!(glibc_minor(b"development release version 2.43.9000.\n"), Some(43));
        assert_eq!(
            (glibc_minor(b" release version 2."), glibc_minor(b" release version 2.x"), glibc_minor(b"")),
            (None, None, None)
        );
    }

    #[test]
    fn what_was_loaded_confirms_it() {
        type Objects = &'static [(&'static [u8], bool)];
        let cases: [(Objects, Option<(Kind, usize)>); 5] = [
            (&[(b"prog", false), (b"libc.so.6", false)], Some((Kind::Glibc, 1))),
            (&[(b"libc.so", false)], None),
            (&[(b"libc.so", true)], Some((Kind::Musl, 0))),
            (&[(b"prog", true)], None),
            (&[(b"libc.so.6", false), (b"libc.so", true)], Some((Kind::Glibc, 0))),
        ];
        for (objects, result) in cases {
            assert_eq!(loaded(objects.iter().map(|(name, starts)| (*name, || *starts))), result);
        }
    }
}
