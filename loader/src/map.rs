//! Carries out the mapping plan of one object.
//!
//! Before: an open file with accepted headers. After: an [`Image`] whose segments are mapped with
//! their own protections, bss zeroed, nothing writable and executable.

use crate::image::Image;
use crate::{arch, sys};
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_rs_plan::PAGE;
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::header::{Headers, Kind, Range};
use ld_rs_plan::error::Cause;
use ld_rs_plan::map::{Step, covering, huge, inspected, may_hang, steps};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap, mmap_anonymous, mprotect, munmap};

const FAILED: &str = "failed to map segment from shared object";

fn failed(errno: Errno) -> Cause {
    Cause::System(FAILED, errno.raw_os_error())
}

/// Maps the object for running.
pub fn map(file: &OwnedFd, headers: &Headers) -> Result<Image, Cause> {
    let steps = steps(headers);
    if may_hang(headers, &steps)
        && let Some(image) = hang(file, headers, &steps)
    {
        return Ok(image);
    }
    let (start, rest) = match covering(headers, &steps) {
        Some((first, others)) => (cover(headers, file, first)?, others),
        None => (reserve(headers)?, &*steps),
    };
    let bias = start.wrapping_sub(headers.span.vaddr);
    // SAFETY: the span is ours from here on, and unmapped again if a step fails.
    let image = unsafe { Image::owned(bias, start, headers.span.size) };
    for step in rest {
        run(&image, file, step).map_err(failed)?;
    }
    Ok(image)
}

/// Where the last object began for which the kernel chose a place, or which hangs below such a one: below it there is
/// nearly always room.
static LOWEST: AtomicU64 = AtomicU64::new(0);

/// Maps the pieces that `steps` name, which lie close together, below [`LOWEST`]: a mapping where nothing is costs half
/// of one that is laid over another. Where something is in the way, nothing is left behind.
fn hang(file: &OwnedFd, headers: &Headers, steps: &[Step]) -> Option<Image> {
    let start = LOWEST.load(Ordering::Relaxed).checked_sub(headers.span.size)?;
    let mut end = start;
    for step in steps {
        for (size, of_file) in [(step.file.size, true), (step.bss.size, false)] {
            if size == 0 {
                continue;
            }
            let (wanted, length) = (end as *mut c_void, size as usize);
            let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
            sys::count();
            // SAFETY: a new mapping, which replaces nothing.
            let got = unsafe {
                match of_file {
                    true => mmap(wanted, length, protection(step), flags, file, step.offset),
                    false => mmap_anonymous(wanted, length, protection(step), flags),
                }
            };
            if got == Ok(wanted) {
                end += size;
                continue;
            }
            // A kernel before 4.17 takes the flag for a hint.
            let stray = got.ok().map(|address| (address as u64, size));
            for (address, size) in stray.into_iter().chain((end > start).then_some((start, end - start))) {
                sys::count();
                // SAFETY: mappings just made, which nobody else knows.
                let _ = unsafe { munmap(address as *mut c_void, size as usize) };
            }
            return None;
        }
    }
    LOWEST.store(start, Ordering::Relaxed);
    // SAFETY: the whole span was just mapped, and is ours.
    let image = unsafe { Image::owned(start.wrapping_sub(headers.span.vaddr), start, headers.span.size) };
    for step in steps {
        clear(&image, step);
    }
    Some(image)
}

/// Maps the file of the first step over the whole span: one mapping fewer than with a reservation.
fn cover(headers: &Headers, file: &OwnedFd, first: &Step) -> Result<u64, Cause> {
    let size = headers.span.size as usize;
    sys::count();
    // SAFETY: a new mapping at an address of the kernel's choice.
    let got = unsafe { mmap(null_mut(), size, protection(first), MapFlags::PRIVATE, file, first.offset) };
    let start = got.map_err(failed)? as u64;
    LOWEST.store(start, Ordering::Relaxed);
    Ok(start)
}

fn protection(step: &Step) -> ProtFlags {
    let mut protection = ProtFlags::empty();
    protection.set(ProtFlags::READ, step.read);
    protection.set(ProtFlags::WRITE, step.write);
    protection.set(ProtFlags::EXEC, step.execute);
    protection
}

/// Reserves the whole span without access, so that no step can touch anything else.
fn reserve(headers: &Headers) -> Result<u64, Cause> {
    let size = headers.span.size as usize;
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
    if headers.ident.kind == Kind::Fixed {
        let wanted = headers.span.vaddr as *mut c_void;
        let failed = |errno: Errno| Cause::System("cannot map the program at its fixed address", errno.raw_os_error());
        sys::count();
        // SAFETY: NOREPLACE refuses to lay the program over anything that is mapped.
        let got = unsafe { mmap_anonymous(wanted, size, ProtFlags::empty(), flags | MapFlags::FIXED_NOREPLACE) }
            .map_err(failed)?;
        if got != wanted {
            // A kernel before 4.17 takes the flag for a hint.
            sys::count();
            // SAFETY: the mapping was just made.
            let _ = unsafe { munmap(got, size) };
            return Err(failed(Errno::EXIST));
        }
        return Ok(got as u64);
    }
    // A mapping begins at a page; a stricter alignment is found inside a larger one.
    let slack = (headers.align - PAGE) as usize;
    sys::count();
    // SAFETY: a new mapping at an address of the kernel's choice.
    let got = unsafe { mmap_anonymous(null_mut(), size + slack, ProtFlags::empty(), flags) }.map_err(failed)? as usize;
    // bias must be a multiple of the alignment, so the start has the span's own remainder.
    let mask = headers.align as usize - 1;
    let lead = (headers.span.vaddr as usize).wrapping_sub(got) & mask;
    let start = got + lead;
    for (address, size) in [(got, lead), (start + size, slack - lead)] {
        if size > 0 {
            sys::count();
            // SAFETY: the ends of the mapping just made, which nobody else knows.
            let _ = unsafe { munmap(address as *mut c_void, size) };
        }
    }
    Ok(start as u64)
}

fn run(image: &Image, file: &OwnedFd, step: &Step) -> Result<(), Errno> {
    let at = |range: Range| (image.address(range.vaddr) as *mut c_void, range.size as usize);
    let protection = protection(step);
    // Bytes to be zeroed on a page of a read-only segment: rare, but lawful.
    let late = step.zero.size > 0 && !step.write;
    let first = if late { ProtFlags::READ | ProtFlags::WRITE } else { protection };
    let flags = MapFlags::PRIVATE | MapFlags::FIXED;
    if step.file.size > 0 {
        let (address, size) = at(step.file);
        sys::count();
        // SAFETY: inside the reserved span; the plan's ranges lie in it.
        unsafe { mmap(address, size, first, flags, file, step.offset) }?;
    }
    clear(image, step);
    if late {
        let (address, size) = at(step.file);
        let mut flags = MprotectFlags::empty();
        flags.set(MprotectFlags::READ, step.read);
        flags.set(MprotectFlags::EXEC, step.execute);
        sys::count();
        // SAFETY: the pages just mapped.
        unsafe { mprotect(address, size, flags) }?;
    }
    if step.bss.size > 0 {
        let (address, size) = at(step.bss);
        sys::count();
        // SAFETY: inside the reserved span.
        unsafe { mmap_anonymous(address, size, protection, flags) }?;
    }
    Ok(())
}

/// Zeroes what follows the file's bytes on their last page.
fn clear(image: &Image, step: &Step) {
    if step.zero.size > 0 {
        let address = image.address(step.zero.vaddr) as *mut u8;
        // SAFETY: the rest of the step's last page of the file, mapped and writable.
        unsafe { address.write_bytes(0, step.zero.size as usize) };
    }
}

/// Lays huge pages under what relocation is going to write nearly all of, and reads the file into them, before
/// anything is written: one page fault instead of 512, each with a copy. Such memory bears no file's name,
/// and where the kernel has no huge page to give it is of small ones.
pub fn lay_huge(file: &OwnedFd, image: &Image, headers: &Headers, dynamic: &Dynamic<'_>) -> Result<(), Cause> {
    for block in huge(headers, dynamic, image.bias) {
        // Valgrind would take the object for gone.
        if arch::is_interpreted() {
            return Ok(());
        }
        let Some(segment) = headers.segment_of(block.vaddr, block.size) else { continue };
        let offset = segment.offset_of(block.vaddr);
        let (address, size) = (image.address(block.vaddr) as *mut c_void, block.size as usize);
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        sys::count();
        // SAFETY: inside the file part of a writable segment of the image, of which nothing was written yet.
        unsafe { mmap_anonymous(address, size, protection, MapFlags::PRIVATE | MapFlags::FIXED) }.map_err(failed)?;
        sys::count();
        // SAFETY: the mapping just made; small pages do as well.
        let _ = unsafe { madvise(address, size, Advice::LinuxHugepage) };
        // SAFETY: the mapping just made, zeroes. No table that `dynamic` borrows lies in the segment (`huge`).
        let room = unsafe { core::slice::from_raw_parts_mut(address.cast::<u8>(), size) };
        let count = sys::read_at(file, room, offset)
            .map_err(|errno| Cause::System("cannot read file data", errno.raw_os_error()))?;
        if count < size {
            return Err(Cause::Plain("file too short"));
        }
    }
    Ok(())
}

/// Reads the object's tables into private memory for inspection: nothing of it can run. What no table
/// lies in reads as zero.
pub fn read(file: &OwnedFd, headers: &Headers) -> Result<Image, Cause> {
    let size = headers.span.size as usize;
    sys::count();
    // SAFETY: a new mapping at an address of the kernel's choice.
    let start = unsafe {
        mmap_anonymous(null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | MapFlags::NORESERVE)
    }
    .map_err(failed)?;
    let bias = (start as u64).wrapping_sub(headers.span.vaddr);
    // SAFETY: the mapping is ours and covers the span.
    let image = unsafe { Image::owned(bias, start as u64, headers.span.size) };
    let failed = |errno: Errno| Cause::System("cannot read file data", errno.raw_os_error());
    let section = match headers.dynamic {
        Some(range) => {
            let holder = headers.segment_of(range.vaddr, range.size);
            let offset = holder.map_or(0, |segment| segment.offset_of(range.vaddr));
            sys::read_vec(file, range.size as usize, offset).map_err(failed)?
        }
        None => Vec::new(),
    };
    for (range, offset) in inspected(headers, &section) {
        let address = image.address(range.vaddr) as *mut u8;
        // SAFETY: inside the mapping just made, which nobody else knows.
        let room = unsafe { core::slice::from_raw_parts_mut(address, range.size as usize) };
        if sys::read_at(file, room, offset).map_err(failed)? < room.len() {
            return Err(Cause::Plain("file too short"));
        }
    }
    Ok(image)
}

/// The image of PT_TLS read from the file, for an object whose segments do not hold it.
pub fn tls_image(file: &OwnedFd, headers: &Headers) -> Result<Option<Vec<u8>>, Cause> {
    let Some(tls) = headers.tls.filter(|tls| !tls.mapped && tls.filesz > 0) else {
        return Ok(None);
    };
    let bytes = sys::read_vec(file, tls.filesz as usize, tls.offset)
        .map_err(|errno| Cause::System("cannot read file data", errno.raw_os_error()))?;
    if bytes.len() as u64 == tls.filesz { Ok(Some(bytes)) } else { Err(Cause::Plain("file too short")) }
}

/// Maps `size` bytes of a file read-only, for good.
pub(crate) fn whole(file: &OwnedFd, size: u64) -> Option<&'static [u8]> {
    let size = usize::try_from(size).ok()?;
    sys::count();
    // SAFETY: a new private mapping at an address of the kernel's choice.
    let start = unsafe { mmap(null_mut(), size, ProtFlags::READ, MapFlags::PRIVATE, file, 0) }.ok()?;
    // SAFETY: mapped just now, readable, never unmapped.
    Some(unsafe { core::slice::from_raw_parts(start.cast(), size) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{open, root::Root};
    use ld_rs_plan::elf::Memory;
    use std::vec::Vec;

    /// Shared objects of this machine, by path.
    fn libraries() -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for directory in [&b"/usr/lib/x86_64-linux-gnu/"[..], b"/usr/lib64/", b"/usr/lib/"] {
            let names = sys::directory(directory).into_iter().map(|(name, _)| name);
            found.extend(
                names
                    .filter(|name| name.ends_with(b".so") || name.windows(4).any(|part| part == b".so."))
                    .map(|name| [directory, &name].concat()),
            );
        }
        found
    }

    /// /proc/self/maps: first and last address, rights.
    fn mapped() -> Vec<(u64, u64, std::string::String)> {
        let line = |line: &str| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let number = |text| u64::from_str_radix(text, 16).ok();
            Some((number(start)?, number(end)?, rest.get(..3)?.into()))
        };
        std::fs::read_to_string("/proc/self/maps").unwrap().lines().filter_map(line).collect()
    }

    #[test]
    fn segments_are_where_their_headers_say_with_their_rights_and_bytes() {
        let mut count = 0;
        for path in libraries().into_iter().take(60) {
            let Ok(candidate) = open::open(&Root::default(), &path) else { continue };
            let (file, headers) = (&candidate.file, &candidate.headers);
            let image = map(file, headers).unwrap();
            let maps = mapped();
            for (pages, segment) in ld_rs_plan::map::own_pages(headers) {
                let address = image.address(pages.vaddr);
                let right = |is: bool, letter: char| if is { letter } else { '-' };
                let rights: std::string::String =
                    [right(segment.read, 'r'), right(segment.write, 'w'), right(segment.execute, 'x')].iter().collect();
                let holder = maps.iter().find(|(start, end, _)| (*start..*end).contains(&address));
                assert_eq!(holder.map(|(.., rights)| rights), Some(&rights), "{pages:?}");
                let parts = image.parts(headers);
                let bytes = Memory::new(&parts).bytes(segment.memory.vaddr, segment.filesz);
                let wanted = sys::read_vec(file, segment.filesz as usize, segment.offset).unwrap();
                assert!(!segment.read || bytes.unwrap_or_default() == wanted);
                // Behind them zeroes, to the end.
                if segment.read && segment.memory.size >= segment.filesz + 8 {
                    assert_eq!(image.word(headers, segment.file_part().end()), Some(0));
                    assert_eq!(image.word(headers, segment.memory.end() - 8), Some(0));
                }
                assert_eq!(image.set_word(headers, segment.memory.vaddr, 7), segment.write);
            }
            let end = headers.span.end();
            assert_eq!((image.word(headers, end), image.set_word(headers, end, 7)), (None, false));
            assert_eq!((image.word(headers, u64::MAX - 3), image.word(headers, u64::MAX)), (None, None));
            let start = image.address(headers.span.vaddr);
            drop(image);
            assert!(!mapped().iter().any(|(from, to, _)| (*from..*to).contains(&start)), "unmapped");
            count += 1;
        }
        assert!(count > 3, "{count} libraries");
    }
}
