//! What ld-rs asks of a libc, its guest, as one small trait. One libc is one file, or folder, beside this one; which it
//! is was chosen once, by start-up, from what the program loaded. No other room asks.
//!
//! The methods stand in the order in which they are called. A method without a default is one that every guest has to
//! answer; the defaults are right for a program that brings its own start-up code.

pub mod none;

use crate::debugger::{LinkMap, PUBLIC_SIZE};
use crate::tls::{BARE_TCB, Blueprint, Thread, ThreadHooks};
use alloc::vec::Vec;
use ld_rs_loader::arch;
use ld_rs_loader::object::{Object, Objects};
use ld_rs_loader::stack::Stack;
use ld_rs_plan::errno::EINVAL;
use ld_rs_plan::error::{Cause, Error};
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
    /// Whether the object relocates and protects itself: then no stage of ours touches it.
    fn relocates_itself(&self, _number: usize) -> bool {
        false
    }
    /// Before objects that came by dlopen are relocated: their resolvers may read what start-up left out.
    fn objects_will_come(&self) {}
    /// Fills the tables that the libc reads from its first relocation on.
    fn prepare(&self, _setup: &Setup<'_>) {}
    /// Makes the first thread and sets the thread pointer, before the first IFUNC resolver runs.
    fn first_thread(&self, blueprint: &Blueprint) -> Result<Thread, Error> {
        blueprint.first_thread()
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
