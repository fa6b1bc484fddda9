//! The text of GLIBC_TUNABLES (glibc `elf/dl-tunables.c`): what it sets, and numbers as glibc reads them.
//!
//! runtime's glibc decides which names mean something to the libc at hand.

/// The `name=value` pairs of `text`, which stand between colons; elements of another form are left out.
pub fn settings(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    text.split(|byte| *byte == b':').filter_map(|element| {
        let eq = memchr::memchr(b'=', element)?;
        Some((element.get(..eq)?, element.get(eq.checked_add(1)?..)?))
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn pairs() {
        let found: Vec<_> = settings(b"a=1:b:=:c=x=y:").collect();
        assert_eq!(found, [(&b"a"[..], &b"1"[..]), (b"", b""), (b"c", b"x=y")]);
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
