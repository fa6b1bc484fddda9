//! Search paths: lists of directories are split and expanded, names joined to them.
//!
//! Called by loader's search; which list is asked when is told by [`crate::places`].

use crate::Bytes;
use crate::arch::{GLIBC_DIRECTORIES, GLIBC_HWCAPS, LIB};
use alloc::vec::Vec;

/// The glibc-hwcaps subdirectories that are searched, best first: those of `prepend`, then the built-in
/// ones that a CPU of `level` (from 1, which has none) has and `mask` does not leave out. Lists are separated by colons.
#[must_use]
pub fn hwcaps(prepend: Option<&[u8]>, mask: Option<&[u8]>, level: usize) -> Vec<Vec<u8>> {
    let parts = |list: &[u8]| list.split(|byte| *byte == b':').map(crate::Bytes::owned).collect::<Vec<_>>();
    let mut searched = prepend.map(parts).unwrap_or_default();
    searched.retain(|name| !name.is_empty() && !name.contains(&b'/'));
    let masked = |name: &[u8]| mask.is_some_and(|mask| !parts(mask).iter().any(|known| known == name));
    let best = GLIBC_HWCAPS.len().saturating_add(1).saturating_sub(level);
    searched.extend(GLIBC_HWCAPS.iter().skip(best).filter(|name| !masked(name)).map(|name| name.owned()));
    searched
}

/// The longest path that is tried: Linux's PATH_MAX.
pub const MAX_PATH: usize = 4096;

/// What the dynamic string tokens stand for.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    /// The directory of the object that holds the list; `None` where that is not known.
    pub origin: Option<&'a [u8]>,
    /// AT_PLATFORM.
    pub platform: &'a [u8],
    /// Whoever links to the program's file chooses its directory. In secure mode, what the program names by `$ORIGIN`
    /// must therefore lie in a default directory.
    pub anywhere: bool,
}

/// `text` with `$ORIGIN`, `$LIB`, `$PLATFORM` (or `${...}`) replaced. `None` when a token has no
/// value, the result is longer than [`MAX_PATH`], or `$ORIGIN` leads where it must not.
#[must_use]
pub fn expand(text: &[u8], tokens: &Tokens<'_>) -> Option<Vec<u8>> {
    let path = replaced(text, tokens)?;
    (tokens.anywhere || !has_origin(text) || is_trusted(&path)).then_some(path)
}

/// Whether `path`, with its `..` taken back as they stand, lies in one of glibc's default directories.
fn is_trusted(path: &[u8]) -> bool {
    let mut plain = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => plain.truncate(memchr::memrchr(b'/', &plain).unwrap_or(0)),
            part => {
                plain.push(b'/');
                plain.extend_from_slice(part);
            }
        }
    }
    let is_in = |directory: &&[u8]| plain.strip_prefix(*directory).is_some_and(|rest| matches!(rest, [] | [b'/', ..]));
    path.starts_with(b"/") && GLIBC_DIRECTORIES.iter().any(is_in)
}

fn replaced(text: &[u8], tokens: &Tokens<'_>) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(text.len());
    let mut rest = text;
    while path.len() < MAX_PATH {
        let plain = memchr::memchr(b'$', rest).unwrap_or(rest.len());
        path.extend_from_slice(rest.get(..plain)?);
        let Some(tail) = rest.get(plain.saturating_add(1)..) else {
            return (path.len() < MAX_PATH).then_some(path);
        };
        let value = token(tail);
        path.extend_from_slice(match value {
            None => b"$",
            Some((b"ORIGIN", _)) => tokens.origin?,
            Some((b"LIB", _)) => LIB,
            Some(_) => tokens.platform,
        });
        rest = value.map_or(tail, |(_, after)| after);
    }
    None
}

/// The token at the start of `text` (after the dollar sign), and what follows it.
fn token(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let braced = text.strip_prefix(b"{");
    [&b"ORIGIN"[..], b"LIB", b"PLATFORM"].into_iter().find_map(|name| {
        let after = braced.unwrap_or(text).strip_prefix(name)?;
        let after = if braced.is_some() { after.strip_prefix(b"}")? } else { after };
        // `$LIBFOO` is no token.
        let ends = braced.is_some() || !after.first().is_some_and(|c| c.is_ascii_alphanumeric() || *c == b'_');
        ends.then_some((name, after))
    })
}

/// The names of the tokens in `text`.
fn names(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr_iter(b'$', text).filter_map(|at| Some(token(text.get(at.saturating_add(1)..)?)?.0))
}

/// Whether `text` holds `$ORIGIN`.
#[must_use]
pub fn has_origin(text: &[u8]) -> bool {
    names(text).any(|name| name == b"ORIGIN")
}

/// Whether `text` holds a token.
#[must_use]
pub fn has_token(text: &[u8]) -> bool {
    names(text).next().is_some()
}

/// Splits and expands a list of directories, which may name one twice. An empty element is the current directory. In secure
/// mode only elements that are absolute paths are kept.
pub fn directories(list: &[u8], separators: &[u8], tokens: &Tokens<'_>, secure: bool) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for element in list.split(|byte| separators.contains(byte)) {
        let Some(mut path) = expand(element, tokens).filter(|path| !secure || path.starts_with(b"/")) else { continue };
        if path.is_empty() {
            path.push(b'.');
        }
        while path.len() > 1 && path.last() == Some(&b'/') {
            path.pop();
        }
        found.push(path);
    }
    found
}

/// `directory/name`, or `None` when longer than [`MAX_PATH`].
#[must_use]
pub fn join(directory: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let mut path = Vec::with_capacity(directory.len().saturating_add(name.len()).saturating_add(2));
    path.extend_from_slice(directory);
    if directory != b"/" {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    (path.len() < MAX_PATH).then_some(path)
}

/// The directory part of `path`, `.` if it has none.
#[must_use]
pub fn directory_of(path: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', path) {
        Some(0) => b"/",
        Some(at) => path.get(..at).unwrap_or_default(),
        None => b".",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const TOKENS: Tokens<'_> = Tokens { origin: Some(b"/opt/x"), platform: b"x86_64", anywhere: true };

    #[test]
    fn tokens_are_replaced() {
        let expand = |text: &[u8]| expand(text, &TOKENS);
        assert_eq!(expand(b"$ORIGIN/../lib"), Some(b"/opt/x/../lib".to_vec()));
        assert_eq!(expand(b"${ORIGIN}b/$LIB/$PLATFORM"), Some(b"/opt/xb/lib/x86_64-linux-gnu/x86_64".to_vec()));
        assert_eq!(expand(b"$ORIGINAL/$"), Some(b"$ORIGINAL/$".to_vec()));
        assert_eq!(super::expand(b"$ORIGIN", &Tokens { origin: None, ..TOKENS }), None);
        assert_eq!(expand(&[b'a'; MAX_PATH]), None);
    }

    #[test]
    fn the_programs_origin_must_be_trusted_in_secure_mode() {
        let leads = |origin: &[u8], text: &[u8]| {
            expand(text, &Tokens { origin: Some(origin), anywhere: false, ..TOKENS }).is_some()
        };
        for (origin, text) in [
            (&b"/usr/lib/tool"[..], &b"$ORIGIN"[..]),
            (b"/usr/lib", b"${ORIGIN}/."),
            (b"/usr/bin", b"$ORIGIN/../lib/tool"),
            (b"/bin", b"$ORIGIN/..//.././lib64"),
            (b"/home/me", b"/$LIB"),
            (b"/home/me", b"/opt/lib"),
        ] {
            assert!(leads(origin, text), "{text:?}");
        }
        for (origin, text) in [
            (&b"/home/me"[..], &b"$ORIGIN"[..]),
            (b"/usr/lib", b"$ORIGIN/../../home/me"),
            (b"/usr/lib/../../home/me", b"$ORIGIN"),
            (b"/usr/libexec", b"$ORIGIN"),
            (b"/usr", b"$ORIGIN"),
            (b"/home/me", b"$ORIGIN/$LIB"),
            (b"usr/lib", b"$ORIGIN"),
            (b"/usr/lib", b"/home/me$ORIGIN"),
        ] {
            assert!(!leads(origin, text), "{text:?}");
        }
        assert!(has_token(b"x/${LIB}/y") && has_token(b"$$PLATFORM") && !has_token(b"$LIBX/${LIB/$lib/$"));
    }

    #[test]
    fn hwcaps_are_prepended_and_masked() {
        let text = |list: Vec<Vec<u8>>| list.join(&b' ');
        assert_eq!(text(hwcaps(None, None, 3)), b"x86-64-v3 x86-64-v2");
        assert_eq!(text(hwcaps(Some(b"mine::a/b:z"), Some(b"x86-64-v2"), 4)), b"mine z x86-64-v2");
        assert_eq!(text(hwcaps(None, Some(b""), 4)), b"");
    }

    #[test]
    fn secure_mode_keeps_only_absolute_elements() {
        let program = Tokens { anywhere: false, ..TOKENS };
        let list = directories(b"$ORIGIN:/a::b:/a/$ORIGIN:/c/:$LIB:/$LIB", b":", &program, true);
        assert_eq!(list, [b"/a".to_vec(), b"/c".to_vec(), b"/lib/x86_64-linux-gnu".to_vec()]);
        // A library is where its owner put it.
        assert_eq!(directories(b"$ORIGIN:b", b":", &TOKENS, true), [b"/opt/x".to_vec()]);
        let list: Vec<Vec<u8>> = directories(b":/c/;/c", b":;", &TOKENS, false);
        assert_eq!(list, [b".".to_vec(), b"/c".to_vec(), b"/c".to_vec()]);
    }
}
