//! ld.so.cache: the path of each library that ldconfig has seen. Mapped when a name is first looked
//! for in it, and for good; each dlopen asks whether ldconfig has put a new file in its place.

use crate::root::Root;
use crate::{map, sys};
use ld_rs_plan::Bytes;
use ld_rs_plan::cache::{self, Cache};

/// The cache, as far as it was needed.
pub struct Installed {
    state: State,
    file: Option<File>,
}

#[derive(PartialEq, Eq)]
enum State {
    Inhibited,
    /// To be opened when something is looked for, unless `file` is it still.
    Doubted,
    Current,
}

struct File {
    /// `None` if it is no cache.
    cache: Option<Cache<'static>>,
    /// (st_dev, st_ino); no other file can have it while this one is mapped.
    identity: (u64, u64),
}

impl Installed {
    pub(crate) fn new(inhibited: bool) -> Self {
        Self { state: if inhibited { State::Inhibited } else { State::Doubted }, file: None }
    }

    /// Libraries installed since the last look-up are to be found.
    pub(crate) fn doubt(&mut self) {
        if self.state == State::Current {
            self.state = State::Doubted;
        }
    }

    /// Whether a look-up found that there is none.
    pub(crate) fn is_absent(&self) -> bool {
        self.state == State::Current && self.file.as_ref().is_none_or(|file| file.cache.is_none())
    }

    /// Whether nobody is to look.
    pub(crate) fn is_inhibited(&self) -> bool {
        self.state == State::Inhibited
    }

    /// The cache of the tree `root`.
    pub(crate) fn current(&mut self, root: &Root) -> Option<Cache<'static>> {
        if self.state == State::Doubted {
            let path = root.place(cache::PATH.to_bytes().owned());
            let is_it = |file: &File| root.stat(&path).is_ok_and(|now| now.identity == file.identity);
            if !self.file.as_ref().is_some_and(is_it) {
                // The mapping of a file that was replaced stays: paths of it may be in use.
                self.file =
                    map_file(root, &path).map(|(bytes, identity)| File { cache: Cache::parse(bytes), identity });
            }
            self.state = State::Current;
        }
        self.file.as_ref().filter(|_| self.state == State::Current)?.cache
    }
}

/// The bytes of a whole file for the life of the process, and its (st_dev, st_ino). ldconfig replaces its file by
/// rename, so that what is mapped does not change.
pub(crate) fn map_file(root: &Root, path: &[u8]) -> Option<(&'static [u8], (u64, u64))> {
    let file = root.open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size > 0)?;
    Some((map::whole(&file, facts.size)?, facts.identity))
}
