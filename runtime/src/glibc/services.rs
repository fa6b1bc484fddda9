//! Functions that libc.so.6 calls through pointers in `_rtld_global(_ro)`.

use super::current;
use super::exports::_rtld_global_ro;
use crate::area::View;
use crate::debugger::LinkMap;
use crate::{lock, process, tls};
use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::{null, null_mut};
use core::sync::atomic::Ordering;
use ld_rs_plan::elf::Sym;
use ld_rs_plan::elf::lookup::Query;

/// The address of `struct cpu_features`, complete.
pub(super) fn cpu_features() -> u64 {
    let Some(glibc) = current() else { return 0 };
    glibc.complete_cpu();
    _rtld_global_ro.view().address(glibc.layout.cpu.basic)
}

/// LD_DEBUG text of libc; its format is printed as it stands.
pub(super) unsafe extern "C" fn debug_printf(format: *const c_char) {
    // SAFETY: libc passes a C string.
    ld_rs_loader::sys::write_all(2, unsafe { CStr::from_ptr(format) }.to_bytes());
}

/// `_dl_lookup_symbol_x`: IFUNC resolvers of `time` and `gettimeofday` (2.31 to 2.39) look the vdso's
/// functions up by it. Looks in the object of `map` if that is the vdso's; returns `map`, or null.
///
/// Lazy binding calls such a resolver in any thread, while another may change the tables and has the load lock for
/// long. So nothing is read here but what never changes: the vdso's link map and dynamic section, noted at start.
pub(super) unsafe extern "C" fn lookup_symbol(
    name: *const c_char,
    map: *const LinkMap,
    found: *mut *const Sym,
) -> *const LinkMap {
    // SAFETY: libc passes a C string.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    let symbol = current().and_then(|glibc| {
        let of_vdso = _rtld_global_ro.view().get(glibc.layout.global_ro.sysinfo_map) == map as u64;
        // SAFETY: null, or of the vdso's object, which is in a box of its own that nobody changes or drops.
        let dynamic = unsafe { glibc.vdso.load(Ordering::Relaxed).as_ref() }.filter(|_| of_vdso)?;
        dynamic.symbols.get(dynamic.find(&Query::new(name, None))? as usize)
    });
    // SAFETY: libc passes a place for the result.
    unsafe { *found = symbol.map_or(null(), core::ptr::from_ref) };
    if symbol.is_some() { map } else { null() }
}

/// `_dl_open` of 2.31's internal users, who take null for a failure.
pub(super) extern "C" fn open(_name: *const c_char, _mode: c_int) -> *mut c_void {
    null_mut()
}

/// What there is nothing to do for: `_dl_close`; freeing an error string, for ours are never libc's to free; freeing at the
/// end of the process.
pub(super) extern "C" fn nothing() {}

/// Whether an area is read-only (2.43, `%n` in printf): 0 yes, 1 no, 2 in no object.
pub(super) extern "C" fn readonly_area(start: u64, size: u64) -> c_int {
    let process = process::read();
    let Some((_, object)) = process.object_at(start) else { return 2 };
    let vaddr = start.wrapping_sub(object.image.bias);
    match object.headers.segment_of(vaddr, size) {
        Some(segment) if !segment.write => 0,
        _ => {
            let relro = ld_rs_plan::map::relro(&object.headers);
            if relro.is_some_and(|relro| relro.holds(vaddr, size)) { 0 } else { 1 }
        }
    }
}

/// The block of a link map's module in this thread, or null if the thread has none yet.
pub(super) extern "C" fn tls_get_addr_soft(map: *const LinkMap) -> u64 {
    let Some(glibc) = current() else { return 0 };
    let at = &glibc.layout.link_map;
    // SAFETY: libc passes a link map of ours, whose module id does not change while its object is there.
    let module = unsafe { View::new(map as u64, at.size.into()) }.get(at.tls_modid);
    tls::late::block(module).unwrap_or(0)
}

/// 2.31 takes its loader's locks through pointers. Until libpthread replaces them and takes over what is counted
/// here, there is one thread, so that no more than the count is needed.
pub(super) unsafe extern "C" fn lock_recursive(mutex: *mut lock::Words) {
    // SAFETY: libc passes one of the locks in `_rtld_global`, which is static and aligned.
    lock::change(unsafe { &(*mutex).count }, 1);
}

/// See [`lock_recursive`].
pub(super) unsafe extern "C" fn unlock_recursive(mutex: *mut lock::Words) {
    // SAFETY: as above.
    lock::change(unsafe { &(*mutex).count }, -1);
}
