//! DT_STRTAB: names by offset, and their hashes.
//!
//! Read by everything that compares names: [`super::lookup`], [`super::version`], resolution.

use crate::error::Malformed;
use memchr::memchr;

/// DT_STRTAB: NUL-terminated names by offset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strings<'a>(pub(super) &'a [u8]);

impl<'a> Strings<'a> {
    /// The name at `offset`, which stands in the field `place`.
    pub fn named(&self, place: &'static str, offset: impl Into<u64>) -> Result<&'a [u8], Malformed> {
        let offset = offset.into();
        self.get(offset).ok_or(Malformed::new(place, offset, "an offset inside DT_STRTAB"))
    }

    /// The name at `offset`, without its NUL.
    #[must_use]
    pub fn get(&self, offset: u64) -> Option<&'a [u8]> {
        let tail = self.0.get(usize::try_from(offset).ok()?..)?;
        tail.get(..memchr(0, tail)?)
    }

    /// The name at `offset` and its hash in DT_GNU_HASH, in one pass over it, eight bytes a step.
    #[must_use]
    pub fn hashed(&self, offset: u32) -> Option<(&'a [u8], u32)> {
        let tail = self.0.get(offset as usize..)?;
        let (mut length, mut hash) = (0usize, 5381u32);
        for word in tail.as_chunks::<8>().0 {
            let word = u64::from_le_bytes(*word);
            // The lowest bit set is that of the first byte which is 0.
            let zeroes = word.wrapping_sub(LOW) & !word & LOW << 7;
            if zeroes != 0 {
                let bytes = zeroes.trailing_zeros() >> 3;
                length = length.wrapping_add(bytes as usize);
                // Moved up, so that bytes of value 0, which add nothing, stand before the name's.
                let last = word.checked_shl(64u32.wrapping_sub(bytes << 3)).unwrap_or(0);
                let power = POWERS.get(bytes as usize).copied().unwrap_or(0);
                hash = hash.wrapping_mul(power).wrapping_add(hash_of(last));
                return Some((tail.get(..length)?, hash));
            }
            hash = hash.wrapping_mul(33u32.wrapping_pow(8)).wrapping_add(hash_of(word));
            length = length.wrapping_add(8);
        }
        // Less than eight bytes before the table's end.
        for byte in tail.get(length..)? {
            if *byte == 0 {
                return Some((tail.get(..length)?, hash));
            }
            hash = hash.wrapping_mul(33).wrapping_add((*byte).into());
            length = length.wrapping_add(1);
        }
        None
    }

    /// Whether a name begins at `offset` and ends in the table, as can be told without reading it: by a NUL at the
    /// table's end.
    #[inline]
    #[must_use]
    pub fn may_name(&self, offset: u32) -> bool {
        (offset as usize) < self.0.len() && self.0.last() == Some(&0)
    }

    /// The table from `offset` on: where a name is, for whoever wants to read it soon.
    #[inline]
    #[must_use]
    pub fn tail(&self, offset: u32) -> &'a [u8] {
        self.0.get(offset as usize..).unwrap_or_default()
    }

    /// Whether the name at `offset` is `name`.
    #[must_use]
    pub fn is(&self, offset: u32, name: &[u8]) -> bool {
        let tail = self.0.get(offset as usize..).unwrap_or_default();
        // The NUL first: nearly every name that differs has another length or was told apart by its hash.
        tail.get(name.len()) == Some(&0) && tail.get(..name.len()) == Some(name)
    }
}

/// 33 to the power of 0 to 7: a loop otherwise, for each name.
const POWERS: [u32; 8] = {
    const fn power(of: u32) -> u32 {
        33u32.wrapping_pow(of)
    }
    [power(0), power(1), power(2), power(3), power(4), power(5), power(6), power(7)]
};

/// The lowest bit of every byte.
const LOW: u64 = 0x0101_0101_0101_0101;

/// What eight bytes add to a hash: each times 33 to the power of the number of those after it.
#[inline]
const fn hash_of(word: u64) -> u32 {
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    const FOURS: u64 = 0x0000_ffff_0000_ffff;
    let pairs = (word & PAIRS).wrapping_mul(33).wrapping_add(word >> 8 & PAIRS); // at most 33 * 255 + 255
    let fours = (pairs & FOURS).wrapping_mul(33 * 33).wrapping_add(pairs >> 16 & FOURS);
    (fours as u32).wrapping_mul(33u32.wrapping_pow(4)).wrapping_add((fours >> 32) as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
    use super::*;
    use object::elf;
    use std::vec::Vec;

    #[test]
    fn hashes_are_those_of_the_table() {
        let name: Vec<u8> = (1..=255).chain(200..=255).collect();
        for length in (0..name.len()).step_by(if cfg!(miri) { 23 } else { 1 }) {
            // With whatever comes after the name, and where the table ends with it.
            for after in [&b"\0"[..], b"\0\xff\x01\x80\0\x7f\x01\xff\xff"] {
                let table = [b"\0.", &name[..length], after].concat();
                let expected = (&name[..length], elf::gnu_hash(&name[..length]));
                assert_eq!(Strings(&table).hashed(2), Some(expected), "{length}");
            }
            assert_eq!(Strings(&name[..length]).hashed(0), None);
        }
        assert_eq!(Strings(b"a\0").hashed(3), None);
    }
}
