//! The edit distance of two symbol names, where they are alike: a note beside an undefined symbol, for who mistyped it
//! or met one that was renamed. Called by loader's inspection.

use alloc::vec::Vec;

/// The longest name, in bytes, that is compared: the work grows with the product of the lengths.
const LONGEST: usize = 256;

/// The number of changes (insert, delete, replace a byte) between two names, if they are alike: at
/// most a third of the shorter one, and no more than 4. A version or an underscore more is near too.
#[must_use]
pub fn distance(wanted: &[u8], other: &[u8]) -> Option<usize> {
    let shorter = wanted.len().min(other.len());
    if shorter == 0 || wanted.len().max(other.len()) > LONGEST {
        return None;
    }
    let limit = (shorter / 3).clamp(1, 4);
    let longer = wanted.len().abs_diff(other.len());
    if let Some(found) = (longer <= limit).then(|| edits(wanted, other)).filter(|found| *found <= limit) {
        return Some(found);
    }
    // Renamed by a prefix or suffix: `foo` and `foo_v2`, `__foo` and `foo`.
    let (short, long) = if wanted.len() <= other.len() { (wanted, other) } else { (other, wanted) };
    let alike = shorter >= 4 && longer <= 8 && (long.starts_with(short) || long.ends_with(short));
    alike.then_some(longer)
}

/// The edit distance, row by row.
fn edits(left: &[u8], right: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, a) in left.iter().enumerate() {
        let mut diagonal = at;
        let mut before = at.saturating_add(1);
        if let Some(first) = row.first_mut() {
            *first = before;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(right) {
            let replaced = diagonal.saturating_add(usize::from(a != b));
            diagonal = *cell;
            before = replaced.min(before.saturating_add(1)).min(diagonal.saturating_add(1));
            *cell = before;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_or_not() {
        assert_eq!(distance(b"compute", b"compute"), Some(0));
        assert_eq!(distance(b"compute", b"computes"), Some(1));
        assert_eq!(distance(b"compute", b"compute_v2"), Some(3));
        assert_eq!(distance(b"__compute", b"compute"), Some(2));
        assert_eq!(distance(b"compute", b"printf"), None);
        assert_eq!(distance(b"f", b"gh"), None);
        assert_eq!(distance(b"", b"x"), None);
    }
}
