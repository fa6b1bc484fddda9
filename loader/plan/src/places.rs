//! Where a library is looked for, in which order: the places, from what the objects say of their lists.
//!
//! loader's `discover` goes through an [`Order`] for each name and asks the file system; dlinfo tells of it.

use crate::libc::{Kind, Step};
use alloc::vec::Vec;
use core::slice::Iter;

/// A place that is asked for a library, and the reason to ask there. Numbers are objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The name is a path, or the libc that is its own loader.
    Path,
    /// DT_RPATH of this object.
    Rpath(usize),
    /// LD_LIBRARY_PATH or `--library-path`.
    LibraryPath,
    /// DT_RUNPATH of this object.
    Runpath(usize),
    /// /etc/ld.so.cache.
    Cache,
    /// A directory that ld.so.conf names, in a tree without a cache.
    Configured,
    /// A default directory.
    Default,
}

/// What holds for every search of a process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policy {
    /// The program's libc.
    pub libc: Kind,
    /// Whether ld.so.cache is asked, where the libc has one: not with `--inhibit-cache`.
    pub cache: bool,
}

/// What an object's dynamic section says of searches for what it needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lists {
    /// It has DT_RPATH.
    pub rpath: bool,
    /// It has DT_RUNPATH, which puts its DT_RPATH out of force.
    pub runpath: bool,
    /// DF_1_NODEFLIB: neither the default directories nor what ld.so.cache has of them.
    pub no_default: bool,
}

impl Lists {
    /// The list of object `number` that those inherit whom it needs.
    fn inherited(self, number: usize, libc: Kind) -> Option<Place> {
        match self {
            Self { runpath: true, .. } => libc.rules().inherits_runpath.then_some(Place::Runpath(number)),
            Self { rpath: true, .. } => Some(Place::Rpath(number)),
            _ => None,
        }
    }
}

/// From whom each object inherits: by its number, the nearest object on the way up to the program that has a list to
/// inherit. Objects without one are passed over once, when an object comes, not by every search: a chain of
/// libraries is searched in linear time.
#[derive(Debug, Default)]
pub struct Inheritance {
    above: Vec<Option<usize>>,
    /// Numbers from here on were never used.
    next: usize,
}

impl Inheritance {
    /// Object `number` came, needed by `requester`. A number may be used again: whoever inherited from the
    /// object that had it before inherits nothing from the new one.
    pub fn enter(&mut self, number: usize, requester: Option<usize>, libc: Kind, lists: impl Fn(usize) -> Lists) {
        let heir_of = requester.and_then(|requester| match lists(requester).inherited(requester, libc) {
            Some(_) => Some(requester),
            None => self.above(requester),
        });
        if number < self.next {
            self.above.iter_mut().filter(|above| **above == Some(number)).for_each(|above| *above = None);
        }
        self.next = self.next.max(number.saturating_add(1));
        let heir_of = heir_of.filter(|other| *other != number);
        if heir_of.is_some() && number >= self.above.len() {
            self.above.resize(number.saturating_add(1), None);
        }
        if let Some(above) = self.above.get_mut(number) {
            *above = heir_of;
        }
    }

    fn above(&self, number: usize) -> Option<usize> {
        self.above.get(number).copied().flatten()
    }
}

/// The places that are asked for a name on behalf of one object, one after the other.
#[derive(Debug)]
pub struct Order {
    policy: Policy,
    requester: Option<usize>,
    steps: Iter<'static, Step>,
    /// The object whose list is inherited next.
    above: Option<usize>,
}

impl Order {
    /// The order for a need of `requester`.
    #[must_use]
    pub fn new(policy: Policy, requester: Option<usize>) -> Self {
        Self { policy, requester, steps: policy.libc.rules().steps.iter(), above: None }
    }

    /// The next place. Not an [`Iterator`]: between two places the caller changes what `lists` reads.
    pub fn next(&mut self, inheritance: &Inheritance, lists: impl Fn(usize) -> Lists) -> Option<Place> {
        let libc = self.policy.libc;
        let own = self.requester.map(&lists).unwrap_or_default();
        loop {
            if let Some(number) = self.above {
                self.above = inheritance.above(number);
                match lists(number).inherited(number, libc) {
                    None => continue,
                    place => return place,
                }
            }
            match self.steps.next()? {
                // glibc: DT_RUNPATH of the requester puts all DT_RPATH on the way up out of force.
                Step::Inherited if own.runpath && !libc.rules().inherits_runpath => {}
                Step::Inherited => self.above = self.requester,
                Step::LibraryPath => return Some(Place::LibraryPath),
                Step::Runpath if own.runpath => return self.requester.map(Place::Runpath),
                Step::Cache if self.policy.cache => return Some(Place::Cache),
                Step::Configured => return Some(Place::Configured),
                Step::Default if !own.no_default => return Some(Place::Default),
                Step::Runpath | Step::Cache | Step::Default => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use std::vec;

    const NONE: Lists = Lists { rpath: false, runpath: false, no_default: false };
    const RPATH: Lists = Lists { rpath: true, ..NONE };
    const RUNPATH: Lists = Lists { runpath: true, ..NONE };
    const BOTH: Lists = Lists { rpath: true, runpath: true, ..NONE };
    const ALONE: Lists = Lists { no_default: true, ..NONE };

    /// The places for a need of the last of `chain`, each of whose objects needs the next.
    fn places(libc: Kind, cache: bool, chain: &[Lists]) -> Vec<Place> {
        let lists = |number: usize| chain.get(number).copied().unwrap_or_default();
        let mut inheritance = Inheritance::default();
        for number in 0..chain.len() {
            inheritance.enter(number, number.checked_sub(1), libc, lists);
        }
        let mut order = Order::new(Policy { libc, cache }, chain.len().checked_sub(1));
        core::iter::from_fn(|| order.next(&inheritance, lists)).collect()
    }

    #[test]
    fn order_of_places() {
        use Place::{Cache, Configured, Default, LibraryPath, Rpath, Runpath};
        type Case = (&'static [Lists], &'static [Place], &'static [Place]);
        // The chain from the program to the object that needs something; glibc's places, and musl's.
        let cases: [Case; 11] = [
            (&[], &[LibraryPath, Cache, Configured, Default], &[LibraryPath, Default]),
            (&[NONE], &[LibraryPath, Cache, Configured, Default], &[LibraryPath, Default]),
            (&[RPATH], &[Rpath(0), LibraryPath, Cache, Configured, Default], &[LibraryPath, Rpath(0), Default]),
            (&[RUNPATH], &[LibraryPath, Runpath(0), Cache, Configured, Default], &[LibraryPath, Runpath(0), Default]),
            (&[BOTH], &[LibraryPath, Runpath(0), Cache, Configured, Default], &[LibraryPath, Runpath(0), Default]),
            (&[ALONE], &[LibraryPath, Cache, Configured], &[LibraryPath]),
            (
                &[RPATH, NONE, RPATH],
                &[Rpath(2), Rpath(0), LibraryPath, Cache, Configured, Default],
                &[LibraryPath, Rpath(2), Rpath(0), Default],
            ),
            (
                &[RPATH, RUNPATH, NONE],
                &[Rpath(0), LibraryPath, Cache, Configured, Default],
                &[LibraryPath, Runpath(1), Rpath(0), Default],
            ),
            (
                &[RPATH, RUNPATH],
                &[LibraryPath, Runpath(1), Cache, Configured, Default],
                &[LibraryPath, Runpath(1), Rpath(0), Default],
            ),
            (&[RUNPATH, NONE], &[LibraryPath, Cache, Configured, Default], &[LibraryPath, Runpath(0), Default]),
            (
                &[ALONE, RPATH, BOTH, NONE, NONE],
                &[Rpath(1), LibraryPath, Cache, Configured, Default],
                &[LibraryPath, Runpath(2), Rpath(1), Default],
            ),
        ];
        for (chain, glibc, musl) in cases {
            assert_eq!(places(Kind::Glibc, true, chain), glibc, "{chain:?}");
            assert_eq!(places(Kind::None, true, chain), glibc, "{chain:?}");
            assert_eq!(places(Kind::Musl, true, chain), musl, "{chain:?}");
            let inhibited: Vec<Place> = glibc.iter().copied().filter(|place| *place != Cache).collect();
            assert_eq!(places(Kind::Glibc, false, chain), inhibited, "{chain:?}");
        }
    }

    /// By a count: each search looks at its requester and at lists that are there, however deep it stands.
    #[test]
    fn a_chain_is_searched_in_linear_time() {
        const DEPTH: usize = 6000;
        for libc in [Kind::Glibc, Kind::Musl] {
            let looks = Cell::new(0usize);
            let lists = |number: usize| {
                looks.set(looks.get() + 1);
                if number == 0 { RPATH } else { NONE }
            };
            let mut inheritance = Inheritance::default();
            for number in 0..DEPTH {
                inheritance.enter(number, number.checked_sub(1), libc, lists);
                let mut order = Order::new(Policy { libc, cache: true }, Some(number));
                let found = core::iter::from_fn(|| order.next(&inheritance, lists)).collect::<Vec<_>>();
                assert!(found.contains(&Place::Rpath(0)));
            }
            assert!(looks.get() < 20 * DEPTH, "{libc:?}: {}", looks.get());
        }
    }

    #[test]
    fn nobody_inherits_from_a_number_used_again() {
        let chain = Cell::new([RPATH, NONE, NONE]);
        let lists = |number: usize| chain.get().get(number).copied().unwrap_or_default();
        let mut inheritance = Inheritance::default();
        inheritance.enter(0, None, Kind::Glibc, lists);
        inheritance.enter(1, Some(0), Kind::Glibc, lists);
        // Object 0 goes; one that object 1 asks for gets its number.
        inheritance.enter(0, Some(1), Kind::Glibc, lists);
        for number in [0, 1] {
            let mut order = Order::new(Policy { libc: Kind::Glibc, cache: false }, Some(number));
            let places: Vec<Place> = core::iter::from_fn(|| order.next(&inheritance, lists)).take(9).collect();
            let own = if number == 0 { vec![Place::Rpath(0)] } else { vec![] };
            let rest = [Place::LibraryPath, Place::Configured, Place::Default];
            assert_eq!(places, [own.as_slice(), rest.as_slice()].concat());
        }
    }
}
