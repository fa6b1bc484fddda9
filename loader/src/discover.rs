//! Finding and taking in objects: the program, preloaded objects, and breadth first what they need.
//!
//! Start-up and dlopen call [`Discovery`] alike. A library that cannot be had is collected as an
//! error, so that all missing ones are reported at once; policy is the caller's.

use crate::arch;
use crate::debug;
use crate::image::Image;
use crate::installed::{self, Installed};
use crate::listing::Listing;
use crate::map;
use crate::object::{Object, Objects, Role};
use crate::root::Root;
use crate::sys;
use crate::trail::{Attempt, Missing, Source, Trail};
use alloc::boxed::Box;
use alloc::vec::Vec;
use ld_rs_plan::Bytes;
use ld_rs_plan::args::Allow;
use ld_rs_plan::cache;
use ld_rs_plan::debug::{FILES, LIBS};
use ld_rs_plan::elf::header::{self, Headers};
use ld_rs_plan::elf::note;
use ld_rs_plan::error::{Cause, Error, Text};
use ld_rs_plan::flavour::MUSL_NAMES;
use ld_rs_plan::search::{self, DEFAULT_DIRS, Tokens};
use object::elf;
use rustix::fd::OwnedFd;
use rustix::io::Errno;

/// Our DT_SONAME.
pub const OWN_SONAME: &[u8] = b"ld-rs.so.1";
/// Names that mean ld-rs itself, however an object spells its need of a loader.
const OWN_NAMES: [&[u8]; 3] = [b"ld-linux-x86-64.so.2", b"/lib64/ld-linux-x86-64.so.2", OWN_SONAME];
/// The default directories that Debian's glibc tells of.
const DEFAULT_SHOWN: usize = 4;
/// More objects than any process loads.
const MAX_OBJECTS: usize = 100_000;
/// As many missing libraries are compared with each other.
const MANY: usize = 256;
/// Where musl's loader is, which is its libc.
const MUSL_LOADER: &[u8] = b"/lib/ld-musl-x86_64.so.1";
/// The list of its default directories.
const MUSL_PATHS: &[u8] = b"/etc/ld-musl-x86_64.path";

/// Where to look, and how.
pub struct Search {
    /// The path by which ld-rs itself was started.
    pub own_name: Vec<u8>,
    /// LD_LIBRARY_PATH or `--library-path`.
    library_path: Vec<usize>,
    default_dirs: Vec<usize>,
    /// Directories that the ld.so.conf of a tree without a cache names.
    configured: Option<Vec<usize>>,
    /// Where absolute paths lead.
    pub root: Root,
    /// What is not refused.
    pub allow: Allow,
    /// Every directory any list names, each once.
    directories: Vec<Directory>,
    /// DT_RPATH and DT_RUNPATH lists met so far: the libraries of one place mostly have one list.
    lists: Vec<List>,
    /// ld.so.cache.
    pub cache: Installed,
    /// AT_PLATFORM.
    platform: &'static [u8],
    /// glibc-hwcaps subdirectories, best first; known once one was met.
    hwcaps: Option<Vec<Vec<u8>>>,
    /// `--glibc-hwcaps-prepend` and `--glibc-hwcaps-mask`.
    hwcaps_asked: [Option<&'static [u8]>; 2],
    /// AT_SECURE.
    secure: bool,
    /// Names of objects whose RPATH and RUNPATH have no effect; all of them for an empty list.
    inhibit_rpath: Option<Vec<u8>>,
    /// How the program's directory is found, for `$ORIGIN`.
    program: ProgramPath,
    /// The program's directory, once it was asked for.
    origin: Option<Option<Vec<u8>>>,
    /// musl's libc, where it is the program's: its path, which is also the loader's.
    musl: Option<Vec<u8>>,
    /// Every place tried, where somebody wants to know: `None` when a program is started.
    pub trail: Option<Trail>,
}

/// Where the program's own path comes from.
#[derive(Default, Clone)]
pub enum ProgramPath {
    /// /proc/self/exe; where that cannot be read, LD_ORIGIN_PATH.
    #[default]
    Kernel,
    /// As [`ProgramPath::Kernel`], with LD_ORIGIN_PATH's value.
    KernelOr(Vec<u8>),
    /// The path on our own command line.
    Given(Vec<u8>),
}

/// A list of directories as it stands in an object.
struct List {
    text: Vec<u8>,
    /// `$ORIGIN`, where the text names it.
    origin: Option<Vec<u8>>,
    directories: Vec<usize>,
}

struct Directory {
    path: Vec<u8>,
    /// Whether it has a glibc-hwcaps subdirectory; asked once.
    hwcaps: Option<bool>,
    /// Known not to exist.
    absent: bool,
    listing: Listing,
}

/// What a user may say about searching.
#[derive(Default, Clone)]
pub struct Settings<'a> {
    /// LD_LIBRARY_PATH or `--library-path`.
    pub library_path: Option<&'a [u8]>,
    /// It came by `--library-path`.
    pub library_path_by_option: bool,
    /// `--inhibit-cache`.
    pub inhibit_cache: bool,
    /// `--inhibit-rpath`.
    pub inhibit_rpath: Option<&'a [u8]>,
    /// AT_PLATFORM.
    pub platform: &'static [u8],
    /// `--glibc-hwcaps-prepend` and `--glibc-hwcaps-mask`.
    pub hwcaps: [Option<&'static [u8]>; 2],
    /// AT_SECURE.
    pub secure: bool,
    /// Where the program's path comes from.
    pub path: ProgramPath,
    /// `--sysroot`.
    pub root: Root,
    /// LD_RS_ALLOW.
    pub allow: Allow,
}

impl Search {
    /// Prepares the lists that hold for every object.
    #[must_use]
    pub fn new(settings: &Settings<'_>) -> Self {
        let mut search = Self {
            own_name: Vec::new(),
            library_path: Vec::new(),
            default_dirs: Vec::new(),
            configured: None,
            root: settings.root.clone(),
            allow: settings.allow,
            directories: Vec::new(),
            lists: Vec::new(),
            cache: Installed::new(settings.inhibit_cache),
            platform: settings.platform,
            hwcaps: None,
            hwcaps_asked: settings.hwcaps,
            secure: settings.secure,
            inhibit_rpath: settings.inhibit_rpath.map(ld_rs_plan::Bytes::owned),
            program: settings.path.clone(),
            origin: None,
            musl: None,
            trail: None,
        };
        search.default_dirs = DEFAULT_DIRS.iter().map(|path| search.intern(search.root.place(path.owned()))).collect();
        if let Some(list) = settings.library_path.filter(|list| !list.is_empty()) {
            let origin = if search::has_origin(list) { search.origin() } else { None };
            let tokens = Tokens { origin: origin.as_deref(), platform: search.platform };
            let paths = search::directories(list, b":;", &tokens, search.secure);
            search.library_path = paths.into_iter().map(|path| search.intern(path)).collect();
        }
        search
    }

    /// Searches as musl does if `program` is one of musl's, and tells so: by its loader, or by the name
    /// of the libc it needs.
    pub fn follow_libc(&mut self, program: &Object) -> bool {
        let loader = program.interpreter();
        let path = match loader {
            Some(path)
                if path.rsplit(|byte| *byte == b'/').next().is_some_and(|name| name.starts_with(b"ld-musl-")) =>
            {
                path
            }
            None if program.dynamic.needed.iter().any(|name| MUSL_NAMES.contains(name)) => MUSL_LOADER,
            _ => return false,
        };
        self.musl = Some(self.root.place(path.owned()));
        let listed = installed::map_file(&self.root, &self.root.place(MUSL_PATHS.owned()))
            .map(|(bytes, _)| bytes)
            .unwrap_or(b"/lib:/usr/local/lib:/usr/lib");
        let directories = listed.split(|byte| matches!(byte, b':' | b'\n')).filter(|path| !path.is_empty());
        self.default_dirs = directories.map(|path| self.intern(self.root.place(path.owned()))).collect();
        true
    }

    /// Refuses text relocations unless the user allows them; then the object is opened for them.
    pub fn admit(&self, mut object: Box<Object>, purpose: Purpose) -> Result<Box<Object>, Cause> {
        if object.dynamic.text_relocations {
            if !self.allow.text_relocations {
                return Err(Cause::Plain("cannot relocate read-only segments (text relocations)"));
            }
            if purpose == Purpose::Run {
                object.open_text()?;
            }
        }
        Ok(object)
    }

    /// The program's directory.
    fn origin(&mut self) -> Option<Vec<u8>> {
        if self.origin.is_none() {
            let exe = || sys::read_link(c"/proc/self/exe").map(|path| search::directory_of(&path).owned());
            self.origin = Some(match &self.program {
                ProgramPath::Given(path) => origin_of(path),
                ProgramPath::Kernel => exe(),
                ProgramPath::KernelOr(fallback) => exe().or_else(|| Some(fallback.clone())),
            });
        }
        self.origin.clone().flatten()
    }

    /// `$ORIGIN` for a list or name that `object` holds.
    fn origin_for(&mut self, object: Option<&Object>, text: &[u8]) -> Option<Vec<u8>> {
        match object {
            _ if !search::has_origin(text) => None,
            Some(object) if object.role != Role::Program => origin_of(&object.name),
            _ => self.origin(),
        }
    }

    fn intern(&mut self, path: Vec<u8>) -> usize {
        if let Some(known) = self.directories.iter().position(|directory| directory.path == path) {
            return known;
        }
        self.directories.push(Directory { path, hwcaps: None, absent: false, listing: Listing::default() });
        self.directories.len() - 1
    }

    /// The directories of an object's DT_RPATH or DT_RUNPATH.
    fn list_of(&mut self, object: &Object, list: Option<&[u8]>) -> Vec<usize> {
        let Some(list) = list else { return Vec::new() };
        if let Some(inhibited) = &self.inhibit_rpath
            && (inhibited.is_empty() || inhibited.split(|b| matches!(b, b':' | b' ')).any(|name| name == object.name))
        {
            return Vec::new();
        }
        let origin = self.origin_for(Some(object), list);
        if let Some(known) = self.lists.iter().rev().find(|known| known.text == list && known.origin == origin) {
            return known.directories.clone();
        }
        let tokens = Tokens { origin: origin.as_deref(), platform: self.platform };
        let mut directories = Vec::new();
        for element in list.split(|byte| *byte == b':') {
            // What is beside the object is where the object is; all else is meant inside its tree.
            let beside = search::has_origin(element);
            for path in search::directories(element, b":", &tokens, self.secure) {
                let number = self.intern(if beside { path } else { self.root.place(path) });
                if !directories.contains(&number) {
                    directories.push(number);
                }
            }
        }
        const MOST: usize = 64;
        if self.lists.len() < MOST {
            self.lists.push(List { text: list.owned(), origin, directories: directories.clone() });
        }
        directories
    }

    /// The directories that are searched for what object `number` needs, with glibc's flags for their
    /// origin (<dlfcn.h> `Dl_serpath`): LA_SER_RUNPATH 2, LA_SER_LIBPATH 1, LA_SER_DEFAULT 0x40.
    pub fn paths_for(&mut self, objects: &Objects, number: usize) -> Vec<(Vec<u8>, u32)> {
        let object = &objects.list[number];
        let mut paths: Vec<(usize, u32)> = Vec::new();
        if object.dynamic.runpath.is_none() {
            for number in requesters(objects, Some(number)) {
                let object = &objects.list[number];
                if object.dynamic.runpath.is_none() {
                    paths.extend(self.list_of(object, object.dynamic.rpath).into_iter().map(|path| (path, 2)));
                }
            }
        }
        paths.extend(self.library_path.iter().map(|path| (*path, 1)));
        paths.extend(self.list_of(object, object.dynamic.runpath).into_iter().map(|path| (path, 2)));
        if !object.dynamic.has_flag_1(elf::DF_1_NODEFLIB) {
            paths.extend(self.default_dirs.iter().take(DEFAULT_SHOWN).map(|path| (*path, 0x40)));
        }
        paths.into_iter().map(|(path, flags)| (self.directories[path].path.clone(), flags)).collect()
    }

    /// The path for `name` in ld.so.cache.
    fn cached(&mut self, name: &[u8]) -> Option<&'static [u8]> {
        let cache = self.cache.current(&self.root)?;
        cache.find(name, |subdirectory| {
            let searched = self.hwcaps();
            let at = searched.iter().position(|known| known == subdirectory)?;
            Some(searched.len() - at)
        })
    }

    /// dlopen calls this first: what came to directories and to ld.so.cache since the last search is found.
    pub fn doubt(&mut self) {
        self.cache.doubt();
        for directory in &mut self.directories {
            directory.listing = Listing::default();
        }
    }

    /// Where the ld.so.conf of a tree without a cache says that libraries are.
    fn configured(&mut self) -> Vec<usize> {
        if self.configured.is_none() && self.root.is_foreign() && self.cache.is_absent() {
            let directories = self.root.configured_directories();
            self.configured = Some(directories.into_iter().map(|path| self.intern(path)).collect());
        }
        self.configured.clone().unwrap_or_default()
    }

    /// The glibc-hwcaps subdirectories that are searched, best first.
    pub fn hwcaps(&mut self) -> &[Vec<u8>] {
        let [prepend, mask] = self.hwcaps_asked;
        self.hwcaps.get_or_insert_with(|| search::hwcaps(prepend, mask, arch::micro_architecture_level()))
    }

    /// The directories that hold for every object, and whether they are the system's.
    pub fn common_directories(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let own = self.library_path.iter().map(|number| (*number, false));
        let default = self.default_dirs.iter().map(|number| (*number, true));
        own.chain(default).map(|(number, default)| (self.directories[number].path.as_slice(), default))
    }
}

/// The directory of an object, absolute if the current directory can be told; `./` stays, as with glibc.
fn origin_of(name: &[u8]) -> Option<Vec<u8>> {
    let path = if name.starts_with(b"/") { name.owned() } else { search::join(&sys::current_directory()?, name)? };
    Some(search::directory_of(&path).owned())
}

/// Whether objects are taken in to be run or only to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Mapped as the program needs them.
    Run,
    /// Read into private memory.
    Inspect,
}

/// An open file that may become an object.
struct Candidate {
    file: OwnedFd,
    facts: sys::FileFacts,
    headers: Headers,
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
                let opened = open(&self.search.root, &path);
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
                let object = own_object(&self.search.own_name).map_err(|cause| Error::new(b"ld-rs.so", cause))?;
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
        search::expand(name, &Tokens { origin: origin.as_deref(), platform: self.search.platform })
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
            Purpose::Run => library(path.clone(), &candidate),
            Purpose::Inspect => inspected(Role::Library, path.clone(), &candidate),
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
        let opened = open(&self.search.root, &path);
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

/// The object that asks, then those that asked for it, up to the program: DT_RPATH is inherited.
fn requesters(objects: &Objects, requester: Option<usize>) -> Vec<usize> {
    let mut chain: Vec<usize> = Vec::new();
    let mut next = requester;
    while let Some(number) = next.filter(|number| !chain.contains(number)) {
        chain.push(number);
        next = objects.list[number].needed_by;
    }
    chain
}

fn has_hwcaps(root: &Root, directory: &mut Directory) -> bool {
    if let Some(known) = directory.hwcaps {
        return known;
    }
    let subdirectory = search::join(&directory.path, b"glibc-hwcaps").map(|path| root.stat(&path));
    let has = matches!(subdirectory, Some(Ok(facts)) if facts.directory);
    directory.hwcaps = Some(has);
    if !has {
        directory.absent = root.stat(&directory.path).is_err();
    }
    has
}

/// What a search found: the object, or the error that ends it.
type Found = Result<(Vec<u8>, Candidate), Error>;

/// A file that is no object at all.
const NO_ELF: &str = header::NO_ELF;
/// A device, a FIFO, a socket.
const NO_FILE: &str = "not a regular file";

/// Opens a file and judges its headers.
fn open(root: &Root, path: &[u8]) -> Result<Candidate, Cause> {
    let system = |doing| move |errno: Errno| Cause::System(doing, errno.raw_os_error());
    let file = root.open(path).map_err(system("cannot open shared object file"))?;
    let facts = sys::stat(&file).map_err(system("cannot stat shared object"))?;
    if facts.directory {
        return Err(Cause::System("cannot read file data", Errno::ISDIR.raw_os_error()));
    }
    if !facts.regular {
        return Err(Cause::Plain(NO_FILE));
    }
    let headers = read_headers(&file, facts.size)?;
    Ok(Candidate { file, facts, headers })
}

/// The build id of the file at `path`.
pub(crate) fn build_id(path: &[u8]) -> Option<Vec<u8>> {
    let file = sys::open(path).ok()?;
    let facts = sys::stat(&file).ok().filter(|facts| facts.regular)?;
    let headers = read_headers(&file, facts.size).ok()?;
    headers.notes.iter().find_map(|range| {
        let segment = headers.segment_of(range.vaddr, range.size)?;
        let offset = segment.offset.wrapping_add(range.vaddr.wrapping_sub(segment.memory.vaddr));
        let notes = sys::read_vec(&file, usize::try_from(range.size).ok()?, offset).ok()?;
        note::build_id(&notes).map(<[u8]>::to_vec)
    })
}

/// Reads and judges the headers of an open file of `size` bytes.
fn read_headers(file: &OwnedFd, size: u64) -> Result<Headers, Cause> {
    let failed = |errno: Errno| Cause::System("cannot read file data", errno.raw_os_error());
    // One read is enough for nearly every file.
    let mut buffer = [0u8; 1024];
    let count = sys::read_at(file, &mut buffer, 0).map_err(failed)?;
    let start = buffer.get(..count).unwrap_or_default();
    let ident = header::ident(start, size)?;
    let (offset, length) = ident.table();
    let table = usize::try_from(offset).ok().and_then(|offset| start.get(offset..)?.get(..length as usize));
    match table {
        Some(table) => header::headers(ident, table, size),
        None => header::headers(ident, &sys::read_vec(file, length as usize, offset).map_err(failed)?, size),
    }
}

fn library(path: Vec<u8>, candidate: &Candidate) -> Result<Box<Object>, Cause> {
    let headers = &candidate.headers;
    if headers.ident.kind == header::Kind::Fixed {
        return Err(Cause::Plain("cannot dynamically load executable"));
    }
    if headers.dynamic.is_none() {
        return Err(Cause::Plain("object file has no dynamic section"));
    }
    let image = map::map(&candidate.file, headers)?;
    finish(Role::Library, path, candidate, image)
}

fn inspected(role: Role, path: Vec<u8>, candidate: &Candidate) -> Result<Box<Object>, Cause> {
    let image = map::read(&candidate.file, &candidate.headers)?;
    finish(role, path, candidate, image)
}

fn finish(role: Role, path: Vec<u8>, candidate: &Candidate, image: Image) -> Result<Box<Object>, Cause> {
    let mut object = Object::new(role, path, candidate.headers.clone(), image)?;
    object.file = Some(candidate.facts.identity);
    object.tls_image = map::tls_image(&candidate.file, &candidate.headers)?;
    if role == Role::Library && object.dynamic.has_flag_1(elf::DF_1_PIE) {
        return Err(Cause::Plain("cannot dynamically load position-independent executable"));
    }
    Ok(object)
}

/// The program named on our own command line: mapped to run, or read to inspect.
pub fn program(root: &Root, path: &[u8], purpose: Purpose) -> Result<Box<Object>, Error> {
    let make = || {
        let candidate = open(root, path)?;
        let image = match purpose {
            Purpose::Run => map::map(&candidate.file, &candidate.headers)?,
            Purpose::Inspect => map::read(&candidate.file, &candidate.headers)?,
        };
        finish(Role::Program, path.owned(), &candidate, image)
    };
    make().map_err(|cause| Error::new(path, cause))
}

/// The program that the kernel mapped for us, its interpreter. Its headers are judged from its
/// file, so that a lie in them is found before the mapping is touched; a file that may be run but
/// not read is judged from memory.
pub fn kernel_program(name: &[u8], path: &[u8], entry: u64, phdr: (u64, u64)) -> Result<Box<Object>, Error> {
    let make = || {
        if entry == 0 {
            return Err(Cause::Plain("the kernel does not tell where the program begins (AT_ENTRY)"));
        }
        let file = sys::open(b"/proc/self/exe").or_else(|_| sys::open(path));
        let Ok(file) = file else {
            return kernel_program_in_memory(name, entry, phdr);
        };
        let facts =
            sys::stat(&file).map_err(|errno| Cause::System("cannot stat shared object", errno.raw_os_error()))?;
        let headers = read_headers(&file, facts.size)?;
        // SAFETY: the kernel mapped the accepted headers' segments; AT_ENTRY is bias + e_entry.
        let image = unsafe { Image::of_kernel(entry.wrapping_sub(headers.ident.entry)) };
        finish(Role::Program, name.owned(), &Candidate { file, facts, headers }, image)
    };
    make().map_err(|cause| Error::new(name, cause))
}

/// Judges the program by what AT_PHDR points to.
fn kernel_program_in_memory(name: &[u8], entry: u64, (phdr, phnum): (u64, u64)) -> Result<Box<Object>, Cause> {
    const UNREADABLE: Cause = Cause::Plain("cannot read the program's headers");
    let phnum = u16::try_from(phnum).ok().filter(|phnum| *phnum > 0 && phdr != 0).ok_or(UNREADABLE)?;
    let size = sys::stat_path(b"/proc/self/exe").map_or(header::MAX_SPAN, |facts| facts.size);
    // SAFETY: the kernel tells where it mapped the program headers and how many they are.
    let table =
        unsafe { core::slice::from_raw_parts(phdr as *const u8, usize::from(phnum) * header::PHDR_SIZE as usize) };
    // Without the ELF header the bias comes from PT_PHDR, or from the first page of the file.
    let base = [phdr & !4095, 0].into_iter().find_map(|base| {
        let bytes = (base != 0).then_some(base as *const [u8; header::EHDR_SIZE])?;
        // SAFETY: the page that AT_PHDR lies on is mapped.
        let ident = header::ident(unsafe { &*bytes }, size).ok()?;
        (ident.phnum == phnum && base.wrapping_add(ident.phoff) == phdr).then_some(ident)
    });
    let headers = header::headers(base.ok_or(UNREADABLE)?, table, size)?;
    // SAFETY: as in `kernel_program`.
    let image = unsafe { Image::of_kernel(entry.wrapping_sub(headers.ident.entry)) };
    Object::new(Role::Program, name.owned(), headers, image)
}

/// An object of which the kernel mapped a whole page range with the ELF header first: the vdso, ld-rs.
fn mapped_object(role: Role, name: &[u8], address: u64) -> Result<Box<Object>, Cause> {
    // SAFETY: the caller got `address` from the kernel or the linker: a page with an ELF header.
    let page = unsafe { core::slice::from_raw_parts(address as *const u8, 4096) };
    let ident = header::ident(page, header::MAX_SPAN)?;
    let (offset, length) = ident.table();
    let table = page.get(offset as usize..).and_then(|rest| rest.get(..length as usize)).unwrap_or_default();
    let headers = header::headers(ident, table, header::MAX_SPAN)?;
    // SAFETY: mapped for good; offset 0 of the file is at `address`.
    let image = unsafe { Image::of_kernel(address.wrapping_sub(headers.span.vaddr)) };
    Object::new(role, name.owned(), headers, image)
}

/// The vdso at AT_SYSINFO_EHDR.
pub fn vdso(address: u64) -> Result<Box<Object>, Cause> {
    mapped_object(Role::Vdso, b"linux-vdso.so.1", address)
}

/// ld-rs itself, started as `name`.
pub fn own_object(name: &[u8]) -> Result<Box<Object>, Cause> {
    mapped_object(Role::Loader, name, arch::own_base())
}
