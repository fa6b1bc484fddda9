//! An object in memory, and the list of all of them.
//!
//! The list's order is load order, which is also scope order: the program, preloaded objects,
//! needed ones breadth first. ld-rs itself is one of them; the vdso is listed but not in the scope.

use crate::image::Image;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};
use ld_rs_plan::Bytes;
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::header::{Headers, Segment};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Memory, Sym};
use ld_rs_plan::error::{Cause, Error};
pub use ld_rs_plan::facts::{Facts, Module, Role};
use ld_rs_plan::fallible::{self, NoMemory};
use ld_rs_plan::names::{Index, file_hash};
use ld_rs_plan::resolve::Packed;
use object::elf::{self, gnu_hash};

/// glibc's sentence for mprotect that fails.
const PROTECTION: &str = "cannot apply additional memory protection after relocation";

/// An object whose segments are in memory and whose dynamic section was accepted.
pub struct Object {
    /// What is known of it without its memory. Tables of the dynamic section are slices into `image`: declared, and so
    /// dropped, before it.
    pub facts: Facts<'static>,
    /// Every name it answers to.
    aliases: Vec<Vec<u8>>,
    /// (device, inode) of its file.
    pub file: Option<(u64, u64)>,
    /// The TLS image where no segment holds it.
    pub tls_image: Option<Vec<u8>>,
    /// Its memory.
    pub image: Image,
    /// Segments that are writable only until [`Object::protect`], for text relocations.
    opened: Vec<Segment>,
}

impl Deref for Object {
    type Target = Facts<'static>;

    fn deref(&self) -> &Facts<'static> {
        &self.facts
    }
}

impl DerefMut for Object {
    fn deref_mut(&mut self) -> &mut Facts<'static> {
        &mut self.facts
    }
}

impl Object {
    /// Makes every segment writable, for relocations in code.
    pub fn open_text(&mut self) -> Result<(), Cause> {
        let Self { facts, opened, image, .. } = self;
        for segment in facts.headers.segments.iter_mut().filter(|segment| !segment.write) {
            opened.push(*segment);
            segment.write = true;
            image.set_protection(segment).map_err(|errno| Cause::System(PROTECTION, errno))?;
        }
        // Once more: what lies in them now is to be guarded from relocations.
        facts.dynamic = Dynamic::parse(&facts.headers, Memory::new(&image.parts(&facts.headers)))?;
        Ok(())
    }

    /// After relocation: RELRO, and segments that were opened for it.
    pub fn protect(&self) -> Result<(), Error> {
        let opened = self.opened.iter().try_for_each(|segment| self.image.set_protection(segment));
        opened
            .and_then(|()| self.image.protect_relro(&self.headers))
            .map_err(|errno| Error::new(&self.name, Cause::System(PROTECTION, errno)))
    }

    /// Judges the dynamic section in `image` and makes the object.
    pub fn new(role: Role, name: Vec<u8>, headers: Headers, image: Image) -> Result<Box<Self>, Cause> {
        let dynamic = Dynamic::parse(&headers, Memory::new(&image.parts(&headers)))?;
        Ok(Self::of(Facts::new(role, name, headers, dynamic), image))
    }

    /// What stands for an object that is gone.
    fn gone() -> Box<Self> {
        // SAFETY: the headers have no segment, so nothing is ever read or written.
        let image = unsafe { Image::of_kernel(0) };
        Self::of(Facts::new(Role::Gone, Vec::new(), Headers::none(), Dynamic::default()), image)
    }

    #[inline(always)]
    fn of(facts: Facts<'static>, image: Image) -> Box<Self> {
        Box::new(Self { facts, aliases: Vec::new(), file: None, tls_image: None, image, opened: Vec::new() })
    }

    /// PT_INTERP: the path of the loader it asks for.
    #[must_use]
    pub fn interpreter(&self) -> Option<&'static [u8]> {
        let (offset, size) = self.headers.interp?;
        let parts = self.image.parts(&self.headers);
        let path = Memory::new(&parts).bytes(self.headers.address_of(offset, size)?, size)?;
        path.split(|byte| *byte == 0).next()
    }

    /// Whether `address` lies in one of its segments.
    #[must_use]
    pub fn holds(&self, address: u64) -> bool {
        self.headers.segment_of(address.wrapping_sub(self.image.bias), 1).is_some()
    }

    /// Whether code at `address` can be run.
    #[must_use]
    pub fn is_code(&self, address: u64) -> bool {
        self.headers.is_code(address.wrapping_sub(self.image.bias))
    }

    /// The symbol of the object that `address` belongs to: the nearest at or below it that reaches there;
    /// of several, the first in the table, as glibc's `determine_info` has it.
    #[must_use]
    pub fn nearest_symbol(&self, address: u64) -> Option<&'static Sym> {
        let vaddr = address.wrapping_sub(self.image.bias);
        let symbols = self.dynamic.symbols.iter().take(self.dynamic.symbol_count());
        let first = self.dynamic.gnu_hash.map_or(0, |hash| hash.symbol_base as usize);
        let mut nearest: Option<&'static Sym> = None;
        for symbol in symbols.skip(first) {
            let (value, size) = (symbol.st_value.get(LE), symbol.st_size.get(LE));
            let undefined = symbol.st_shndx.get(LE) == elf::SHN_UNDEF;
            if undefined && value == 0 || symbol.st_type() == elf::STT_TLS || value > vaddr {
                continue;
            }
            let reaches = if undefined || size == 0 { vaddr == value } else { vaddr - value < size };
            if reaches && nearest.is_none_or(|nearest| nearest.st_value.get(LE) < value) {
                nearest = Some(symbol);
            }
        }
        nearest
    }

    /// The initialised part of its TLS block, as relocation left it.
    #[must_use]
    pub fn tls_bytes(&self) -> &[u8] {
        match (&self.tls_image, self.headers.tls) {
            (Some(bytes), _) => bytes,
            (None, Some(tls)) => {
                let parts = self.image.parts(&self.headers);
                Memory::new(&parts).bytes(tls.vaddr, tls.filesz).unwrap_or_default()
            }
            (None, None) => &[],
        }
    }
}

/// All objects, found by name and by file. An object keeps its number while it is loaded.
#[derive(Default)]
pub struct Objects {
    /// By number; start-up numbers are load order. Boxed: an object stays where it is when others come.
    pub list: Vec<Box<Object>>,
    /// Every name an object answers to.
    names: Index,
    files: Index,
    /// Numbers to be used again.
    free: Vec<usize>,
}

impl Objects {
    /// Adds an object; it answers to its soname.
    pub fn push(&mut self, object: Box<Object>) -> usize {
        let (file, soname) = (object.file, object.dynamic.soname);
        let number = match self.free.pop() {
            Some(number) => {
                self.list[number] = object;
                number
            }
            None => {
                self.list.push(object);
                self.list.len() - 1
            }
        };
        if let Some((device, inode)) = file {
            self.files.insert(file_hash(device, inode), number as u32);
        }
        if let Some(soname) = soname {
            self.alias(soname, number);
        }
        number
    }

    /// Nobody finds the object by name or file any more; it stays in the list.
    pub fn hide(&mut self, number: usize) {
        let object = &mut self.list[number];
        if let Some((device, inode)) = object.file.take() {
            self.files.remove(file_hash(device, inode), number as u32);
        }
        for name in core::mem::take(&mut object.aliases) {
            self.names.remove(gnu_hash(&name), number as u32);
        }
    }

    /// Takes an object out; its number is free.
    pub fn remove(&mut self, number: usize) -> Box<Object> {
        self.hide(number);
        self.free.push(number);
        core::mem::replace(&mut self.list[number], Object::gone())
    }

    /// Object `number` answers to `name` from now on.
    pub fn alias(&mut self, name: &[u8], number: usize) {
        if self.by_name(name).is_none() {
            self.names.insert(gnu_hash(name), number as u32);
            self.list[number].aliases.push(name.owned());
        }
    }

    /// What is known of each object, by number.
    pub fn facts(&self) -> Result<Vec<&Facts<'static>>, NoMemory> {
        let mut facts = fallible::with_capacity(self.list.len())?;
        facts.extend(self.list.iter().map(|object| &object.facts));
        Ok(facts)
    }

    /// The object and symbol that `binding` is to, if it is to one.
    #[inline]
    #[must_use]
    pub fn definition(&self, binding: Packed) -> Option<(&Object, &'static Sym)> {
        let (number, symbol) = binding.place()?;
        let object: &Object = self.list.get(number)?;
        Some((object, object.dynamic.symbols.get(symbol as usize)?))
    }

    /// Finds `name` in `scope` as an ordinary reference would: its defining object and symbol.
    #[must_use]
    pub fn find(&self, scope: &[usize], name: &[u8]) -> Option<(&Object, &'static Sym)> {
        let query = Query { accepts_plt: false, ..Query::new(name, None) };
        scope.iter().find_map(|number| {
            let object: &Object = self.list.get(*number)?;
            Some((object, object.facts.find(&query)?))
        })
    }

    /// The object that answers to `name`.
    #[must_use]
    pub fn by_name(&self, name: &[u8]) -> Option<usize> {
        let candidates = self.names.candidates(gnu_hash(name)).map(|number| number as usize);
        candidates.into_iter().find(|number| self.list[*number].aliases.iter().any(|alias| alias == name))
    }

    /// The object made from this file.
    #[must_use]
    pub fn by_file(&self, file: (u64, u64)) -> Option<usize> {
        let candidates = self.files.candidates(file_hash(file.0, file.1)).map(|number| number as usize);
        candidates.into_iter().find(|number| self.list[*number].file == Some(file))
    }

    /// The numbers of all objects that are in scope: not the vdso.
    #[must_use]
    pub fn scope(&self) -> Vec<usize> {
        let in_scope = |number: &usize| !matches!(self.list[*number].role, Role::Vdso | Role::Gone);
        (0..self.list.len()).filter(in_scope).collect()
    }

    /// Where `role` is in the list.
    #[must_use]
    pub fn position(&self, role: Role) -> Option<usize> {
        self.list.iter().position(|object| object.role == role)
    }
}
