//! An object in memory, and the list of all of them. By which names they are found: [`crate::names`].
//!
//! The list's order is load order, which is also scope order: the program, preloaded objects,
//! needed ones breadth first. ld-rs itself is one of them; the vdso is listed but not in the scope.

use crate::arch::micro_architecture_level;
use crate::image::Image;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut, Index};
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::header::Headers;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Memory, Sym};
use ld_rs_plan::error::{Cause, Error};
pub use ld_rs_plan::facts::{Facts, Module, Role};
use ld_rs_plan::fallible::{self, NoMemory};
use ld_rs_plan::order;
use ld_rs_plan::patch::Patches;
use ld_rs_plan::resolve::Packed;
use object::elf;
use rustix::io::Errno;

/// glibc's sentence for mprotect that fails.
fn unprotected(errno: Errno) -> Cause {
    Cause::System("cannot apply additional memory protection after relocation", errno.raw_os_error())
}

/// An object whose segments are in memory and whose dynamic section was accepted.
#[derive(Default)]
pub struct Object {
    /// What is known of it without its memory. Tables of the dynamic section are slices into `image`: declared, and so
    /// dropped, before it.
    pub facts: Facts<'static>,
    /// (device, inode) of its file.
    pub file: Option<(u64, u64)>,
    /// Its link map, once there is one: what GOT[1] of an object tells whoever looks into its PLT.
    pub link_map: u64,
    /// The program headers where no segment holds them: unwinders and debuggers read them in memory.
    pub phdr_table: Vec<u8>,
    /// Its directory where its name does not begin at the root, whatever becomes the current directory later.
    pub directory: Option<Vec<u8>>,
    /// The TLS image where no segment holds it.
    pub tls_image: Option<Vec<u8>>,
    /// Its memory.
    pub image: Image,
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
    /// Opens the places of text relocations, which are allowed, until [`Object::close_text`].
    #[cold]
    #[inline(never)]
    pub fn open_text(&mut self) -> Result<(), Cause> {
        let Self { facts, image, .. } = self;
        let patches = Patches::of_text(&facts.headers, &facts.dynamic).map_err(|_| unprotected(Errno::NOMEM))?;
        // The tables in these segments are to be guarded from relocations too.
        let own = facts.headers.segments.clone();
        facts.headers.segments.iter_mut().for_each(|segment| segment.write = true);
        let opened = Dynamic::parse(&facts.headers, Memory::new(&image.parts(&facts.headers)));
        facts.headers.segments = own;
        facts.dynamic.guarded = opened?.guarded;
        image.patch(&facts.headers, patches).map_err(unprotected)
    }

    /// The object has its words but for those of IFUNCs: its code may be run, by their resolvers.
    pub(crate) fn close_text(&self) -> Result<(), Cause> {
        self.image.close(&self.headers).map_err(unprotected)
    }

    /// After relocation: RELRO; nothing else is changed any more.
    pub fn protect(&self) -> Result<(), Error> {
        self.image.patched();
        self.image.protect_relro(&self.headers).map_err(|errno| Error::new(&self.name, unprotected(errno)))
    }

    /// Judges the dynamic section in `image` and makes the object, which takes over `headers`.
    pub fn new(role: Role, name: Vec<u8>, headers: &mut Headers, image: Image) -> Result<Rc<Self>, Cause> {
        // Made in its place: a large structure, and threads that open libraries have small stacks at times.
        let mut made = Rc::<Self>::default();
        if let Some(Self { facts, image: own, .. }) = Rc::get_mut(&mut made) {
            core::mem::swap(&mut facts.headers, headers);
            (facts.role, facts.name, *own) = (role, name, image);
            let parts = own.parts(&facts.headers);
            let memory = Memory::new(&parts);
            facts.dynamic.fill(&facts.headers, memory)?;
            for notes in facts.headers.notes.iter().filter_map(|range| memory.bytes(range.vaddr, range.size)) {
                facts.asks.add(notes);
            }
        }
        Ok(made)
    }

    /// Where its program headers are in memory, and how many.
    #[must_use]
    pub fn phdrs(&self) -> (u64, u16) {
        match self.headers.phdrs {
            Some(vaddr) => (self.image.address(vaddr), self.headers.ident.phnum),
            None if self.phdr_table.is_empty() => (0, 0),
            None => (self.phdr_table.as_ptr() as u64, self.headers.ident.phnum),
        }
    }

    /// PT_INTERP: the path of the loader it asks for.
    #[must_use]
    pub fn interpreter(&self) -> Option<&'static [u8]> {
        let (offset, size) = self.headers.interp?;
        self.bytes(self.headers.address_of(offset, size)?, size)?.split(|byte| *byte == 0).next()
    }

    /// What speaks against running it on this CPU: a level that a note asks for and the CPU does not have.
    #[must_use]
    pub fn lacks_cpu(&self) -> Option<Cause> {
        let needed = self.asks.levels;
        // The lowest is that of every CPU; what others there are is asked only where one is needed.
        let lacks = self.is_relocated() && needed > 1 && needed >> micro_architecture_level() != 0;
        lacks.then_some(Cause::Plain("CPU ISA level is lower than required"))
    }

    /// `size` bytes at `vaddr`, inside the file part of a readable segment.
    fn bytes(&self, vaddr: u64, size: u64) -> Option<&'static [u8]> {
        self.image.bytes(&self.headers, vaddr, size)
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

    /// The symbol of the object that `address` belongs to: the nearest at or below it that reaches there, and is no
    /// version's; of several, the first in the table, as glibc's `determine_info` has it.
    #[must_use]
    pub fn nearest_symbol(&self, address: u64) -> Option<&'static Sym> {
        let vaddr = address.wrapping_sub(self.image.bias);
        let symbols = self.dynamic.symbols.iter().take(self.dynamic.symbol_count());
        let first = self.dynamic.gnu_hash.map_or(0, |hash| hash.symbol_base as usize);
        let mut nearest: Option<&'static Sym> = None;
        for symbol in symbols.skip(first) {
            let (value, size, section) = (symbol.st_value.get(LE), symbol.st_size.get(LE), symbol.st_shndx.get(LE));
            let undefined = section == elf::SHN_UNDEF;
            let is_none = undefined && value == 0 || section == elf::SHN_ABS || symbol.st_type() == elf::STT_TLS;
            if is_none || symbol.st_bind() == elf::STB_LOCAL || value > vaddr {
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
            (None, Some(tls)) => self.bytes(tls.vaddr, tls.filesz).unwrap_or_default(),
            (None, None) => &[],
        }
    }
}

/// All objects. An object keeps its number while it is loaded.
///
/// Each is counted: who holds on to one ([`Objects::keep`]) may read it without a lock, and nobody changes it any more.
#[derive(Default)]
pub struct Objects {
    /// By number; start-up numbers are load order.
    pub list: Vec<Rc<Object>>,
    /// Numbers of start-up objects in scope order, where that is not load order.
    pub order: Vec<usize>,
    /// Numbers to be used again.
    free: Vec<usize>,
    /// What stands in the place of objects that are gone.
    gone: Option<Rc<Object>>,
}

impl Index<usize> for Objects {
    type Output = Object;

    /// One check for all places: each of its own would name itself in the file. A debug build does.
    #[cfg_attr(debug_assertions, track_caller)]
    #[inline]
    fn index(&self, number: usize) -> &Object {
        match self.list.get(number) {
            Some(object) => object,
            None => no_object(number),
        }
    }
}

/// Ends the process: nobody may ask for an object that is not there.
#[cfg_attr(debug_assertions, track_caller)]
#[cold]
#[inline(never)]
pub fn no_object(number: usize) -> ! {
    panic!("there is no object {number}")
}

impl Objects {
    /// Adds an object; its number.
    pub fn push(&mut self, object: Rc<Object>) -> Result<usize, NoMemory> {
        Ok(match self.free.pop() {
            Some(number) => {
                self.list[number] = object;
                number
            }
            None => {
                fallible::push(&mut self.list, object)?;
                self.list.len() - 1
            }
        })
    }

    /// Object `number`, to be changed; `None` if somebody keeps it.
    pub fn edit(&mut self, number: usize) -> Option<&mut Object> {
        Rc::get_mut(self.list.get_mut(number)?)
    }

    /// Object `number` for good: it is never changed and never goes.
    #[must_use]
    pub fn keep(&self, number: usize) -> &'static Object {
        // SAFETY: one count of it is never given back.
        unsafe { &*Rc::into_raw(Rc::clone(&self.list[number])) }
    }

    /// Takes an object out; its number is free.
    pub fn remove(&mut self, number: usize) -> Rc<Object> {
        self.free.push(number);
        let gone = Rc::clone(self.gone.get_or_insert_default());
        core::mem::replace(&mut self.list[number], gone)
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

    /// The numbers of all objects of start-up, in scope order.
    #[must_use]
    pub fn in_order(&self) -> Vec<usize> {
        let others = (0..self.list.len()).filter(|number| self.order.is_empty() || !self.order.contains(number));
        self.order.iter().copied().chain(others).collect()
    }

    /// The numbers of all objects that are in scope: not the vdso.
    #[must_use]
    pub fn scope(&self) -> Vec<usize> {
        let mut numbers = self.in_order();
        numbers.retain(|number| !matches!(self.list[*number].role, Role::Vdso | Role::Gone));
        numbers
    }

    /// `roots` and all they need, breadth first.
    #[must_use]
    pub fn closure(&self, roots: Vec<usize>) -> Vec<usize> {
        order::breadth_first(roots, self.list.len(), &|number| (&self[number].needed, &self[number].filtees))
    }

    /// The number of the libc that is its own loader.
    #[must_use]
    pub fn own_loader(&self) -> Option<usize> {
        self.list.iter().position(|object| object.is_own_loader)
    }

    /// Where `role` is in the list.
    #[must_use]
    pub fn position(&self, role: Role) -> Option<usize> {
        self.list.iter().position(|object| object.role == role)
    }
}
