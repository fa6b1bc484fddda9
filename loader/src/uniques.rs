//! STB_GNU_UNIQUE symbols, of which a whole process has one definition: C++'s inline variables and statics of templates.
//!
//! Resolution comes here for the objects that bind to one; dlsym and dlclose ask what is there.

use crate::object::{Object, Objects};
use crate::resolve::{Binding, definition};
use alloc::vec::Vec;
use ld_rs_plan::Bytes;
use ld_rs_plan::elf::Sym;
use ld_rs_plan::names::Index;
use object::elf;

/// First definitions of STB_GNU_UNIQUE symbols: all references of the process bind to them.
#[derive(Default)]
pub struct Uniques {
    list: Vec<(Vec<u8>, Binding)>,
    index: Index,
}

impl Uniques {
    /// The process's one binding for `name`, if it was bound to before.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<Binding> {
        let candidates = self.index.candidates(elf::gnu_hash(name)).map(|at| &self.list[at as usize]);
        candidates.into_iter().find_map(|(known, binding)| (known == name).then_some(*binding))
    }

    /// The process's one binding for `name`, which `binding` becomes if it is new.
    fn first(&mut self, name: &[u8], binding: Binding) -> Binding {
        self.get(name).unwrap_or_else(|| {
            self.index.insert(elf::gnu_hash(name), self.list.len() as u32);
            self.list.push((name.owned(), binding));
            binding
        })
    }

    /// What `bindings` of object `number` say of unique symbols becomes what the process bound to first, of whatever version.
    pub(crate) fn unify(&mut self, objects: &Objects, number: usize, bindings: &mut [Binding]) {
        for binding in bindings {
            if let Some((object, symbol)) = definition_of(objects, *binding)
                // Nobody was asked for what an object keeps to itself.
                && (binding.object as usize != number || symbol.st_visibility() == elf::STV_DEFAULT)
                && let Some(name) = object.dynamic.symbol_name(symbol)
            {
                *binding = self.first(name, *binding);
            }
        }
    }

    /// How many there are: a mark to come back to.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets what came after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        for (at, (name, _)) in self.list.iter().enumerate().skip(len) {
            self.index.remove(elf::gnu_hash(name), at as u32);
        }
        self.list.truncate(len);
    }

    /// The bindings after the first `from`.
    pub fn since(&self, from: usize) -> impl Iterator<Item = Binding> {
        self.list.iter().skip(from).map(|(_, binding)| *binding)
    }
}

/// The unique symbol that `binding` is to, if it is to one.
pub(crate) fn definition_of(objects: &Objects, binding: Binding) -> Option<(&Object, &Sym)> {
    definition(objects, binding).filter(|(_, symbol)| symbol.st_bind() == elf::STB_GNU_UNIQUE)
}
