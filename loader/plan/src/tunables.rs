//! The text of GLIBC_TUNABLES (glibc `elf/dl-tunables.c`): what it sets, and numbers as glibc reads them; and the list
//! of tunables that a glibc's own loader carries, for builds that deal out other ids.
//!
//! runtime's glibc decides which names mean something to the libc at hand.

use core::ops::RangeInclusive;

/// The `name=value` pairs of `text`, which stand between colons; elements of another form are left out.
pub fn settings(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b':').filter_map(|element| {
        let eq = memchr::memchr(b'=', element)?;
        Some((element.get(..eq)?, element.get(eq.checked_add(1)?..)?))
    })
}

/// The number that `text` gives the tunable `name`: the last that is in `bounds`.
pub fn last(text: &[u8], name: &[u8], bounds: RangeInclusive<u64>) -> Option<u64> {
    let given = settings(text).filter(|(known, _)| *known == name);
    given.filter_map(|(_, value)| number(value)).filter(|value| bounds.contains(value)).last()
}

/// The micro-architecture level that is left of `level` where GLIBC_TUNABLES, `text`, switches features off by
/// `glibc.cpu.hwcaps`: for the subdirectories of glibc-hwcaps (glibc `sysdeps/x86/get-isa-level.h`).
#[must_use]
pub fn level(level: usize, text: &[u8]) -> usize {
    let list =
        settings(text).filter(|(name, _)| *name == b"glibc.cpu.hwcaps").last().map_or(&b""[..], |(_, list)| list);
    let off = || list.split(|byte| *byte == b',').filter_map(|name| name.strip_prefix(b"-"));
    // What AVX needs is gone with OSXSAVE, or with both of these.
    let unsaved = [&b"XSAVE"[..], b"XSAVEC"].iter().all(|name| off().any(|other| other == *name));
    let most = |name: &[u8]| match name {
        b"CMOV" | b"CX8" | b"SSE2" | b"POPCNT" | b"SSSE3" | b"SSE4_1" | b"SSE4_2" => 1,
        b"AVX" | b"AVX2" | b"BMI1" | b"BMI2" | b"FMA" | b"LZCNT" | b"MOVBE" | b"OSXSAVE" => 2,
        b"AVX512F" | b"AVX512BW" | b"AVX512CD" | b"AVX512DQ" | b"AVX512VL" => 3,
        _ => level,
    };
    off().map(most).fold(if unsaved { level.min(2) } else { level }, usize::min)
}

/// A number in C's notation (0x, 0, decimal) with an optional sign, the whole of `text`. Too large a one
/// becomes the largest, no digits become 0, as `_dl_strtoul` has it.
#[must_use]
pub fn number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let (negative, text) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let hexadecimal = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"));
    let (base, digits) = match (hexadecimal, text.first()) {
        (Some(digits), _) => (16, digits),
        (None, Some(b'0')) => (8, text),
        (None, _) => (10, text),
    };
    let mut value = Some(0u64);
    for byte in digits {
        let digit = char::from(*byte).to_digit(base)?;
        value = value.and_then(|value| value.checked_mul(base.into())?.checked_add(digit.into()));
    }
    Some(match value {
        Some(value) if negative => value.wrapping_neg(),
        Some(value) => value,
        None => u64::MAX,
    })
}

/// `tunable_list` of a glibc loader, 2.33 and later: equal entries that begin with their names; an id is a position.
pub struct List<'a> {
    /// From the first entry on.
    bytes: &'a [u8],
    /// Bytes of an entry.
    stride: usize,
    count: usize,
}

impl<'a> List<'a> {
    /// The list in the bytes of a loader's file, if every name of a tunable in them lies where the list has it.
    #[must_use]
    pub fn find(file: &'a [u8]) -> Option<Self> {
        let mut names = positions(file, b"glibc.");
        let first = names.next()?;
        let stride = names.next()?.checked_sub(first)?;
        let mut count = 2usize;
        for name in names {
            if Some(name) != count.checked_mul(stride).and_then(|offset| first.checked_add(offset)) {
                return None;
            }
            count = count.checked_add(1)?;
        }
        Some(Self { bytes: file.get(first..)?, stride, count })
    }

    /// The id of the tunable `name`.
    #[must_use]
    pub fn id(&self, name: &[u8]) -> Option<usize> {
        (0..self.count).find(|id| {
            let entry = id.checked_mul(self.stride).and_then(|start| self.bytes.get(start..));
            entry.and_then(|entry| entry.strip_prefix(name)).is_some_and(|rest| rest.first() == Some(&0))
        })
    }
}

/// What a file of glibc says after `introduction` of the package and the version it was built as, to the line's end.
#[must_use]
pub fn build<'a>(file: &'a [u8], introduction: &[u8]) -> Option<&'a [u8]> {
    let start = positions(file, introduction).next()?.checked_add(introduction.len())?;
    file.get(start..)?.split(|byte| *byte == b'\n').next()
}

fn positions<'a>(bytes: &'a [u8], text: &'a [u8]) -> impl Iterator<Item = usize> {
    memchr::memchr_iter(text.first().copied().unwrap_or_default(), bytes)
        .filter(move |at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn lists() {
        let file = b"#GNU (Debian 1) v1.\n..glibc.a.b\0....glibc.a.cd\0...glibc.x.y\0....";
        let ids = |names: [&[u8]; 3]| List::find(file).map(|list| names.map(|name| list.id(name)));
        assert_eq!(ids([b"glibc.a.b", b"glibc.a.cd", b"glibc.x.y"]), Some([Some(0), Some(1), Some(2)]));
        assert_eq!(ids([b"glibc.a.c", b"glibc.x.z", b""]), Some([None; 3]));
        assert_eq!(build(file, b"GNU ("), Some(&b"Debian 1) v1."[..]));
        assert_eq!(build(file, b"GNU ["), None);
        let disturbed = [&file[..], b".glibc.x.z"].concat();
        assert!(List::find(&disturbed).is_none() && List::find(b"glibc.a.b\0").is_none());
        assert_eq!(List::find(b"glibc.a.b\0glibc.").and_then(|list| list.id(b"glibc.a.b")), Some(0));
    }

    #[test]
    fn levels() {
        for (list, left) in [
            (&b"-AVX2,-ERMS"[..], 2),
            (b"AVX2,-AVX512ER", 4),
            (b"-AVX512VL,-SSE4_2", 1),
            (b"-AVX512VL:glibc.cpu.hwcaps=", 4),
            (b"-XSAVE", 4),
            (b"-XSAVEC,-XSAVE", 2),
        ] {
            assert_eq!(level(4, &[b"glibc.cpu.hwcaps=", list].concat()), left, "{list:?}");
        }
        assert_eq!((level(2, b"glibc.cpu.hwcaps=-AVX512F"), level(3, b"hwcaps=-AVX")), (2, 3));
    }

    #[test]
    fn pairs() {
        let found: Vec<_> = settings(b"a=1:b:=:c=x=y:").collect();
        assert_eq!(found, [(&b"a"[..], &b"1"[..]), (b"", b""), (b"c", b"x=y")]);
        let last = |text: &[u8]| last(text, b"a", 1..=9);
        assert_eq!((last(b"a=3:a=0:a=x:b=4:a=10"), last(b"a=3:a=4"), last(b"b=1:a=0")), (Some(3), Some(4), None));
    }

    #[test]
    fn numbers() {
        for (text, value) in [
            (&b" 12"[..], Some(12)),
            (b"-1", Some(u64::MAX)),
            (b"0x1F", Some(31)),
            (b"017", Some(15)),
            (b"", Some(0)),
            (b"12k", None),
            (b"09", None),
            (b"99999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(number(text), value, "{text:?}");
        }
    }
}
