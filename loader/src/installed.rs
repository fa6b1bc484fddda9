//! ld.so.cache: the path of each library that ldconfig has seen. Mapped when a name is first looked
//! for in it, and for good; each dlopen asks whether ldconfig has put a new file in its place.

use crate::root::Root;
use crate::{arch, sys};
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

    /// dlopen calls this first: libraries installed since the last look-up are to be found.
    pub fn doubt(&mut self) {
        if self.state == State::Current {
            self.state = State::Doubted;
        }
    }

    /// Whether a look-up found that there is none.
    pub(crate) fn is_absent(&self) -> bool {
        self.state == State::Current && self.file.as_ref().is_none_or(|file| file.cache.is_none())
    }

    /// The path for `name`, as the cache of the tree `root` has it.
    pub(crate) fn find(&mut self, root: &Root, name: &[u8]) -> Option<&'static [u8]> {
        if self.state == State::Doubted {
            let path = root.place(cache::PATH.to_bytes().to_vec());
            let is_it = |file: &File| root.stat(&path).is_ok_and(|now| now.identity == file.identity);
            if !self.file.as_ref().is_some_and(is_it) {
                // The mapping of a file that was replaced stays: paths of it may be in use.
                self.file = map(root, &path);
            }
            self.state = State::Current;
        }
        let file = self.file.as_ref().filter(|_| self.state == State::Current)?;
        file.cache.as_ref()?.find(name, arch::micro_architecture_level)
    }
}

/// Maps the whole file read-only for the life of the process. ldconfig replaces it by rename, so that
/// what is mapped does not change.
fn map(root: &Root, path: &[u8]) -> Option<File> {
    use rustix::mm::{MapFlags, ProtFlags, mmap};
    let file = root.open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size > 0)?;
    let size = usize::try_from(facts.size).ok()?;
    // SAFETY: a new private mapping at an address of the kernel's choice.
    let start = unsafe { mmap(core::ptr::null_mut(), size, ProtFlags::READ, MapFlags::PRIVATE, &file, 0) }.ok()?;
    // SAFETY: mapped just now, readable, never unmapped.
    let bytes = unsafe { core::slice::from_raw_parts(start.cast(), size) };
    Some(File { cache: Cache::parse(bytes), identity: facts.identity })
}
