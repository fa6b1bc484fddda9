//! What ld-rs asks of a libc, its guest, as one small trait. One libc is one file, or folder, beside this one; which it
//! is was chosen once, by start-up, from what the program loaded. No other room asks.
//!
//! The methods stand in the order in which they are called. A method without a default is one that every guest has to
//! answer; the defaults are right for a program that brings its own start-up code.

pub mod none;

use crate::debugger::{LinkMap, PUBLIC_SIZE};
use crate::tls::late::{self, Refusal};
use crate::tls::{BARE_TCB, Blueprint, Thread, ThreadHooks};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_rs_loader::arch;
use ld_rs_loader::object::{Module, Object, Objects};
use ld_rs_loader::stack::Stack;
use ld_rs_plan::elf::header::Tls;
use ld_rs_plan::errno::EINVAL;
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::tls::StaticTls;
use object::elf::DynamicTag;

/// Everything that is known when the libc's tables are filled: objects are mapped and bound, their TLS is
/// laid out, nothing is relocated.
pub struct Setup<'a> {
    /// All objects.
    pub objects: &'a Objects,
    /// The link map of each, by number.
    pub link_maps: &'a [*mut LinkMap],
    /// The program's scope.
    pub scope: &'a [usize],
    /// The layout of static TLS.
    pub blueprint: &'a Blueprint,
    /// Arguments, environment and the auxiliary vector.
    pub stack: &'a Stack,
    /// Whether an object of start-up asks for executable stacks: the first thread's is, and new ones are to be.
    pub executable_stack: bool,
    /// AT_SECURE or its like.
    pub secure: bool,
}

/// The place of a thread's errno, as a libc's `__errno_location` tells it.
#[derive(Default)]
pub struct ErrnoLocation(AtomicU64);

impl ErrnoLocation {
    /// It is known from now on.
    ///
    /// # Safety
    /// `function` is `__errno_location` of the libc's own object, which is relocated.
    pub unsafe fn found(&self, function: u64) {
        self.0.store(function, Ordering::Relaxed);
    }

    /// Sets this thread's errno, once it is known where that is.
    pub fn set(&self, errno: i32) {
        let location = self.0.load(Ordering::Relaxed);
        if location != 0 {
            // SAFETY: the promise of who found it; by its C type it gives the place of this thread's errno.
            unsafe { *core::mem::transmute::<u64, extern "C" fn() -> *mut i32>(location)() = errno };
        }
    }
}

/// Who calls the constructors of start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constructors {
    /// ld-rs, before the program is entered.
    ByLoader,
    /// The libc, once it has been entered.
    ByLibc,
}

/// What an object's link map points into, to be kept as long as it.
#[derive(Default)]
pub struct Kept {
    /// A list of names, and entries of a dynamic section.
    pub entries: Vec<[u64; 2]>,
    /// A C string.
    pub directory: Vec<u8>,
}

/// One libc's contract. Reached by every thread.
pub trait Libc: ThreadHooks + Sync {
    /// Bytes of the thread control block, from the thread pointer on.
    fn tcb_size(&self) -> u64 {
        BARE_TCB
    }
    /// Bytes of a link map.
    fn link_map_size(&self) -> usize {
        PUBLIC_SIZE
    }
    /// Fills the libc's part of an object's link map; `directory` is the object's, where it is known.
    fn fill_link_map(&self, _object: &Object, _directory: Option<&[u8]>, _map: *mut LinkMap) -> Kept {
        Kept::default()
    }
    /// Entries of a dynamic section that are to hold addresses in memory, where they hold what the file has.
    fn relocated_tags(&self) -> &'static [DynamicTag] {
        &[]
    }
    /// Whether its own loader searches the `tls` and platform subdirectories.
    fn searches_old_subdirectories(&self) -> bool {
        false
    }
    /// Why `object` may not come by dlopen; a second libc may not.
    fn refusal(&self, object: &Object) -> Option<Cause>;
    /// Static TLS before there is any module.
    fn static_tls(&self) -> StaticTls {
        StaticTls::default()
    }
    /// What every thread's block looks like, once `modules` modules are laid out. `None` if it is too large.
    fn blueprint(&self, layout: StaticTls, modules: u64, random: [u8; 16]) -> Option<Blueprint> {
        Blueprint::new(layout, modules, self.tcb_size(), random)
    }
    /// What leads `__tls_get_addr` to a module of start-up ([`Module::key`]).
    fn key(&self, id: u64, _distance: i64) -> u64 {
        id
    }
    /// Before objects that came by dlopen are relocated: their resolvers may read what start-up left out.
    fn objects_will_come(&self) {}
    /// Fills the tables that the libc reads from its first relocation on.
    fn prepare(&self, _setup: &Setup<'_>) {}
    /// Makes the first thread and sets the thread pointer, before the first IFUNC resolver runs.
    fn first_thread(&self, setup: &Setup<'_>) -> Result<Thread, Error> {
        setup.blueprint.first_thread()
    }
    /// The images of start-up are complete: they go where the first thread has them, and where later ones get them from.
    fn give_images(&self, blueprint: &Blueprint, thread: Thread) {
        blueprint.initialise(thread);
    }
    /// Everything is relocated and protected, TLS images are in place; constructors come next.
    fn start(&self, _objects: &Objects, _scope: &[usize]) {}
    /// Who calls them.
    fn constructors(&self) -> Constructors {
        Constructors::ByLoader
    }
    /// Enters the program. `finish` runs what destructors are due: the function that start-up code gives to atexit.
    ///
    /// # Safety
    /// `entry` is code of the relocated program, `stack` points to argc of a well-formed initial stack.
    unsafe fn hand_over(&self, entry: u64, stack: *mut usize, finish: u64) -> ! {
        // SAFETY: the caller's promise.
        unsafe { arch::enter(entry, stack, finish) }
    }
    /// Whether dlclose lets an object go, or only counts.
    fn unloads(&self) -> bool {
        true
    }
    /// A module for an object to come, reached by `initial_exec` code or not. Nothing is in any thread yet.
    fn reserve_module(&self, tls: &Tls, initial_exec: bool) -> Result<Module, Refusal> {
        late::reserve(tls, initial_exec)
    }
    /// Gives the module of `object`, which is relocated, to every thread that there is and comes.
    fn give_module(&self, object: &Object) -> Result<(), Refusal> {
        late::add(object)
    }
    /// Takes a module from every thread, or what was reserved for it.
    fn take_module(&self, module: &Module) {
        late::remove(module);
    }
    /// Objects that were built for another libc come: what they get in the place of its functions is made ready.
    fn objects_of_others_come(&self, _objects: &Objects, _scope: &[usize]) {}
    /// These objects came, and stand in the chain of link maps: the link map and TLS module of each.
    fn objects_came(&self, _came: &[(*mut LinkMap, Option<u64>)]) {}
    /// dlopen brings an object that asks for executable stacks, which those of the process are not: makes them so, or says
    /// by an errno why they stay as they are. Without a libc they do, as with the newest glibc.
    fn make_stacks_executable(&self) -> Result<(), i32> {
        Err(EINVAL)
    }
    /// `count` objects, with these TLS modules, left the chain of link maps.
    fn objects_went(&self, _count: usize, _modules: &[u64]) {}
    /// Whether thread-exit destructors of the object are due, so that it must stay.
    fn is_pinned(&self, _map: *mut LinkMap) -> bool {
        false
    }
}
