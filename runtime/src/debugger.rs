//! What debuggers read: `_r_debug` and the chain of link maps (SVR4 interface, <link.h>).
//!
//! A link map begins with the five public words; a libc may want more of its own behind them, so
//! each is allocated as large as the flavour says.

use crate::area::{Area, View};
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI32, Ordering};
use ld_rs_loader::object::{Object, Objects, Role};

/// A link map; only its address is a Rust matter.
#[repr(C)]
pub struct LinkMap {
    _words: [u64; 5],
}

/// Bytes of the public part: l_addr, l_name, l_ld, l_next, l_prev.
pub const PUBLIC_SIZE: usize = 40;

/// Offsets in `struct r_debug`.
mod r_debug {
    pub const VERSION: usize = 0;
    pub const MAP: usize = 8;
    pub const BRK: usize = 16;
    pub const STATE: usize = 24;
    pub const LDBASE: usize = 32;
}

/// `struct r_debug`, which DT_DEBUG points to.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is the SVR4 interface's")]
pub static _r_debug: Area<64> = Area::new();

static STOPS: AtomicI32 = AtomicI32::new(0);

/// Debuggers set a breakpoint here; it is called whenever the list of objects has changed. The body
/// is unlike any other function's, or the linker would merge it with one.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn _dl_debug_state() {
    STOPS.fetch_add(1, Ordering::Relaxed);
}

/// Makes a link map of `size` bytes for every object and chains them: the program, the vdso, then
/// load order. Returned by object number.
#[must_use]
pub fn link_maps(objects: &Objects, size: usize) -> Vec<*mut LinkMap> {
    let maps: Vec<View> = objects
        .list
        .iter()
        .map(|object| {
            let size = size.max(PUBLIC_SIZE).next_multiple_of(8);
            let memory: &'static mut [u64] = vec![0u64; size / 8].leak();
            // SAFETY: leaked just now, used only through this and the pointer made of it.
            let map = unsafe { View::new(memory.as_mut_ptr() as u64, size) };
            map.set(0, object.image.bias);
            map.set(8, name(object));
            map.set(16, object.headers.dynamic.map_or(0, |range| object.image.address(range.vaddr)));
            map
        })
        .collect();
    let mut chain: Vec<usize> = (0..maps.len()).filter(|number| objects.list[*number].role != Role::Vdso).collect();
    if let Some(vdso) = objects.position(Role::Vdso) {
        chain.insert(1.min(chain.len()), vdso);
    }
    for pair in chain.windows(2) {
        if let [before, after] = *pair {
            maps[before].set(24, maps[after].address(0));
            maps[after].set(32, maps[before].address(0));
        }
    }
    maps.iter().map(|map| map.address(0) as *mut LinkMap).collect()
}

/// l_name as a C string that stays; empty for the program, as debuggers and dl_iterate_phdr expect.
fn name(object: &Object) -> u64 {
    let mut name = if object.role == Role::Program { Vec::new() } else { object.name.clone() };
    name.push(0);
    name.leak().as_ptr() as u64
}

/// Fills `_r_debug` and the program's DT_DEBUG. `base` is our own load address.
pub fn announce(objects: &Objects, maps: &[*mut LinkMap], base: u64) {
    let debug = _r_debug.view();
    debug.set(r_debug::VERSION, 1i32);
    debug.set(r_debug::MAP, maps.first().map_or(0, |map| *map as u64));
    debug.set(r_debug::BRK, _dl_debug_state as *const () as u64);
    debug.set(r_debug::STATE, 0i32);
    debug.set(r_debug::LDBASE, base);
    if let Some(program) = objects.list.first()
        && let Some(place) = program.dynamic.debug
    {
        // plan accepted the place only inside a writable segment.
        let _ = program.image.set_word(&program.headers, place, debug.address(0));
    }
}
