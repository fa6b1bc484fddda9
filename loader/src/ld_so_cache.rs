//! ld.so.cache: the path of each library that ldconfig has seen. Mapped when a name is first looked for in it, and unmapped
//! when the search is over: what ldconfig replaces is to be freed, and a file system made read-only.

use crate::map::Whole;
use crate::root::Root;
use crate::{map, sys};
use ld_rs_plan::Bytes;
use ld_rs_plan::cache::{self, Cache};

/// The cache, as long as it is searched.
#[derive(Default)]
pub struct LdSoCache {
    /// Whether it was looked for; then `file` is what there was.
    looked: bool,
    file: Option<Whole>,
}

impl LdSoCache {
    /// Whether a look-up found that there is none.
    pub(crate) fn is_absent(&self) -> bool {
        self.looked && self.file.is_none()
    }

    /// The cache of the tree `root`.
    pub(crate) fn current(&mut self, root: &Root) -> Option<Cache<'_>> {
        if !self.looked {
            let file = map_file(root, &root.place(cache::PATH.to_bytes().owned()));
            *self = Self { looked: true, file: file.filter(|file| Cache::parse(file).is_some()) };
        }
        Cache::parse(self.file.as_ref()?)
    }
}

/// The bytes of a whole file. ldconfig replaces its file by rename, so that what is mapped does not change.
pub(crate) fn map_file(root: &Root, path: &[u8]) -> Option<Whole> {
    let file = root.open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size > 0)?;
    map::whole(&file, facts.size)
}
