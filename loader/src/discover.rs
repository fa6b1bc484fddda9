//! Finding and taking in objects: the program, preloaded objects, and breadth first what they need.
//!
//! Start-up and dlopen call [`Discovery`] alike. A library that cannot be had is collected as an
//! error, so that all missing ones are reported at once; policy is the caller's.

mod find;

use crate::names::Names;
use crate::object::{Object, Objects, Role};
use crate::open::{self, Candidate, NOT_OPENED, Purpose};
use crate::search::{DLSTART, Search, lists, origin_of};
use crate::{debug, heap, report};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use ld_rs_plan::Bytes;
use ld_rs_plan::arch::{GLIBC_LOADER, GLIBC_LOADER_NAME};
use ld_rs_plan::args::{self, PRELOAD_FILE, is_secure_name};
use ld_rs_plan::elf::dynamic::Filtee;
use ld_rs_plan::errno::{ENAMETOOLONG, ENOENT};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::fallible::NoMemory;
use ld_rs_plan::libc::Kind;
use ld_rs_plan::names::{Index, name_hash};
use ld_rs_plan::observe::{Attempt, Missing, Observers, TakenIn};
use ld_rs_plan::other_libc;
use ld_rs_plan::places::Place;
use ld_rs_plan::search;
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
            self.learn_other_libc(number);
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
                        let hash = name_hash(&error.object);
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

    /// An object built for musl gets glibc in the place of musl's libc where the program has that ([`other_libc`]). It stays:
    /// musl never unloads, and such objects count on it. All its functions are bound at once, as there.
    fn learn_other_libc(&mut self, number: usize) {
        let wanted = self.search.takes_other_libc() && self.objects[number].role == Role::Library;
        let Some(name) = wanted.then(|| other_libc::needs_musl(&self.objects[number].dynamic)).flatten() else {
            return;
        };
        // A library of that common name may be the object's own.
        if name == b"libc.so" && self.is_own_library(name, number) {
            return;
        }
        let Some(object) = self.objects.edit(number) else { return };
        object.facts.needs_musl = Some(name);
        object.facts.dynamic.newest = true;
        object.facts.dynamic.bind_now = true;
        object.facts.dynamic.flags_1 |= elf::DF_1_NODELETE.0;
        debug::other_libc(object, name);
    }

    /// What object `number` needs as `name`. In secure mode a token would let whoever links to the program choose.
    fn need(&mut self, name: &[u8], number: usize) -> Result<usize, Error> {
        match () {
            () if self.search.secure && search::has_token(name) => {
                Err(Error::new(name, Cause::Plain("DST not allowed in SUID/SGID programs")))
            }
            () if self.objects[number].needs_musl == Some(name) => self.other_libc(number),
            () => self.wanted(name, number),
        }
    }

    /// The object that `name` means to object `number`, which needs or opens it: to one built for musl the names of musl's libc,
    /// also those kept for the parts that other libcs have, mean the program's.
    pub fn wanted(&mut self, name: &[u8], number: usize) -> Result<usize, Error> {
        match other_libc::part_for(name).filter(|_| self.objects[number].needs_musl.is_some()) {
            Some(part) => self.load(part, Some(0)),
            None => self.load(name, Some(number)),
        }
    }

    /// Whether the search of object `number` finds a library `name` that is not musl's libc.
    #[cold]
    #[inline(never)]
    fn is_own_library(&mut self, name: &[u8], number: usize) -> bool {
        let Ok((path, candidate)) = self.find(name, Some(number)) else { return false };
        open::object(Role::Library, path, candidate, Purpose::Inspect).is_ok_and(|object| !object.defines(DLSTART))
    }

    /// What object `number` gets in the place of musl's libc.
    #[cold]
    #[inline(never)]
    fn other_libc(&mut self, number: usize) -> Result<usize, Error> {
        let libc = self.load(Kind::Glibc.rules().names[0], Some(0))?;
        let before_2_34 = !self.objects[libc].defines(b"pthread_create");
        let parts: Vec<_> = other_libc::parts(&self.objects[number].dynamic, before_2_34).collect();
        for part in parts {
            let part = self.load(part, Some(0))?;
            if let Some(object) = self.objects.edit(number) {
                object.needed.push(part);
            }
        }
        Ok(libc)
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
        if is_libc && let Some(known) = self.objects.own_loader() {
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
    /// objects' numbers, and what is to be said of those that cannot be had.
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
        search::expand(name, &self.search.tokens(name, requester, origin.as_deref()))
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

    fn tried(&mut self, attempt: &Attempt<'_>, rejected: Option<&Cause>) {
        self.observers.tell(&mut |observer| observer.tried(attempt, rejected));
    }
}

/// What the kernel would say of a path that is not tried, of `name` or a name in some directory.
const fn missing(name: &[u8]) -> i32 {
    if name.len() < search::MAX_PATH { ENOENT } else { ENAMETOOLONG }
}

/// What a search found: the object, or the error that ends it.
type Found = Result<(Vec<u8>, Box<Candidate>), Error>;
