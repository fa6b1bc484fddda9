//! Resolution over the objects in memory: hands plan their facts, and the processor's way of asking for memory ahead.
//!
//! Called by start-up, dlopen and inspection. What is decided, and how, stands in plan's `resolve`.

use crate::arch;
use crate::names::Names;
use crate::object::Objects;
use alloc::vec::Vec;
use ld_rs_plan::error::Error;
use ld_rs_plan::fallible::{NoMemory, with_capacity};
use ld_rs_plan::resolve::{self, Bindings, Prefetch, Scope};

struct Processor;

impl Prefetch for Processor {
    #[inline(always)]
    fn prefetch<T>(place: *const T) {
        arch::prefetch(place);
    }
}

/// Resolves the relocations of the objects `numbers`: see [`resolve::resolve`].
pub fn resolve(
    objects: &Objects,
    numbers: &[usize],
    scope: &mut Scope<'_>,
    errors: &mut Vec<Error>,
) -> Result<Bindings, NoMemory> {
    let mut facts = with_capacity(objects.list.len())?;
    facts.extend(objects.list.iter().map(|object| &object.facts));
    resolve::resolve::<Processor>(&facts, numbers, scope, errors)
}

/// What the version needs of object `number` say about the objects loaded: errors, then warnings.
pub fn check_versions(
    objects: &Objects,
    names: &Names,
    number: usize,
    errors: &mut Vec<Error>,
    warnings: &mut Vec<Error>,
) {
    let provider = |name: &[u8]| names.by_name(name).map(|provider| &objects[provider].facts);
    resolve::check_versions(&objects[number].facts, provider, errors, warnings);
}
