//! Carries out the mapping plan of one object.
//!
//! Before: an open file with accepted headers. After: an [`Image`] whose segments are mapped with
//! their own protections, bss zeroed, nothing writable and executable that the file does not want so.

use crate::image::Image;
use crate::{arch, sys};
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ops::Deref;
use core::sync::atomic::{AtomicU64, Ordering};
use ld_rs_plan::elf::dynamic::{Dynamic, MAX_DYNAMIC};
use ld_rs_plan::elf::header::{Headers, Kind, Range};
use ld_rs_plan::error::Cause;
use ld_rs_plan::map::{Step, covering, huge, inspected, may_hang, pages, steps};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, MprotectFlags, ProtFlags, madvise, mmap, mmap_anonymous, munmap};

/// Bytes of a dynamic section that are looked at: one entry more than any may have.
const MAX_SECTION: u64 = 16 * (MAX_DYNAMIC as u64 + 1);

const TOO_SHORT: Cause = Cause::Plain("file too short");

fn failed(errno: Errno) -> Cause {
    Cause::System("failed to map segment from shared object", errno.raw_os_error())
}

/// A file's bytes cannot be read.
pub(crate) fn unreadable(errno: Errno) -> Cause {
    Cause::System("cannot read file data", errno.raw_os_error())
}

/// mmap of `file` from an offset on, or of zeroes.
///
/// # Safety
/// With [`MapFlags::FIXED`] what is at `address` is the caller's.
unsafe fn lay(
    address: u64,
    size: u64,
    protection: ProtFlags,
    flags: MapFlags,
    file: Option<(&OwnedFd, u64)>,
) -> Result<u64, Errno> {
    let (address, size) = (address as *mut c_void, size as usize);
    sys::count();
    // SAFETY: the caller's promise.
    let got = unsafe {
        match file {
            Some((file, offset)) => mmap(address, size, protection, flags | MapFlags::PRIVATE, file, offset),
            None => mmap_anonymous(address, size, protection, flags | MapFlags::PRIVATE),
        }
    };
    got.map(|address| address as u64)
}

/// munmap, if there is something.
///
/// # Safety
/// Nobody knows what is mapped there.
unsafe fn give_back(address: u64, size: u64) {
    if size > 0 {
        sys::count();
        // SAFETY: the caller's promise.
        let _ = unsafe { munmap(address as *mut c_void, size as usize) };
    }
}

/// Maps the object for running.
#[inline(never)]
pub fn map(file: &OwnedFd, headers: &Headers) -> Result<Image, Cause> {
    let steps = steps(headers);
    let covering = covering(headers, &steps);
    if covering.is_some()
        && may_hang(headers, &steps)
        && let Some(image) = hang(file, headers, &steps)
    {
        return Ok(image);
    }
    let (start, rest) = match covering {
        Some((first, others)) => (cover(headers, file, first)?, others),
        None => (reserve(headers)?, &*steps),
    };
    // SAFETY: the span is ours from here on, and unmapped again if a step fails.
    let image = unsafe { Image::owned(start, headers) };
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
            let source = of_file.then_some((file, step.offset));
            // SAFETY: a new mapping, which replaces nothing.
            let got = unsafe { lay(end, size, protection(step), MapFlags::FIXED_NOREPLACE, source) };
            if got == Ok(end) {
                end += size;
                continue;
            }
            // SAFETY: mappings just made. A kernel before 4.17 takes the flag for a hint.
            unsafe {
                give_back(got.unwrap_or_default(), got.map_or(0, |_| size));
                give_back(start, end - start);
            }
            return None;
        }
    }
    LOWEST.store(start, Ordering::Relaxed);
    // SAFETY: the whole span was just mapped, and is ours.
    let image = unsafe { Image::owned(start, headers) };
    for step in steps {
        clear(&image, step);
    }
    Some(image)
}

/// Maps the file of the first step over the whole span: one mapping fewer than with a reservation.
fn cover(headers: &Headers, file: &OwnedFd, first: &Step) -> Result<u64, Cause> {
    let source = Some((file, first.offset));
    // SAFETY: a new mapping at an address of the kernel's choice.
    let start = unsafe { lay(0, headers.span.size, protection(first), MapFlags::empty(), source) }.map_err(failed)?;
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
    let (size, none) = (headers.span.size, ProtFlags::empty());
    if headers.ident.kind == Kind::Fixed {
        let failed = |errno: Errno| Cause::System("cannot map the program at its fixed address", errno.raw_os_error());
        let (wanted, flags) = (headers.span.vaddr, MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE);
        // SAFETY: NOREPLACE refuses to lay the program over anything that is mapped.
        let got = unsafe { lay(wanted, size, none, flags, None) }.map_err(failed)?;
        if got != wanted {
            // SAFETY: the mapping just made: a kernel before 4.17 takes the flag for a hint.
            unsafe { give_back(got, size) };
            return Err(failed(Errno::EXIST));
        }
        return Ok(got);
    }
    // A mapping begins at a page; a stricter alignment is found inside a larger one.
    let slack = headers.align - headers.page;
    // SAFETY: a new mapping at an address of the kernel's choice.
    let got = unsafe { lay(0, size + slack, none, MapFlags::NORESERVE, None) }.map_err(failed)?;
    // bias must be a multiple of the alignment, so the start has the span's own remainder.
    let lead = headers.span.vaddr.wrapping_sub(got) & (headers.align - 1);
    let start = got + lead;
    // SAFETY: the ends of the mapping just made.
    unsafe {
        give_back(got, lead);
        give_back(start + size, slack - lead);
    }
    Ok(start)
}

fn run(image: &Image, file: &OwnedFd, step: &Step) -> Result<(), Errno> {
    let protection = protection(step);
    // Bytes to be zeroed on a page of a read-only segment: rare, but lawful.
    let late = step.zero.size > 0 && !step.write;
    let first = if late { ProtFlags::READ | ProtFlags::WRITE } else { protection };
    let (pages, bss) = (image.address(step.file.vaddr), image.address(step.bss.vaddr));
    if step.file.size > 0 {
        // SAFETY: inside the reserved span; the plan's ranges lie in it.
        unsafe { lay(pages, step.file.size, first, MapFlags::FIXED, Some((file, step.offset))) }?;
    }
    clear(image, step);
    if late {
        image.set_rights(step.file, MprotectFlags::from_bits_retain(protection.bits()))?;
    }
    if step.bss.size > 0 {
        // SAFETY: inside the reserved span.
        unsafe { lay(bss, step.bss.size, protection, MapFlags::FIXED, None) }?;
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
#[inline(never)]
pub fn lay_huge(file: Option<&OwnedFd>, image: &Image, headers: &Headers, dynamic: &Dynamic<'_>) -> Result<(), Cause> {
    let blocks = huge(headers, dynamic, image.bias);
    // Valgrind would take the object for gone; and glibc's loader calls no madvise.
    if blocks.is_empty() || arch::is_interpreted() || sys::is_filtered() {
        return Ok(());
    }
    // The program's is not open where it was judged in memory, and can do without huge pages if it may not be read.
    let opened = if file.is_none() { sys::open(sys::OWN_FILE).ok() } else { None };
    let Some(file) = file.or(opened.as_ref()) else { return Ok(()) };
    for block in blocks {
        let Some(segment) = headers.segment_of(block.vaddr, block.size) else { continue };
        let offset = segment.offset_of(block.vaddr);
        let (address, size) = (image.address(block.vaddr) as *mut c_void, block.size as usize);
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: inside the file part of a writable segment of the image, of which nothing was written yet.
        unsafe { lay(address as u64, block.size, protection, MapFlags::FIXED, None) }.map_err(failed)?;
        sys::count();
        // SAFETY: the mapping just made; small pages do as well.
        let _ = unsafe { madvise(address, size, Advice::LinuxHugepage) };
        // SAFETY: the mapping just made, zeroes. No table that `dynamic` borrows lies in the segment (`huge`).
        let room = unsafe { core::slice::from_raw_parts_mut(address.cast::<u8>(), size) };
        fill(file, room, offset)?;
    }
    Ok(())
}

/// Reads all of `room` from the file.
fn fill(file: &OwnedFd, room: &mut [u8], offset: u64) -> Result<(), Cause> {
    match sys::read_at(file, room, offset).map_err(unreadable)? < room.len() {
        true => Err(TOO_SHORT),
        false => Ok(()),
    }
}

/// Reads what the file holds of the bytes from `offset` on that belong at `range` of `image`, which is all zeroes there;
/// how many they are. A file of one block may have holes of 16 TiB: these cost neither memory nor time.
fn read_held(file: &OwnedFd, image: &Image, range: Range, offset: u64) -> Result<u64, Cause> {
    let (mut at, mut held) = (0, 0);
    loop {
        let start = sys::next_data(file, offset + at).saturating_sub(offset);
        if start >= range.size {
            return Ok(held);
        }
        let end = sys::next_hole(file, offset + start).saturating_sub(offset).clamp(start + 1, range.size);
        let part = Range { vaddr: range.vaddr + start, size: end - start };
        image.set_rights(pages(part, sys::page_size()), MprotectFlags::READ | MprotectFlags::WRITE).map_err(failed)?;
        let address = image.address(part.vaddr) as *mut u8;
        // SAFETY: inside the file part of a segment, made writable just now; nobody else knows the mapping.
        fill(file, unsafe { core::slice::from_raw_parts_mut(address, part.size as usize) }, offset + start)?;
        (at, held) = (end, held + part.size);
    }
}

/// Reads the object's tables into private memory for inspection: nothing of it can run. What no table
/// lies in reads as zero. And how many bytes the file holds of them.
#[inline(never)]
pub fn read(file: &OwnedFd, headers: &Headers) -> Result<(Image, u64), Cause> {
    // Not writable as a whole, which would count as data and as promised memory.
    // SAFETY: a new mapping at an address of the kernel's choice.
    let start = unsafe { lay(0, headers.span.size, ProtFlags::READ, MapFlags::NORESERVE, None) }.map_err(failed)?;
    // SAFETY: the mapping is ours and covers the span.
    let image = unsafe { Image::owned(start, headers) };
    let section = headers.dynamic.map_or(Ok(Vec::new()), |range| {
        let holder = headers.segment_of(range.vaddr, range.size);
        let size = range.size.min(MAX_SECTION) as usize;
        sys::read_vec(file, size, holder.map_or(0, |segment| segment.offset_of(range.vaddr)))
    });
    let section = section.map_err(unreadable)?;
    let mut held = 0;
    for (range, offset) in inspected(headers, &section) {
        held += read_held(file, &image, range, offset)?;
    }
    Ok((image, held))
}

/// The image of PT_TLS read from the file, for an object whose segments do not hold it.
#[inline(never)]
pub fn tls_image(file: &OwnedFd, headers: &Headers) -> Result<Option<Vec<u8>>, Cause> {
    let Some(tls) = headers.tls.filter(|tls| !tls.mapped && tls.filesz > 0) else { return Ok(None) };
    let bytes = sys::read_vec(file, tls.filesz as usize, tls.offset).map_err(unreadable)?;
    if bytes.len() as u64 == tls.filesz { Ok(Some(bytes)) } else { Err(TOO_SHORT) }
}

/// A file that is mapped whole, read-only, until this is dropped.
pub(crate) struct Whole {
    start: u64,
    size: u64,
}

/// Maps `size` bytes of a file.
pub(crate) fn whole(file: &OwnedFd, size: u64) -> Option<Whole> {
    // SAFETY: a new mapping at an address of the kernel's choice.
    let start = unsafe { lay(0, size, ProtFlags::READ, MapFlags::empty(), Some((file, 0))) }.ok()?;
    Some(Whole { start, size })
}

impl Deref for Whole {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: mapped by `whole`, readable, until the drop.
        unsafe { core::slice::from_raw_parts(self.start as *const u8, self.size as usize) }
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // SAFETY: the mapping of `whole`, whose bytes nobody borrows any more.
        unsafe { give_back(self.start, self.size) };
    }
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
