//! An object's bytes in memory: where its addresses become slices, and where it is written to.
//!
//! An [`Image`] is made by [`crate::map`] from accepted headers, so every segment of those headers
//! is mapped at bias + p_vaddr for as long as the image lives.

use crate::{arch, sys};
use alloc::vec::Vec;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use ld_rs_plan::arch::RELATIVE;
use ld_rs_plan::elf::header::{Headers, Range};
use ld_rs_plan::elf::{LE, Part, Rela};
use ld_rs_plan::error::{Cause, Malformed};
use ld_rs_plan::patch::Patches;
use ld_rs_plan::{align_down, map};
use rustix::io::Errno;
use rustix::mm::{MprotectFlags, mprotect, munmap};

/// A mapped object; by default that of none, in which there is nothing to be read or written.
#[derive(Debug, Default)]
pub struct Image {
    /// What is added to a virtual address of the file (wrapping) to get an address in memory.
    pub bias: u64,
    /// The mapping to undo when the object goes: address and size. `None` for what the kernel mapped.
    owned: Option<(u64, u64)>,
    /// What relocation may change in segments that are not writable, as long as `patching` is set.
    patches: Patches,
    patching: AtomicBool,
}

impl Image {
    /// An image that the kernel mapped: the program in interpreter mode, the vdso, ld-rs itself.
    ///
    /// # Safety
    /// Every segment of the headers it is used with is mapped at `bias` + p_vaddr, for good.
    #[must_use]
    pub const unsafe fn of_kernel(bias: u64) -> Self {
        Self::new(bias, None)
    }

    /// An image that unmaps itself when dropped.
    ///
    /// # Safety
    /// As [`Image::of_kernel`], until dropped; the span of `headers`, from `start` on, is the image's own.
    #[must_use]
    pub(crate) const unsafe fn owned(start: u64, headers: &Headers) -> Self {
        Self::new(start.wrapping_sub(headers.span.vaddr), Some((start, headers.span.size)))
    }

    const fn new(bias: u64, owned: Option<(u64, u64)>) -> Self {
        Self { bias, owned, patches: Patches::none(), patching: AtomicBool::new(false) }
    }

    /// The address in memory of `vaddr`.
    #[must_use]
    pub const fn address(&self, vaddr: u64) -> u64 {
        self.bias.wrapping_add(vaddr)
    }

    /// The file parts of the readable segments.
    ///
    /// The slices are as long-lived as the image, which Rust cannot say of a field beside them:
    /// whoever keeps them must drop them before the image ([`crate::object::Object`] does).
    #[must_use]
    pub fn parts(&self, headers: &Headers) -> Vec<Part<'static>> {
        let readable = headers.segments.iter().filter(|segment| segment.read && segment.filesz > 0);
        readable
            .map(|segment| Part {
                vaddr: segment.memory.vaddr,
                // SAFETY: accepted headers, so the file part is mapped and readable. Nobody writes while the slice is
                // looked at: it is taken between the stages that write. What is kept of it are the tables, where
                // relocation writes nothing (`Dynamic::guarded`; to hash and version tables only if a file puts them
                // into a writable segment without its symbols, and plan looks at no more than bytes of them).
                bytes: unsafe {
                    core::slice::from_raw_parts(
                        self.address(segment.memory.vaddr) as *const u8,
                        segment.filesz as usize,
                    )
                },
            })
            .collect()
    }

    /// `size` bytes at `vaddr`, as long-lived as those of [`Image::parts`]; `None` unless they lie in the file part of one
    /// readable segment.
    #[must_use]
    pub fn bytes(&self, headers: &Headers, vaddr: u64, size: u64) -> Option<&'static [u8]> {
        headers.segments.iter().find(|segment| segment.read && segment.file_part().holds(vaddr, size))?;
        // SAFETY: as in `parts`, of whose slices this is a part.
        Some(unsafe { core::slice::from_raw_parts(self.address(vaddr) as *const u8, size as usize) })
    }

    /// The word at `vaddr`; `None` unless it lies whole in one readable segment.
    #[must_use]
    pub fn word(&self, headers: &Headers, vaddr: u64) -> Option<u64> {
        headers.segment_of(vaddr, 8).filter(|segment| segment.read)?;
        // SAFETY: inside a mapped, readable segment.
        Some(unsafe { (self.address(vaddr) as *const u64).read_unaligned() })
    }

    /// Stores a word at `vaddr`; false unless it lies whole in one writable segment.
    pub fn set_word(&self, headers: &Headers, vaddr: u64, value: u64) -> bool {
        // Nearly always in the last segment.
        let segment = headers.segments.iter().rfind(|segment| segment.memory.holds(vaddr, 8));
        let inside = segment.is_some_and(|segment| segment.write);
        // Code holds an IFUNC's answer, and may be run by resolvers since its other words are there.
        let patched = !inside && self.patch_around(vaddr, 8).is_some();
        if patched && self.turn(headers, true).is_err() {
            return false;
        }
        if inside || patched {
            // SAFETY: inside a mapped, writable segment, or one just opened; RELRO is protected only after all stores.
            unsafe { (self.address(vaddr) as *mut u64).write_unaligned(value) };
        }
        if patched { self.close(headers).is_ok() } else { inside }
    }

    /// The page that the dynamic section begins on becomes the process's own by its first touch. It is read next, and written
    /// later, by itself or as RELRO: a page fault each. Nothing changes.
    pub(crate) fn own_dynamic(&self, headers: &Headers) {
        let Some(range) = headers.dynamic else { return };
        if headers.segment_of(range.vaddr, 8).is_some_and(|segment| segment.write) {
            // SAFETY: inside a mapped, writable segment; nobody looks at it yet.
            unsafe { arch::add(self.address(range.vaddr) as *mut u64, 0, 0) };
        }
    }

    /// The word at `vaddr`, if it stays writable once RELRO is protected: a slot of a PLT, which other threads may be
    /// reading when it is stored to.
    #[must_use]
    pub fn slot(&self, headers: &Headers, vaddr: u64) -> Option<Slot> {
        let writable = headers.segment_of(vaddr, 8).is_some_and(|segment| segment.write);
        let protected = map::relro(headers).is_some_and(|relro| relro.holds(vaddr, 1));
        let address = self.address(vaddr) as *mut u64;
        (writable && !protected && address.is_aligned()).then_some(Slot(address))
    }

    /// A writer for the object's relocations.
    pub(crate) fn writer<'a>(&'a self, headers: &'a Headers, guarded: &'a [Range]) -> Writer<'a> {
        Writer { image: self, headers, guarded, current: Range::default(), words: 0 }
    }

    /// Copies `size` bytes from `from` of another image into `to` of this one (COPY relocation).
    /// False, and nothing copied, unless both ranges lie whole in a segment.
    pub(crate) fn copy_from(&self, headers: &Headers, to: u64, other: (&Self, &Headers, u64), size: u64) -> bool {
        let (source, source_headers, from) = other;
        let inside = headers.segment_of(to, size).is_some_and(|segment| segment.write)
            && source_headers.segment_of(from, size).is_some_and(|segment| segment.read);
        if inside {
            // SAFETY: both ranges are mapped, readable here and writable there; `copy` allows overlap.
            unsafe { core::ptr::copy(source.address(from) as *const u8, self.address(to) as *mut u8, size as usize) };
        }
        inside
    }

    /// Makes PT_GNU_RELRO read-only.
    pub fn protect_relro(&self, headers: &Headers) -> Result<(), Errno> {
        map::relro(headers).map_or(Ok(()), |range| self.set_rights(range, MprotectFlags::READ))
    }

    /// Gives `pages`, which lie in segments of the accepted headers, these rights.
    pub(crate) fn set_rights(&self, pages: Range, flags: MprotectFlags) -> Result<(), Errno> {
        let address = self.address(pages.vaddr) as *mut c_void;
        sys::count();
        // SAFETY: the headers were accepted: the range lies inside the object's span.
        unsafe { mprotect(address, pages.size as usize, flags) }
    }

    /// From here to [`Image::patched`] relocation may change what `patches` name. Their pages are writable, and
    /// cannot be run, until [`Image::close`].
    pub(crate) fn patch(&mut self, headers: &Headers, patches: Patches) -> Result<(), Errno> {
        self.patches = patches;
        self.patching.store(true, Ordering::Relaxed);
        self.turn(headers, true)
    }

    /// Gives the pages of the patches the protection of their segments.
    pub(crate) fn close(&self, headers: &Headers) -> Result<(), Errno> {
        if self.patching.load(Ordering::Relaxed) { self.turn(headers, false) } else { Ok(()) }
    }

    #[inline(never)]
    fn turn(&self, headers: &Headers, open: bool) -> Result<(), Errno> {
        for (pages, own) in self.patches.pages(headers) {
            let mut flags = MprotectFlags::empty();
            flags.set(MprotectFlags::READ, own.read || open);
            flags.set(MprotectFlags::WRITE, open);
            flags.set(MprotectFlags::EXEC, own.execute && !open);
            self.set_rights(pages, flags)?;
        }
        Ok(())
    }

    /// Relocation is done: nothing may be changed any more but what the headers call writable.
    pub(crate) fn patched(&self) {
        self.patching.store(false, Ordering::Relaxed);
    }

    /// The range around `size` bytes at `vaddr` that may be changed though it is not writable by the headers.
    #[cold]
    fn patch_around(&self, vaddr: u64, size: u64) -> Option<Range> {
        self.patches.around(vaddr, size).filter(|_| self.patching.load(Ordering::Relaxed))
    }

    /// Seals what stays as it is to the end of the process: segments that are not writable, and RELRO. False
    /// where the kernel cannot (mseal, Linux 6.10).
    pub fn seal(&self, headers: &Headers) -> bool {
        let mut pending = Range::default();
        let fixed = map::own_pages(headers).filter(|(_, segment)| !segment.write).map(|(pages, _)| pages);
        let mut ranges: Vec<Range> = fixed.chain(map::relro(headers)).collect();
        ranges.push(Range::default());
        for range in ranges {
            // One call for what lies together, as most objects have all of it.
            if pending.size > 0 && range.size > 0 && range.vaddr == pending.end() {
                pending.size = pending.size.wrapping_add(range.size);
                continue;
            }
            if pending.size > 0 && sys::seal(self.address(pending.vaddr), pending.size) == Err(Errno::NOSYS) {
                return false;
            }
            pending = range;
        }
        true
    }
}

/// A word found by [`Image::slot`].
#[derive(Clone, Copy)]
pub struct Slot(*mut u64);

impl Slot {
    /// Stores `value` for all threads. The object of the slot is loaded, for it is just being called through it.
    pub fn publish(self, value: u64) {
        // SAFETY: an aligned word inside a mapped segment that stays writable.
        unsafe { AtomicU64::from_ptr(self.0) }.store(value, Ordering::Release);
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        if let Some((start, size)) = self.owned {
            sys::count();
            // SAFETY: the range is this image's own mapping.
            let _ = unsafe { munmap(start as *mut c_void, size as usize) };
        }
    }
}

/// `length` bytes at `address`; `None` if they lie on more pages than one, and cannot be read there.
///
/// # Safety
/// The first page can be read, and nobody writes to the bytes as long as the slice is used.
pub(crate) unsafe fn bytes_at<'a>(address: u64, length: usize) -> Option<&'a [u8]> {
    let size = sys::page_size();
    let last = align_down(address.checked_add((length as u64).checked_sub(1)?)?, size);
    let mut page = align_down(address, size);
    while page < last {
        page = page.checked_add(size).filter(|page| sys::is_readable(*page))?;
    }
    // SAFETY: every page of them can be read; the rest is the caller's promise.
    Some(unsafe { core::slice::from_raw_parts(address as *const u8, length) })
}

/// A relocation whose place may not be written.
pub(crate) struct Outside(pub u64);

impl From<Outside> for Cause {
    #[cold]
    #[inline(never)]
    fn from(Outside(place): Outside) -> Self {
        Malformed::new("r_offset", place, "a place in a writable segment, outside the loader's tables").into()
    }
}

/// Stores relocated values, each in bounds. Remembers the segment of the last store, since
/// relocations are sorted by place nearly always.
pub(crate) struct Writer<'a> {
    image: &'a Image,
    headers: &'a Headers,
    guarded: &'a [Range],
    current: Range,
    /// From how many bytes on from the start of `current` a word may be changed with no other check: 0 where a table may be in
    /// the way.
    words: u64,
}

impl Writer<'_> {
    /// Whether the word at `vaddr` may be changed by a relocation.
    #[inline]
    fn allow_word(&mut self, vaddr: u64) -> Result<(), Outside> {
        if vaddr.wrapping_sub(self.current.vaddr) < self.words { Ok(()) } else { self.allow(vaddr, 8) }
    }

    /// Whether `size` bytes at `vaddr` may be changed by a relocation.
    #[inline(never)] // for the first word of a segment, and what is no word
    fn allow(&mut self, vaddr: u64, size: u64) -> Result<(), Outside> {
        let guards = |table: &Range| vaddr < table.end() && table.vaddr < vaddr.wrapping_add(size);
        let inside = self.current.holds(vaddr, size) || self.turn_to(vaddr, size);
        if inside && !self.guarded.iter().any(guards) { Ok(()) } else { Err(Outside(vaddr)) }
    }

    /// Makes what may be changed around `size` bytes at `vaddr` the current range, if they may.
    fn turn_to(&mut self, vaddr: u64, size: u64) -> bool {
        let segment = self.headers.segment_of(vaddr, size).filter(|segment| segment.write);
        let found = segment.map(|segment| segment.memory).or_else(|| self.image.patch_around(vaddr, size));
        self.current = found.unwrap_or(self.current);
        self.words = if self.guarded.is_empty() { self.current.size.saturating_sub(7) } else { 0 };
        found.is_some()
    }

    /// The word at `vaddr`, where a store is allowed.
    #[inline]
    pub fn word(&mut self, vaddr: u64) -> Result<u64, Outside> {
        self.allow_word(vaddr)?;
        // SAFETY: inside a mapped, writable segment.
        Ok(unsafe { (self.image.address(vaddr) as *const u64).read_unaligned() })
    }

    /// Stores a word.
    #[inline]
    pub fn set_word(&mut self, vaddr: u64, value: u64) -> Result<(), Outside> {
        self.allow_word(vaddr)?;
        // SAFETY: inside a mapped, writable segment, and in no table that plan holds.
        unsafe { (self.image.address(vaddr) as *mut u64).write_unaligned(value) };
        Ok(())
    }

    /// Stores the words of `table`, which is said to hold nothing but relative relocations: of a large program nearly all
    /// that relocation does.
    pub fn relative(&mut self, mut table: &[Rela]) -> Result<(), Cause> {
        while let [first, others @ ..] = table {
            if first.r_type(LE, false) != RELATIVE {
                let info = first.r_info.get(LE);
                return Err(Malformed::new("r_info below DT_RELACOUNT", info, "a relative relocation").into());
            }
            self.set_word(first.r_offset.get(LE), self.image.address(first.r_addend.get(LE).cast_unsigned()))?;
            // What follows in the same segment needs no other check, and no call. Four a round.
            let (bias, start, words) = (self.image.bias, self.current.vaddr, self.words);
            let stored = |rela: &Rela| {
                let place = rela.r_offset.get(LE);
                let allowed = rela.r_type(LE, false) == RELATIVE && place.wrapping_sub(start) < words;
                if allowed {
                    let word = bias.wrapping_add(rela.r_addend.get(LE).cast_unsigned());
                    // SAFETY: inside a mapped, writable segment, and in no table that plan holds.
                    unsafe { (bias.wrapping_add(place) as *mut u64).write_unaligned(word) };
                }
                allowed
            };
            let rounds = others.as_chunks::<4>().0.iter();
            let done = rounds.take_while(|[a, b, c, d]| stored(a) && stored(b) && stored(c) && stored(d)).count();
            table = others.get(4 * done..).unwrap_or_default();
        }
        Ok(())
    }

    /// Adds `value` to a word, where a store is allowed, and returns what it was.
    #[inline]
    pub fn add_word(&mut self, vaddr: u64, value: u64) -> Result<u64, Outside> {
        self.allow_word(vaddr)?;
        let word = self.image.address(vaddr) as *mut u64;
        // SAFETY: inside a mapped, writable segment, and in no table that plan holds.
        unsafe {
            arch::add(word, 0, value);
            Ok(word.read_unaligned().wrapping_sub(value))
        }
    }

    /// Adds `value` to the words from `start` on whose bits are set, or returns the place of the first
    /// that may not be changed.
    #[inline]
    pub fn add_words(&mut self, start: u64, mut bits: u64, value: u64) -> Result<(), Outside> {
        let size = 8 * u64::from(64 - bits.leading_zeros());
        if self.guarded.is_empty() && self.allow(start, size).is_ok() {
            let first = self.image.address(start) as *mut u64;
            while bits != 0 {
                // SAFETY: all of the range is in a mapped, writable segment, and no table is in any.
                unsafe { arch::add(first, bits.trailing_zeros().into(), value) };
                bits &= bits - 1;
            }
        }
        while bits != 0 {
            self.add_word(start.wrapping_add(8 * u64::from(bits.trailing_zeros())), value)?;
            bits &= bits - 1;
        }
        Ok(())
    }

    /// Stores 32 bits.
    pub fn set_half(&mut self, vaddr: u64, value: u32) -> Result<(), Outside> {
        self.allow(vaddr, 4)?;
        // SAFETY: as `set_word`.
        unsafe { (self.image.address(vaddr) as *mut u32).write_unaligned(value) };
        Ok(())
    }
}
