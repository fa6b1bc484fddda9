//! A thread's TLS: one block below the thread pointer that holds the static TLS of every start-up
//! module, the surplus, and the thread's DTV.
//!
//! ```text
//! low                                                     TP
//! | DTV | surplus | module n | ... | module 2 | module 1  | TCB (the libc's, or 64 bytes) |
//! ```
//! The DTV has glibc's shape, since its libthread_db reads it: 16-byte entries {value, to_free};
//! %fs:8 points to entry 0, whose value is the generation; entry m is the block of module m, or -1.
//! Of the entry before, the first word is 0 (libc then never frees or clears a DTV) and the second
//! is ours: the highest module there is room for. The DTV lies in the block, so that creating a
//! thread allocates nothing, unless there are very many modules.

use crate::area::View;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};
use ld_rs_loader::object::Objects;
use ld_rs_plan::PAGE;
use ld_rs_plan::tls::{SURPLUS, StaticTls};

/// A DTV entry in bytes.
const ENTRY: u64 = 16;
/// Entries kept free in a new DTV for modules that come later.
const SPARE: u64 = 14;
/// A DTV of more modules than this is mapped apart, or small stacks would be eaten by it.
const MAX_INLINE: u64 = 256;
/// The mark of a module that has no block in this thread (glibc `TLS_DTV_UNALLOCATED`).
pub const UNALLOCATED: u64 = u64::MAX;
/// Size of the TCB where no libc has one of its own.
pub const BARE_TCB: u64 = 64;

/// Offsets in the TCB that compiled code knows (psABI, gcc's stack protector, glibc's tcbhead_t).
mod tcb {
    pub const SELF: usize = 0;
    pub const DTV: usize = 8;
    pub const SELF_AGAIN: usize = 16;
    pub const CANARY: usize = 0x28;
    pub const POINTER_GUARD: usize = 0x30;
}

/// What every thread's block looks like. Made before relocation, completed with the images after it.
pub struct Blueprint {
    /// Bytes from the block's start to TP.
    pub below: u64,
    /// Bytes from TP on.
    pub tcb: u64,
    /// Alignment of TP.
    pub align: u64,
    /// Highest module id.
    pub modules: u64,
    images: Vec<Image>,
    canary: u64,
    pointer_guard: u64,
}

/// The initial content of a module's block.
struct Image {
    module: u64,
    /// The block starts at TP - offset.
    offset: u64,
    bytes: &'static [u8],
    memsz: u64,
}

/// Canary and pointer guard from AT_RANDOM: disjoint bytes, the canary's first byte zero so that a
/// string cannot run over it.
#[must_use]
pub fn guards(random: [u8; 16]) -> (u64, u64) {
    let word = u128::from_le_bytes(random);
    ((word as u64) & !0xff, (word >> 64) as u64)
}

impl Blueprint {
    /// Lays out the static TLS of `modules` modules that `layout` has placed. `None` if it is too large.
    #[must_use]
    pub fn new(mut layout: StaticTls, modules: u64, tcb: u64, random: [u8; 16]) -> Option<Self> {
        layout.reserve(SURPLUS)?;
        if modules <= MAX_INLINE {
            layout.reserve((modules + SPARE + 2) * ENTRY)?;
        }
        let (canary, pointer_guard) = guards(random);
        Some(Self { below: layout.size, tcb, align: layout.align, modules, images: Vec::new(), canary, pointer_guard })
    }

    /// Takes the images of all modules, which relocation has completed.
    pub fn take_images(&mut self, objects: &Objects) {
        for object in &objects.list {
            let Some(module) = object.module else { continue };
            let bytes = object.tls_bytes();
            self.images.push(Image {
                module: module.id,
                offset: module.offset,
                // SAFETY: start-up objects are never unloaded, so their images stay.
                bytes: unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) },
                memsz: module.tls.memsz,
            });
        }
    }

    /// Maps a block with its TCB for a thread whose stack has no room for it; 0 when there is no memory.
    #[must_use]
    pub fn map_block(&self) -> u64 {
        let Some((size, below)) = self.extent() else { return 0 };
        let slack = self.align.saturating_sub(PAGE);
        let Some(start) = map(size + slack) else { return 0 };
        let tp = (start + below).next_multiple_of(self.align);
        unmap(start, tp - below - start);
        unmap(tp - below + size, start + slack + below - tp);
        tp
    }

    /// Unmaps what [`Blueprint::map_block`] mapped.
    fn unmap_block(&self, tp: u64) {
        if let Some((size, below)) = self.extent() {
            unmap(tp - below, size);
        }
    }

    /// Bytes of a mapped block, and how many of them lie below TP.
    fn extent(&self) -> Option<(u64, u64)> {
        let below = self.below.checked_next_multiple_of(PAGE)?;
        let size = below.checked_add(self.tcb)?.checked_next_multiple_of(PAGE)?;
        Some((size, below))
    }

    /// Gives the block at `tp` a DTV and its TCB words. False when there is no memory.
    #[must_use]
    pub fn install(&self, tp: u64) -> bool {
        let capacity = self.modules + SPARE;
        let start = if self.modules <= MAX_INLINE {
            tp - self.below
        } else {
            match map((capacity + 2) * ENTRY) {
                Some(start) => start,
                None => return false,
            }
        };
        // SAFETY: room for `capacity` + 2 entries: in the block as `new` laid it out, or just mapped.
        let dtv = unsafe { View::new(start, ((capacity + 2) * ENTRY) as usize) };
        dtv.set(0, 0u64);
        dtv.set(8, capacity);
        dtv.set(16, 0u64);
        dtv.set(24, 0u64);
        for entry in 1..=capacity {
            let at = ((entry + 1) * ENTRY) as usize;
            dtv.set(at, UNALLOCATED);
            dtv.set(at + 8, 0u64);
        }
        let thread = self.tcb_view(tp);
        thread.set(tcb::DTV, start + ENTRY);
        true
    }

    /// Sets the TCB words that a libc would set itself for a thread it makes.
    pub fn set_tcb(&self, tp: u64) {
        let thread = self.tcb_view(tp);
        thread.set(tcb::SELF, tp);
        thread.set(tcb::SELF_AGAIN, tp);
        thread.set(tcb::CANARY, self.canary);
        thread.set(tcb::POINTER_GUARD, self.pointer_guard);
    }

    fn tcb_view(&self, tp: u64) -> View {
        // SAFETY: `tp` is a thread pointer whose TCB has at least BARE_TCB bytes.
        unsafe { View::new(tp, BARE_TCB as usize) }
    }

    /// Copies every module's image into the block at `tp` and enters it in the DTV.
    pub fn initialise(&self, tp: u64) {
        let dtv = self.tcb_view(tp).word(tcb::DTV);
        for image in &self.images {
            let block = tp - image.offset;
            // SAFETY: the block lies in the static TLS of this thread, `memsz` bytes for this module;
            // the DTV has room for every start-up module.
            unsafe {
                let to = block as *mut u8;
                to.copy_from_nonoverlapping(image.bytes.as_ptr(), image.bytes.len());
                to.add(image.bytes.len()).write_bytes(0, image.memsz as usize - image.bytes.len());
                (dtv as *mut [u64; 2]).add(image.module as usize).write([block, 0]);
            }
        }
    }

    fn release(&self, tp: u64) {
        if self.modules > MAX_INLINE {
            let start = self.tcb_view(tp).word(tcb::DTV) - ENTRY;
            unmap(start, (self.modules + SPARE + 2) * ENTRY);
        }
    }
}

fn map(size: u64) -> Option<u64> {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    // SAFETY: a new mapping at an address of the kernel's choice.
    unsafe {
        mmap_anonymous(core::ptr::null_mut(), size as usize, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
    }
    .ok()
    .map(|start| start as u64)
}

fn unmap(start: u64, size: u64) {
    if size > 0 {
        // SAFETY: callers pass parts of mappings made by `map`.
        let _ = unsafe { rustix::mm::munmap(start as *mut core::ffi::c_void, size as usize) };
    }
}

struct Slot {
    ready: AtomicBool,
    blueprint: UnsafeCell<Option<Blueprint>>,
}
// SAFETY: written once before `ready`, read only after it.
unsafe impl Sync for Slot {}
static BLUEPRINT: Slot = Slot { ready: AtomicBool::new(false), blueprint: UnsafeCell::new(None) };

/// Publishes the blueprint, images included. Called once, by the only thread.
pub fn publish(blueprint: Blueprint) {
    // SAFETY: nothing reads before `ready`, and there is one thread.
    unsafe { *BLUEPRINT.blueprint.get() = Some(blueprint) };
    BLUEPRINT.ready.store(true, Ordering::Release);
}

fn blueprint() -> Option<&'static Blueprint> {
    // SAFETY: written before `ready`, never again.
    BLUEPRINT.ready.load(Ordering::Acquire).then(|| unsafe { (*BLUEPRINT.blueprint.get()).as_ref() }).flatten()
}

/// Gives the thread-to-be at `tp` its DTV and initialised static TLS; for 0 maps a block too, with a
/// TCB of its own. Returns the thread pointer, or 0 when there is no memory (glibc `_dl_allocate_tls`).
///
/// # Safety
/// `tp` is 0, or lies in memory with room for static TLS below and a TCB from there on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _dl_allocate_tls(tp: u64) -> u64 {
    let Some(blueprint) = blueprint() else { return 0 };
    let thread = if tp == 0 { blueprint.map_block() } else { tp };
    if thread == 0 {
        return 0;
    }
    if tp == 0 {
        blueprint.set_tcb(thread);
    }
    if !blueprint.install(thread) {
        if tp == 0 {
            blueprint.unmap_block(thread);
        }
        return 0;
    }
    blueprint.initialise(thread);
    thread
}

/// Initialises again the static TLS of a thread whose stack is reused (glibc `_dl_allocate_tls_init`;
/// a second argument of some versions has no meaning for us).
///
/// # Safety
/// `tp` was given to [`_dl_allocate_tls`] before and its thread has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _dl_allocate_tls_init(tp: u64) -> u64 {
    if let Some(blueprint) = blueprint().filter(|_| tp != 0) {
        blueprint.initialise(tp);
    }
    tp
}

/// Frees what [`_dl_allocate_tls`] took; the block too, if `free_block` and it was mapped there.
///
/// # Safety
/// `tp` was given to or returned by [`_dl_allocate_tls`], and its thread has ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _dl_deallocate_tls(tp: u64, free_block: bool) {
    if let Some(blueprint) = blueprint() {
        blueprint.release(tp);
        if free_block {
            blueprint.unmap_block(tp);
        }
    }
}

/// Size and alignment of static TLS with the TCB (glibc's and the sanitizers' private interface).
///
/// # Safety
/// Both pointers are valid for a store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _dl_get_tls_static_info(size: *mut u64, align: *mut u64) {
    if let Some(blueprint) = blueprint() {
        // SAFETY: the caller's promise.
        unsafe {
            *size = blueprint.below + blueprint.tcb;
            *align = blueprint.align;
        }
    }
}

/// The rest of `__tls_get_addr`: the module has no block in this thread. Every start-up module has
/// one, so the pair was not filled by relocation.
pub(crate) extern "C" fn slow_path(pair: *const [u64; 2]) -> u64 {
    // SAFETY: the caller passed the pair it was compiled with.
    let [module, offset] = unsafe { *pair };
    let mut page = ld_rs_loader::report::Page::default();
    let _ = core::fmt::Write::write_fmt(
        &mut page,
        format_args!("ld-rs.so: __tls_get_addr: no module {module} (offset {offset:#x})\n"),
    );
    page.write(2);
    ld_rs_loader::sys::exit(127)
}
