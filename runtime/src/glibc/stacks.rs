//! Executable stacks, for objects that ask for them (PT_GNU_STACK): up to 2.40 glibc makes those of all threads so in dlopen.
//!
//! libc maps stacks with the rights that stand in `_rtld_global`, and keeps a list of those in use and of idle ones there.

use super::exports::{__libc_stack_end, _rtld_global};
use super::layout::{Global, Layout, Pthread};
use crate::area::View;
use core::ffi::c_int;
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_loader::{futex, sys};
use ld_rs_plan::errno::EINVAL;
use ld_rs_plan::tunables;

/// PF_R | PF_W with and without PF_X, and PROT_READ | PROT_WRITE with and without PROT_EXEC: the rights of new stacks.
const FLAGS: [u32; 2] = [6, 7];
const PROTECTION: [u32; 2] = [3, 7];

/// Says which rights new stacks have.
pub(super) fn set_rights(at: &Global, executable: bool) {
    let global = _rtld_global.view();
    global.set_if(at.stack_flags, FLAGS[usize::from(executable)]);
    global.set_if(at.stack_prot_flags, PROTECTION[usize::from(executable)]);
}

/// `glibc.rtld.execstack=2` of GLIBC_TUNABLES, `text`: where dlopen leaves stacks as they are, they are executable from the
/// start. Where the kernel does not allow it dlopen says so.
pub(super) fn tune(layout: &Layout, text: &[u8]) {
    if layout.behaviour.keeps_stacks && tunables::last(text, b"glibc.rtld.execstack", 0..=2) == Some(2) {
        let _ = make_main_executable(&layout.global);
    }
}

/// Makes the stacks of all threads executable. Under the load lock.
pub(super) fn make_executable(layout: &Layout) -> Result<(), i32> {
    let (at, global) = (&layout.global, _rtld_global.view());
    if layout.behaviour.keeps_stacks {
        let executable = |place, rights: [u32; 2]| global.get(place) == rights[1];
        let are = at.stack_flags.is_some_and(|place| executable(place, FLAGS))
            || at.stack_prot_flags.is_some_and(|place| executable(place, PROTECTION));
        return if are { Ok(()) } else { Err(EINVAL) };
    }
    if let Some(hook) = at.make_stack_executable_hook {
        let mut end = __libc_stack_end.load(Ordering::Relaxed);
        // SAFETY: ours, or libpthread's, which knows the stacks of its threads and calls ours, by their C type.
        let errno =
            unsafe { core::mem::transmute::<u64, extern "C" fn(*mut u64) -> c_int>(global.get(hook))(&raw mut end) };
        return if errno == 0 { Ok(()) } else { Err(errno) };
    }
    make_main_executable(at)?;
    let Some(lock) = at.stack_cache_lock else { return Ok(()) };
    // SAFETY: a word of our own area, aligned by the layout, which libc changes as such a lock.
    let lock = unsafe { AtomicU32::from_ptr(global.address(lock) as *mut u32) };
    futex::lock(lock);
    let made = [at.stack_used, at.stack_cache].into_iter().flatten().try_for_each(|list| {
        let head = global.address(list);
        let mut node = global.word(list);
        while node != head {
            let thread = node.wrapping_sub(layout.pthread.list.start() as u64);
            make_one_executable(&layout.pthread, thread)?;
            // SAFETY: a struct list_t in a `struct pthread`, which nobody changes while we have the lock.
            node = unsafe { View::new(node, 8) }.word(0usize);
        }
        Ok(())
    });
    futex::unlock(lock);
    made
}

/// Makes the first thread's stack executable, and new ones.
pub(super) fn make_main_executable(at: &Global) -> Result<(), i32> {
    sys::make_stack_executable(__libc_stack_end.load(Ordering::Relaxed)).map_err(|errno| errno.raw_os_error())?;
    set_rights(at, true);
    Ok(())
}

/// Makes the stack of a thread executable that is in a list, or that libc is making: all but its guard.
pub(super) fn make_one_executable(at: &Pthread, thread: u64) -> Result<(), i32> {
    // SAFETY: a `struct pthread` of libc's, in which these words are set before it is in a list, and do not change.
    let [start, size, guard] = unsafe { View::new(thread, at.size.into()) }.get(at.stackblock);
    let made = sys::protect_stack(start.wrapping_add(guard), size.saturating_sub(guard), 0);
    made.map_err(|errno| errno.raw_os_error())
}
