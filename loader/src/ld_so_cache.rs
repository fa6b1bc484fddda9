//! ld.so.cache: the path of each library that ldconfig has seen. Mapped when a name is first looked
//! for in it, and for good; each dlopen asks whether ldconfig has put a new file in its place.

use crate::root::Root;
use crate::{map, sys};
use ld_rs_plan::Bytes;
use ld_rs_plan::cache::{self, Cache};

/// The cache, as far as it was needed.
#[derive(Default)]
pub struct LdSoCache {
    /// `file` is what there was when somebody looked, and nobody asked since to look again.
    current: bool,
    file: Option<File>,
}

struct File {
    /// `None` if it is no cache.
    cache: Option<Cache<'static>>,
    /// (st_dev, st_ino); no other file can have it while this one is mapped.
    identity: (u64, u64),
}

impl LdSoCache {
    /// Libraries installed since the last look-up are to be found.
    pub(crate) fn revalidate(&mut self) {
        self.current = false;
    }

    /// Whether a look-up found that there is none.
    pub(crate) fn is_absent(&self) -> bool {
        self.current && self.file.as_ref().is_none_or(|file| file.cache.is_none())
    }

    /// The cache of the tree `root`.
    pub(crate) fn current(&mut self, root: &Root) -> Option<Cache<'static>> {
        if !self.current {
            let path = root.place(cache::PATH.to_bytes().owned());
            let is_it = |file: &File| root.stat(&path).is_ok_and(|now| now.identity == file.identity);
            if !self.file.as_ref().is_some_and(is_it) {
                // The mapping of a file that was replaced stays: paths of it may be in use.
                self.file =
                    map_file(root, &path).map(|(bytes, identity)| File { cache: Cache::parse(bytes), identity });
            }
            self.current = true;
        }
        self.file.as_ref()?.cache
    }
}

/// The bytes of a whole file for the life of the process, and its (st_dev, st_ino). ldconfig replaces its file by
/// rename, so that what is mapped does not change.
pub(crate) fn map_file(root: &Root, path: &[u8]) -> Option<(&'static [u8], (u64, u64))> {
    let file = root.open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size > 0)?;
    Some((map::whole(&file, facts.size)?, facts.identity))
}
