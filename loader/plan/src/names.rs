//! An index from hash to object number: sonames, paths and (device, inode) pairs to objects.
//!
//! Open addressing over plain numbers. The caller compares the candidates, so that one table
//! serves keys of any kind; entries are never removed, a table is made anew instead.

use alloc::vec::Vec;

/// Hash to object numbers; several entries may share a hash.
#[derive(Debug, Default)]
pub struct Index {
    slots: Vec<Option<(u32, u32)>>,
    used: usize,
}

impl Index {
    /// Adds `object` under `hash`.
    pub fn insert(&mut self, hash: u32, object: u32) {
        if self.used.saturating_mul(2) >= self.slots.len() {
            let bigger = self.slots.len().saturating_mul(2).max(32);
            let old = core::mem::take(&mut self.slots);
            self.slots.resize(bigger, None);
            self.used = 0;
            for (hash, object) in old.into_iter().flatten() {
                self.put(hash, object);
            }
        }
        self.put(hash, object);
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

/// A hash of a file's identity.
#[must_use]
pub fn file_hash(device: u64, inode: u64) -> u32 {
    let mixed = (device ^ inode.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn finds_all_and_only_what_was_added() {
        let mut index = Index::default();
        assert_eq!(index.candidates(7).count(), 0);
        for object in 0..1000u32 {
            index.insert(object / 2, object);
        }
        for hash in 0..500 {
            let mut found: Vec<u32> = index.candidates(hash).collect();
            found.sort_unstable();
            assert_eq!(found, [hash * 2, hash * 2 + 1]);
        }
        assert_eq!(index.candidates(500).count(), 0);
    }
}
