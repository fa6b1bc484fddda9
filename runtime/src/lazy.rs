//! Functions that are bound when they are first called (psABI "Procedure Linkage Table").
//!
//! Only start-up objects have such slots, and start-up objects are searched for them first: they never
//! change, move or go, so that a call needs no lock and no memory and may come from any thread, with
//! or without a thread pointer, and from a signal handler inside dlopen. Functions that were missing
//! when their object came are looked up once more here too, among all objects of the moment.

use crate::lock::LOAD;
use crate::{arch, dl, process};
use alloc::vec::Vec;
use core::cell::Cell;
use ld_rs_loader::arch::cpuid;
use ld_rs_loader::debug;
use ld_rs_loader::image::Image;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_plan::elf::{LE, Rela};
use ld_rs_plan::facts::Facts;
use ld_rs_plan::resolve;
use object::elf;

/// What binding needs of an object. Not all of it: dlopen writes the names of an object of start-up while another
/// thread binds.
#[derive(Clone, Copy)]
struct Bound<'a> {
    facts: &'a Facts<'static>,
    image: &'a Image,
}

impl<'a> From<&'a Object> for Bound<'a> {
    fn from(object: &'a Object) -> Self {
        Self { facts: &object.facts, image: &object.image }
    }
}

/// The objects of start-up by number, which is also scope order but for the vdso; and LD_BIND_NOT: slots stay
/// as they are.
struct Start(Cell<(&'static [Bound<'static>], bool)>);
// SAFETY: set once, by the only thread there is.
unsafe impl Sync for Start {}
static START: Start = Start(Cell::new((&[], false)));

/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;

/// Takes note of the objects of start-up, before the first of them is relocated.
///
/// # Safety
/// There is one thread, none of the objects is ever removed, and nobody changes their facts or images any more.
pub unsafe fn publish(objects: &Objects, bind_not: bool) {
    let frozen = |object: &Object| {
        let object = core::ptr::from_ref(object);
        // SAFETY: it is in a box of its own, which nobody drops; these two parts of it are not written, by the caller's promise.
        unsafe { Bound { facts: &(*object).facts, image: &(*object).image } }
    };
    let list: Vec<Bound<'static>> = objects.list.iter().map(|object| frozen(object)).collect();
    START.0.set((list.leak(), bind_not));
}

/// Binds PLT slot `index` of object `number` and returns where it leads. Called by `bind_function`.
pub extern "C" fn bind(number: u64, index: u64) -> u64 {
    let found = usize::try_from(number).ok().zip(usize::try_from(index).ok());
    let found = found.and_then(|(number, index)| find(number, index).or_else(|| find_opened(number, index)));
    found.unwrap_or_else(|| dl::report_missing_function(number, index))
}

fn find(number: usize, index: usize) -> Option<u64> {
    let (start, _) = START.0.get();
    let object = *start.get(number)?;
    let rela = slot(object.facts, index)?;
    let scope = start.iter().map(|object| object.facts).enumerate().filter(|(_, object)| object.role != Role::Vdso);
    let (definer, symbol) = resolve::when_called((number, object.facts), rela.r_sym(LE, false), scope)?;
    lead(object, rela, *start.get(definer)?, symbol)
}

/// What start-up, or the dlopen that brought the object, did not find may have come since, by a dlopen with
/// RTLD_GLOBAL. Not for a signal handler that interrupts dlopen, for then the tables are changing.
fn find_opened(number: usize, index: usize) -> Option<u64> {
    if LOAD.is_mine() {
        return None;
    }
    let mut process = process::lock();
    let (definer, address) = {
        let process = &*process;
        let object: &Object = process.objects.list.get(number)?;
        let rela = slot(object, index)?;
        let local = &process.records[process.records[number].root].closure;
        let scope = process.scope.iter().chain(local).map(|member| (*member, &process.objects.list[*member].facts));
        let (definer, symbol) = resolve::when_called((number, &object.facts), rela.r_sym(LE, false), scope)?;
        (definer, lead(object.into(), rela, (&**process.objects.list.get(definer)?).into(), symbol)?)
    };
    dl::symbol::hold(&mut process, number, definer);
    Some(address)
}

fn slot(object: &Facts<'static>, index: usize) -> Option<&'static Rela> {
    object.dynamic.plt.get(index).filter(|rela| rela.r_type(LE, false) == elf::R_X86_64_JUMP_SLOT)
}

/// Stores in the slot `rela` of `object` the address of function `symbol` of `definer`, and returns it.
fn lead(object: Bound<'_>, rela: &Rela, definer: Bound<'_>, symbol: u32) -> Option<u64> {
    let symbol = definer.facts.dynamic.symbols.get(symbol as usize)?;
    let value = symbol.st_value.get(LE);
    let mut address = match symbol.st_shndx.get(LE) {
        elf::SHN_ABS => value,
        _ => definer.image.address(value),
    };
    match symbol.st_type() {
        elf::STT_TLS => return None,
        elf::STT_GNU_IFUNC if definer.facts.headers.is_code(address.wrapping_sub(definer.image.bias)) => {
            // SAFETY: the resolver is code of a relocated object.
            address = unsafe { arch::ask_resolver(address, cpuid(1, 0).ecx & OSXSAVE != 0) };
        }
        elf::STT_GNU_IFUNC => return None,
        _ => {}
    }
    debug::binding(object.facts, definer.facts, rela.r_sym(LE, false));
    if !START.0.get().1 {
        object.image.publish_word(&object.facts.headers, rela.r_offset.get(LE), address);
    }
    Some(address)
}
