//! The tree that `--sysroot` names: absolute paths of its files mean places inside it.
//!
//! Discovery opens everything through this, at start-up and for dlopen. Paths are kept as the host
//! sees them, beginning with the tree's directory, so that messages and debuggers can use them; they
//! are resolved by openat2 with RESOLVE_IN_ROOT (Linux 5.6), for symbolic links of a foreign tree,
//! such as those to /etc/alternatives, mean the tree as well. Without `--sysroot` nothing of this acts.

use crate::sys;
use alloc::vec::Vec;
use ld_rs_plan::args::PRELOAD_FILE;
use ld_rs_plan::conf::{self, Line};
use ld_rs_plan::names::{Index, file_hash};
use ld_rs_plan::{Bytes, search};
use rustix::fs::{OFlags, RawDir};
use rustix::{fd::OwnedFd, io::Errno};

/// How deep ld.so.conf files may include each other, since each level takes a part of the stack.
const MAX_INCLUDES: usize = 8;
/// Bytes that are read for ld.so.conf and all that it includes, of files and of names in directories: many times those of
/// any system, and looked through in a moment.
const MAX_CONF: usize = 4 << 20;
/// The largest /etc/ld.so.preload that is read, in bytes.
const MAX_PRELOAD: u64 = 1 << 20;

/// Where absolute paths lead.
#[derive(Default, Clone)]
pub struct Root {
    /// Absolute, without a slash at its end; empty for the host's own root.
    directory: Vec<u8>,
}

/// What was read of ld.so.conf and the files that it includes.
struct Conf {
    directories: Vec<Vec<u8>>,
    /// Of [`MAX_CONF`].
    left: usize,
    /// (st_dev, st_ino) of each file read: one that is included again, also by itself, says nothing new.
    files: Vec<(u64, u64)>,
    by_file: Index,
}

impl Conf {
    /// Whether so many bytes more may be read.
    fn affords(&mut self, bytes: usize) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    /// Whether the file is read for the first time.
    fn is_new(&mut self, file: (u64, u64)) -> bool {
        let hash = file_hash(file.0, file.1);
        let is_new = !self.by_file.candidates(hash).any(|at| self.files[at as usize] == file);
        if is_new {
            self.by_file.insert(hash, self.files.len() as u32);
            self.files.push(file);
        }
        is_new
    }
}

impl Root {
    /// `directory` made absolute: the program may change its current directory before a dlopen.
    pub fn new(directory: &[u8]) -> Result<Self, Errno> {
        let mut path = match directory.starts_with(b"/") {
            true => directory.owned(),
            false => sys::current_directory().and_then(|here| search::join(&here, directory)).ok_or(Errno::NOENT)?,
        };
        if !sys::stat_path(&path)?.directory {
            return Err(Errno::NOTDIR);
        }
        path.truncate(path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1));
        Ok(Self { directory: path })
    }

    /// Whether this is another tree than the host's.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        !self.directory.is_empty()
    }

    /// What `path` is inside the tree, if it leads there.
    fn inner<'a>(&self, path: &'a [u8]) -> Option<&'a [u8]> {
        let inner = path.strip_prefix(self.directory.as_slice()).filter(|_| self.is_foreign())?;
        (inner.is_empty() || inner.starts_with(b"/")).then_some(inner)
    }

    /// The place in the tree that an absolute `path` found in one of its files means.
    #[must_use]
    pub fn place(&self, path: Vec<u8>) -> Vec<u8> {
        match self.is_foreign() && path.starts_with(b"/") && self.inner(&path).is_none() {
            true => [self.directory.as_slice(), &path].concat(),
            false => path,
        }
    }

    /// The same for a path that a program or a user names: what is not in the tree is the host's.
    #[must_use]
    pub fn choose(&self, path: Vec<u8>) -> Vec<u8> {
        let place = self.place(path.clone());
        if place != path && self.open_with(&place, OFlags::PATH).is_err() { path } else { place }
    }

    /// Opens a file for reading.
    pub fn open(&self, path: &[u8]) -> Result<OwnedFd, Errno> {
        self.open_with(path, sys::READING)
    }

    fn open_with(&self, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
        match self.inner(path) {
            None => sys::open_with(path, flags),
            Some(inner) => sys::open_in_root(&sys::open_with(&self.directory, OFlags::PATH)?, inner, flags),
        }
    }

    /// stat.
    pub fn stat(&self, path: &[u8]) -> Result<sys::FileFacts, Errno> {
        match self.inner(path) {
            None => sys::stat_path(path),
            Some(_) => sys::stat(self.open_with(path, OFlags::PATH)?),
        }
    }

    /// The directories that the tree's ld.so.conf names, for a tree in which ldconfig never ran.
    #[must_use]
    pub fn configured_directories(&self) -> Vec<Vec<u8>> {
        let mut conf = Conf { directories: Vec::new(), left: MAX_CONF, files: Vec::new(), by_file: Index::default() };
        self.read_conf(&self.place(conf::PATH.owned()), 0, &mut conf);
        conf.directories
    }

    /// The text of /etc/ld.so.preload, where there is one that the user who called the program may read.
    #[must_use]
    #[inline(never)]
    pub fn preload_file(&self) -> Option<Vec<u8>> {
        if !self.is_foreign() && !sys::may_read(PRELOAD_FILE) {
            return None;
        }
        self.text(&self.place(PRELOAD_FILE.to_bytes().owned()), &mut |facts| facts.size <= MAX_PRELOAD)
    }

    /// The text of a file, if it `is_wanted`.
    #[cold]
    fn text(&self, path: &[u8], is_wanted: &mut dyn FnMut(&sys::FileFacts) -> bool) -> Option<Vec<u8>> {
        let file = self.open(path).ok()?;
        let facts = sys::stat(&file).ok().filter(|facts| facts.regular && is_wanted(facts))?;
        sys::read_vec(&file, usize::try_from(facts.size).ok()?, 0).ok()
    }

    fn read_conf(&self, path: &[u8], depth: usize, conf: &mut Conf) {
        let text = self.text(path, &mut |facts| {
            conf.is_new(facts.identity) && usize::try_from(facts.size).is_ok_and(|size| conf.affords(size))
        });
        for line in conf::lines(text.as_deref().unwrap_or_default()) {
            match line {
                Line::Directory(directory) => conf.directories.push(self.place(directory.owned())),
                Line::Include(pattern) if depth < MAX_INCLUDES => {
                    for included in self.matching(path, pattern, conf) {
                        self.read_conf(&included, depth + 1, conf);
                    }
                }
                Line::Include(_) => {}
            }
        }
    }

    /// The files that `pattern`, in the file at `path`, names, in order.
    fn matching(&self, path: &[u8], pattern: &[u8], conf: &mut Conf) -> Vec<Vec<u8>> {
        let (directory, pattern) = (search::directory_of(pattern), pattern.rsplit(|byte| *byte == b'/').next());
        let directory = match directory.starts_with(b"/") {
            true => self.place(directory.owned()),
            false => search::join(search::directory_of(path), directory).unwrap_or_default(),
        };
        let mut found: Vec<Vec<u8>> = Vec::new();
        let Ok(file) = self.open_with(&directory, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC) else {
            return found;
        };
        let mut buffer = [core::mem::MaybeUninit::uninit(); 2048];
        let mut entries = RawDir::new(&file, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name().to_bytes();
            if !conf.affords(name.len()) {
                break;
            }
            if conf::matches(pattern.unwrap_or_default(), name) {
                let Some(path) = search::join(&directory, name) else { continue };
                // As good as a sort for a few, and the smallest one; of many a pattern affords no more than 100,000.
                found.insert(found.partition_point(|other| *other < path), path);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(directory: &[u8]) -> Root {
        Root { directory: directory.to_vec() }
    }

    #[test]
    fn absolute_paths_of_a_tree_mean_places_in_it() {
        let tree = root(b"/tree");
        for (path, place) in [
            (&b"/lib/a.so"[..], &b"/tree/lib/a.so"[..]),
            (b"/tree/lib/a.so", b"/tree/lib/a.so"),
            (b"/tree", b"/tree"),
            (b"/treetop/a.so", b"/tree/treetop/a.so"),
            (b"a.so", b"a.so"),
            (b"", b""),
        ] {
            assert_eq!(tree.place(path.to_vec()), place);
            assert_eq!(Root::default().place(path.to_vec()), path);
        }
        assert!(tree.is_foreign() && !Root::default().is_foreign());
    }

    #[test]
    fn a_tree_is_a_directory_without_slashes_at_its_end() {
        assert_eq!(Root::new(b"/usr//").unwrap().directory, b"/usr");
        assert!(!Root::new(b"/").unwrap().is_foreign());
        assert_eq!(Root::new(b"/dev/null").err(), Some(Errno::NOTDIR));
        assert_eq!(Root::new(b"/none").err(), Some(Errno::NOENT));
    }

    #[test]
    fn files_are_opened_in_the_tree_and_chosen_by_where_they_are() {
        let tree = root(b"/usr");
        assert!(tree.stat(b"/usr/lib").unwrap().directory);
        // `..` and links do not leave it.
        assert!(tree.stat(b"/usr/../../lib").unwrap().directory);
        assert_eq!(tree.stat(b"/usr/../../usr").unwrap_err(), Errno::NOENT);
        assert_eq!(tree.choose(b"/lib".to_vec()), b"/usr/lib");
        assert_eq!(tree.choose(b"/proc".to_vec()), b"/proc");
    }
}
