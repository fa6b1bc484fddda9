//! Objects that were built for musl, in a process whose libc is glibc: how they are known, and what the names of
//! musl's libc mean there.
//!
//! Such an object never touches the thread pointer but by `__tls_get_addr` and `__errno_location`, so it has no opinion
//! about which libc it gets. Most names mean the same in both. The others stand in [`WORDS`]: they were found by
//! comparing, on x86-64, the exports of musl 1.2.2 to 1.2.6 with those of glibc 2.31 to 2.43, and size, offsets and value
//! of each type and constant that headers of both declare. loader's `discover` asks [`needs_musl`] when an object joins,
//! resolution asks [`meaning`] for each of its references; what is ours is in runtime's `glibc::for_musl`.

use crate::elf::dynamic::Dynamic;
use crate::libc::Kind;

/// How the names begin by which ld-rs exports what is its own in [`WORDS`].
pub const OURS: &[u8] = b"__ld_rs_musl_";

/// What an object built for musl means by a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// What libc has by another name.
    Name(&'static [u8]),
    /// A function of ours, whatever libc has.
    Ours,
    /// A function of ours where libc has none of the name.
    OursIfMissing,
    /// Nothing that could be had: why.
    Nothing(&'static str),
}

/// Names with their meanings, separated by spaces: `name=other` is another name in glibc, `name!` is ours, `name?` is ours
/// where glibc has none.
/// * Of the same function in glibc under another name: POSIX's basename, setjmp that saves no mask, the rest aliases.
/// * newlocale: LC_ALL_MASK is 0x7fffffff, which glibc refuses. ftw: FTW_F is 1 there, 0 here, and so on.
/// * regcomp: `re_nsub` stands first, and `regoff_t` has 8 bytes, not 4.
/// * sendmsg: the lengths of `struct msghdr` have 4 bytes with 4 of padding, that of `struct cmsghdr` too.
/// * crypt_r: its data has 260 bytes there, 32,768 here. `_pthread_cleanup_push`: a frame has 24, here 32.
/// * pthread_attr_setstacksize: from 2,048 on, here from 16,384. getnameinfo: NI_NUMERICSCOPE is refused here.
/// * getopt: arguments are not put in another order. utmp: musl has none, and its `struct utmpx` is larger.
/// * The rest is missing in some glibc: in libc_nonshared.a, of musl alone, or newer than 2.31.
const WORDS: &[u8] = b"basename=__xpg_basename strerror_r=__xpg_strerror_r setjmp=_setjmp __setjmp=_setjmp \
    sigsetjmp=__sigsetjmp ___environ=__environ getdents=getdents64 res_init=__res_init __nl_langinfo=nl_langinfo \
    __strerror_l=strerror_l __lgammal_r=lgammal_r _IO_feof_unlocked=feof_unlocked _IO_ferror_unlocked=ferror_unlocked \
    _IO_getc_unlocked=getc_unlocked _IO_putc_unlocked=putc_unlocked __fgetwc_unlocked=fgetwc_unlocked \
    __fputwc_unlocked=fputwc_unlocked __strtoimax_internal=strtoimax __strtoumax_internal=strtoumax pow10=exp10 \
    pow10f=exp10f pow10l=exp10l newlocale! __newlocale! ftw! nftw! ftw64! nftw64! regcomp! regexec! regfree! sendmsg! \
    recvmsg! sendmmsg! recvmmsg! crypt_r! _pthread_cleanup_push! _pthread_cleanup_pop! pthread_attr_setstacksize! \
    getnameinfo! getopt! setutxent! endutxent! getutxent! getutxid! getutxline! pututxline! updwtmpx! setutent! endutent! \
    getutent! getutid! getutline! pututline! updwtmp! atexit? at_quick_exit? pthread_atfork! fpurge? issetugid? \
    membarrier? posix_close? strlcpy? strlcat? tcgetwinsize? tcsetwinsize? stime? isastream? __freadahead? __freadptr? \
    __freadptrinc? __fseterr? __flt_rounds? gettid? tgkill? stat? fstat? lstat? fstatat? mknod? mknodat? stat64? fstat64? \
    lstat64? fstatat64?";

/// Names that cannot be had, with the reason.
const NOTHING: [(&[u8], &str); 5] = [
    (b"fgetln", "the line would lie in a buffer that musl keeps in its FILE"),
    (b"optreset", "getopt of glibc is not reset by a variable"),
    (b"__optreset", "getopt of glibc is not reset by a variable"),
    (b"__optpos", "getopt of glibc does not tell its place in an argument"),
    (b"__stack_chk_guard", "the canary of glibc is in the thread control block alone"),
];

/// What an object built for musl means by `name`, where that is not simply the symbol of the name in glibc.
#[must_use]
pub fn meaning(name: &[u8]) -> Option<Meaning> {
    let word = WORDS.split(|byte| *byte == b' ').find_map(|word| word.strip_prefix(name));
    match word {
        Some([b'=', other @ ..]) => Some(Meaning::Name(other)),
        Some(b"!") => Some(Meaning::Ours),
        Some(b"?") => Some(Meaning::OursIfMissing),
        _ => NOTHING.iter().find(|(known, _)| *known == name).map(|(_, why)| Meaning::Nothing(why)),
    }
}

/// The name by which an object needs musl's libc, if it was built for that: nothing in it speaks of glibc.
#[must_use]
pub fn needs_musl<'a>(dynamic: &Dynamic<'a>) -> Option<&'a [u8]> {
    let name = dynamic.needed.iter().copied().find(|name| Kind::Musl.has_name(name))?;
    let of_glibc = dynamic.needed.iter().any(|name| PARTS.contains(name))
        || dynamic.versions.needs.iter().any(|need| need.version.name.starts_with(b"GLIBC_"));
    (!of_glibc).then_some(name)
}

/// The libraries that glibc is in, by DT_SONAME. musl's libc is all of them in one.
const PARTS: [&[u8]; 7] =
    [b"libc.so.6", b"libm.so.6", b"libpthread.so.0", b"libdl.so.2", b"librt.so.1", b"libresolv.so.2", b"libcrypt.so.1"];

/// Whether `soname` is a part of glibc, whose definitions a meaning may replace: any other object's count.
#[must_use]
pub fn is_part(soname: &[u8]) -> bool {
    PARTS.contains(&soname)
}

/// The library of glibc that is had for `name`, if musl takes that for its libc: the part of the name, or libc.so.6.
#[must_use]
pub fn part_for(name: &[u8]) -> Option<&'static [u8]> {
    let begins =
        |part: &&'static [u8]| name.split(|byte| *byte == b'.').next() == part.split(|byte| *byte == b'.').next();
    Kind::Musl.means(name).then(|| PARTS.into_iter().find(begins).unwrap_or(b"libc.so.6"))
}

/// The libraries that an object needs in the place of musl's libc, beside libc.so.6. `before_2_34`: glibc has threads in a
/// library of their own.
pub fn parts<'d>(dynamic: &'d Dynamic<'_>, before_2_34: bool) -> impl Iterator<Item = &'static [u8]> + use<'d> {
    let refers = |starts: &'static [&'static [u8]]| {
        let names = dynamic.symbols.iter().filter_map(|symbol| dynamic.symbol_name(symbol));
        let mut names = names.filter(|name| starts.iter().any(|start| name.starts_with(start)));
        move || names.next().is_some()
    };
    let (mut resolver, mut crypt) = (refers(&[b"ns_", b"res_", b"dn_"]), refers(&[b"crypt", b"encrypt", b"setkey"]));
    PARTS.into_iter().skip(1).filter(move |part| match *part {
        b"libm.so.6" => true,
        b"libresolv.so.2" => resolver(),
        b"libcrypt.so.1" => crypt(),
        _ => before_2_34,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_each_name() {
        let manual = include_str!("../../../man/ld-rs.so.8").as_bytes();
        let names = manual.split(|byte| byte.is_ascii_whitespace());
        let known: std::vec::Vec<&[u8]> = names.collect();
        for word in WORDS.split(|byte| *byte == b' ').chain(NOTHING.map(|(name, _)| name)) {
            let name = word.split(|byte| b"=!?".contains(byte)).next().unwrap_or_default();
            assert!(known.contains(&name), "{}", std::string::String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn what_is_ours_is_exported() {
        let exports = include_str!("../../../linker.ld");
        let ours =
            WORDS.split(|byte| *byte == b' ').filter_map(|word| word.strip_suffix(b"!").or(word.strip_suffix(b"?")));
        for name in ours {
            let line = [&b"    "[..], OURS, name, b";"].concat();
            assert!(
                exports.lines().any(|export| export.as_bytes() == line),
                "{}",
                std::string::String::from_utf8_lossy(name)
            );
        }
    }

    #[test]
    fn names_of_the_libc_are_parts_of_the_other() {
        for name in ["libc.so", "libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1", "libutil.so.1", "libxnet.so"] {
            assert_eq!(part_for(name.as_bytes()), Some(&b"libc.so.6"[..]), "{name}");
        }
        assert_eq!(part_for(b"libm.so"), Some(&b"libm.so.6"[..]));
        assert_eq!(part_for(b"libpthread.so.0"), Some(&b"libpthread.so.0"[..]));
        assert_eq!((part_for(b"libmusl.so"), part_for(b"libresolv.so.2"), part_for(b"./libc.so")), (None, None, None));
    }

    #[test]
    fn names_mean_what_glibc_lacks() {
        assert_eq!(meaning(b"basename"), Some(Meaning::Name(b"__xpg_basename")));
        assert_eq!(meaning(b"lgammal_r"), None);
        assert_eq!(meaning(b"newlocale"), Some(Meaning::Ours));
        assert_eq!(meaning(b"lstat64"), Some(Meaning::OursIfMissing));
        assert!(matches!(meaning(b"fgetln"), Some(Meaning::Nothing(_))));
        assert_eq!(
            (meaning(b""), meaning(b"stat6"), meaning(b"newlocale!"), meaning(b"pow10=exp10")),
            (None, None, None, None)
        );
    }
}
