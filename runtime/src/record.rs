//! What runtime keeps of an object, beside what loader keeps; reached through [`crate::process::Tables`].

use crate::debugger::LinkMap;
use crate::libc::Kept;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::ops::{Deref, DerefMut};
use ld_rs_loader::object::no_object;

/// How far an object's constructors are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// The dlopen that brings the object is not through: only IFUNC resolvers, which it runs, can meet it.
    Coming,
    /// Not begun.
    Due,
    /// Begun by the thread with this id.
    Running(u32),
    /// Finished, or left halfway; destructors are due.
    Done,
    /// Destructors have run or are running.
    Finished,
}

/// What runtime keeps of an object, beside what loader keeps.
pub struct Record {
    /// Its link map, which is also its handle.
    pub link_map: *mut LinkMap,
    /// Handles that dlopen has given out.
    pub opens: u32,
    /// How many objects that may go need it or are bound to it. This and the next two change by look-ups too.
    pub incoming: Cell<u32>,
    /// Objects it is bound to beside those it needs.
    pub bound_to: RefCell<Vec<usize>>,
    /// Never unloaded: of start-up, or marked NODELETE.
    pub permanent: Cell<bool>,
    /// Taken in at start-up.
    pub of_start: bool,
    /// Part of the program's scope.
    pub global: bool,
    /// How far its constructors are.
    pub init: Init,
    /// Id of the thread that closes it, or 0: until its destructors are through, it alone finds the object; others wait.
    pub closing: u32,
    /// While a dlclose decides what goes: how many holds on it come from what may go; `None` where it may not.
    pub inside: Option<u32>,
    /// Another thread, which could not wait, has opened it all the same: all find it.
    pub shared: Cell<bool>,
    /// dlopen has been asked for it itself, and not only for what needs it.
    pub opened: bool,
    /// What a handle for it searches: itself and all it needs, breadth first.
    pub closure: Vec<usize>,
    /// The closure in the order of destructors, as of the first dlopen; empty where that is the object alone.
    pub sorted: Vec<usize>,
    /// The objects opened that need it, whose closures are its local scopes (see `scopes`); of start-up objects nothing.
    pub openers: Vec<usize>,
    /// The first of them is asked before the program's scope (RTLD_DEEPBIND).
    pub deep: bool,
    /// The object that needed it first, while that is there.
    pub loader: Option<usize>,
    /// What its link map points into.
    pub kept: Kept,
    /// Grows with every object taken in: load order, for numbers are used again.
    pub serial: u64,
    /// The how-manyeth it was whose constructors began; 0 before.
    pub turn: u64,
    /// What its dynamic TLS descriptors point to.
    pub descriptors: Vec<Box<[u64; 2]>>,
}

impl Record {
    /// One more object needs it or is bound to it.
    pub fn hold(&self) {
        self.incoming.set(self.incoming.get().saturating_add(1));
    }

    /// One fewer.
    pub fn let_go(&self) {
        self.incoming.set(self.incoming.get().saturating_sub(1));
    }
}

/// The record of each object, by number.
#[derive(Default)]
pub struct Records(Vec<Record>);

impl Deref for Records {
    type Target = Vec<Record>;
    fn deref(&self) -> &Vec<Record> {
        &self.0
    }
}

impl DerefMut for Records {
    fn deref_mut(&mut self) -> &mut Vec<Record> {
        &mut self.0
    }
}

impl core::ops::Index<usize> for Records {
    type Output = Record;

    /// One check for all places, as for objects.
    #[cfg_attr(debug_assertions, track_caller)]
    #[inline]
    fn index(&self, number: usize) -> &Record {
        let Some(record) = self.0.get(number) else { no_object(number) };
        record
    }
}

impl core::ops::IndexMut<usize> for Records {
    #[cfg_attr(debug_assertions, track_caller)]
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut Record {
        let Some(record) = self.0.get_mut(number) else { no_object(number) };
        record
    }
}
