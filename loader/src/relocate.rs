//! Relocation: stores what resolution found, each word checked to lie where the object may be written.
//!
//! Order (see `join` in `runtime/src/stages.rs`): TLS offsets are known; objects are relocated in reverse load order; COPY
//! relocations follow, whose sources are then complete; IFUNC resolvers run only after that, dependencies first.

use crate::arch::{ask_resolver, prefetch};
use crate::heap;
use crate::image::{Outside, Writer};
use crate::object::{Module, Object, Objects};
use alloc::boxed::Box;
use alloc::vec::Vec;
use ld_rs_plan::arch;
use ld_rs_plan::elf::header::Range;
use ld_rs_plan::elf::{LE, Rela};
use ld_rs_plan::error::{Cause, Error, Malformed};
use ld_rs_plan::fallible::{NoMemory, push};
use ld_rs_plan::reloc::{Class, NoValue, Store, Target};
use ld_rs_plan::resolve::{self, AHEAD, Binding, OfObject, Packed};
use object::elf;

/// Addresses of runtime's entry points that relocated words point to.
#[derive(Debug, Clone, Copy)]
pub struct Services {
    /// TLSDESC resolver for a block at a fixed distance from the thread pointer.
    pub tlsdesc_static: u64,
    /// TLSDESC resolver for a block that may be anywhere: its argument points to {module, offset}.
    pub tlsdesc_dynamic: u64,
    /// TLSDESC resolver for an undefined weak symbol.
    pub tlsdesc_undefined: u64,
    /// Where a PLT's lazy path leads: the function is looked up, and reported if it does not exist.
    pub bind_function: u64,
}

/// A word that gets the answer of an IFUNC resolver.
#[derive(Debug, Clone, Copy)]
pub struct Indirect {
    /// Object whose word it is.
    pub object: usize,
    /// The word's virtual address there.
    pub place: u64,
    /// Address of the resolver.
    pub resolver: u64,
    /// Added to the answer.
    pub addend: u64,
}

/// A COPY relocation: data that moves from a library into the program.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    /// Object that holds the copy, and its virtual address there.
    pub to: (usize, u64),
    /// Object that defines the data, and its virtual address there.
    pub from: (usize, u64),
    /// Bytes.
    pub size: u64,
}

/// What relocation leaves to be done once all objects have their ordinary words.
#[derive(Default)]
pub struct Pending {
    /// IFUNC answers, in the order of relocation.
    pub indirect: Vec<Indirect>,
    /// COPY relocations.
    pub copies: Vec<Copy>,
    /// What dynamic TLSDESC arguments point to: it must live as long as the objects.
    pub descriptors: Vec<Box<[u64; 2]>>,
}

/// Adds to `targets` the objects whose TLS the relocations of an object reach at a fixed distance from the thread pointer
/// (initial-exec).
pub fn initial_exec_targets(objects: &Objects, bindings: OfObject<'_>, targets: &mut Vec<usize>) {
    let dynamic = &objects[bindings.object].dynamic;
    for (rela, symbolic) in bindings.pairs(dynamic) {
        if arch::class(rela.r_type(LE, false)) == Some(Class::StaticTls) {
            // Without a symbol the object itself is meant; an undefined weak one is nobody's.
            let target = symbolic.map_or(Some(bindings.object), |(_, _, binding)| Some(binding.place()?.0));
            if let Some(target) = target.filter(|target| !targets.contains(target)) {
                targets.push(target);
            }
        }
    }
}

/// Relocates the object that `bindings` are of. `lazy`: functions need not be bound before they are called.
pub fn relocate(
    objects: &Objects,
    bindings: OfObject<'_>,
    services: &Services,
    lazy: bool,
    pending: &mut Pending,
) -> Result<(), Error> {
    let number = bindings.object;
    let object = &objects[number];
    let mut work = Work { objects, number, object, services, pending };
    work.run(bindings, lazy).and_then(|()| object.close_text()).map_err(|cause| Error::new(&object.name, cause))
}

struct Work<'a> {
    objects: &'a Objects,
    number: usize,
    object: &'a Object,
    services: &'a Services,
    pending: &'a mut Pending,
}

impl Work<'_> {
    fn run(&mut self, bindings: OfObject<'_>, lazy: bool) -> Result<(), Cause> {
        let object = self.object;
        let mut writer = object.image.writer(&object.headers, &object.dynamic.guarded);
        self.relative(&mut writer)?;
        writer.relative(object.dynamic.relative_and_rest().0)?;
        for mut pairs in bindings.tables(&object.dynamic) {
            while let Some((rela, symbolic)) = pairs.next() {
                let Some((_, class, binding)) = symbolic else {
                    match arch::class(rela.r_type(LE, false)) {
                        Some(Class::Irelative) => self.own_indirect(&mut writer, rela)?,
                        _ => self.without_symbol(&mut writer, rela)?,
                    }
                    continue;
                };
                if let Some((_, symbol)) = pairs.ahead(AHEAD).and_then(|next| self.objects.definition(next)) {
                    prefetch(symbol);
                }
                match self.plain(rela, binding) {
                    Some(word) => writer.set_word(rela.r_offset.get(LE), word)?,
                    None => self.symbolic(&mut writer, rela, class, binding)?,
                }
            }
        }
        if bindings.is_postponed() {
            self.postpone(&mut writer)?;
        }
        if bindings.needs_binder() {
            self.lead_to_binder(&mut writer)?;
        } else if lazy && !object.dynamic.bind_now && !object.dynamic.plt.is_empty() {
            // What hooks PLTs finds there, and may call, what it finds under glibc.
            let _ = self.lead_to_binder(&mut writer);
        }
        Ok(())
    }

    /// DT_JMPREL of an object whose functions are looked up when they are called. What the link editor left
    /// in a slot is where in the PLT the lazy path begins. The bias is added before that is checked: reading the
    /// slot first would take a fault to read and then another to copy the page.
    fn postpone(&mut self, writer: &mut Writer<'_>) -> Result<(), Cause> {
        let headers = &self.object.headers;
        let mut code = Range::default();
        for rela in self.object.dynamic.plt {
            let place = rela.r_offset.get(LE);
            if arch::class(rela.r_type(LE, false)) != Some(Class::Call) {
                self.without_symbol(writer, rela)?;
                continue;
            }
            let led = writer.add_word(place, self.object.image.bias)?;
            if code.holds(led, 1) {
                continue;
            }
            match headers.segment_of(led, 1).filter(|segment| segment.execute) {
                Some(segment) => code = segment.memory,
                None => {
                    let binding = self.bind_now(rela.r_sym(LE, false))?;
                    self.symbolic(writer, rela, Class::Call, binding)?;
                }
            }
        }
        Ok(())
    }

    /// What nearly all store: the address of a plain symbol.
    #[inline(always)] // for each symbolic relocation
    fn plain(&self, rela: &Rela, binding: Packed) -> Option<u64> {
        let with_addend = arch::word_of_address(rela.r_type(LE, false))?;
        let (definer, symbol) = self.objects.definition(binding)?;
        let other = matches!(symbol.st_type(), elf::STT_TLS | elf::STT_GNU_IFUNC);
        let addend = if with_addend { rela.r_addend.get(LE).cast_unsigned() } else { 0 };
        let word = definer.image.address(symbol.st_value.get(LE)).wrapping_add(addend);
        (!other && symbol.st_shndx.get(LE) != elf::SHN_ABS).then_some(word)
    }

    /// What needs no look-up: nothing, a resolver, or symbol 0, which means the object itself.
    fn without_symbol(&mut self, writer: &mut Writer<'_>, rela: &Rela) -> Result<(), Cause> {
        let (kind, place) = (rela.r_type(LE, false), rela.r_offset.get(LE));
        let address = self.object.image.address(rela.r_addend.get(LE).cast_unsigned());
        match arch::class(kind).ok_or(Cause::RelocationType { kind: kind.0, place })? {
            Class::None => Ok(()),
            Class::Relative => Ok(writer.set_word(place, address)?),
            Class::Irelative => self.own_indirect(writer, rela),
            class => self.symbolic(writer, rela, class, Packed::symbol(self.number, 0)),
        }
    }

    /// A slot that was to wait but leads nowhere: its function is looked up after all.
    fn bind_now(&self, symbol: u32) -> Result<Packed, Cause> {
        let scope = self.objects.scope();
        let scope = scope.iter().map(|number| (*number, &self.objects[*number].facts));
        let found = resolve::when_called((self.number, &self.object.facts), symbol, scope, false);
        found.map(|(object, symbol)| Packed::symbol(object, symbol)).ok_or_else(|| self.undefined(symbol))
    }

    /// DT_RELR: addends are in place, so each word is visited exactly once.
    fn relative(&self, writer: &mut Writer<'_>) -> Result<(), Cause> {
        let bias = self.object.image.bias;
        // Even entries are addresses, each of the others stands for up to 63 words behind the last.
        let mut next: Option<u64> = None;
        for entry in self.object.dynamic.relr {
            let entry = entry.get(LE);
            if entry & 1 == 0 {
                writer.add_word(entry, bias)?;
                next = Some(entry.wrapping_add(8));
            } else {
                let Some(start) = next else {
                    return Err(Malformed::new("DT_RELR", entry, "an address before the first bitmap").into());
                };
                writer.add_words(start, entry >> 1, bias)?;
                next = Some(start.wrapping_add(63 * 8));
            }
        }
        Ok(())
    }

    /// A word for the answer of a resolver of the object's own.
    fn own_indirect(&mut self, writer: &mut Writer<'_>, rela: &Rela) -> Result<(), Cause> {
        let resolver = self.object.image.address(rela.r_addend.get(LE).cast_unsigned());
        let word = Indirect { object: self.number, place: rela.r_offset.get(LE), resolver, addend: 0 };
        self.indirect(writer, self.object, word)
    }

    /// Queues a word for a resolver's answer, after checking both ends.
    fn indirect(&mut self, writer: &mut Writer<'_>, definer: &Object, word: Indirect) -> Result<(), Cause> {
        if !definer.is_code(word.resolver) {
            let vaddr = word.resolver.wrapping_sub(definer.image.bias);
            return Err(Malformed::new("IFUNC resolver", vaddr, "an address in an executable segment").into());
        }
        writer.word(word.place)?;
        Ok(push(&mut self.pending.indirect, word)?)
    }

    /// A relocation that names a symbol. Long, with one arm a kind of binding and of relocation.
    fn symbolic(&mut self, writer: &mut Writer<'_>, rela: &Rela, class: Class, binding: Packed) -> Result<(), Cause> {
        let (kind, place) = (rela.r_type(LE, false), rela.r_offset.get(LE));
        let addend = rela.r_addend.get(LE).cast_unsigned();
        if let Binding::WhenCalled { symbol } = binding.binding() {
            // The slot leads through the object's own PLT to the binder.
            let lazy = writer.word(place)?;
            if !self.object.headers.is_code(lazy) {
                return Err(self.undefined(symbol));
            }
            return Ok(writer.set_word(place, self.object.image.address(lazy))?);
        }
        let definition = self.objects.definition(binding);
        if class == Class::Copy {
            let (Some((definer, symbol)), Some((object, _))) = (definition, binding.place()) else { return Ok(()) };
            let own = self.object.dynamic.symbols.get(rela.r_sym(LE, false) as usize);
            let size = own.map_or(0, |own| own.st_size.get(LE)).min(symbol.st_size.get(LE));
            let from = (object, symbol.st_value.get(LE));
            if definer.headers.segment_of(from.1, size).is_none() {
                return Err(Malformed::new("st_value of a copied symbol", from.1, "data inside the object").into());
            }
            return Ok(push(&mut self.pending.copies, Copy { to: (self.number, place), from, size })?);
        }
        let (mut target, mut module) = (Target::default(), None);
        if let Some((definer, symbol)) = definition {
            let value = symbol.st_value.get(LE);
            target.offset = value;
            target.size = symbol.st_size.get(LE);
            target.address = match (symbol.st_shndx.get(LE), binding.place()) {
                (elf::SHN_ABS, _) => value,
                // Symbol 0 is no symbol: its value is 0 (of SIZE64, a plain word and the like).
                (_, Some((_, 0))) => 0,
                _ => definer.image.address(value),
            };
            if matches!(class, Class::Tls | Class::StaticTls | Class::Descriptor) {
                let missing = Malformed::new("TLS relocation", place, "an object with PT_TLS");
                let found = definer.module.ok_or(missing)?;
                if found.distance.is_none() && class == Class::StaticTls {
                    // Initial-exec access to an object opened before, whose blocks lie anywhere.
                    return Err(Cause::Plain("cannot allocate memory in static TLS block"));
                }
                target.module = found.key;
                target.tls_distance = found.distance.unwrap_or_default();
                module = Some(found);
            } else if symbol.st_type() == elf::STT_TLS {
                return Err(Malformed::new("r_info", rela.r_info.get(LE), "a TLS relocation for a TLS symbol").into());
            } else if symbol.st_type() == elf::STT_GNU_IFUNC && symbol.st_shndx.get(LE) != elf::SHN_UNDEF {
                if arch::width(kind) != 8 {
                    return Err(Cause::RelocationType { kind: kind.0, place });
                }
                let addend = if arch::word_of_address(kind) == Some(true) { addend } else { 0 };
                let word = Indirect { object: self.number, place, resolver: target.address, addend };
                return self.indirect(writer, definer, word);
            }
        }
        if class == Class::Descriptor {
            return self.descriptor(writer, place, target.offset.wrapping_add(addend), module);
        }
        let bias = self.object.image.bias;
        match arch::value(kind, &target, bias.wrapping_add(place), addend) {
            Ok(Store::Xword(value)) => Ok(writer.set_word(place, value)?),
            Ok(Store::Word(value)) => Ok(writer.set_half(place, value)?),
            Err(NoValue::Type) => Err(Cause::RelocationType { kind: kind.0, place }),
            Err(NoValue::Range(value)) => Err(Cause::RelocationRange { kind: kind.0, place, value }),
        }
    }

    /// TLSDESC: two words, resolver and argument, for what lies at `offset` in the block of `module`; without one the
    /// symbol is an undefined weak one.
    fn descriptor(
        &mut self,
        writer: &mut Writer<'_>,
        place: u64,
        offset: u64,
        module: Option<Module>,
    ) -> Result<(), Cause> {
        let (resolver, argument) = match module.map(|module| (module.key, module.distance)) {
            Some((key, None)) => {
                let pair = Box::new([key, offset]);
                let address = core::ptr::from_ref(&*pair) as u64;
                push(&mut self.pending.descriptors, pair)?;
                if heap::exhausted() {
                    return Err(NoMemory.into()); // there may be more of them than the reserve holds
                }
                (self.services.tlsdesc_dynamic, address)
            }
            Some((_, Some(distance))) => (self.services.tlsdesc_static, offset.wrapping_add_signed(distance)),
            None => (self.services.tlsdesc_undefined, offset),
        };
        writer.set_word(place, resolver)?;
        let second = place.checked_add(8).filter(|second| writer.set_word(*second, argument).is_ok());
        if second.is_some() { Ok(()) } else { Err(Outside(place).into()) }
    }

    fn undefined(&self, symbol: u32) -> Cause {
        resolve::undefined(&self.object.facts, symbol).unwrap_or_else(Cause::from)
    }

    /// Fills GOT[1] and GOT[2], through which the PLT's lazy path goes (psABI "Procedure Linkage Table").
    fn lead_to_binder(&self, writer: &mut Writer<'_>) -> Result<(), Cause> {
        let missing = Malformed::new("DT_PLTGOT", 0, "a table, since DT_JMPREL is bound when called");
        let got = self.object.dynamic.entry(elf::DT_PLTGOT).ok_or(missing)?;
        writer.set_word(got.wrapping_add(8), self.object.link_map).map_err(|_| Outside(got))?;
        Ok(writer.set_word(got.wrapping_add(16), self.services.bind_function).map_err(|_| Outside(got))?)
    }
}

/// Carries out the queued COPY relocations, whose sources have their ordinary words by now.
pub(crate) fn copy(objects: &Objects, copies: &[Copy]) -> Result<(), Error> {
    for copy in copies {
        let (to, from) = (&objects[copy.to.0], &objects[copy.from.0]);
        if !to.image.copy_from(&to.headers, copy.to.1, (&from.image, &from.headers, copy.from.1), copy.size) {
            return Err(Error::new(&to.name, Outside(copy.to.1).into()));
        }
    }
    Ok(())
}

/// Runs the IFUNC resolvers in `order` of objects, and gives what they answer to `store`, which calls [`store`].
///
/// # Safety
/// Every object is relocated but for `pending`, and the libc's tables that resolvers read are filled.
pub unsafe fn finish(
    pending: &Pending,
    order: &[usize],
    store: &mut dyn FnMut(&Indirect, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    if pending.indirect.is_empty() {
        return Ok(());
    }
    // The answers had last, by resolver: many words want the same.
    let mut answers = alloc::vec![(0u64, 0u64); 64];
    for number in order {
        // An object's words stand together.
        let first = pending.indirect.iter().position(|word| word.object == *number).unwrap_or(pending.indirect.len());
        for word in pending.indirect[first..].iter().take_while(|word| word.object == *number) {
            let known = &mut answers[(word.resolver >> 4) as usize % 64];
            if known.0 != word.resolver {
                // SAFETY: checked to be code when it was queued; the rest is the caller's promise.
                *known = (word.resolver, unsafe { ask_resolver(word.resolver) });
            }
            store(word, known.1.wrapping_add(word.addend))?;
        }
    }
    Ok(())
}

/// Stores an answer, also in the copy of the word if a COPY relocation took it along.
pub fn store(objects: &Objects, word: &Indirect, value: u64, copies: &[Copy]) -> Result<(), Error> {
    let object = &objects[word.object];
    // Checked when it was queued; the page of a word in code may still be refused.
    if !object.image.set_word(&object.headers, word.place, value) {
        return Err(Error::new(&object.name, Outside(word.place).into()));
    }
    for copy in copies.iter().filter(|copy| copy.from.0 == word.object) {
        let source = Range { vaddr: copy.from.1, size: copy.size };
        if source.holds(word.place, 8) {
            let holder = &objects[copy.to.0];
            let _ = holder.image.set_word(&holder.headers, copy.to.1 + (word.place - source.vaddr), value);
        }
    }
    Ok(())
}
