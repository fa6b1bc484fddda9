//! By which names and files the objects of a namespace are found: what dlopen and DT_NEEDED ask for.
//!
//! Filled by [`crate::discover`]; runtime takes out what is closed. An object that nobody finds any more stays in the
//! list of objects until its destructors have run.

use crate::object::{Objects, Role};
use alloc::vec::Vec;
use ld_rs_plan::fallible::{self, NoMemory};
use ld_rs_plan::names::{Index, file_hash, name_hash, names_descriptor};

/// Names and files of objects.
#[derive(Default)]
pub struct Names {
    /// Every name an object answers to, by its number.
    aliases: Vec<Vec<Vec<u8>>>,
    names: Index,
    files: Index,
}

impl Names {
    /// Object `number` is found by its path and its file, and answers to its soname.
    pub fn enter(&mut self, objects: &Objects, number: usize) -> Result<(), NoMemory> {
        let object = &objects[number];
        // glibc knows neither path nor file of the program: to open it is refused, as any program is.
        if object.role == Role::Library {
            if let Some((device, inode)) = object.file {
                self.files.try_insert(file_hash(device, inode), number as u32)?;
            }
            self.names.try_insert(name_hash(&object.name), number as u32)?;
        }
        object.dynamic.soname.map_or(Ok(()), |soname| self.alias(soname, number))
    }

    /// Object `number` answers to `name` from now on, unless another one does. The name of a descriptor is none of its:
    /// it will mean another file.
    pub fn alias(&mut self, name: &[u8], number: usize) -> Result<(), NoMemory> {
        let hash = name_hash(name);
        if names_descriptor(name) || self.by_hash(name, hash).is_some() {
            return Ok(());
        }
        let copy = fallible::copied(name)?;
        while self.aliases.len() <= number {
            fallible::push(&mut self.aliases, Vec::new())?;
        }
        self.names.try_insert(hash, number as u32)?;
        fallible::push(&mut self.aliases[number], copy)
    }

    /// Nobody finds object `number` any more.
    pub fn remove(&mut self, objects: &Objects, number: usize) {
        if let Some((device, inode)) = objects[number].file {
            self.files.remove(file_hash(device, inode), number as u32);
        }
        self.names.remove(name_hash(&objects[number].name), number as u32);
        for name in self.aliases.get_mut(number).map(core::mem::take).unwrap_or_default() {
            self.names.remove(name_hash(&name), number as u32);
        }
    }

    /// The object that answers to `name`.
    #[must_use]
    pub fn by_name(&self, name: &[u8]) -> Option<usize> {
        self.by_hash(name, name_hash(name))
    }

    fn by_hash(&self, name: &[u8], hash: u32) -> Option<usize> {
        let mut candidates = self.names.candidates(hash).map(|number| number as usize);
        candidates.find(|number| self.aliases.get(*number).is_some_and(|own| own.iter().any(|alias| alias == name)))
    }

    /// The object that answers to `name`, or was found at that path.
    #[must_use]
    pub fn find(&self, objects: &Objects, name: &[u8]) -> Option<usize> {
        let hash = name_hash(name);
        self.by_hash(name, hash).or_else(|| self.by_path(objects, name, hash))
    }

    /// The object that was found at `path`, whatever file is there now; none where a descriptor was.
    fn by_path(&self, objects: &Objects, path: &[u8], hash: u32) -> Option<usize> {
        let mut candidates = self.names.candidates(hash).map(|number| number as usize);
        candidates.find(|number| objects[*number].name == path && !names_descriptor(path))
    }

    /// The object made from this file.
    #[must_use]
    pub fn by_file(&self, objects: &Objects, file: (u64, u64)) -> Option<usize> {
        let mut candidates = self.files.candidates(file_hash(file.0, file.1)).map(|number| number as usize);
        candidates.find(|number| objects[*number].file == Some(file))
    }
}
