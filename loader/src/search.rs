//! Where libraries are looked for: the lists that hold for every object, those of each object, and
//! what is known of the directories.
//!
//! Made once at start; [`crate::discover`] asks it at start-up and for dlopen.

use crate::ld_so_cache::{self, LdSoCache};
use crate::listing::Listing;
use crate::object::{Object, Objects, Role};
use crate::root::Root;
use crate::{arch, sys};
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_rs_plan::Bytes;
use ld_rs_plan::arch::GLIBC_DIRECTORIES_SHOWN;
use ld_rs_plan::cache::old_bit;
use ld_rs_plan::libc::{self, Kind};
use ld_rs_plan::names::Index;
use ld_rs_plan::places::{Inheritance, Lists, Order, Place, Policy};
use ld_rs_plan::search::{self, Tokens};
use object::elf;
use rustix::io::Errno;

/// What a libc that is its own loader defines, musl's, and no other library of its name: where its loader begins.
pub(crate) const DLSTART: &[u8] = b"_dlstart";

/// How many lists are remembered, and compared with each list that comes. A list beyond these is split anew by each
/// search.
const REMEMBERED_LISTS: usize = 64;

/// Where to look, and how.
#[derive(Default)]
pub struct Search {
    /// The path by which ld-rs itself was started.
    pub own_name: Vec<u8>,
    /// LD_LIBRARY_PATH or `--library-path`.
    library_path: Vec<usize>,
    default_dirs: Vec<usize>,
    /// The file that lists others in their place; not read yet.
    default_dirs_file: Option<&'static [u8]>,
    /// Directories that the ld.so.conf of a tree without a cache names.
    configured: Option<Vec<usize>>,
    /// Where absolute paths lead.
    pub root: Root,
    /// LD_RS_STRICT.
    pub strict: bool,
    /// LD_RS_OTHER_LIBC=refuse.
    refuse_other_libc: bool,
    /// Every directory any list names, each once.
    pub(crate) directories: Vec<Directory>,
    by_path: Index,
    /// DT_RPATH and DT_RUNPATH lists met so far: the libraries of one place mostly have one list.
    lists: Vec<List>,
    /// ld.so.cache.
    pub cache: LdSoCache,
    /// Whether there is a filter of system calls, once it was asked.
    pub(crate) filtered: Option<bool>,
    /// AT_PLATFORM, as the kernel says it; see [`platform`].
    pub(crate) platform: &'static [u8],
    /// glibc-hwcaps subdirectories, best first; known once one was met.
    hwcaps: Option<Vec<Vec<u8>>>,
    /// `--glibc-hwcaps-prepend` and `--glibc-hwcaps-mask`.
    hwcaps_asked: [Option<&'static [u8]>; 3],
    /// AT_SECURE.
    pub(crate) secure: bool,
    /// What is preloaded is searched for: in secure mode a file counts only if it has S_ISUID, and ld.so.cache is not asked.
    pub(crate) preloads: bool,
    /// Names of objects whose RPATH and RUNPATH have no effect; all of them for an empty list.
    inhibit_rpath: Option<Vec<u8>>,
    /// How the program's directory is found, for `$ORIGIN`.
    program: ProgramPath,
    /// The program's directory, once it was asked for.
    origin: Option<Option<Vec<u8>>>,
    /// The order of places: whose libc, and whether ld.so.cache is asked.
    pub policy: Policy,
    /// The file of a libc that is its own loader, where it is the program's.
    libc: Option<Vec<u8>>,
    /// Whether the program's libc is a glibc before 2.37, whose loader searches `tls` and the platform's subdirectories; not
    /// known before somebody asks.
    pub old_glibc: Option<bool>,
    /// Which object's DT_RPATH each object inherits.
    pub(crate) inheritance: Inheritance,
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

#[derive(Default)]
pub(crate) struct Directory {
    pub(crate) path: Vec<u8>,
    /// Whether it has a glibc-hwcaps subdirectory; asked once.
    pub(crate) hwcaps: Option<bool>,
    /// Known not to exist.
    pub(crate) absent: bool,
    /// Known to have no subdirectory.
    pub(crate) flat: bool,
    /// Whether it has one that only older glibcs search; asked once.
    pub(crate) old: Option<bool>,
    pub(crate) listing: Listing,
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
    /// AT_PLATFORM, as the kernel says it.
    pub platform: &'static [u8],
    /// `--glibc-hwcaps-prepend` and `--glibc-hwcaps-mask`, and GLIBC_TUNABLES, which takes features from the CPU.
    pub hwcaps: [Option<&'static [u8]>; 3],
    /// AT_SECURE.
    pub secure: bool,
    /// Where the program's path comes from.
    pub path: ProgramPath,
    /// `--sysroot`.
    pub root: Root,
    /// LD_RS_STRICT.
    pub strict: bool,
    /// LD_RS_OTHER_LIBC=refuse.
    pub refuse_other_libc: bool,
}

impl Search {
    /// Prepares the lists that hold for every object.
    #[must_use]
    pub fn new(settings: &Settings<'_>) -> Self {
        let mut search = Self {
            root: settings.root.clone(),
            strict: settings.strict,
            refuse_other_libc: settings.refuse_other_libc,
            platform: settings.platform,
            hwcaps_asked: settings.hwcaps,
            secure: settings.secure,
            inhibit_rpath: settings.inhibit_rpath.map(Bytes::owned),
            program: settings.path.clone(),
            policy: Policy { libc: Kind::None, cache: !settings.inhibit_cache },
            ..Self::default()
        };
        search.default_dirs = search.intern_all(Kind::None.rules().default_dirs);
        if let Some(list) = settings.library_path.filter(|list| !list.is_empty()) {
            let origin = if search::has_origin(list) { search.origin() } else { None };
            let tokens = search.tokens(None, origin.as_deref());
            let paths = search::directories(list, b":;", &tokens, search.secure);
            search.library_path = search.intern_each(paths);
        }
        search
    }

    /// Searches from now on as the loader of the libc does that a program with this PT_INTERP and DT_NEEDED asks for. Where ld-rs
    /// `is_it` that PT_INTERP names, a libc that is its own loader has lost its place, and is searched for by its names.
    pub fn follow(&mut self, interpreter: Option<&[u8]>, needed: &[&[u8]], is_it: bool) {
        self.policy.libc = Kind::expected(interpreter, needed);
        let rules = self.policy.libc.rules();
        // All others look where `new` has said.
        if let Some(loader) = rules.loader {
            let file = |path: &[u8]| path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().owned();
            let own = interpreter.filter(|path| self.policy.libc.has_name(&file(path)));
            self.libc =
                if is_it && own.is_some() { None } else { Some(self.root.place(own.unwrap_or(loader).owned())) };
            self.default_dirs = self.intern_all(rules.default_dirs);
            self.default_dirs_file = rules.default_dirs_file;
        }
    }

    /// The default directories: as the libc's own loader, it asks for the file that lists them when they are searched.
    fn default_dirs(&mut self) -> Vec<usize> {
        if let Some(listed) = self.default_dirs_file.take().and_then(|file| self.listed_in(file)) {
            self.default_dirs = listed;
        }
        self.default_dirs.clone()
    }

    /// The directories that a file lists as musl's does.
    fn listed_in(&mut self, file: &[u8]) -> Option<Vec<usize>> {
        let text = ld_so_cache::map_file(&self.root, &self.root.place(file.owned()))?;
        let paths = text.split(|byte| matches!(byte, b':' | b'\n')).filter(|path| !path.is_empty());
        Some(self.intern_all(&paths.collect::<Vec<_>>()))
    }

    /// Whether objects built for another libc than the program's may join.
    pub(crate) fn takes_other_libc(&self) -> bool {
        self.policy.libc == Kind::Glibc && !self.secure && !self.refuse_other_libc
    }

    /// The default directories of the libc that such objects were built for.
    pub(crate) fn other_default_dirs(&mut self) -> Vec<usize> {
        let rules = Kind::Musl.rules();
        let listed = rules.default_dirs_file.and_then(|file| self.listed_in(file));
        listed.unwrap_or_else(|| self.intern_all(rules.default_dirs))
    }

    /// The file of a libc that is its own loader.
    pub(crate) fn libc_file(&self) -> Option<Vec<u8>> {
        self.libc.clone()
    }

    /// The program's directory.
    fn origin(&mut self) -> Option<Vec<u8>> {
        if self.origin.is_none() {
            // The former is gone when the first thread has ended.
            let exe = || sys::read_link(c"/proc/self/exe").or_else(|| sys::read_link(c"/proc/thread-self/exe"));
            let exe = || exe().map(|path| search::directory_of(&path).owned());
            self.origin = Some(match &self.program {
                ProgramPath::Given(path) => origin_of(path),
                ProgramPath::Kernel => exe(),
                ProgramPath::KernelOr(fallback) => exe().or_else(|| Some(fallback.clone())),
            });
        }
        self.origin.clone().flatten()
    }

    /// `$ORIGIN` for a list or name that `object` holds.
    pub(crate) fn origin_for(&mut self, object: Option<&Object>, text: &[u8]) -> Option<Vec<u8>> {
        match object {
            _ if !search::has_origin(text) => None,
            _ => self.directory_of(object),
        }
    }

    /// The directory of `object`, or of the program.
    pub fn directory_of(&mut self, object: Option<&Object>) -> Option<Vec<u8>> {
        match object {
            Some(object) if object.role != Role::Program => {
                object.directory.clone().or_else(|| origin_of(&object.name))
            }
            _ => self.origin(),
        }
    }

    /// The directory of `object`, of which nothing need be asked.
    #[must_use]
    pub fn known_directory_of<'a>(&'a self, object: &'a Object) -> Option<&'a [u8]> {
        match object.role {
            Role::Program => self.origin.as_ref()?.as_deref(),
            Role::Library if object.name.starts_with(b"/") => Some(search::directory_of(&object.name)),
            Role::Library => object.directory.as_deref(),
            Role::Loader | Role::Vdso | Role::Gone => None,
        }
    }

    /// What tokens stand for in a list or name that `object` holds.
    pub(crate) fn tokens<'a>(&self, object: Option<&Object>, origin: Option<&'a [u8]>) -> Tokens<'a> {
        let anywhere = !self.secure || object.is_some_and(|object| object.role != Role::Program);
        Tokens { origin, platform: platform(self.platform), anywhere }
    }

    fn intern(&mut self, path: Vec<u8>) -> usize {
        let hash = elf::gnu_hash(&path);
        let is = |number: &u32| self.directories[*number as usize].path == path;
        if let Some(known) = self.by_path.candidates(hash).find(is) {
            return known as usize;
        }
        self.by_path.insert(hash, self.directories.len() as u32);
        self.directories.push(Directory { path, ..Directory::default() });
        self.directories.len() - 1
    }

    /// The numbers of `paths`, each once.
    fn intern_each(&mut self, paths: Vec<Vec<u8>>) -> Vec<usize> {
        let mut listed = vec![false; self.directories.len() + paths.len()];
        let numbers = paths.into_iter().map(|path| self.intern(path));
        numbers.filter(|number| !core::mem::replace(&mut listed[*number], true)).collect()
    }

    fn intern_all(&mut self, paths: &[&[u8]]) -> Vec<usize> {
        paths.iter().map(|path| self.intern(self.root.place(path.owned()))).collect()
    }

    /// The directories of `place`; none of ld.so.cache, which holds paths.
    pub(crate) fn list(&mut self, objects: &Objects, place: Place) -> Vec<usize> {
        match place {
            Place::Rpath(number) => self.list_of(&objects[number], objects[number].dynamic.rpath),
            Place::Runpath(number) => self.list_of(&objects[number], objects[number].dynamic.runpath),
            Place::LibraryPath => self.library_path.clone(),
            Place::Configured => self.configured(),
            Place::Default => self.default_dirs(),
            Place::Path | Place::Cache => Vec::new(),
        }
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
        let may_know = !self.secure || origin.is_none(); // what `$ORIGIN` may be there depends on the object
        let is_it = |known: &&List| may_know && known.text == list && known.origin == origin;
        if let Some(known) = self.lists.iter().rev().find(is_it) {
            return known.directories.clone();
        }
        let tokens = self.tokens(Some(object), origin.as_deref());
        let mut paths = Vec::new();
        for element in list.split(|byte| *byte == b':') {
            // What is beside the object is where the object is; all else is meant inside its tree.
            let beside = search::has_origin(element);
            let found = search::directories(element, b":", &tokens, self.secure).into_iter();
            paths.extend(found.map(|path| if beside { path } else { self.root.place(path) }));
        }
        let directories = self.intern_each(paths);
        if self.lists.len() < REMEMBERED_LISTS {
            self.lists.push(List { text: list.owned(), origin, directories: directories.clone() });
        }
        directories
    }

    /// The directories that are searched for what object `number` needs.
    pub fn paths_for(&mut self, objects: &Objects, number: usize) -> Vec<Vec<u8>> {
        let mut paths = Vec::new();
        let mut order = Order::new(self.policy, Some(number));
        while let Some(place) = order.next(&self.inheritance, |number| lists(objects, number)) {
            let most = match place {
                Place::LibraryPath | Place::Rpath(_) | Place::Runpath(_) => usize::MAX,
                Place::Default => GLIBC_DIRECTORIES_SHOWN,
                Place::Path | Place::Cache | Place::Configured => continue,
            };
            for path in self.list(objects, place).into_iter().take(most) {
                paths.push(self.directories[path].path.clone());
            }
        }
        paths
    }

    /// The path for `name` in ld.so.cache; `None` inside where that depends on `old_glibc`, which is not known yet.
    pub(crate) fn cached(&mut self, name: &[u8]) -> Option<Option<Vec<u8>>> {
        let (platform, mut unsure) = (self.platform, false);
        let Self { cache, root, hwcaps, hwcaps_asked, policy, old_glibc, .. } = self;
        let rank = |subdirectory: &[u8]| {
            let searched = searched_hwcaps(hwcaps, *hwcaps_asked);
            let at = searched.iter().position(|known| known == subdirectory)?;
            Some(searched.len() - at)
        };
        let old = || {
            unsure |= policy.libc == Kind::Glibc && old_glibc.is_none();
            if *old_glibc == Some(true) {
                old_names(platform).iter().fold(0, |bits, name| bits | old_bit(name))
            } else {
                0
            }
        };
        let path = cache.current(root)?.find(name, rank, old);
        if unsure { Some(None) } else { path.map(|path| Some(path.owned())) }
    }

    /// The end of a search, at start and in dlopen: ld.so.cache is unmapped, and what comes to it and to directories until the
    /// next one is found.
    pub fn finish(&mut self) {
        self.cache = LdSoCache::default();
        self.filtered = None;
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
        searched_hwcaps(&mut self.hwcaps, self.hwcaps_asked)
    }

    /// [`old_names`] where the kernel says what it said.
    pub(crate) fn old_names(&self) -> [&'static [u8]; 4] {
        old_names(self.platform)
    }

    /// The directories that hold for every object, and whether they are the system's.
    pub fn common_directories(&self) -> impl Iterator<Item = (&[u8], bool)> {
        let own = self.library_path.iter().map(|number| (*number, false));
        let default = self.default_dirs.iter().map(|number| (*number, true));
        own.chain(default).map(|(number, default)| (self.directories[number].path.as_slice(), default))
    }
}

/// The names of which loaders of glibc before 2.37 make subdirectories to be searched below each directory: all sets of
/// them, in this order (`elf/dl-hwcaps.c`). Empty ones are none. The kernel says `kernels`.
fn old_names(kernels: &'static [u8]) -> [&'static [u8]; 4] {
    let avx512_1 = arch::intel_platform().is_some() && arch::micro_architecture_level() > 3;
    [b"tls", platform(kernels), if avx512_1 { b"avx512_1" } else { b"" }, b"x86_64"]
}

/// [`Search::hwcaps`], `known` once they were asked for.
fn searched_hwcaps<'a>(
    known: &'a mut Option<Vec<Vec<u8>>>,
    asked @ [prepend, mask, _]: [Option<&'static [u8]>; 3],
) -> &'a [Vec<u8>] {
    known.get_or_insert_with(|| search::hwcaps(prepend, mask, hwcaps_level(asked)))
}

/// The micro-architecture level whose subdirectories of glibc-hwcaps are searched where these are asked for, as in
/// [`Settings::hwcaps`].
pub fn hwcaps_level([_, _, tunables]: [Option<&'static [u8]>; 3]) -> usize {
    let level = arch::micro_architecture_level();
    tunables.map_or(level, |text| ld_rs_plan::tunables::level(level, text))
}

/// What `$PLATFORM` stands for where the kernel says `platform`: all served versions of glibc do it alike, so that it
/// need not be known which one will be loaded. Asked only where a list or name is expanded: CPUID traps in virtual machines.
pub fn platform(platform: &'static [u8]) -> &'static [u8] {
    arch::intel_platform().map_or(platform, CStr::to_bytes)
}

/// The directory of an object, absolute if the current directory can be told; `./` stays, as with glibc.
pub(crate) fn origin_of(name: &[u8]) -> Option<Vec<u8>> {
    let path = if name.starts_with(b"/") { name.owned() } else { search::join(&sys::current_directory()?, name)? };
    Some(search::directory_of(&path).owned())
}

/// What object `number` says of searches for what it needs.
pub(crate) fn lists(objects: &Objects, number: usize) -> Lists {
    let dynamic = &objects[number].dynamic;
    Lists {
        rpath: dynamic.rpath.is_some(),
        runpath: dynamic.runpath.is_some(),
        no_default: dynamic.has_flag_1(elf::DF_1_NODEFLIB),
    }
}

/// The libc that is loaded, and its number; where none is, the one that the first of `objects`, the program, asks for.
#[must_use]
pub fn libc(objects: &Objects) -> (Kind, Option<usize>) {
    match libc::loaded(objects.list.iter().map(|object| (object.soname(), || object.defines(DLSTART)))) {
        Some((kind, number)) => (kind, Some(number)),
        None => {
            let expected = |program: &Object| Kind::expected(program.interpreter(), &program.dynamic.needed);
            (objects.list.first().map_or(Kind::None, |program| expected(program)), None)
        }
    }
}

pub(crate) fn has_hwcaps(root: &Root, directory: &mut Directory) -> bool {
    if let Some(known) = directory.hwcaps {
        return known;
    }
    // What cannot be told is found out by opening.
    let is_directory = |path: &[u8]| match root.stat(path) {
        Ok(facts) => Some(facts.directory),
        Err(errno) => (errno != Errno::NOENT && errno != Errno::NOTDIR).then_some(true),
    };
    let has = search::join(&directory.path, b"glibc-hwcaps").and_then(|path| is_directory(&path)).unwrap_or(false);
    directory.hwcaps = Some(has);
    if !has {
        let itself = root.stat(&directory.path);
        directory.absent = matches!(itself, Err(Errno::NOENT | Errno::NOTDIR));
        directory.flat = itself.is_ok_and(|facts| facts.flat);
    }
    has
}
