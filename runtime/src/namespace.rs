//! What there is one of in a namespace: a set of objects that see each other by name and bind to each other, with a libc
//! of their own. There is one, LM_ID_BASE of dlmopen.

use crate::debugger::LinkMap;
use crate::libc::Libc;
use alloc::vec::Vec;
use ld_rs_loader::names::Names;
use ld_rs_loader::search::Search;
use ld_rs_plan::libc::Rules;
use ld_rs_plan::resolve::Uniques;

/// A namespace.
pub struct Namespace {
    /// The program's scope: numbers of the start-up objects and of those opened with RTLD_GLOBAL.
    pub scope: Vec<usize>,
    /// The number of the object that a null name means: the program.
    pub program: usize,
    /// By which names and files objects are found.
    pub names: Names,
    /// The last link map of the chain.
    pub last_map: *mut LinkMap,
    /// First definitions of unique symbols.
    pub uniques: Uniques,
    /// Where to look for libraries.
    pub search: Search,
    /// The libc's contract.
    pub libc: &'static dyn Libc,
}

impl Namespace {
    /// What the kind of the libc means for the order of things.
    #[must_use]
    pub fn rules(&self) -> &'static Rules {
        self.search.policy.libc.rules()
    }
}
