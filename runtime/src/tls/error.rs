//! dlerror: each thread's last failure, told once.
//!
//! A word of the thread's record (`record::ERROR`) has the address of the text, and the bit TOLD. The thread alone uses
//! it while it lives, so that no lock is needed, and [`super::threads`] frees the text when the thread's stack goes or is used again.
//! Where a libc tells of no thread's end, the text is freed when another thread with its memory fails.
//! In the child of fork the other threads' texts wait with their stacks. A signal handler that fails while the
//! thread is in [`set`] finds no text and makes one of its own, for the word is 0 meanwhile.

use super::threads::left_text;
use super::with_error;
use alloc::alloc::{Layout, dealloc};
use core::ffi::c_char;
use core::ptr::null;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_rs_loader::{heap, last_error};

/// The lowest bit, as texts are aligned: dlerror has told it, the program may still read it.
const TOLD: u64 = 1;

/// A text: how many bytes it has room for, then the bytes, with a NUL at the end.
#[repr(C, align(16))]
struct Text<const N: usize> {
    /// 0 for what is not of the heap.
    room: usize,
    bytes: [u8; N],
}
const HEAD: usize = core::mem::offset_of!(Text<0>, bytes);

/// What is said where there is no memory to say it: glibc's own words (`_dl_out_of_memory`).
static OUT_OF_MEMORY: Text<14> = Text { room: 0, bytes: *b"out of memory\0" };

fn layout(room: usize) -> Option<Layout> {
    Layout::from_size_align(room.checked_add(HEAD)?, align_of::<Text<0>>()).ok()
}

/// Room for `room` bytes, or OUT_OF_MEMORY.
fn new(room: usize) -> *mut Text<0> {
    // SAFETY: the layout is not empty, since it has the head.
    let text =
        layout(room).map_or(core::ptr::null_mut(), |layout| unsafe { heap::try_alloc(layout) }).cast::<Text<0>>();
    if text.is_null() {
        return (&raw const OUT_OF_MEMORY).cast_mut().cast();
    }
    // SAFETY: a new block, aligned, with room for the head.
    unsafe { (&raw mut (*text).room).write(room) };
    text
}

/// The room of a text, or 0 for none and for OUT_OF_MEMORY.
fn room(text: *const Text<0>) -> usize {
    // SAFETY: null, or made by `new` and not freed: it was taken out of its word, or never stood there.
    if text.is_null() { 0 } else { unsafe { (&raw const (*text).room).read() } }
}

fn free(text: *mut Text<0>) {
    let room = room(text);
    if let Some(layout) = layout(room).filter(|_| room > 0) {
        // SAFETY: made by `new` with this layout; nobody else has its address, see `room`.
        unsafe { dealloc(text.cast(), layout) };
    }
}

/// Takes the text out of a thread's word.
fn take_out(place: &AtomicU64) -> *mut Text<0> {
    (place.swap(0, Ordering::Relaxed) & !TOLD) as *mut Text<0>
}

/// The thread at whose word this is has ended: its text goes.
pub fn forget(place: &AtomicU64) {
    free(take_out(place));
}

/// Remembers the text made of `parts` for this thread, in the memory of its text before.
pub fn set(parts: &[&[u8]]) {
    last_error::remember(parts);
    with_error(|place| {
        let mut text = take_out(place);
        let before = text as u64;
        let wanted = parts.iter().map(|part| part.len()).sum::<usize>() + 1;
        if room(text) < wanted {
            free(text);
            text = new(wanted);
        }
        if room(text) >= wanted {
            let bytes = parts.iter().flat_map(|part| part.iter()).filter(|byte| **byte != 0);
            // SAFETY: room for all the bytes and the NUL.
            unsafe {
                let mut end = text.cast::<u8>().add(HEAD);
                for byte in bytes {
                    end.write(*byte);
                    end = end.add(1);
                }
                end.write(0);
            }
        }
        if text as u64 != before {
            free(left_text(core::ptr::from_ref(place) as u64, before, text as u64) as *mut Text<0>);
        }
        let meanwhile = place.swap(text as u64, Ordering::Relaxed);
        free((meanwhile & !TOLD) as *mut Text<0>);
    });
}

/// A call begins: dlerror tells of no failure before it.
pub fn clear() {
    with_error(|place| place.fetch_or(TOLD, Ordering::Relaxed));
}

/// dlerror: the failure since the last call, or null. The text stays until the thread fails again.
pub fn take() -> *const c_char {
    with_error(|place| match place.fetch_or(TOLD, Ordering::Relaxed) {
        text if text > TOLD && text & TOLD == 0 => (text as *const c_char).wrapping_add(HEAD),
        _ => null(),
    })
    .unwrap_or(null())
}
