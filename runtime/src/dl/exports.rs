//! What unwinders ask of ld-rs: dl_iterate_phdr and _dl_find_object.

use super::symbol::program_path;
use crate::lock;
use crate::process;
use crate::tls;
use core::ffi::{c_char, c_int, c_void};
use ld_rs_loader::object::Role;
use ld_rs_plan::order::sort_by;

/// `struct dl_phdr_info` of <link.h>.
#[repr(C)]
struct PhdrInfo {
    addr: u64,
    name: *const c_char,
    phdr: u64,
    phnum: u16,
    adds: u64,
    subs: u64,
    tls_modid: u64,
    tls_data: u64,
}

/// dl_iterate_phdr of <link.h>: the program, the vdso, the rest in load order. The list is locked
/// while the callback runs, as in glibc.
///
/// # Safety
/// As in C.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn dl_iterate_phdr(
    callback: extern "C" fn(*mut c_void, usize, *mut c_void) -> c_int,
    data: *mut c_void,
) -> c_int {
    // The tables beside the list: a callback may open and close, another thread may not. So they are borrowed for each
    // object anew.
    let _lock = process::guard();
    let _list = lock::WRITE.lock();
    let mut numbers: alloc::vec::Vec<usize> = alloc::vec::Vec::new();
    let (adds, subs) = {
        let Some(tables) = process::try_read() else { return 0 };
        numbers.extend((0..tables.records.len()).filter(|number| tables.objects[*number].role != Role::Gone));
        sort_by(&mut numbers, &|number| match tables.objects[number].role {
            Role::Program => 0,
            Role::Vdso => 1,
            _ => tables.records[number].serial.saturating_add(2),
        });
        tables.changes()
    };
    for number in numbers {
        let Some(mut info) = phdr_info(number, adds, subs) else { continue };
        let answer = callback((&raw mut info).cast(), size_of::<PhdrInfo>(), data);
        if answer != 0 {
            return answer;
        }
    }
    0
}

/// What is told of object `number`; `None` if the callback closed it.
fn phdr_info(number: usize, adds: u64, subs: u64) -> Option<PhdrInfo> {
    let tables = process::read();
    let (object, record) = (&tables.objects[number], &tables.records[number]);
    if object.role == Role::Gone || record.link_map.is_null() {
        return None;
    }
    let module = object.module;
    let (phdr, phnum) = object.phdrs();
    Some(PhdrInfo {
        addr: object.image.bias,
        name: match object.role {
            Role::Program => program_path(&tables),
            _ => None,
        }
        .unwrap_or_else(|| crate::debugger::name_of(record.link_map)),
        phdr,
        phnum,
        adds,
        subs,
        tls_modid: module.map_or(0, |module| module.id),
        tls_data: module.and_then(|module| tls::late::block(module.key)).unwrap_or(0),
    })
}

/// `_dl_find_object` of <dlfcn.h>: {flags, start, end, link map, .eh_frame_hdr, reserved[7]}; 0 if
/// `address` lies in an object, -1 if not.
///
/// # Safety
/// `result` is valid for a store.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub unsafe extern "C" fn _dl_find_object(address: u64, result: *mut [u64; 12]) -> c_int {
    let Some(entry) = process::range_at(address) else { return -1 };
    let words = [0, entry.start, entry.end, entry.link_map, entry.eh_frame_hdr];
    // SAFETY: the caller's promise; a `struct dl_find_object` begins with these words.
    unsafe { result.cast::<[u64; 5]>().write(words) };
    0
}
