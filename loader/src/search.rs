//! Where libraries are looked for: the lists that hold for every object, those of each object, and
//! what is known of the directories.
//!
//! Made once at start; [`crate::discover`] asks it at start-up and for dlopen.

use crate::arch;
use crate::discover::Purpose;
use crate::installed::{self, Installed};
use crate::listing::Listing;
use crate::object::{Object, Objects, Role};
use crate::root::Root;
use crate::sys;
use crate::trail::Trail;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::CStr;
use ld_rs_plan::Bytes;
use ld_rs_plan::args::Allow;
use ld_rs_plan::error::Cause;
use ld_rs_plan::flavour::MUSL_NAMES;
use ld_rs_plan::names::Index;
use ld_rs_plan::search::{self, DEFAULT_DIRS, Tokens};
use object::elf;

/// The default directories that Debian's glibc tells of.
pub(crate) const DEFAULT_SHOWN: usize = 4;
/// Where musl's loader is, which is its libc.
pub(crate) const MUSL_LOADER: &[u8] = b"/lib/ld-musl-x86_64.so.1";
/// The list of its default directories.
pub(crate) const MUSL_PATHS: &[u8] = b"/etc/ld-musl-x86_64.path";

/// Where to look, and how.
pub struct Search {
    /// The path by which ld-rs itself was started.
    pub own_name: Vec<u8>,
    /// LD_LIBRARY_PATH or `--library-path`.
    pub(crate) library_path: Vec<usize>,
    pub(crate) default_dirs: Vec<usize>,
    /// Directories that the ld.so.conf of a tree without a cache names.
    pub(crate) configured: Option<Vec<usize>>,
    /// Where absolute paths lead.
    pub root: Root,
    /// What is not refused.
    pub allow: Allow,
    /// Every directory any list names, each once.
    pub(crate) directories: Vec<Directory>,
    pub(crate) by_path: Index,
    /// DT_RPATH and DT_RUNPATH lists met so far: the libraries of one place mostly have one list.
    pub(crate) lists: Vec<List>,
    /// ld.so.cache.
    pub cache: Installed,
    /// AT_PLATFORM, as the kernel says it; see [`platform`].
    pub(crate) platform: &'static [u8],
    /// glibc-hwcaps subdirectories, best first; known once one was met.
    pub(crate) hwcaps: Option<Vec<Vec<u8>>>,
    /// `--glibc-hwcaps-prepend` and `--glibc-hwcaps-mask`.
    pub(crate) hwcaps_asked: [Option<&'static [u8]>; 2],
    /// AT_SECURE.
    pub(crate) secure: bool,
    /// Names of objects whose RPATH and RUNPATH have no effect; all of them for an empty list.
    pub(crate) inhibit_rpath: Option<Vec<u8>>,
    /// How the program's directory is found, for `$ORIGIN`.
    pub(crate) program: ProgramPath,
    /// The program's directory, once it was asked for.
    pub(crate) origin: Option<Option<Vec<u8>>>,
    /// musl's libc, where it is the program's: its path, which is also the loader's.
    pub(crate) musl: Option<Vec<u8>>,
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
pub(crate) struct List {
    pub(crate) text: Vec<u8>,
    /// `$ORIGIN`, where the text names it.
    pub(crate) origin: Option<Vec<u8>>,
    pub(crate) directories: Vec<usize>,
}

pub(crate) struct Directory {
    pub(crate) path: Vec<u8>,
    /// Whether it has a glibc-hwcaps subdirectory; asked once.
    pub(crate) hwcaps: Option<bool>,
    /// Known not to exist.
    pub(crate) absent: bool,
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
            by_path: Index::default(),
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
            let tokens = Tokens { origin: origin.as_deref(), platform: platform(search.platform) };
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
    pub(crate) fn origin(&mut self) -> Option<Vec<u8>> {
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
    pub(crate) fn origin_for(&mut self, object: Option<&Object>, text: &[u8]) -> Option<Vec<u8>> {
        match object {
            _ if !search::has_origin(text) => None,
            Some(object) if object.role != Role::Program => origin_of(&object.name),
            _ => self.origin(),
        }
    }

    pub(crate) fn intern(&mut self, path: Vec<u8>) -> usize {
        let hash = elf::gnu_hash(&path);
        let is = |number: &u32| self.directories[*number as usize].path == path;
        if let Some(known) = self.by_path.candidates(hash).find(is) {
            return known as usize;
        }
        self.by_path.insert(hash, self.directories.len() as u32);
        self.directories.push(Directory { path, hwcaps: None, absent: false, listing: Listing::default() });
        self.directories.len() - 1
    }

    /// The directories of an object's DT_RPATH or DT_RUNPATH.
    pub(crate) fn list_of(&mut self, object: &Object, list: Option<&[u8]>) -> Vec<usize> {
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
        let tokens = Tokens { origin: origin.as_deref(), platform: platform(self.platform) };
        let (mut directories, mut listed) = (Vec::new(), Vec::new());
        for element in list.split(|byte| *byte == b':') {
            // What is beside the object is where the object is; all else is meant inside its tree.
            let beside = search::has_origin(element);
            for path in search::directories(element, b":", &tokens, self.secure) {
                let number = self.intern(if beside { path } else { self.root.place(path) });
                listed.resize(self.directories.len(), false);
                if !core::mem::replace(&mut listed[number], true) {
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
    pub(crate) fn cached(&mut self, name: &[u8]) -> Option<&'static [u8]> {
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
    pub(crate) fn configured(&mut self) -> Vec<usize> {
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

/// What `$PLATFORM` stands for where the kernel says `platform`: all served versions of glibc do it alike, so that it
/// need not be known which one will be loaded. Asked only where a list or name is expanded: CPUID traps in virtual machines.
pub(crate) fn platform(platform: &'static [u8]) -> &'static [u8] {
    arch::intel_platform().map_or(platform, CStr::to_bytes)
}

/// The directory of an object, absolute if the current directory can be told; `./` stays, as with glibc.
pub(crate) fn origin_of(name: &[u8]) -> Option<Vec<u8>> {
    let path = if name.starts_with(b"/") { name.owned() } else { search::join(&sys::current_directory()?, name)? };
    Some(search::directory_of(&path).owned())
}

/// The object that asks, then those that asked for it, up to the program: DT_RPATH is inherited.
pub(crate) fn requesters(objects: &Objects, requester: Option<usize>) -> Vec<usize> {
    let mut chain: Vec<usize> = Vec::new();
    let mut next = requester;
    while let Some(number) = next.filter(|number| !chain.contains(number)) {
        chain.push(number);
        next = objects.list[number].needed_by;
    }
    chain
}

pub(crate) fn has_hwcaps(root: &Root, directory: &mut Directory) -> bool {
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
