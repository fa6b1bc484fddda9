//! What a small directory holds, so that a search which comes to it again and again need not ask the
//! kernel for each name: a list of sixty directories costs sixty failing calls a library.
//!
//! Called by `discover`. Says "perhaps" wherever the kernel might find what a listing does not show.

use crate::root::Root;
use crate::sys;
use alloc::vec::Vec;
use ld_rs_plan::names::folded_hash;
use rustix::fs::{OFlags, RawDir};

/// How many searches of a directory ask the kernel for the name before the directory is read: reading takes five system
/// calls (openat, fstatfs, getdents64 twice, close), a search that fails takes one.
const SEARCHES_BEFORE_LISTING: u8 = 4;
/// The most names of a directory that are read. Of a larger one nothing is remembered: each search asks the kernel.
const MOST_NAMES: usize = 256;
/// What is known of a directory's names.
#[derive(Default)]
pub(crate) struct Listing {
    searched: u8,
    /// Hashes of its names, sorted; `None` if they are not known.
    names: Option<Vec<u32>>,
}

impl Listing {
    /// Whether the directory at `path` may hold `name`. Counts the times it is asked. `filtered`: whether there is a filter of
    /// system calls, if it is known.
    pub fn may_hold(&mut self, root: &Root, path: &[u8], name: &[u8], filtered: &mut Option<bool>) -> bool {
        if self.searched < SEARCHES_BEFORE_LISTING {
            self.searched += 1;
            return true;
        }
        if self.searched == SEARCHES_BEFORE_LISTING {
            self.searched += 1;
            // glibc's loader reads no directory.
            self.names = match *filtered.get_or_insert_with(sys::is_filtered) {
                true => None,
                false => read(root, path),
            };
        }
        let Some(names) = &self.names else { return true };
        folded_hash(name).is_none_or(|hash| names.binary_search(&hash).is_ok())
    }
}

/// Whether directories of a file system of this kind show all names that can be opened (<linux/magic.h>; zfs and xfs have
/// theirs elsewhere): ext, tmpfs, overlayfs, xfs, btrfs, squashfs, erofs, f2fs, nfs, zfs.
fn shows_all(kind: i64) -> bool {
    let (ext, tmpfs, overlayfs, xfs, btrfs) = (0xef53, 0x0102_1994, 0x794c_7630, 0x5846_5342, 0x9123_683e);
    let (squashfs, erofs, f2fs, nfs, zfs) = (0x7371_7368, 0xe0f5_e1e2, 0xf2f5_2010, 0x6969, 0x2fc1_2fc1);
    [ext, tmpfs, overlayfs, xfs, btrfs, squashfs, erofs, f2fs, nfs, zfs].contains(&kind)
}

/// The hashes of the names in the directory at `path`, if all can be had.
#[inline(never)]
fn read(root: &Root, path: &[u8]) -> Option<Vec<u32>> {
    if root.is_foreign() {
        return None;
    }
    let file = sys::open_with(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC).ok()?;
    sys::count();
    let kind = rustix::fs::fstatfs(&file).ok()?.f_type;
    if !shows_all(kind) {
        return None;
    }
    let mut buffer = Vec::with_capacity(2048);
    let mut entries = RawDir::new(&file, buffer.spare_capacity_mut());
    let mut names = Vec::new();
    while let Some(entry) = entries.next() {
        // A name that has no hash is one that nobody with a hash asks for.
        if let Some(hash) = folded_hash(entry.ok()?.file_name().to_bytes()) {
            names.insert(names.partition_point(|other| *other < hash), hash);
        }
        if names.len() > MOST_NAMES {
            return None;
        }
    }
    Some(names)
}
