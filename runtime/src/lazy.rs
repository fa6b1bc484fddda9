//! Functions that are bound when they are first called (psABI "Procedure Linkage Table").
//!
//! Only start-up objects have such slots, and start-up objects are searched for them first: they never
//! change, move or go, so that a call needs no lock and no memory and may come from any thread, with
//! or without a thread pointer, and from a signal handler inside dlopen. Functions that were missing
//! when their object came are looked up once more here too, among all objects of the moment.

use crate::debugger::LinkMap;
use crate::dl::symbol::Target;
use crate::lock::LOAD;
use crate::{arch, dl, process};
use alloc::vec::Vec;
use core::cell::Cell;
use ld_rs_loader::arch::cpuid;
use ld_rs_loader::debug;
use ld_rs_loader::image::Slot;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_plan::arch::class;
use ld_rs_plan::elf::{LE, Rela};
use ld_rs_plan::reloc::Class;
use ld_rs_plan::resolve;
use object::elf;

/// What start-up published: its objects by number, each with its link map; their numbers in scope order, where that is
/// another; and LD_BIND_NOT: slots stay as they are.
struct Start(Cell<(Known, &'static [usize], bool)>);
type Known = &'static [(u64, &'static Object)];
// SAFETY: set once, by the only thread there is.
unsafe impl Sync for Start {}
static START: Start = Start(Cell::new((&[], &[], false)));

/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;

/// Takes note of the objects of start-up, before the first of them is relocated: nobody changes them any more.
pub fn publish(objects: &Objects, bind_not: bool) {
    let list = (0..objects.list.len()).map(|number| objects.keep(number)).map(|object| (object.link_map, object));
    let order = if objects.order.is_empty() { Vec::new() } else { objects.in_order() };
    START.0.set((list.collect::<Vec<_>>().leak(), order.leak(), bind_not));
}

/// Binds PLT slot `index` of the object with this link map and returns where it leads. Called by `bind_function`.
pub extern "C" fn bind(map: *const LinkMap, index: usize) -> u64 {
    find(map as u64, index)
        .or_else(|| find_opened(map, index))
        .unwrap_or_else(|| dl::report_missing_function(map, index))
}

fn find(map: u64, index: usize) -> Option<u64> {
    let (start, order, _) = START.0.get();
    let number = start.iter().position(|(known, _)| *known == map)?;
    let object = start[number].1;
    let rela = slot(object, index)?;
    let numbers = (0..start.len()).map(|at| order.get(at).copied().unwrap_or(at));
    let scope = numbers.filter_map(|number| Some((number, &start.get(number)?.1.facts)));
    let scope = scope.filter(|(_, object)| object.role != Role::Vdso);
    let asker = (number, &object.facts);
    let symbol = rela.r_sym(LE, false);
    let scope = scope.inspect(|(_, asked)| debug::asked(|| debug::name_of(&object.facts, symbol), asked));
    let (definer, symbol) = resolve::when_called(asker, symbol, scope, process::fixed().dynamic_weak)?;
    follow(lead(object, rela, start.get(definer)?.1, symbol)?)
}

/// What start-up, or the dlopen that brought the object, did not find may have come since, by a dlopen with
/// RTLD_GLOBAL. Not for a signal handler that interrupts dlopen, for then the tables are changing.
fn find_opened(map: *const LinkMap, index: usize) -> Option<u64> {
    if LOAD.is_mine() {
        return None;
    }
    let _lock = process::guard();
    let lead = {
        let tables = process::read();
        let number = tables.number_of(map)?;
        let object = &tables.objects[number];
        let rela = slot(object, index)?;
        let (definer, symbol) = tables.in_scopes(number, &mut |scope| {
            let scope = scope
                .iter()
                .filter(|member| tables.is_visible(**member))
                .map(|member| (*member, &tables.objects[*member].facts));
            resolve::when_called((number, &object.facts), rela.r_sym(LE, false), scope, process::fixed().dynamic_weak)
        })?;
        let lead = lead(object, rela, tables.objects.list.get(definer)?, symbol)?;
        dl::symbol::hold(&tables, number, definer);
        lead
    };
    follow(lead)
}

fn slot(object: &Object, index: usize) -> Option<&Rela> {
    object.dynamic.plt.get(index).filter(|rela| class(rela.r_type(LE, false)) == Some(Class::Call))
}

/// What a slot is to lead to, and the word that is to say so from then on.
type Lead = (Target, Option<Slot>);

/// The slot `rela` of `object` leads to function `symbol` of `definer`.
fn lead(object: &Object, rela: &Rela, definer: &Object, symbol: u32) -> Option<Lead> {
    let found = definer.dynamic.symbols.get(symbol as usize)?;
    let target = Target::of(definer, found)?;
    let is_resolver = matches!(target, Target::Resolver(_));
    if matches!(target, Target::Tls { .. }) || found.st_type() == elf::STT_GNU_IFUNC && !is_resolver {
        return None;
    }
    debug::binding(object, definer, rela.r_sym(LE, false));
    let slot = if START.0.get().2 { None } else { object.image.slot(&object.headers, rela.r_offset.get(LE)) };
    Some((target, slot))
}

/// Stores where it leads, and returns it. May run a resolver, with the registers that hold arguments kept.
fn follow((target, slot): Lead) -> Option<u64> {
    let address = match target {
        // SAFETY: the resolver is code of a relocated object.
        Target::Resolver(resolver) => unsafe { arch::ask_resolver(resolver, cpuid(1, 0).ecx & OSXSAVE != 0) },
        target => target.address()?,
    };
    if let Some(slot) = slot {
        slot.publish(address);
    }
    Some(address)
}
