//! Constructors and destructors (gABI "Initialization and Termination Functions").
//!
//! All function addresses of all objects are judged before the first is called.

use crate::process::{self, Process};
use alloc::vec::Vec;
use core::ffi::c_int;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_plan::elf::header::Range;
use ld_rs_plan::error::{Error, Malformed};
use object::elf;

type Function = extern "C" fn(c_int, *mut usize, *mut usize);

/// The addresses in a function array, as relocation left them.
fn array(object: &Object, range: Range) -> impl DoubleEndedIterator<Item = u64> {
    (0..range.size / 8).filter_map(move |index| object.image.word(&object.headers, range.vaddr + 8 * index))
}

/// Judges every entry of every function array: each must be code of a loaded object.
pub fn check(objects: &Objects) -> Result<(), Error> {
    for object in &objects.list {
        let dynamic = &object.dynamic;
        for range in [dynamic.preinit_array, dynamic.init_array, dynamic.fini_array] {
            for function in array(object, range) {
                let lies_in_code = object.is_code(function) || objects.list.iter().any(|other| other.is_code(function));
                if !lies_in_code {
                    let cause =
                        Malformed::new("entry of a function array", function, "an address in an executable segment");
                    return Err(Error::new(&object.name, cause.into()));
                }
            }
        }
    }
    Ok(())
}

/// The order of constructors for all objects.
#[must_use]
pub fn order(objects: &Objects) -> Vec<usize> {
    let needed: Vec<Vec<usize>> = objects.list.iter().map(|object| object.needed.clone()).collect();
    let initfirst = objects.list.iter().rposition(|object| object.dynamic.has_flag_1(elf::DF_1_INITFIRST));
    ld_rs_plan::order::dependencies_first(&needed, initfirst)
}

/// # Safety
/// `address` was judged by [`check`], and the object it belongs to is relocated.
unsafe fn call(process: &Process, address: u64) {
    // SAFETY: the caller's promise; constructors take (argc, argv, envp) on every libc.
    let function = unsafe { core::mem::transmute::<u64, Function>(address) };
    function(process.vectors.argc as c_int, process.vectors.argv, process.vectors.envp);
}

/// Whether ld-rs runs the object's constructors: the program's own are run by its start-up code, and
/// the vdso and ld-rs have none.
fn is_ours(object: &Object) -> bool {
    object.role == Role::Library
}

/// Runs the program's DT_PREINIT_ARRAY, then DT_INIT and DT_INIT_ARRAY of every library.
pub fn run(process: &Process) {
    if let Some(program) = process.objects.list.first() {
        for function in array(program, program.dynamic.preinit_array) {
            // SAFETY: judged by `check`.
            unsafe { call(process, function) };
        }
    }
    for object in process.order.iter().map(|number| &process.objects.list[*number]).filter(|object| is_ours(object)) {
        if let Some(init) = object.dynamic.init {
            // SAFETY: plan accepted DT_INIT only in an executable segment.
            unsafe { call(process, object.image.address(init)) };
        }
        for function in array(object, object.dynamic.init_array) {
            // SAFETY: judged by `check`.
            unsafe { call(process, function) };
        }
    }
}

/// Runs DT_FINI_ARRAY backwards and DT_FINI of every object, in reverse order of constructors. The
/// program gets its address in rdx at entry and registers it with atexit.
pub extern "C" fn finish() {
    let Some(process) = process::get() else { return };
    for object in process.order.iter().rev().map(|number| &process.objects.list[*number]) {
        if !matches!(object.role, Role::Library | Role::Program) {
            continue;
        }
        for function in array(object, object.dynamic.fini_array).rev() {
            // SAFETY: judged by `check` before the program ran.
            unsafe { call(process, function) };
        }
        if let Some(fini) = object.dynamic.fini {
            // SAFETY: plan accepted DT_FINI only in an executable segment.
            unsafe { call(process, object.image.address(fini)) };
        }
    }
}
