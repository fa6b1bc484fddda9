//! The loader's own memory: an arena with free lists by size class. Never the program's malloc.
//!
//! The first chunk is in .bss, so that a small program costs no system call; large blocks are
//! mapped and unmapped one by one.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_plan::PAGE;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

const FIRST_CHUNK: usize = 1024 * 1024; // only what is touched costs memory
const CHUNK: usize = 256 * 1024;
/// Pages are asked for so many bytes at a time, but for those of a small program: its few come sooner by themselves.
const AT_ONCE: usize = 32 * 1024;
const FEW: usize = 256 * 1024;
/// Blocks above this are mapped on their own.
const LARGE: usize = 64 * 1024;
/// Classes: 16, 32, 48 ... 128, then four between a power of two and the next, up to LARGE: what is
/// rounded away is memory that is touched for nothing.
const CLASSES: usize = 44;
/// Behind them: 32, 64 ... LARGE, for blocks that are aligned to their size (at most to a page).
const ALIGNED: usize = 12;

/// The global allocator.
pub struct Heap {
    lock: AtomicBool,
    state: UnsafeCell<State>,
}

struct State {
    /// Unused bytes of the current chunk.
    next: *mut u8,
    end: *mut u8,
    /// Up to here its pages are there already, or come by themselves.
    ready: *mut u8,
    free: [*mut u8; CLASSES + ALIGNED],
    /// Bytes mapped beside the first chunk.
    mapped: usize,
}

#[repr(align(64))]
struct First(UnsafeCell<[u8; FIRST_CHUNK]>);
// SAFETY: reached only through the heap's lock.
unsafe impl Sync for First {}
#[unsafe(link_section = ".sbss")] // after .bss, so that it begins on the page where our own data ends
static FIRST: First = First(UnsafeCell::new([0; FIRST_CHUNK]));

// SAFETY: `state` is reached only between lock and unlock.
unsafe impl Sync for Heap {}

#[cfg_attr(not(test), global_allocator)]
static HEAP: Heap = Heap {
    lock: AtomicBool::new(false),
    state: UnsafeCell::new(State {
        next: null_mut(),
        end: null_mut(),
        ready: null_mut(),
        free: [null_mut(); CLASSES + ALIGNED],
        mapped: 0,
    }),
};

/// Number and size of the smallest class that holds `size` bytes, at most LARGE, aligned to `align`.
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
    while HEAP.lock.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
        core::hint::spin_loop();
    }
}

/// The end of [`hold`], in parent and child.
pub fn let_go() {
    HEAP.lock.store(false, Ordering::Release);
}

/// Bytes in use or waiting to be used again; the unused rest of a chunk is not touched and not counted.
#[must_use]
pub fn in_use() -> usize {
    HEAP.with(|state| {
        let unused = state.end as usize - state.next as usize;
        let first = if state.next.is_null() { 0 } else { FIRST_CHUNK };
        first + state.mapped - unused
    })
}

impl Heap {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        while self.lock.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            core::hint::spin_loop();
        }
        // SAFETY: the lock is ours.
        let result = work(unsafe { &mut *self.state.get() });
        self.lock.store(false, Ordering::Release);
        result
    }
}

/// Maps `size` bytes of zeroes; null when there is no memory.
fn map(size: usize) -> *mut u8 {
    crate::sys::count();
    // SAFETY: a new private mapping at an address of the kernel's choice.
    unsafe { mmap_anonymous(null_mut(), size, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE) }
        .map_or(null_mut(), |address| address.cast())
}

impl State {
    /// `size` bytes, aligned to `align` (at most 4096).
    fn take(&mut self, size: usize, align: usize) -> *mut u8 {
        if self.next.is_null() {
            self.next = FIRST.0.get().cast();
            self.end = self.next.wrapping_add(FIRST_CHUNK);
            self.ready = self.next.wrapping_add(FEW);
        }
        loop {
            let start = self.next.wrapping_add(self.next.align_offset(align));
            let end = start.wrapping_add(size);
            if start >= self.next && end >= start && end <= self.end {
                self.next = end;
                if end > self.ready {
                    self.fetch();
                }
                return start;
            }
            let chunk = map(CHUNK);
            if chunk.is_null() {
                return chunk;
            }
            self.next = chunk;
            self.mapped += CHUNK;
            self.end = chunk.wrapping_add(CHUNK);
            self.ready = chunk;
        }
    }

    /// Asks for the pages up to `next` and some more at once, which costs a third of as many page faults.
    /// Before Linux 5.14 it is refused, and they come one by one.
    #[cold]
    fn fetch(&mut self) {
        let from = self.ready.map_addr(|address| address & !(PAGE as usize - 1));
        self.ready = self.next.wrapping_add(AT_ONCE).map_addr(|address| address & !(PAGE as usize - 1)).min(self.end);
        crate::sys::count();
        // SAFETY: whole pages of the chunk, and the one that its first bytes share with our data.
        let _ = unsafe { madvise(from.cast(), self.ready.addr() - from.addr(), Advice::LinuxPopulateWrite) };
    }
}

// SAFETY: blocks are disjoint, of the size and alignment asked for, and stay until freed.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        if size > LARGE || align > 4096 {
            // Alignment above a page is not needed by anything that comes here.
            self.with(|state| state.mapped += size);
            return if align <= 4096 { map(size) } else { null_mut() };
        }
        let (class, room) = class(size, align);
        self.with(|state| {
            let head = state.free[class];
            if head.is_null() {
                return state.take(room, if align > 16 { room.min(4096) } else { 16 });
            }
            // SAFETY: a free block holds the address of the next one in its first word.
            state.free[class] = unsafe { head.cast::<*mut u8>().read() };
            head
        })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let size = layout.size();
        if size > LARGE {
            crate::sys::count();
            self.with(|state| state.mapped -= size);
            // SAFETY: the block was mapped by `alloc` with this size.
            let _ = unsafe { munmap(block.cast(), size) };
            return;
        }
        let (class, _) = class(size, layout.align());
        self.with(|state| {
            // SAFETY: the block is at least 16 bytes and no one else's any more.
            unsafe { block.cast::<*mut u8>().write(state.free[class]) };
            state.free[class] = block;
        });
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
