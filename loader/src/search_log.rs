//! What an inspection remembers of a search: every place tried, every need not met.
//!
//! Filled by `discover` as an [`Observer`]; read by `inspect`. A program's start and dlopen have none.

use alloc::vec::Vec;
use ld_rs_plan::elf::dynamic::Filtee;
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::observe::{self, Observer, TakenIn};
use ld_rs_plan::{Bytes, names::Index, places::Place};
use object::elf;

/// The log of one inspection.
#[derive(Default)]
pub struct SearchLog {
    /// Every place asked for a library, in order.
    pub attempts: Vec<Attempt>,
    /// Every need that was not met, in order.
    pub missing: Vec<Missing>,
    /// The places in `missing` by name: a file may need 65,000 libraries.
    by_name: Index,
    /// As `missing`, auxiliary filtees.
    pub auxiliary: Vec<Missing>,
    /// By object number: the attempt that found its file.
    found: Vec<Option<usize>>,
}

/// One place that was asked for a library.
pub struct Attempt {
    /// The name that was searched for.
    pub name: Vec<u8>,
    /// The object that needs it.
    pub requester: Option<usize>,
    /// What was opened.
    pub path: Vec<u8>,
    /// Why there.
    pub place: Place,
    /// Why it was passed over; `None` for the one that was taken.
    pub rejected: Option<Cause>,
}

/// A need that was not met.
pub struct Missing {
    /// How many objects there were at that time.
    pub before: usize,
    /// The name that was searched for.
    pub name: Vec<u8>,
    /// The object that needs it.
    pub requester: usize,
    /// Whether it was to be a filtee.
    pub filtee: Option<Filtee>,
    /// What is wrong.
    pub error: Error,
    /// Which of the attempts were made for it.
    pub attempts: core::ops::Range<usize>,
}

impl SearchLog {
    /// The need of object `requester` for `name`, which was not met.
    #[must_use]
    pub fn unmet(&self, requester: usize, name: &[u8]) -> Option<&Missing> {
        let mut needs = self.by_name.candidates(elf::gnu_hash(name)).filter_map(|at| self.missing.get(at as usize));
        needs.find(|need| need.requester == requester && need.name == name)
    }

    /// The attempt that found the file of object `number`; none for the program and ld-rs itself.
    #[must_use]
    pub fn found(&self, number: usize) -> Option<&Attempt> {
        self.found.get(number).copied().flatten().and_then(|at| self.attempts.get(at))
    }
}

impl Observer for SearchLog {
    fn tried(&mut self, attempt: &observe::Attempt<'_>, rejected: Option<&Cause>) {
        let observe::Attempt { name, requester, path, place } = *attempt;
        let rejected = rejected.cloned();
        self.attempts.push(Attempt { name: name.owned(), requester, path: path.owned(), place, rejected });
    }

    fn taken_in(&mut self, object: &TakenIn<'_>) {
        self.found.resize(object.number.saturating_add(1).max(self.found.len()), None);
        self.found[object.number] = object.requester.and_then(|_| self.attempts.len().checked_sub(1));
    }

    fn missing(&mut self, need: &observe::Missing<'_>) {
        let observe::Missing { name, requester, filtee, before, error } = *need;
        let earlier = self.missing.last().map_or(0, |need| need.attempts.end);
        let is_for_it = |attempt: &&Attempt| attempt.requester == Some(requester) && attempt.name == name;
        let count = self.attempts[earlier..].iter().rev().take_while(is_for_it).count();
        let attempts = self.attempts.len() - count..self.attempts.len();
        let list = if filtee == Some(Filtee::Auxiliary) {
            &mut self.auxiliary
        } else {
            self.by_name.insert(elf::gnu_hash(name), self.missing.len() as u32);
            &mut self.missing
        };
        list.push(Missing { before, name: name.owned(), requester, filtee, error: error.clone(), attempts });
    }
}
