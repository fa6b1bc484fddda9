//! What debuggers read: `_r_debug` and the chain of link maps (SVR4 interface, <link.h>).
//!
//! A link map begins with the five public words; a libc may want more of its own behind them, so
//! each is allocated as large as the flavour says. The chain is changed under `lock::WRITE`.

use crate::area::{Area, View};
use alloc::alloc::{Layout, dealloc};
use alloc::ffi::CString;
use core::ffi::c_char;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI32, Ordering};
use ld_rs_loader::heap::try_alloc;
use ld_rs_loader::object::{Object, Role};

/// A link map; only its address is a Rust matter.
#[repr(C)]
pub struct LinkMap {
    _words: [u64; 5],
}

/// Bytes of the public part: l_addr, l_name, l_ld, l_next, l_prev.
pub const PUBLIC_SIZE: usize = 40;

mod link_map {
    pub const ADDR: usize = 0;
    pub const NAME: usize = 8;
    pub const LD: usize = 16;
    pub const NEXT: usize = 24;
    pub const PREV: usize = 32;
}

/// Offsets in `struct r_debug`: {r_version, r_map, r_brk, r_state, r_ldbase}, a word each.
mod r_debug {
    pub const MAP: usize = 8;
    pub const STATE: usize = 24;
}

/// r_state: whether the chain is whole.
#[repr(i32)]
pub enum State {
    /// RT_CONSISTENT
    Consistent = 0,
    /// RT_ADD
    Add = 1,
    /// RT_DELETE
    Delete = 2,
}

/// `struct r_debug`, which DT_DEBUG points to.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[allow(non_upper_case_globals, reason = "the name is the SVR4 interface's")]
pub static _r_debug: Area<64> = Area::new();

static STOPS: AtomicI32 = AtomicI32::new(0);

/// Debuggers set a breakpoint here; it is called whenever the list of objects is about to change or
/// has changed. The body is unlike any other function's, or the linker would merge it with one.
#[cfg_attr(not(test), unsafe(no_mangle))]
#[inline(never)]
pub extern "C" fn _dl_debug_state() {
    STOPS.fetch_add(1, Ordering::Relaxed);
}

/// Tells the debugger that the chain is in `state`.
pub fn tell(state: State) {
    _r_debug.view().set(r_debug::STATE, state as i32);
    _dl_debug_state();
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.max(PUBLIC_SIZE), align_of::<u64>()).ok()
}

/// Memory for a link map of `size` bytes; null when there is none.
fn room(size: usize) -> *mut LinkMap {
    // SAFETY: the layout is not empty.
    layout(size).map_or(null_mut(), |layout| unsafe { try_alloc(layout) }.cast())
}

/// Makes a link map of `size` bytes for `object`; null when there is no memory.
#[must_use]
pub fn link_map(object: &Object, size: usize) -> *mut LinkMap {
    let map = room(size);
    if !map.is_null() {
        // SAFETY: a new block, at least this large.
        unsafe { map.cast::<u8>().write_bytes(0, size.max(PUBLIC_SIZE)) };
        view(map).set(link_map::ADDR, object.image.bias);
        // Empty for the program, as debuggers and dl_iterate_phdr expect.
        view(map).set(link_map::NAME, text(if object.role == Role::Program { b"" } else { &object.name }));
        view(map).set(link_map::LD, object.headers.dynamic.map_or(0, |range| object.image.address(range.vaddr)));
    }
    map
}

/// Frees a link map that is in no chain.
pub fn free(map: *mut LinkMap, size: usize) {
    let name = name_of(map).cast_mut();
    // SAFETY: made by `link_map` with this size; the name by `text`.
    unsafe {
        drop(CString::from_raw(name));
        if let Some(layout) = layout(size) {
            dealloc(map.cast(), layout);
        }
    }
}

/// `name` as a C string of its own.
fn text(name: &[u8]) -> u64 {
    CString::new(name).unwrap_or_default().into_raw() as u64
}

/// l_name of a link map: a C string that is freed with the map.
#[must_use]
pub fn name_of(map: *const LinkMap) -> *const c_char {
    view(map.cast_mut()).word(link_map::NAME) as *const c_char
}

fn view(map: *mut LinkMap) -> View {
    // SAFETY: link maps are made by `link_map` with at least the public part.
    unsafe { View::new(map as u64, PUBLIC_SIZE) }
}

/// Chains `maps` in this order.
pub fn chain(maps: &[*mut LinkMap]) {
    for pair in maps.windows(2) {
        append(pair[0], pair[1]);
    }
}

/// Puts `map` at the end of the chain whose last map is `last`.
pub fn append(last: *mut LinkMap, map: *mut LinkMap) {
    view(map).set(link_map::PREV, last as u64);
    view(last).set(link_map::NEXT, map as u64);
}

/// The map before `map`, or null.
#[must_use]
pub fn before(map: *mut LinkMap) -> *mut LinkMap {
    view(map).word(link_map::PREV) as *mut LinkMap
}

/// Takes `map` out of the chain. Its own words stay, for a reader that stands on it.
pub fn unchain(map: *mut LinkMap) {
    let (next, previous) = (view(map).word(link_map::NEXT), view(map).word(link_map::PREV));
    if previous != 0 {
        view(previous as *mut LinkMap).set(link_map::NEXT, next);
    }
    if next != 0 {
        view(next as *mut LinkMap).set(link_map::PREV, previous);
    }
}

/// Fills `_r_debug` and the program's DT_DEBUG. `base` is our own load address.
pub fn announce(program: &Object, map: *mut LinkMap, base: u64) {
    let debug = _r_debug.view();
    debug.set(0usize, [1, map as u64, _dl_debug_state as *const () as u64, State::Consistent as u64, base]);
    if let Some(place) = program.dynamic.debug {
        // plan accepted the place only inside a writable segment.
        let _ = program.image.set_word(&program.headers, place, debug.address(0usize));
    }
}

/// Direct mode: a debugger takes the first map for the file it started, which is ld-rs, and passes
/// over it; and the program's own map has no name, as dl_iterate_phdr wants it. So the debugger's
/// chain begins with two maps of the program, without a name and with its `path`, and goes on with
/// the others.
pub fn announce_direct(path: &[u8], map: *mut LinkMap, size: usize) {
    let (first, program) = (room(size), room(size));
    if first.is_null() || program.is_null() {
        return;
    }
    for copy in [first, program] {
        // With the libc's part: libthread_db finds TLS modules by it.
        // SAFETY: each has `size` bytes.
        unsafe { copy.cast::<u8>().copy_from_nonoverlapping(map.cast(), size) };
    }
    // The object after the program is of start-up, so that it never leaves the chain.
    let next = view(map).word(link_map::NEXT) as *mut LinkMap;
    append(first, program);
    view(program).set(link_map::NAME, text(path));
    if !next.is_null() {
        view(next).set(link_map::PREV, program as u64);
    }
    _r_debug.view().set(r_debug::MAP, first as u64);
}
