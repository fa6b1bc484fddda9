//! Finding and taking in objects: the program, preloaded objects, and breadth first what they need.
//!
//! Start-up and dlopen call [`Discovery`] alike. A library that cannot be had is collected as an
//! error, so that all missing ones are reported at once; policy is the caller's.

use crate::debug;
use crate::object::{Objects, Role};
use crate::open::{self, Candidate, NO_ELF, NO_FILE};
use crate::search::{Directory, Search, has_hwcaps, platform, requesters};
use crate::trail::{Attempt, Missing, Source};
use alloc::vec::Vec;
use ld_rs_plan::Bytes;
use ld_rs_plan::cache;
use ld_rs_plan::debug::{FILES, LIBS};
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::flavour::MUSL_NAMES;
use ld_rs_plan::search::{self, DEFAULT_DIRS, Tokens};
use object::elf;
use rustix::io::Errno;

/// Our DT_SONAME.
pub const OWN_SONAME: &[u8] = b"ld-rs.so.1";
/// Names that mean ld-rs itself, however an object spells its need of a loader.
const OWN_NAMES: [&[u8]; 3] = [b"ld-linux-x86-64.so.2", b"/lib64/ld-linux-x86-64.so.2", OWN_SONAME];
/// More objects than any process loads.
const MAX_OBJECTS: usize = 100_000;
/// As many missing libraries are compared with each other.
const MANY: usize = 256;

/// Whether objects are taken in to be run or only to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Mapped as the program needs them.
    Run,
    /// Read into private memory.
    Inspect,
}

/// The stage that takes in objects.
pub struct Discovery<'a> {
    /// Grows by what is found.
    pub objects: &'a mut Objects,
    /// Where to look.
    pub search: &'a mut Search,
    /// To run or to inspect.
    pub purpose: Purpose,
    /// Objects whose needs are still to be met, in scope order; those taken in join at the end.
    pub queue: Vec<usize>,
}

impl Discovery<'_> {
    /// Takes in everything that the objects in the queue need, breadth first. Returns an error for
    /// each need that could not be met.
    pub fn needed(&mut self) -> Vec<Error> {
        let mut errors: Vec<Error> = Vec::new();
        let mut at = 0;
        while let Some(number) = self.queue.get(at).copied() {
            let names = self.objects.list[number].dynamic.needed.clone();
            for name in names {
                let tried = self.search.trail.as_ref().map(|trail| trail.attempts.len());
                match self.load(name, Some(number)) {
                    Ok(needed) => self.objects.list[number].needed.push(needed),
                    Err(error) if tried.is_some() => self.miss(number, name, error, tried.unwrap_or(0)),
                    // Each once; among so many that nobody reads them all, nearly.
                    Err(error) if errors.iter().rev().take(MANY).any(|known| known.object == error.object) => {}
                    Err(error) => errors.push(error),
                }
            }
            at += 1;
        }
        errors
    }

    #[cold]
    #[inline(never)]
    fn miss(&mut self, requester: usize, name: &[u8], error: Error, tried: usize) {
        let before = self.objects.list.len();
        if let Some(trail) = &mut self.search.trail {
            let attempts = tried..trail.attempts.len();
            trail.missing.push(Missing { before, name: name.owned(), requester, error, attempts });
        }
    }

    /// The object that answers to `name`, taken in if it is not there yet.
    pub fn load(&mut self, name: &[u8], requester: Option<usize>) -> Result<usize, Error> {
        if let Some(known) = self.objects.by_name(name) {
            return Ok(known);
        }
        if OWN_NAMES.contains(&name) {
            return self.own(name);
        }
        if self.objects.list.len() >= MAX_OBJECTS {
            return Err(Error::new(name, Cause::Plain("too many objects")));
        }
        let musl = self.search.musl.clone().filter(|_| MUSL_NAMES.contains(&name));
        let (path, candidate) = match name.contains(&b'/') || musl.is_some() {
            true => {
                let path = musl.or_else(|| self.expand(name, requester)).ok_or_else(|| {
                    Error::new(name, Cause::System("cannot open shared object file", Errno::NOENT.raw_os_error()))
                })?;
                let path = self.search.root.choose(path);
                let opened = open::open(&self.search.root, &path);
                self.witness(name, requester, &path, Source::Path, opened.as_ref().err());
                let candidate = opened.map_err(|cause| Error::new(&path, cause))?;
                (path, candidate)
            }
            false => self.find(name, requester)?,
        };
        self.take(name, path, candidate, requester)
    }

    /// ld-rs itself joins the objects where it is first needed.
    fn own(&mut self, name: &[u8]) -> Result<usize, Error> {
        let number = match self.objects.position(Role::Loader) {
            Some(number) => number,
            None => {
                let object = open::own_object(&self.search.own_name).map_err(|cause| Error::new(b"ld-rs.so", cause))?;
                let number = self.objects.push(object);
                self.queue.push(number);
                number
            }
        };
        self.objects.alias(name, number);
        Ok(number)
    }

    fn expand(&mut self, name: &[u8], requester: Option<usize>) -> Option<Vec<u8>> {
        let origin = self.search.origin_for(requester.map(|number| &*self.objects.list[number]), name);
        search::expand(name, &Tokens { origin: origin.as_deref(), platform: platform(self.search.platform) })
    }

    /// Makes an object of `candidate`, unless its file is one already. A part of [`Self::load`], whose frame
    /// has room for it: threads that open libraries have small stacks at times.
    #[inline(always)]
    fn take(
        &mut self,
        name: &[u8],
        path: Vec<u8>,
        candidate: Candidate,
        requester: Option<usize>,
    ) -> Result<usize, Error> {
        if let Some(known) = self.objects.by_file(candidate.facts.identity) {
            self.objects.alias(name, known);
            return Ok(known);
        }
        let mut object = match self.purpose {
            Purpose::Run => open::library(path.clone(), &candidate),
            Purpose::Inspect => open::inspected(Role::Library, path.clone(), &candidate),
        }
        .and_then(|object| self.search.admit(object, self.purpose))
        .map_err(|cause| Error::new(&path, cause))?;
        object.needed_by = requester;
        let number = self.objects.push(object);
        if debug::on(LIBS) {
            debug::gap();
        }
        if debug::on(FILES) {
            // Only dlopen begins with nothing in the queue.
            let asks = if self.queue.is_empty() { "dynamically loaded" } else { "needed" };
            debug::taken_in(self.objects, number, name, requester, asks);
        }
        self.queue.push(number);
        self.objects.alias(name, number);
        Ok(number)
    }

    /// Searches for `name` on behalf of `requester`, in the order of the gABI and glibc.
    fn find(&mut self, name: &[u8], requester: Option<usize>) -> Result<(Vec<u8>, Candidate), Error> {
        debug::searching(name);
        let mut probe = Probe { name, requester, source: Source::LibraryPath, skipped: None };
        let requesters = requesters(self.objects, requester);
        let own = requesters.first().map(|number| &self.objects.list[*number]);
        let own_runpath = own.and_then(|object| object.dynamic.runpath);
        let nodeflib = own.is_some_and(|object| object.dynamic.has_flag_1(elf::DF_1_NODEFLIB));
        let needed_by = own.filter(|object| object.role != Role::Program).map(|object| object.name.clone());

        if self.search.musl.is_some() {
            if let Some(found) = self.musl_lists(&requesters, &mut probe) {
                return found;
            }
        } else if own_runpath.is_none() {
            for number in &requesters {
                let object = &self.objects.list[*number];
                if object.dynamic.runpath.is_none() && object.dynamic.rpath.is_some() {
                    let list = self.search.list_of(object, object.dynamic.rpath);
                    probe.source = Source::Rpath(*number);
                    if let Some(found) = self.try_list(&list, &mut probe) {
                        return found;
                    }
                }
            }
        }
        let list = if self.search.musl.is_some() { Vec::new() } else { self.search.library_path.clone() };
        probe.source = Source::LibraryPath;
        if let Some(found) = self.try_list(&list, &mut probe) {
            return found;
        }
        let glibc = self.search.musl.is_none();
        if let Some(number) = requesters.first().filter(|_| own_runpath.is_some() && glibc) {
            let list = self.search.list_of(&self.objects.list[*number], own_runpath);
            probe.source = Source::Runpath(*number);
            if let Some(found) = self.try_list(&list, &mut probe) {
                return found;
            }
        }
        probe.source = Source::Cache;
        if debug::on(LIBS) && glibc && !self.search.cache.is_inhibited() {
            debug::line(format_args!(" search cache={}", Text(cache::PATH.to_bytes())));
        }
        match if glibc { self.search.cached(name) } else { None } {
            Some(path) => {
                let default = DEFAULT_DIRS.contains(&search::directory_of(path));
                if !(nodeflib && default)
                    && let Some(found) = self.try_path(self.search.root.place(path.owned()), &mut probe)
                {
                    return found;
                }
            }
            None if glibc && self.search.trail.is_some() => {
                self.witness(name, requester, cache::PATH.to_bytes(), Source::Cache, Some(&UNLISTED));
            }
            None => {}
        }
        if glibc {
            let list = self.search.configured();
            probe.source = Source::Configured;
            if let Some(found) = self.try_list(&list, &mut probe) {
                return found;
            }
        }
        if !nodeflib {
            let list = self.search.default_dirs.clone();
            probe.source = Source::Default;
            if let Some(found) = self.try_list(&list, &mut probe) {
                return found;
            }
        }
        Err(match probe.skipped {
            // glibc's sentence names what was asked for where only files of another class were found.
            // So it does where the process, not the file, is at fault: EMFILE, ENFILE, ENOMEM.
            Some((path, cause @ (Cause::Class(_) | Cause::System(_, 12 | 23 | 24)))) => {
                Error::new(name, cause).note(&[b"found ", path.as_slice()].concat())
            }
            Some((path, cause)) => Error::new(&path, cause),
            None => {
                let error =
                    Error::new(name, Cause::System("cannot open shared object file", Errno::NOENT.raw_os_error()));
                match needed_by {
                    Some(name) => error.note(&[b"needed by ", name.as_slice()].concat()),
                    None => error,
                }
            }
        })
    }

    /// musl's order: LD_LIBRARY_PATH, then the objects' paths, DT_RPATH and DT_RUNPATH alike, up to the program.
    #[cold]
    #[inline(never)]
    fn musl_lists(&mut self, requesters: &[usize], probe: &mut Probe<'_>) -> Option<Found> {
        let list = self.search.library_path.clone();
        probe.source = Source::LibraryPath;
        if let Some(found) = self.try_list(&list, probe) {
            return Some(found);
        }
        requesters.iter().find_map(|number| {
            let object = &self.objects.list[*number];
            let list = self.search.list_of(object, object.dynamic.runpath.or(object.dynamic.rpath));
            probe.source = Source::Runpath(*number);
            self.try_list(&list, probe)
        })
    }

    /// `LD_DEBUG=libs`: the directories that are about to be tried.
    #[cold]
    #[inline(never)]
    fn tell_list(&self, list: &[usize], source: Source) {
        let mut paths = Vec::new();
        for number in list {
            if !paths.is_empty() {
                paths.push(b':');
            }
            paths.extend_from_slice(&self.search.directories[*number].path);
        }
        let of = |number: usize| Text(&self.objects.list[number].name);
        match source {
            Source::Rpath(number) => debug::search_path(&paths, format_args!("RPATH from file {}", of(number))),
            Source::Runpath(number) => debug::search_path(&paths, format_args!("RUNPATH from file {}", of(number))),
            Source::LibraryPath => debug::search_path(&paths, format_args!("LD_LIBRARY_PATH")),
            _ => debug::search_path(&paths, format_args!("system search path")),
        }
    }

    fn try_list(&mut self, list: &[usize], probe: &mut Probe<'_>) -> Option<Found> {
        if debug::on(LIBS) && !list.is_empty() {
            self.tell_list(list, probe.source);
        }
        for number in list {
            let Search { root, directories, .. } = &mut *self.search;
            let directory = &mut directories[*number];
            if directory.absent {
                let path = directory.path.clone();
                self.witness(probe.name, probe.requester, &path, probe.source, Some(&ABSENT));
                continue;
            }
            if has_hwcaps(root, directory) {
                for subdirectory in self.search.hwcaps().to_vec() {
                    let directory = &self.search.directories[*number].path;
                    let path = search::join(directory, &[b"glibc-hwcaps/", &*subdirectory, b"/", probe.name].concat());
                    if let Some(found) = path.and_then(|path| self.try_path(path, probe)) {
                        return Some(found);
                    }
                }
            }
            // Whoever wants to know what is tried is told of every name.
            let Search { root, directories, trail, .. } = &mut *self.search;
            let Directory { path, listing, .. } = &mut directories[*number];
            if trail.is_none() && !debug::on(LIBS) && !listing.may_hold(root, path, probe.name) {
                continue;
            }
            let path = search::join(path, probe.name);
            if let Some(found) = path.and_then(|path| self.try_path(path, probe)) {
                return Some(found);
            }
        }
        None
    }

    /// Opens `path` in a search. What is not there is passed over, and so is what is no object for this
    /// machine, with a remark; a damaged object is the answer, and an error.
    fn try_path(&mut self, path: Vec<u8>, probe: &mut Probe<'_>) -> Option<Found> {
        debug::trying(&path);
        let opened = open::open(&self.search.root, &path);
        self.witness(probe.name, probe.requester, &path, probe.source, opened.as_ref().err());
        match opened {
            Ok(candidate) => Some(Ok((path, candidate))),
            Err(Cause::System(_, 2 | 20)) => None,
            Err(
                cause @ (Cause::Class(_)
                | Cause::Machine(_)
                | Cause::System(..)
                | Cause::Empty
                | Cause::Plain(NO_ELF | NO_FILE)),
            ) => {
                probe.skipped.get_or_insert((path, cause));
                None
            }
            Err(cause) => Some(Err(Error::new(&path, cause))),
        }
    }

    /// Remembers that `path` was tried, if somebody wants to know.
    #[inline(never)]
    fn witness(&mut self, name: &[u8], requester: Option<usize>, path: &[u8], source: Source, no: Option<&Cause>) {
        if let Some(trail) = &mut self.search.trail {
            let (name, path) = (name.owned(), path.owned());
            trail.attempts.push(Attempt { name, requester, path, source, rejected: no.cloned() });
        }
    }
}

/// A search under way.
struct Probe<'a> {
    name: &'a [u8],
    requester: Option<usize>,
    /// The list that is being tried.
    source: Source,
    /// The first file that was passed over though it is there.
    skipped: Option<(Vec<u8>, Cause)>,
}

/// The verdict on ld.so.cache where it does not have the name.
const UNLISTED: Cause = Cause::Plain("not listed");
/// The verdict on a directory that is not there.
const ABSENT: Cause = Cause::Plain("no such directory");

/// What a search found: the object, or the error that ends it.
type Found = Result<(Vec<u8>, Candidate), Error>;
