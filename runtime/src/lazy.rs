//! Functions that are bound when they are first called (psABI "Procedure Linkage Table").
//!
//! Only start-up objects have such slots, and only start-up objects are searched for them: they never
//! change, move or go, so that a call needs no lock and no memory and may come from any thread, with
//! or without a thread pointer, and from a signal handler inside dlopen.

use crate::{arch, dl};
use alloc::vec::Vec;
use core::cell::Cell;
use ld_rs_loader::arch::cpuid;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::resolve;
use ld_rs_plan::elf::LE;
use object::elf;

/// The objects of start-up by number, which is also scope order but for the vdso.
struct Start(Cell<&'static [&'static Object]>);
// SAFETY: set once, by the only thread there is.
unsafe impl Sync for Start {}
static START: Start = Start(Cell::new(&[]));

/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;

/// Takes note of the objects of start-up, before the first of them is relocated.
///
/// # Safety
/// There is one thread, and none of the objects is ever removed.
pub unsafe fn publish(objects: &Objects) {
    // SAFETY: each is in a box of its own, which nobody drops.
    let list: Vec<&'static Object> =
        objects.list.iter().map(|object| unsafe { &*core::ptr::from_ref(&**object) }).collect();
    START.0.set(list.leak());
}

/// Binds PLT slot `index` of object `number` and returns where it leads. Called by `bind_function`.
pub extern "C" fn bind(number: u64, index: u64) -> u64 {
    find(number, index).unwrap_or_else(|| dl::report_missing_function(number, index))
}

fn find(number: u64, index: u64) -> Option<u64> {
    let start = START.0.get();
    let object: &Object = start.get(usize::try_from(number).ok()?)?;
    let rela = object.dynamic.plt.get(usize::try_from(index).ok()?)?;
    if rela.r_type(LE, false) != elf::R_X86_64_JUMP_SLOT {
        return None;
    }
    let scope = start.iter().copied().filter(|object| object.role != Role::Vdso);
    let (definer, symbol) = resolve::when_called(object, rela.r_sym(LE, false), scope)?;
    let value = symbol.st_value.get(LE);
    let mut address = match symbol.st_shndx.get(LE) {
        elf::SHN_ABS => value,
        _ => definer.image.address(value),
    };
    match symbol.st_type() {
        elf::STT_TLS => return None,
        elf::STT_GNU_IFUNC if definer.is_code(address) => {
            // SAFETY: the resolver is code of a relocated object.
            address = unsafe { arch::ask_resolver(address, cpuid(1, 0).ecx & OSXSAVE != 0) };
        }
        elf::STT_GNU_IFUNC => return None,
        _ => {}
    }
    object.image.publish_word(&object.headers, rela.r_offset.get(LE), address);
    Some(address)
}
