//! The search for one name: place after place is asked, in the order that plan gives; what is there and is no object for
//! this machine is passed over. [`super::Discovery`] calls it.

use super::{Discovery, Found, missing};
use crate::object::Role;
use crate::open::{self, NO_ELF, NO_FILE, NOT_OPENED};
use crate::search::{Directory, Search, has_hwcaps, lists};
use crate::sys;
use alloc::vec::Vec;
use ld_rs_plan::cache;
use ld_rs_plan::errno::{EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::libc::{self, Kind};
use ld_rs_plan::observe::Attempt;
use ld_rs_plan::places::{Order, Place};
use ld_rs_plan::search;

impl Discovery<'_> {
    /// Searches for `name` on behalf of `requester`, in the order of the program's libc.
    #[inline(never)]
    pub(super) fn find(&mut self, name: &[u8], requester: Option<usize>) -> Found {
        self.observers.tell(&mut |observer| observer.searching(name));
        let mut probe = Probe { name, requester, place: Place::LibraryPath, skipped: None };
        let mut order = Order::new(self.search.policy, requester);
        while let Some(place) = order.next(&self.search.inheritance, |number| lists(self.objects, number)) {
            probe.place = place;
            let found = match place {
                Place::Cache => self.try_cache(&mut probe),
                _ => self.try_list(&mut probe),
            };
            if let Some(found) = found {
                return found;
            }
        }
        // Then where their own loader looks: what serves the program serves them too.
        if requester.is_some_and(|number| self.objects[number].needs_musl.is_some()) {
            probe.place = Place::Default;
            for number in self.search.other_default_dirs() {
                let path = search::join(&self.search.directories[number].path, name);
                if let Some(found) = path.and_then(|path| self.try_path(path, &mut probe)) {
                    return found;
                }
            }
        }
        Err(self.not_found(probe))
    }

    #[cold]
    #[inline(never)]
    fn not_found(&self, probe: Probe<'_>) -> Error {
        match probe.skipped {
            // glibc's sentence names what was asked for where only files of another class were found.
            Some((path, cause @ Cause::Class(_))) => {
                Error::new(probe.name, cause).note(&[b"found ", path.as_slice()].concat())
            }
            Some((path, cause)) => Error::new(&path, cause),
            None => {
                let error = Error::new(probe.name, Cause::System(NOT_OPENED, missing(probe.name)));
                match probe.requester.map(|number| &self.objects[number]) {
                    Some(object) if object.role != Role::Program => {
                        error.note(&[b"needed by ", object.name.as_slice()].concat())
                    }
                    _ => error,
                }
            }
        }
    }

    fn try_cache(&mut self, probe: &mut Probe<'_>) -> Option<Found> {
        if self.search.secure && self.search.preloads {
            return None;
        }
        self.observers.tell(&mut |observer| observer.list(cache::PATH.to_bytes(), Place::Cache, b""));
        let mut cached = self.search.cached(probe.name);
        if cached == Some(None) {
            self.is_old_glibc();
            cached = self.search.cached(probe.name);
        }
        let Some(path) = cached.flatten() else {
            self.tried(&probe.attempt(cache::PATH.to_bytes()), Some(&UNLISTED));
            return None;
        };
        let no_default = probe.requester.is_some_and(|number| lists(self.objects, number).no_default);
        if no_default && self.search.policy.libc.rules().default_dirs.contains(&search::directory_of(&path)) {
            return None;
        }
        self.try_path(self.search.root.place(path), probe)
    }

    fn try_list(&mut self, probe: &mut Probe<'_>) -> Option<Found> {
        let list = self.search.list(self.objects, probe.place);
        if !self.observers.is_empty() && !list.is_empty() {
            self.tell_list(&list, probe.place);
        }
        for number in list {
            let Search { root, directories, .. } = &mut *self.search;
            let directory = &mut directories[number];
            if directory.absent {
                let attempt = probe.attempt(&directory.path);
                self.observers.tell(&mut |observer| observer.tried(&attempt, Some(&ABSENT)));
                continue;
            }
            if has_hwcaps(root, directory) && self.search.policy.libc.rules().hwcaps {
                for subdirectory in self.search.hwcaps().to_vec() {
                    let directory = &self.search.directories[number].path;
                    let path = search::join(directory, &[b"glibc-hwcaps/", &*subdirectory, b"/", probe.name].concat());
                    if let Some(found) = path.and_then(|path| self.try_path(path, probe)) {
                        return Some(found);
                    }
                }
            }
            if !self.search.directories[number].flat
                && self.search.policy.libc == Kind::Glibc
                && self.search.old_glibc != Some(false)
                && let Some(found) = self.try_old(number, probe)
            {
                return Some(found);
            }
            // Observers are told of every name, also where the listing shows that it is not there.
            let Search { root, directories, filtered, .. } = &mut *self.search;
            let Directory { path, listing, .. } = &mut directories[number];
            if self.observers.is_empty() && !listing.may_hold(root, path, probe.name, filtered) {
                continue;
            }
            let path = search::join(path, probe.name);
            if let Some(found) = path.and_then(|path| self.try_path(path, probe)) {
                return Some(found);
            }
        }
        None
    }

    /// Tries the subdirectories that only loaders of older glibcs search. Which glibc the program has is asked where there
    /// are any: mostly there are none.
    #[cold]
    #[inline(never)]
    fn try_old(&mut self, number: usize, probe: &mut Probe<'_>) -> Option<Found> {
        let names = self.search.old_names();
        let Search { root, directories, .. } = &mut *self.search;
        let directory = &mut directories[number];
        let is_there = |(at, name): (usize, &&[u8])| {
            let is_new = !name.is_empty() && !names[..at].contains(name);
            let path = if is_new { search::join(&directory.path, name) } else { None };
            path.is_some_and(|path| root.stat(&path).is_ok_and(|facts| facts.directory))
        };
        if !*directory.old.get_or_insert_with(|| names.iter().enumerate().any(is_there)) || !self.is_old_glibc() {
            return None;
        }
        // The set of all names first, the empty one not at all.
        (1..1 << names.len()).rev().find_map(|set| {
            let members = || (0..names.len()).filter(|at| set >> (names.len() - 1 - at) & 1 != 0).map(|at| names[at]);
            let parts = members().flat_map(|name| [name, b"/"]).chain([probe.name]);
            let path: Vec<u8> = parts.flatten().copied().collect();
            let path = search::join(&self.search.directories[number].path, &path);
            path.filter(|_| members().all(|name| !name.is_empty())).and_then(|path| self.try_path(path, probe))
        })
    }

    /// Whether the libc that the program gets is a glibc before 2.37, by the words in its file.
    fn is_old_glibc(&mut self) -> bool {
        if let Some(known) = self.search.old_glibc {
            return known;
        }
        // It is itself looked for as by newer ones.
        self.search.old_glibc = Some(false);
        let observers = core::mem::take(&mut self.observers);
        let name = Kind::Glibc.rules().names.first().copied().unwrap_or_default();
        let path = match self.names.by_name(name) {
            Some(number) => Some(self.objects[number].name.clone()),
            None => self.find(name, Some(0)).ok().map(|(path, _)| path),
        };
        self.observers = observers;
        let file = path.and_then(|path| self.search.root.open(&path).ok());
        let size = file.as_ref().and_then(|file| sys::stat(file).ok()).map_or(0, |facts| facts.size.min(MAX_LIBC));
        let text = file.and_then(|file| sys::read_vec(&file, size as usize, 0).ok());
        let old = text.is_some_and(|text| libc::glibc_minor(&text).is_some_and(|minor| minor < 37));
        self.search.old_glibc = Some(old);
        old
    }

    #[cold]
    #[inline(never)]
    fn tell_list(&mut self, list: &[usize], place: Place) {
        let paths: Vec<&[u8]> = list.iter().map(|number| &*self.search.directories[*number].path).collect();
        let paths = paths.join(&b':');
        let of = match place {
            Place::Rpath(number) | Place::Runpath(number) => self.objects[number].name.as_slice(),
            _ => b"",
        };
        self.observers.tell(&mut |observer| observer.list(&paths, place, of));
    }

    /// Opens `path` in a search. What is not there is passed over, and so is what is no object for this machine or may not be
    /// read, with a remark. A damaged object is the answer, and an error; so is what fails for any other reason, for another
    /// library of the name must not take the place of the right one.
    fn try_path(&mut self, path: Vec<u8>, probe: &mut Probe<'_>) -> Option<Found> {
        use Cause::{Class, Empty, Machine, Plain, System};
        self.observers.tell(&mut |observer| observer.trying(&path));
        let mut opened = open::open(&self.search.root, &path);
        if self.search.secure && self.search.preloads && opened.as_ref().is_ok_and(|found| !found.facts.set_user_id) {
            opened = Err(NOT_FOUND);
        }
        self.tried(&probe.attempt(&path), opened.as_ref().err());
        match opened {
            Ok(candidate) => Some(Ok((path, candidate))),
            Err(System(_, ENOENT | ENOTDIR)) => None,
            // What is not there because its directory cannot be.
            Err(System(_, ELOOP | ENAMETOOLONG)) if self.search.root.stat(search::directory_of(&path)).is_err() => None,
            Err(
                cause @ (Class(_)
                | Machine(_)
                | System(NOT_OPENED, EACCES)
                | System(_, EISDIR)
                | Empty
                | Plain(NO_ELF | NO_FILE)),
            ) => {
                probe.skipped.get_or_insert((path, cause));
                None
            }
            // glibc's sentence names what was asked for where nothing could be opened.
            Err(cause @ System(NOT_OPENED, _)) => {
                Some(Err(Error::new(probe.name, cause).note(&[b"found ", path.as_slice()].concat())))
            }
            Err(cause) => Some(Err(Error::new(&path, cause))),
        }
    }
}

/// A search under way.
struct Probe<'a> {
    name: &'a [u8],
    requester: Option<usize>,
    /// The place that is being asked.
    place: Place,
    /// The first file that was passed over though it is there.
    skipped: Option<(Vec<u8>, Cause)>,
}

impl<'a> Probe<'a> {
    fn attempt(&self, path: &'a [u8]) -> Attempt<'a> {
        Attempt { name: self.name, requester: self.requester, path, place: self.place }
    }
}

/// The largest libc whose version is looked for, in bytes: one of 2.36 with its symbols has 12 MB.
const MAX_LIBC: u64 = 32 << 20;

const NOT_FOUND: Cause = Cause::System(NOT_OPENED, ENOENT);
/// The verdict on ld.so.cache where it does not have the name.
const UNLISTED: Cause = Cause::Plain("not listed");
/// The verdict on a directory that is not there.
const ABSENT: Cause = Cause::Plain("no such directory");
