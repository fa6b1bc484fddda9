//! What is left of a failure for whoever comes later: its text at a place that a core dump shows, and, where
//! LD_RS_SAVE names a folder, what is needed to try the same again.
//!
//! Called by report when a start fails and by runtime when dlopen does. The text is a C string named
//! `ld_rs_last_error`, found by its first words in a file without symbols. A saved failure is a folder
//! `ld-rs.PID.N` with the files `message`, `cmdline` and `environ` (as in /proc, a NUL after each),
//! `cwd` and `files` (build id and path of what was mapped). Whatever cannot be written is left out.

use crate::{heap, open, sys};
use alloc::{boxed::Box, format, vec::Vec};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use core::{cell::UnsafeCell, fmt::Write};
use rustix::io::Errno;

const BEGINNING: &[u8] = b"ld-rs last error: ";

/// A text with a NUL at its end.
struct Last(UnsafeCell<[u8; 1024]>);
// SAFETY: written by who has set WRITING; read by debuggers only.
unsafe impl Sync for Last {}

/// The last failure of any thread.
#[used]
#[unsafe(export_name = "ld_rs_last_error")]
static LAST: Last = Last(UnsafeCell::new([0; 1024]));
static WRITING: AtomicBool = AtomicBool::new(false);

/// The text made of `parts` becomes the last failure, as far as there is room. Of two threads that fail at once
/// one is remembered.
pub fn remember(parts: &[&[u8]]) {
    if WRITING.swap(true, Ordering::Acquire) {
        return;
    }
    // SAFETY: nobody else is here.
    let mut room: &mut [u8] = unsafe { &mut *LAST.0.get() };
    let pieces = parts.iter().flat_map(|part| part.split(|byte| *byte == 0));
    for piece in core::iter::once(BEGINNING).chain(pieces) {
        // One byte is left for the NUL.
        let length = piece.len().min(room.len() - 1);
        let (place, rest) = room.split_at_mut(length);
        place.copy_from_slice(&piece[..length]);
        room = rest;
    }
    room[0] = 0;
    WRITING.store(false, Ordering::Release);
}

/// LD_RS_SAVE's folder, kept for good.
static FOLDER: AtomicPtr<Vec<u8>> = AtomicPtr::new(core::ptr::null_mut());
static SAVED: AtomicU32 = AtomicU32::new(0);
/// The most failures of one process that are saved: a program may try many dlopens that fail.
const MOST_SAVED: u32 = 16;
/// The most bytes of a file of /proc that are saved; the rest is left out.
const MOST_BYTES: usize = 1 << 20;

/// Failures are saved in `folder` from now on.
pub fn save_in(folder: &[u8]) {
    FOLDER.store(Box::into_raw(Box::new(folder.to_vec())), Ordering::Release);
}

/// Saves the failure that `message` tells of, if that is wanted.
pub fn save(message: &[u8]) {
    // SAFETY: null, or a box that nobody frees.
    let folder = unsafe { FOLDER.load(Ordering::Acquire).as_ref() };
    let Some(folder) = folder.filter(|_| SAVED.load(Ordering::Relaxed) < MOST_SAVED && !heap::exhausted()) else {
        return;
    };
    // What has the name already is not used: another user may have made it.
    let made = loop {
        let number = SAVED.fetch_add(1, Ordering::Relaxed);
        let path = [folder, format!("/ld-rs.{}.{number}", sys::process_id()).as_bytes()].concat();
        match sys::make_directory(&path) {
            Ok(made) => break made,
            Err(Errno::EXIST) if number < MOST_SAVED - 1 => {}
            Err(_) => return,
        }
    };
    let read = |name: &[u8]| {
        let file = sys::open(&[b"/proc/self/", name].concat());
        file.and_then(|file| sys::read_vec(file, MOST_BYTES, 0)).unwrap_or_default()
    };
    for (name, bytes) in [
        (c"message", message.to_vec()),
        (c"cmdline", read(b"cmdline")),
        (c"environ", read(b"environ")),
        (c"cwd", sys::current_directory().unwrap_or_default()),
        (c"files", files(&read(b"maps"))),
    ] {
        sys::write_file(&made, name, &bytes);
    }
}

/// Build id and path of each file in `maps`, a line each.
fn files(maps: &[u8]) -> Vec<u8> {
    let (mut text, mut before) = (crate::page::Page::default(), &[][..]);
    for line in maps.split(|byte| *byte == b'\n') {
        // No field before the path has a slash.
        let path = line.iter().position(|byte| *byte == b'/').and_then(|at| line.get(at..));
        let Some(path) = path.filter(|path| *path != before) else { continue };
        before = path;
        for byte in open::build_id(path).as_deref().unwrap_or(b"") {
            let _ = write!(text, "{byte:02x}");
        }
        text.bytes(b" ");
        text.bytes(path);
        text.bytes(b"\n");
    }
    text.take()
}
