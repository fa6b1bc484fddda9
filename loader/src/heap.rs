//! The loader's own memory: an arena with free lists by size class. Never the program's malloc.
//!
//! Chunks are mapped when they are needed, one behind the other; large blocks are mapped and unmapped one by one.
//! Nothing of it is in .bss: collectors of garbage and dladdr take what lies there for a part of ld-rs's image.
//!
//! Out of memory: who only asks ([`try_alloc`]) gets null. Everybody else gets blocks from a reserve when the kernel
//! refuses, and the heap remembers that ([`exhausted`]). What a running program calls begins with [`ensure`], which
//! fills the reserve, asks [`exhausted`] between its stages, and makes an error of it. So a stage may need no more than
//! the reserve; where that is used up (`Vec::try_reserve` tells, other growth cannot) the process ends.

use crate::futex;
use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::AtomicU32;
use ld_rs_plan::MIN_PAGE;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// Bytes of the first chunk: what the start of true needs, the smallest of glibc's programs. A chunk comes with all its pages,
/// since a page that faults in alone costs more than one that is left unused; but those count as the process's memory.
const FIRST: usize = 36 * 1024;
/// Bytes of a later chunk: a quarter of what there is, but no fewer than lets bash (52 KiB), git, perl and python3 start with
/// two chunks and the same dlopen, tried again and again, do without another, and no more than what keeps the unused rest small.
const LATER: core::ops::RangeInclusive<usize> = 64 * 1024..=128 * 1024;
/// Bytes from ld-rs down to the first chunk: away from objects, stacks and the program's heap, and where runtime's
/// `tls::late` needs the first thread's block to be.
pub const DISTANCE: u64 = (16 << 34) + (1 << 33);
/// Bytes of the reserve at least. To search and take in one ordinary object takes about 6 KiB (tests/refuse: 23 dlopens that
/// fail there use up all of it). A quarter of it is for the lists that grow with the number of objects.
pub const RESERVE: usize = 128 * 1024;
/// Blocks above this are mapped on their own.
const LARGE: usize = 64 * 1024;
/// Classes: 16, 32, 48 ... 128, then four between a power of two and the next, up to LARGE: what is
/// rounded away is memory that is touched for nothing.
const CLASSES: usize = 44;
/// Behind them: 32, 64 ... LARGE, for blocks that are aligned to their size (at most to a page).
const ALIGNED: usize = 12;

/// Bytes. What was mapped begins at a multiple of this, whatever the size of a page; a LARGE block of the reserve does not.
const PAGE: usize = MIN_PAGE as usize;

/// The global allocator.
pub struct Heap {
    lock: AtomicU32,
    state: UnsafeCell<State>,
}

struct State {
    /// Unused bytes of the current chunk, always a multiple of 16.
    next: *mut u8,
    end: *mut u8,
    free: [*mut u8; CLASSES + ALIGNED],
    /// Bytes mapped, or taken from the reserve.
    mapped: usize,
    /// Unused bytes of the reserve.
    reserve: *mut u8,
    reserve_end: *mut u8,
    /// The reserve was used since it was last filled.
    exhausted: bool,
}

// SAFETY: `state` is reached only between lock and unlock.
unsafe impl Sync for Heap {}

#[cfg_attr(not(test), global_allocator)]
static HEAP: Heap = Heap {
    lock: AtomicU32::new(0),
    state: UnsafeCell::new(State {
        next: null_mut(),
        end: null_mut(),
        free: [null_mut(); CLASSES + ALIGNED],
        mapped: 0,
        reserve: null_mut(),
        reserve_end: null_mut(),
        exhausted: false,
    }),
};

/// Number and size of the smallest class that holds `size` bytes, at most LARGE, aligned to `align`.
#[inline(always)] // for each block of a start
fn class(size: usize, align: usize) -> (usize, usize) {
    if align > 16 {
        let room = size.max(align).next_power_of_two();
        return (CLASSES + room.ilog2() as usize - 5, room);
    }
    let last = size.saturating_sub(1);
    if last < 128 {
        return (last / 16, (last / 16 + 1) * 16);
    }
    let power = last.ilog2();
    let quarter = last >> (power - 2);
    ((power as usize - 7) * 4 + quarter + 4, (quarter + 1) << (power - 2))
}

/// Keeps the heap whole across fork: nobody else is inside from here to [`let_go`].
pub fn hold() {
    futex::lock(&HEAP.lock);
}

/// The end of [`hold`], in parent and child.
pub fn let_go() {
    futex::unlock(&HEAP.lock);
}

/// Makes sure that blocks of `bytes` bytes in all can be had whatever the kernel refuses, and forgets that it ever did.
/// False if the reserve is smaller and there is no memory for another.
#[must_use]
pub fn ensure(bytes: usize) -> bool {
    HEAP.with(|state| state.ensure(bytes))
}

/// Whether the kernel refused memory since [`ensure`], so that blocks came from the reserve.
#[must_use]
pub fn exhausted() -> bool {
    HEAP.with(|state| state.exhausted)
}

/// A block as of [`alloc::alloc::alloc`], for who can do without: null when there is no memory, and never of the reserve.
///
/// # Safety
/// The layout's size is not 0.
#[must_use]
pub unsafe fn try_alloc(layout: Layout) -> *mut u8 {
    HEAP.block(layout, false).0
}

/// `size` bytes of zeroes that stay for good, for the first thread's block: in the first chunk, if it is early enough. Null
/// if they are more than LARGE.
#[must_use]
pub fn zeroes(size: u64) -> *mut u8 {
    match usize::try_from(size) {
        Ok(size @ ..=LARGE) if !refuse::next() => HEAP.with(|state| state.take(size.next_multiple_of(16), 64)),
        _ => null_mut(),
    }
}

/// Bytes in use or waiting to be used again; the unused rest of a chunk is not touched and not counted.
#[must_use]
pub fn in_use() -> usize {
    HEAP.with(|state| state.mapped - (state.end.addr() - state.next.addr()))
}

impl Heap {
    #[inline(always)] // for each block of a start
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        futex::lock(&self.lock);
        // SAFETY: the lock is ours, and nothing in this file calls back into the heap.
        let result = work(unsafe { &mut *self.state.get() });
        futex::unlock(&self.lock);
        result
    }

    /// A block; null when there is no memory, nor any in the reserve for who `must` have it. And whether it is one that
    /// was freed: others are zeroes.
    fn block(&self, layout: Layout, must: bool) -> (*mut u8, bool) {
        let (size, align) = (layout.size(), layout.align());
        let refused = refuse::next();
        // Nothing is called but at the end: saving registers for it would cost a third of all.
        if size > LARGE || align > 16 || refused || !futex::try_lock(&self.lock) {
            return self.unusual(layout, must, refused);
        }
        let (class, room) = class(size, 16);
        // SAFETY: the lock is ours.
        let state = unsafe { &mut *self.state.get() };
        let (head, next) = (state.free[class], state.next);
        let (block, used) = if !head.is_null() {
            // SAFETY: a free block holds the address of the next one in its first word.
            state.free[class] = unsafe { head.cast::<*mut u8>().read() };
            (head, true)
        } else if room <= state.end.addr() - next.addr() {
            state.next = next.wrapping_add(room);
            (next, false)
        } else {
            (null_mut(), false)
        };
        if futex::release(&self.lock) {
            return self.others_woken(layout, must, block, used);
        }
        if block.is_null() { self.unusual(layout, must, false) } else { (block, used) }
    }

    /// The end of [`Heap::block`] where others wait for the lock.
    #[cold]
    #[inline(never)]
    fn others_woken(&self, layout: Layout, must: bool, block: *mut u8, used: bool) -> (*mut u8, bool) {
        futex::wake_one(&self.lock);
        if block.is_null() { self.unusual(layout, must, false) } else { (block, used) }
    }

    /// As [`Heap::block`], for what is large or aligned, refused, has to wait for the lock, or needs another chunk.
    #[cold]
    #[inline(never)]
    fn unusual(&self, layout: Layout, must: bool, refused: bool) -> (*mut u8, bool) {
        let (size, align) = (layout.size(), layout.align());
        if size > LARGE || align > 4096 {
            // Alignment above a page is not needed by anything that comes here.
            let block = if align <= 4096 && !refused { map(null_mut(), size, MapFlags::empty()) } else { null_mut() };
            return (self.large(block, layout, must), false);
        }
        let (class, room) = class(size, align);
        let align = if align > 16 { room.min(4096) } else { 16 };
        self.with(|state| {
            let head = state.free[class];
            if !head.is_null() && !refused {
                // SAFETY: a free block holds the address of the next one in its first word.
                state.free[class] = unsafe { head.cast::<*mut u8>().read() };
                return (head, true);
            }
            let block = if refused { null_mut() } else { state.take(room, align) };
            (if block.is_null() && must { state.take_reserved(room, align) } else { block }, false)
        })
    }

    #[cold]
    #[inline(never)]
    fn wait_to_free(&self, block: *mut u8, class: usize) {
        // SAFETY: the block is nobody's any more.
        self.with(|state| unsafe { state.put(block, class) });
    }

    /// Gives back a LARGE block that was mapped.
    #[cold]
    #[inline(never)]
    fn unmap(&self, block: *mut u8, size: usize) {
        crate::sys::count();
        self.with(|state| state.mapped -= size);
        // SAFETY: the block was mapped by `alloc` with this size.
        let _ = unsafe { munmap(block.cast(), size) };
    }

    /// The end of [`Heap::block`] for a LARGE one, which was mapped or is null.
    #[cold]
    fn large(&self, block: *mut u8, layout: Layout, must: bool) -> *mut u8 {
        self.with(|state| {
            if block.is_null() && must && layout.align() <= 16 {
                return state.take_reserved(layout.size(), 16);
            }
            state.mapped += if block.is_null() { 0 } else { layout.size() };
            block
        })
    }
}

/// Tests that refuse memory: the feature `refuse`, which no product has.
#[cfg(not(feature = "refuse"))]
mod refuse {
    pub const fn next() -> bool {
        false
    }
}
#[cfg(feature = "refuse")]
mod refuse {
    use core::sync::atomic::{AtomicU32, Ordering};

    /// So many blocks are given as ever, then so many are refused. The test finds it by its name and stores to it; there is
    /// one thread then.
    #[used]
    #[unsafe(export_name = "ld_rs_refuse")]
    static REFUSE: [AtomicU32; 2] = [AtomicU32::new(u32::MAX), AtomicU32::new(0)];

    pub fn next() -> bool {
        let [given, refused] = &REFUSE;
        let left = if given.load(Ordering::Relaxed) > 0 { given } else { refused };
        let before = left.load(Ordering::Relaxed);
        if before != u32::MAX {
            left.store(before.saturating_sub(1), Ordering::Relaxed);
        }
        core::ptr::eq(left, refused) && before > 0
    }
}

/// Start and end of `size` bytes, aligned to `align`, in the memory from `next` to `end`.
#[inline(always)] // for each block of a start
fn place(next: *mut u8, end: *mut u8, size: usize, align: usize) -> Option<(*mut u8, *mut u8)> {
    let start = next.wrapping_add(next.align_offset(align));
    let behind = start.wrapping_add(size);
    (start >= next && behind >= start && behind <= end).then_some((start, behind))
}

/// Where the first chunk is to begin. The first reserve lies below it: one mapping.
fn beginning() -> *mut u8 {
    crate::arch::own_base().wrapping_sub(DISTANCE) as *mut u8
}

/// Maps `size` bytes of zeroes, at `hint` if it is not null and there is room; null when there is no memory.
fn map(hint: *mut u8, size: usize, flags: MapFlags) -> *mut u8 {
    crate::sys::count();
    // SAFETY: a new private mapping where there was none.
    unsafe { mmap_anonymous(hint.cast(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE | flags) }
        .map_or(null_mut(), |address| address.cast())
}

impl State {
    /// Makes `block` the first free one of its class.
    ///
    /// # Safety
    /// The block has the size of its class, and is nobody's.
    #[inline(always)]
    unsafe fn put(&mut self, block: *mut u8, class: usize) {
        // SAFETY: at least 16 bytes, aligned to as many.
        unsafe { block.cast::<*mut u8>().write(self.free[class]) };
        self.free[class] = block;
    }

    /// `size` bytes, aligned to `align` (at most 4096); null when there is no memory.
    fn take(&mut self, size: usize, align: usize) -> *mut u8 {
        loop {
            if let Some((start, end)) = place(self.next, self.end, size, align) {
                self.next = end;
                return start;
            }
            let (hint, usual) = match self.end.is_null() {
                true => (beginning(), FIRST),
                false => (self.end, (self.mapped / 4).clamp(*LATER.start(), *LATER.end())),
            };
            let length = usual.max(size + align).next_multiple_of(PAGE);
            let chunk = map(hint, length, MapFlags::POPULATE);
            if chunk.is_null() {
                return chunk;
            }
            if chunk != self.end {
                self.next = chunk;
            }
            self.mapped += length;
            self.end = chunk.wrapping_add(length);
        }
    }

    /// As [`State::take`], from the reserve, where a LARGE block never begins a page.
    #[cold]
    fn take_reserved(&mut self, size: usize, align: usize) -> *mut u8 {
        self.exhausted = true;
        let aligned = self.reserve.wrapping_add(self.reserve.align_offset(align));
        let begins_page = size > LARGE && aligned.addr().is_multiple_of(PAGE);
        let from = aligned.wrapping_add(if begins_page { align } else { 0 });
        let Some((start, end)) = place(from, self.reserve_end, size, align) else { return null_mut() };
        self.mapped += end.addr() - self.reserve.addr();
        self.reserve = end;
        start
    }

    fn ensure(&mut self, bytes: usize) -> bool {
        if self.reserve_end.addr() - self.reserve.addr() < bytes {
            let size = (bytes + bytes / 4).max(RESERVE).next_multiple_of(PAGE);
            let fresh =
                if refuse::next() { null_mut() } else { map(beginning().wrapping_sub(size), size, MapFlags::empty()) };
            if fresh.is_null() {
                self.exhausted = true;
                return false;
            }
            // What is left of the old one is not used again.
            let rest = self.reserve.map_addr(|address| address.next_multiple_of(PAGE));
            if rest < self.reserve_end {
                // SAFETY: whole pages of a reserve that nobody has got.
                let _ = unsafe { munmap(rest.cast(), self.reserve_end.addr() - rest.addr()) };
            }
            (self.reserve, self.reserve_end) = (fresh, fresh.wrapping_add(size));
        }
        self.exhausted = false;
        true
    }
}

// SAFETY: blocks are disjoint, of the size and alignment asked for, and stay until freed.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.block(layout, true).0
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (block, used) = self.block(layout, true);
        if used {
            // SAFETY: a block of this size. What was never used is as the kernel gave it.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let (size, align) = (layout.size(), layout.align());
        if size > LARGE && block.addr().is_multiple_of(PAGE) {
            self.unmap(block, size);
            return;
        }
        // What is large and begins no page was of the reserve: it becomes a block of the largest class.
        let class = if size > LARGE { class(LARGE, 16).0 } else { class(size, align).0 };
        // As in `block`.
        if !futex::try_lock(&self.lock) {
            self.wait_to_free(block, class);
            return;
        }
        // SAFETY: the lock is ours, and the block nobody's any more.
        unsafe { (*self.state.get()).put(block, class) };
        if futex::release(&self.lock) {
            futex::wake_one(&self.lock);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (old, align) = (layout.size(), layout.align());
        if old <= LARGE && new_size <= LARGE && align <= 16 {
            let ((from, room), (to, wanted)) = (class(old, align), class(new_size, align));
            // The block taken last grows where it is: a vector that is being filled is copied, and its
            // pages are touched, once. Not past a free block of the size it needs: what is grown and
            // freed time and again would take new memory every time.
            let stays = from == to
                || self.with(|state| {
                    let grown = block.wrapping_add(wanted);
                    let is_last = block.wrapping_add(room) == state.next;
                    let fits = is_last && to > from && grown <= state.end && state.free[to].is_null();
                    if fits {
                        state.next = grown;
                    }
                    fits
                });
            if stays {
                return block;
            }
        }
        // SAFETY: the caller's promise about `block`; the new block is as large as said.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(new_size, align));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, old.min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}
