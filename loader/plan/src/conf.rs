//! /etc/ld.so.conf, as ldconfig(8) reads it: directories, and other files to include.
//!
//! A loader has ld.so.cache for this; ours reads the text only in a tree (`--sysroot`) without one.

/// Where the file is.
pub const PATH: &[u8] = b"/etc/ld.so.conf";

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// An absolute directory.
    Directory(&'a [u8]),
    /// A pattern of file names, relative to the file it stands in.
    Include(&'a [u8]),
}

/// The lines of `text` that say something; comments, `hwcap` lines and relative directories do not.
pub fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    text.split(|byte| *byte == b'\n').flat_map(|line| {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or_default().trim_ascii();
        let patterns = line.strip_prefix(b"include").filter(|rest| rest.first().is_some_and(u8::is_ascii_whitespace));
        // `=TYPE` behind a directory is of libc5's time.
        let directory = line.split(|byte| *byte == b'=').next().filter(|path| path.starts_with(b"/"));
        let words = patterns.unwrap_or_default().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        words.map(Line::Include).chain(directory.map(|path| Line::Directory(path.trim_ascii_end())))
    })
}

/// Whether `name` fits `pattern`, in which `*` stands for any text and `?` for one byte. A leading
/// period fits only itself (glob(3)).
#[must_use]
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.first() == Some(&b'.') && pattern.first() != Some(&b'.') {
        return false;
    }
    // Where to go on if the rest does not fit: after the last star, with one more byte taken by it.
    let (mut pattern, mut name, mut retry) = (pattern, name, None);
    loop {
        match (pattern.split_first(), name.split_first()) {
            (Some((b'*', after)), _) => {
                retry = Some((after, name));
                pattern = after;
            }
            (Some((wanted, after)), Some((byte, rest))) if *wanted == b'?' || wanted == byte => {
                (pattern, name) = (after, rest);
            }
            (None, None) => return true,
            _ => match retry.and_then(|(after, taken)| Some((after, taken.split_first()?.1))) {
                Some((after, rest)) => {
                    retry = Some((after, rest));
                    (pattern, name) = (after, rest);
                }
                None => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn lines_of_ldconfig() {
        let text = b"include /etc/ld.so.conf.d/*.conf more/*\n # no\n/opt/lib  # yes\nhwcap 1 x\n/old=libc5\nrel\n";
        let found: Vec<Line<'_>> = lines(text).collect();
        let expected = [
            Line::Include(b"/etc/ld.so.conf.d/*.conf"),
            Line::Include(b"more/*"),
            Line::Directory(b"/opt/lib"),
            Line::Directory(b"/old"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            (&b"*.conf"[..], &b"libc.conf"[..], true),
            (b"*.conf", b".conf", false),
            (b".*", b".conf", true),
            (b"*a*b?", b"xaybabz", true),
            (b"*a*b?", b"xayab", false),
            (b"x", b"x", true),
            (b"x", b"xy", false),
            (b"", b"", true),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern:?} {name:?}");
        }
    }
}
