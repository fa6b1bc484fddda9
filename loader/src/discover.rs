//! Finding and taking in objects: the program, preloaded objects, and breadth first what they need.
//!
//! Start-up and dlopen call [`Discovery`] alike. A library that cannot be had is collected as an
//! error, so that all missing ones are reported at once; policy is the caller's.

use crate::names::Names;
use crate::object::{Object, Objects, Role};
use crate::open::{self, Candidate, NO_ELF, NO_FILE, NOT_OPENED, Purpose};
use crate::search::{DLSTART, Directory, Search, has_hwcaps, lists, origin_of};
use crate::{heap, report, sys};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use ld_rs_plan::arch::{GLIBC_LOADER, GLIBC_LOADER_NAME};
use ld_rs_plan::args::{self, PRELOAD_FILE, is_secure_name};
use ld_rs_plan::elf::dynamic::Filtee;
use ld_rs_plan::errno::{EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::fallible::NoMemory;
use ld_rs_plan::libc::{self, Kind};
use ld_rs_plan::names::Index;
use ld_rs_plan::observe::{Attempt, Missing, Observers, TakenIn};
use ld_rs_plan::places::{Order, Place};
use ld_rs_plan::search;
use ld_rs_plan::{Bytes, cache};
use object::elf;

/// Our DT_SONAME where we stand beside the loader of the system; in its place we have its name.
pub const OWN_SONAME: &[u8] = b"ld-rs.so.1";
/// The most objects that are taken in: many times those of any process, so that what files say of their needs
/// cannot take all memory.
const MAX_OBJECTS: usize = 100_000;

/// The stage that takes in objects.
pub struct Discovery<'a> {
    /// Grows by what is found.
    pub objects: &'a mut Objects,
    /// By which names they are found.
    pub names: &'a mut Names,
    /// Where to look.
    pub search: &'a mut Search,
    /// To run or to inspect.
    pub purpose: Purpose,
    /// Objects whose needs are still to be met, in scope order; those taken in join at the end.
    pub queue: Vec<usize>,
    /// Who is told what is done. Mostly nobody.
    pub observers: Observers<'a>,
}

impl Discovery<'_> {
    /// Takes in everything that the objects in the queue need, breadth first. Returns an error for
    /// each object that cannot be had, once.
    pub fn needed(&mut self) -> Vec<Error> {
        let (mut errors, mut known) = (Vec::<Error>::new(), Index::default());
        let (roots, mut filtered) = (self.queue.len(), false);
        let mut at = 0;
        while let Some(number) = self.queue.get(at).copied() {
            let mut need = 0;
            while let Some(name) = self.objects[number].dynamic.needed.get(need).copied() {
                if heap::exhausted() {
                    return alloc::vec![Error::new(name, NoMemory.into())];
                }
                let filtee = self.objects[number].dynamic.filtee(need);
                need += 1;
                if let Some(filtee) = filtee {
                    let of = &self.objects[number].name;
                    self.observers.tell(&mut |observer| observer.filtee(name, of, filtee));
                }
                match self.need(name, number) {
                    Ok(needed) => {
                        if let Some(object) = self.objects.edit(number) {
                            if filtee.is_some() {
                                object.facts.filtees.push(object.facts.needed.len());
                                filtered = true;
                            }
                            object.needed.push(needed);
                        }
                    }
                    Err(error) => {
                        let before = self.objects.list.len();
                        let need = Missing { name, requester: number, filtee, before, error: &error };
                        self.observers.tell(&mut |observer| observer.missing(&need));
                        if filtee == Some(Filtee::Auxiliary) {
                            continue;
                        }
                        let hash = elf::gnu_hash(&error.object);
                        if !known.candidates(hash).any(|at| errors[at as usize].object == error.object) {
                            known.insert(hash, errors.len() as u32);
                            errors.push(error);
                        }
                    }
                }
            }
            at += 1;
        }
        if filtered && self.queue.first() == Some(&0) {
            self.objects.order = self.objects.closure(self.queue[..roots].to_vec());
        }
        errors
    }

    /// What object `number` needs as `name`. In secure mode a token would let whoever links to the program choose.
    fn need(&mut self, name: &[u8], number: usize) -> Result<usize, Error> {
        match self.search.secure && search::has_token(name) {
            true => Err(Error::new(name, Cause::Plain("DST not allowed in SUID/SGID programs"))),
            false => self.load(name, Some(number)),
        }
    }

    /// The object that answers to `name`, taken in if it is not there yet.
    pub fn load(&mut self, name: &[u8], requester: Option<usize>) -> Result<usize, Error> {
        if let Some(known) = self.names.find(self.objects, name) {
            return Ok(known);
        }
        if name == OWN_SONAME || name == GLIBC_LOADER_NAME || name == GLIBC_LOADER {
            return self.own(name);
        }
        if self.objects.list.len() >= MAX_OBJECTS {
            return Err(Error::new(name, Cause::Plain("too many objects")));
        }
        let is_libc = self.search.policy.libc.means(name);
        if is_libc && let Some(known) = self.objects.list.iter().position(|object| object.is_own_loader) {
            return self.known_as(name, known);
        }
        let own = match self.purpose {
            Purpose::Run | Purpose::Open if is_libc => Some(self.own(OWN_SONAME)?),
            _ => None,
        };
        let (path, candidate) = match is_libc {
            true => self.libc(name, requester),
            false if name.contains(&b'/') => self.by_path(None, name, requester),
            false => self.find(name, requester),
        }?;
        let number = self.take(name, &path, candidate, requester).map_err(|cause| {
            // So it does where an object may not be taken in.
            Error::new(if matches!(cause, Cause::Plain(_)) { name } else { &path }, cause)
        })?;
        // What both define, dlopen and its like, is ours to serve: we come before such a libc in every scope.
        if let (Some(own), Some(object)) = (own, self.objects.edit(number).filter(|object| object.is_own_loader)) {
            object.facts.filtees.push(object.facts.needed.len());
            object.needed.push(own);
        }
        Ok(number)
    }

    /// Opens the libc that is its own loader, which `name` means: where it is as the loader, or else by one of its names. There a
    /// library of another kind may have the name.
    #[inline(never)]
    fn libc(&mut self, name: &[u8], requester: Option<usize>) -> Found {
        let file = self.search.libc_file();
        let found = match file.is_some() {
            true => self.by_path(file, name, requester),
            false => self.find(name, requester),
        };
        let not_there = |error: &Error| matches!(error.cause, Cause::System(NOT_OPENED, ENOENT));
        let names = self.search.policy.libc.rules().names.iter();
        names.fold(found, |found, other| match found {
            Err(error) if not_there(&error) => self.find(other, requester).map_err(|_| error),
            found => found,
        })
    }

    /// Object `number` answers to `name` too.
    fn known_as(&mut self, name: &[u8], number: usize) -> Result<usize, Error> {
        self.names.alias(name, number).map_err(|cause| Error::new(name, cause.into()))?;
        Ok(number)
    }

    /// Opens the file of the `libc`, or that whose path `name` is. As [`Self::find`] and [`Self::take`] a function of its
    /// own, for threads that open libraries have small stacks at times.
    #[inline(never)]
    fn by_path(&mut self, libc: Option<Vec<u8>>, name: &[u8], requester: Option<usize>) -> Found {
        let path = libc
            .or_else(|| self.expand(name, requester))
            .ok_or_else(|| Error::new(name, Cause::System(NOT_OPENED, missing(name))))?;
        let path = self.search.root.choose(path);
        let opened = open::open(&self.search.root, &path);
        self.tried(&Attempt { name, requester, path: &path, place: Place::Path }, opened.as_ref().err());
        // Where there is no such file glibc says the name as it was given.
        let said = |cause: &Cause| if matches!(cause, Cause::System(NOT_OPENED, _)) { name } else { &path };
        let candidate = opened.map_err(|cause| Error::new(said(&cause), cause))?;
        Ok((path, candidate))
    }

    /// ld-rs itself joins the objects where it is first needed.
    fn own(&mut self, name: &[u8]) -> Result<usize, Error> {
        let number = match self.objects.position(Role::Loader) {
            Some(number) => number,
            None => {
                let object = open::own_object(&self.search.own_name).map_err(|cause| Error::new(b"ld-rs.so", cause))?;
                let number = self.enter(object).map_err(|cause| Error::new(name, cause.into()))?;
                self.queue.push(number);
                number
            }
        };
        self.known_as(name, number)
    }

    /// Begins with the program, which is object 0.
    pub fn begin(&mut self, program: Rc<Object>) -> Result<usize, Error> {
        let number = self.enter(program).map_err(|cause| Error::new(b"", cause.into()))?;
        self.queue.push(number);
        Ok(number)
    }

    /// Takes in what is to be preloaded into object 0, the program: sources and names, then what /etc/ld.so.preload names. The
    /// objects' numbers, and what is
    /// to be said of those that cannot be had.
    pub fn preload(&mut self, list: &[(&str, &[u8])]) -> (Vec<usize>, Vec<u8>) {
        let (mut numbers, mut warnings) = (Vec::new(), Vec::new());
        self.search.preloads = true;
        let mut text = match self.search.policy.libc {
            Kind::Musl => None, // whose loader knows of no such file
            _ => self.search.root.preload_file(),
        }
        .unwrap_or_default();
        args::blank_comments(&mut text);
        let file = PRELOAD_FILE.to_str().unwrap_or_default();
        let in_file = args::names(&text, args::SEPARATORS[1]).map(|name| (file, name));
        // Of what the user says a secure program takes names only.
        let secure = self.search.secure;
        let by_user = list.iter().copied().filter(|(_, name)| !secure || is_secure_name(name));
        for (source, name) in by_user.chain(in_file) {
            match self.load(name, Some(0)) {
                Ok(number) => numbers.push(number),
                Err(error) => warnings.extend(report::cannot_preload(source, name, &error).take()),
            }
        }
        self.search.preloads = false;
        (numbers, warnings)
    }

    /// Adds an object, which is found by its file and its soname from now on.
    pub fn enter(&mut self, mut object: Rc<Object>) -> Result<usize, NoMemory> {
        let libc = self.search.policy.libc;
        if let Some(object) = Rc::get_mut(&mut object).filter(|_| libc.rules().loader.is_some()) {
            object.dynamic.versions.are_wishes = libc.rules().versions_are_wishes;
            object.is_own_loader = libc.has_name(object.soname()) && object.defines(DLSTART);
        }
        let number = self.objects.push(object)?;
        self.names.enter(self.objects, number)?;
        Ok(number)
    }

    fn expand(&mut self, name: &[u8], requester: Option<usize>) -> Option<Vec<u8>> {
        let requester = requester.map(|number| self.objects.list[number].as_ref());
        let origin = self.search.origin_for(requester, name);
        search::expand(name, &self.search.tokens(requester, origin.as_deref()))
    }

    /// Makes an object of `candidate`, unless its file is one already.
    #[inline(never)]
    fn take(
        &mut self,
        name: &[u8],
        path: &[u8],
        candidate: Box<Candidate>,
        requester: Option<usize>,
    ) -> Result<usize, Cause> {
        if let Some(known) = self.names.by_file(self.objects, candidate.facts.identity) {
            self.names.alias(name, known)?;
            return Ok(known);
        }
        let object = open::object(Role::Library, path.owned(), candidate, self.purpose)?;
        let mut object = open::admit(object, self.search.strict, self.purpose)?;
        if let Some(object) = Rc::get_mut(&mut object) {
            object.needed_by = requester;
            object.directory = if path.starts_with(b"/") { None } else { origin_of(path) };
        }
        let number = self.enter(object)?;
        self.search.inheritance.enter(number, requester, self.search.policy.libc, |other| lists(self.objects, other));
        self.tell_taken_in(number, name, requester);
        self.queue.push(number);
        self.names.alias(name, number)?;
        Ok(number)
    }

    /// Tells the observers of object `number`, which was asked for by `name`.
    pub fn tell_taken_in(&mut self, number: usize, name: &[u8], requester: Option<usize>) {
        // Only dlopen begins with nothing in the queue.
        let by_dlopen = self.queue.is_empty();
        let object = &self.objects[number];
        let (headers, bias) = (&object.headers, object.image.bias);
        let requester = requester.map(|requester| self.objects[requester].name.as_slice());
        let taken_in = TakenIn { number, name, requester, by_dlopen, headers, bias };
        self.observers.tell(&mut |observer| observer.taken_in(&taken_in));
    }

    /// Searches for `name` on behalf of `requester`, in the order of the program's libc.
    #[inline(never)]
    fn find(&mut self, name: &[u8], requester: Option<usize>) -> Found {
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
        let Some(path) = self.search.cached(probe.name) else {
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

    fn tried(&mut self, attempt: &Attempt<'_>, rejected: Option<&Cause>) {
        self.observers.tell(&mut |observer| observer.tried(attempt, rejected));
    }
}

/// What the kernel would say of a path that is not tried, of `name` or a name in some directory.
const fn missing(name: &[u8]) -> i32 {
    if name.len() < search::MAX_PATH { ENOENT } else { ENAMETOOLONG }
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

/// What a search found: the object, or the error that ends it.
type Found = Result<(Vec<u8>, Box<Candidate>), Error>;
