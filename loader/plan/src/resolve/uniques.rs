//! STB_GNU_UNIQUE symbols, of which a whole process has one definition: C++'s inline variables and statics of templates.
//!
//! Resolution comes here for the objects that bind to one; dlsym and dlclose ask what is there.

use super::binding::{Packed, Part, definition};
use crate::elf::Sym;
use crate::facts::Facts;
use crate::fallible::{NoMemory, copied};
use crate::names::Index;
use crate::reloc::Class;
use alloc::vec::Vec;
use object::elf;

/// First definitions of STB_GNU_UNIQUE symbols: all references of the process bind to them.
#[derive(Default)]
pub struct Uniques {
    list: Vec<(Vec<u8>, Packed)>,
    index: Index,
}

impl Uniques {
    /// The process's one binding for `name`, if it was bound to before.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<Packed> {
        let mut candidates = self.index.candidates(elf::gnu_hash(name)).filter_map(|at| self.list.get(at as usize));
        candidates.find_map(|(known, binding)| (known == name).then_some(*binding))
    }

    /// The process's one binding for `name`, which `binding` becomes if it is new.
    fn first(&mut self, name: &[u8], binding: Packed) -> Result<Packed, NoMemory> {
        if let Some(known) = self.get(name) {
            return Ok(known);
        }
        let name = copied(name)?;
        self.list.try_reserve(1)?;
        self.index.try_insert(elf::gnu_hash(&name), self.list.len() as u32)?;
        self.list.push((name, binding));
        Ok(binding)
    }

    /// What `bindings`, those of `part`, say of unique symbols becomes what the process bound to first, of whatever version.
    /// A COPY's data is that of the scope's definition: its own symbol, to which it is copied, is what others bind to
    /// (glibc `do_lookup_unique`).
    pub(super) fn unify(
        &mut self,
        objects: &[&Facts<'_>],
        part: &Part,
        bindings: &mut [Packed],
    ) -> Result<(), NoMemory> {
        let Some(asker) = objects.get(part.object) else { return Ok(()) };
        for ((index, class), binding) in part.symbolic(&asker.dynamic).zip(bindings) {
            let own = Packed::symbol(part.object, index);
            if let Some((object, symbol)) = definition_of(objects, *binding)
                // A definition that an object keeps to itself (hidden or protected) and bound to by itself takes no part.
                && (*binding != own || symbol.st_visibility() == elf::STV_DEFAULT)
                && let Some(name) = object.dynamic.symbol_name(symbol)
            {
                match class {
                    Class::Copy => _ = self.first(name, own)?,
                    _ => *binding = self.first(name, *binding)?,
                }
            }
        }
        Ok(())
    }

    /// How many there are: a mark to come back to.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Forgets what came after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        for (at, (name, _)) in self.list.iter().enumerate().skip(len) {
            self.index.remove(elf::gnu_hash(name), at as u32);
        }
        self.list.truncate(len);
    }

    /// The numbers of the objects that define what came after the first `from`.
    pub fn definers_since(&self, from: usize) -> impl Iterator<Item = usize> {
        self.list.iter().skip(from).filter_map(|(_, binding)| Some(binding.place()?.0))
    }
}

/// The unique symbol that `binding` is to, if it is to one.
pub(super) fn definition_of<'f, 'a>(objects: &[&'f Facts<'a>], binding: Packed) -> Option<(&'f Facts<'a>, &'a Sym)> {
    definition(objects, binding).filter(|(_, symbol)| symbol.st_bind() == elf::STB_GNU_UNIQUE)
}
