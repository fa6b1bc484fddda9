//! An index from hash to object number: sonames, paths and (device, inode) pairs to objects.
//!
//! Open addressing over plain numbers. The caller compares the candidates, so that one table
//! serves keys of any kind.

use crate::fallible::{NoMemory, filled};
use alloc::vec::Vec;

/// Whether `path` is that of a descriptor of some process, which means a file only as long as it is open.
#[must_use]
pub fn names_descriptor(path: &[u8]) -> bool {
    let is_part = |part: &[u8]| path.split(|byte| *byte == b'/').any(|name| name == part);
    path.starts_with(b"/dev/fd/") || path.starts_with(b"/proc/") && is_part(b"fd")
}

/// Hash to object numbers; several entries may share a hash.
#[derive(Debug, Default)]
pub struct Index {
    slots: Vec<Option<(u32, u32)>>,
    used: usize,
}

impl Index {
    /// Adds `object` under `hash`.
    pub fn try_insert(&mut self, hash: u32, object: u32) -> Result<(), NoMemory> {
        if self.used.saturating_mul(2) >= self.slots.len() {
            let bigger = filled(None, self.slots.len().saturating_mul(2).max(32))?;
            let old = core::mem::replace(&mut self.slots, bigger);
            self.used = 0;
            for (hash, object) in old.into_iter().flatten() {
                self.put(hash, object);
            }
        }
        self.put(hash, object);
        Ok(())
    }

    /// As [`Index::try_insert`], for a table that may as well end the process when there is no memory.
    pub fn insert(&mut self, hash: u32, object: u32) {
        if self.try_insert(hash, object).is_err() {
            alloc::alloc::handle_alloc_error(core::alloc::Layout::new::<[Option<(u32, u32)>; 64]>())
        }
    }

    fn put(&mut self, hash: u32, object: u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        // Ends: at least half of the slots are free.
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.is_none() {
                *slot = Some((hash, object));
                self.used = self.used.saturating_add(1);
                return;
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    /// Takes `object` out from under `hash`. What stands behind it in the same run is put in anew, so that no run has a
    /// hole.
    pub fn remove(&mut self, hash: u32, object: u32) {
        let (mask, gone) = (self.slots.len().wrapping_sub(1), (hash, object));
        let mut at = hash as usize & mask;
        while self.slots.get(at).copied().flatten().is_some_and(|entry| entry != gone) {
            at = at.wrapping_add(1) & mask;
        }
        while let Some(entry) = self.slots.get_mut(at).and_then(Option::take) {
            self.used = self.used.saturating_sub(1);
            if entry != gone {
                self.put(entry.0, entry.1);
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    /// The objects added under `hash`.
    pub fn candidates(&self, hash: u32) -> impl Iterator<Item = u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        core::iter::from_fn(move || {
            let entry = self.slots.get(at).copied().flatten()?;
            at = at.wrapping_add(1) & mask;
            Some(entry)
        })
        .filter_map(move |(found, object)| (found == hash).then_some(object))
    }
}

/// A hash of a file's name that is the same for names which a file system may take for one another: by
/// letters large or small. `None` where more than that may be equal: other letters than ASCII's, and short
/// names as of FAT.
#[must_use]
pub fn folded_hash(name: &[u8]) -> Option<u32> {
    name.iter().try_fold(5381u32, |hash, byte| {
        let plain = byte.is_ascii() && *byte != b'~' && *byte != b'/';
        plain.then(|| hash.wrapping_mul(33).wrapping_add(byte.to_ascii_lowercase().into()))
    })
}

/// A hash of a name or a path: not that of symbols, for it goes eight bytes a step.
#[must_use]
pub fn name_hash(name: &[u8]) -> u32 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(MIX);
    let (words, rest) = name.as_chunks::<8>();
    let last = rest.iter().fold(name.len() as u64, |last, byte| last << 8 | u64::from(*byte));
    let hash = words.iter().fold(last, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    (mix(hash, 0) >> 32) as u32
}

/// A hash of an address.
#[must_use]
pub fn address_hash(address: u64) -> u32 {
    file_hash(address, 0)
}

/// A hash of a file's identity.
#[must_use]
pub fn file_hash(device: u64, inode: u64) -> u32 {
    ((device ^ inode.rotate_left(32)).wrapping_mul(MIX) >> 32) as u32
}

/// 2^64 by the golden ratio: each bit of a product with it depends on all lower ones of the other factor.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use std::vec::Vec;

    #[test]
    fn names_that_may_be_one_file_have_one_hash() {
        assert_eq!(folded_hash(b"libA.so.1"), folded_hash(b"LIBa.SO.1"));
        assert_ne!(folded_hash(b"liba.so.1"), folded_hash(b"liba.so.2"));
        for name in ["lib\u{e4}.so", "LIBLON~1.SO", "a/b"] {
            assert_eq!(folded_hash(name.as_bytes()), None);
        }
    }

    #[test]
    fn names_that_differ_have_hashes_that_differ() {
        let mut hashes = Vec::new();
        for length in 0..40 {
            let name = std::vec![b'a'; length];
            hashes.push(name_hash(&name));
            for at in 0..length {
                let mut name = name.clone();
                name[at] = b'b';
                hashes.push(name_hash(&name));
            }
        }
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }

    #[test]
    fn finds_all_and_only_what_was_added() {
        let mut index = Index::default();
        assert_eq!(index.candidates(7).count(), 0);
        // Neighbours make long runs, which Miri walks slowly.
        let count = if cfg!(miri) { 40 } else { 500 };
        for object in 0..count * 2 {
            index.insert(object / 2, object);
        }
        for hash in 0..count {
            let mut found: Vec<u32> = index.candidates(hash).collect();
            found.sort_unstable();
            assert_eq!(found, [hash * 2, hash * 2 + 1]);
        }
        assert_eq!(index.candidates(count).count(), 0);
    }

    #[test]
    fn removal_leaves_the_others() {
        let mut index = Index::default();
        for object in 0..200u32 {
            index.insert(object / 50, object); // four long runs
        }
        for object in (0..200).step_by(3) {
            index.remove(object / 50, object);
        }
        index.remove(99, 1); // not there
        for object in 0..200u32 {
            let there = index.candidates(object / 50).any(|found| found == object);
            assert_eq!(there, object % 3 != 0, "{object}");
        }
    }
}
