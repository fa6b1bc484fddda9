//! What is told of the taking in of objects while it goes on.
//!
//! loader's `discover` calls [`Observer`]s if it was given some; a program's start has none. LD_DEBUG is one, the log
//! of an inspection another.

use crate::elf::dynamic::Filtee;
use crate::elf::header::Headers;
use crate::error::{Cause, Error};
use crate::places::Place;
use alloc::vec::Vec;

/// One place that is asked for a library. Numbers are objects.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The name that is searched for.
    pub name: &'a [u8],
    /// The object that needs it.
    pub requester: Option<usize>,
    /// What is opened, or the list or directory that does not have it.
    pub path: &'a [u8],
    /// Why there.
    pub place: Place,
}

/// An object that was taken in.
pub struct TakenIn<'a> {
    /// Its number.
    pub number: usize,
    /// The name it was asked for by.
    pub name: &'a [u8],
    /// The path of the object that needs it; `None` for the program.
    pub requester: Option<&'a [u8]>,
    /// It was opened by dlopen, not needed by another object.
    pub by_dlopen: bool,
    /// Its headers.
    pub headers: &'a Headers,
    /// What is added to an address of the file to have that in memory.
    pub bias: u64,
}

/// A need that was not met.
pub struct Missing<'a> {
    /// The name that was searched for.
    pub name: &'a [u8],
    /// The object that needs it.
    pub requester: usize,
    /// Whether it was to be a filtee. An auxiliary one is not missed.
    pub filtee: Option<Filtee>,
    /// How many objects there were at that time.
    pub before: usize,
    /// What is wrong.
    pub error: &'a Error,
}

/// Somebody who is told; of what an implementation leaves out it does not want to know.
pub trait Observer {
    /// A search for `name` begins.
    fn searching(&mut self, _name: &[u8]) {}
    /// The filtee `name` of the object at `of` is asked for next.
    fn filtee(&mut self, _name: &[u8], _of: &[u8], _filtee: Filtee) {}
    /// `directories`, separated by colons, or ld.so.cache are asked next, because of `place`: a list of the object at `of`.
    fn list(&mut self, _directories: &[u8], _place: Place, _of: &[u8]) {}
    /// The file at `path` is about to be opened in a search.
    fn trying(&mut self, _path: &[u8]) {}
    /// A place was asked, and passed over because of `rejected`; `None` if its file is taken.
    fn tried(&mut self, _attempt: &Attempt<'_>, _rejected: Option<&Cause>) {}
    /// The file of the last attempt became an object.
    fn taken_in(&mut self, _object: &TakenIn<'_>) {}
    /// A need was not met; the last attempts for its name were made for it.
    fn missing(&mut self, _need: &Missing<'_>) {}
}

/// Those who are told. Telling is one function, for a search without observers does it for each place.
#[derive(Default)]
pub struct Observers<'a>(pub Vec<&'a mut dyn Observer>);

impl Observers<'_> {
    /// Whether nobody is told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Calls `what` with each.
    #[inline(never)]
    pub fn tell(&mut self, what: &mut dyn FnMut(&mut dyn Observer)) {
        self.0.iter_mut().for_each(|observer| what(*observer));
    }
}
