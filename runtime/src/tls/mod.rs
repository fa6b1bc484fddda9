//! A thread's TLS: one block below the thread pointer that holds the static TLS of every start-up
//! module, the surplus, the thread's DTV and our record of the thread.
//!
//! ```text
//! low                                                              TP
//! | record | DTV | surplus | module n | ... | module 2 | module 1  | TCB (the libc's, or 64 bytes) |
//! ```
//! The DTV has glibc's shape, since its libthread_db reads it: 16-byte entries {value, to_free};
//! %fs:8 points to entry 0, whose value is the generation; entry m is the block of module m, or -1.
//! The entry before is {0, the highest m there is room for}. Its first word is glibc's own capacity, by which libc frees
//! blocks (`_dl_resize_dtv`, `get_cached_stack`): at 0 it leaves all to us. The DTV lies in the block, so that creating a
//! thread allocates nothing, unless there are very many modules.
//!
//! Modules that come by dlopen get their block in **every** thread before dlopen returns
//! ([`late`]), so that no access ever allocates, takes a lock or can fail.

mod dtv;
pub mod error;
pub mod late;
mod threads;

use crate::area::View;
use crate::atomics::{AtomicPtr, AtomicU64, Ordering};
use alloc::vec::Vec;
use ld_rs_loader::arch::{self, tcb};
use ld_rs_loader::heap;
use ld_rs_loader::object::Objects;
use ld_rs_loader::sys::{self, page_size};
use ld_rs_plan::arch::{TLS_VARIANT, TlsVariant};
use ld_rs_plan::errno::ENOMEM;
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::tls::{self, SURPLUS, Spare, StaticTls};

pub(crate) use threads::LOCK;
pub use threads::{ThreadHooks, publish};

// The block below the thread pointer that is described above.
const _: () = assert!(matches!(TLS_VARIANT, TlsVariant::Below));

/// A DTV entry in bytes.
const ENTRY: u64 = 16;
/// Entries kept free in a new DTV for modules that come later.
const SPARE_ENTRIES: u64 = 14;
/// A DTV of more modules than this is mapped apart, or small stacks would be eaten by it.
const MAX_INLINE: u64 = 256;
/// Size of the TCB where no libc has one of its own.
pub const BARE_TCB: u64 = 64;

/// Our record of a thread, at the low end of its block.
mod record {
    /// Thread pointer of the next thread in the registry, or 0.
    pub const NEXT: usize = 0;
    /// Thread pointer of the one before, or 0 for the first.
    pub const PREVIOUS: usize = 8;
    /// Address of the newest DTV that was mapped or allocated apart, or 0 (see `late`).
    pub const DTV_APART: usize = 16;
    /// dlerror's text and whether it was told (see [`error`]), or 0.
    pub const ERROR: usize = 24;
    pub const SIZE: u64 = 32;
}

/// Bytes from the start of every thread's block to its thread pointer; 0 before the first one is laid out.
static BELOW: AtomicU64 = AtomicU64::new(0);

/// Module ids are below this number, and a negative key is not: until a libc keeps the blocks, under which there are keys alone.
/// Read by `__tls_get_addr`.
pub(crate) static IDS: AtomicU64 = AtomicU64::new(1 << 63);
/// The key of the program's module there.
pub(crate) static PROGRAM: AtomicU64 = AtomicU64::new(0);

/// A libc keeps the blocks of all modules, the program's under `program`, and 0 if it has none.
pub fn kept_by_libc(program: u64) {
    PROGRAM.store(program, Ordering::Relaxed);
    IDS.store(0, Ordering::Relaxed);
}

/// A thread, by its thread pointer.
#[derive(Clone, Copy)]
pub struct Thread(u64);

impl Thread {
    /// The thread, or one to be, at `tp`.
    ///
    /// # Safety
    /// As long as the value is used, memory of this process's blueprint is mapped there: `below` bytes up to `tp`, which is
    /// aligned to its `align`, and a TCB from there on.
    #[must_use]
    pub const unsafe fn at(tp: u64) -> Self {
        Self(tp)
    }

    /// The thread pointer.
    #[must_use]
    pub const fn pointer(self) -> u64 {
        self.0
    }

    fn tcb(self) -> View {
        // SAFETY: every TCB has these bytes; the word of the DTV, an atomic, is used by `dtv_place` alone.
        unsafe { View::new(self.0, BARE_TCB as usize) }
    }

    /// Where the thread finds its DTV.
    fn dtv_place(&self) -> &AtomicPtr<dtv::Entry> {
        // SAFETY: an aligned word of the TCB, used as a pointer by everybody.
        unsafe { &*((self.0 + tcb::DTV as u64) as *const AtomicPtr<dtv::Entry>) }
    }

    /// Our record of the thread; the word of its error, an atomic, is used by `error_place` alone.
    fn record(self) -> View {
        // SAFETY: the block begins with it.
        unsafe { View::new(self.0 - BELOW.load(Ordering::Relaxed), record::SIZE as usize) }
    }

    fn error_place(&self) -> &AtomicU64 {
        // SAFETY: an aligned word of the record.
        unsafe { &*(self.record().address(record::ERROR) as *const AtomicU64) }
    }
}

/// This thread. `None` before there are thread pointers, that is in an IFUNC resolver of start-up.
///
/// # Safety
/// If the program makes threads without [`threads::_dl_allocate_tls`], none of them, with a thread pointer of its own, is here.
pub unsafe fn current() -> Option<Thread> {
    // SAFETY: a block is laid out, and the first thread then gets its pointer before anything of the program runs.
    (BELOW.load(Ordering::Relaxed) != 0).then(|| unsafe { Thread(ld_rs_loader::arch::thread_pointer()) })
}

/// Works on the word that remembers this thread's error; it is 0 for a new thread. `None` as for [`current`].
pub fn with_error<T>(work: impl FnOnce(&AtomicU64) -> T) -> Option<T> {
    // SAFETY: the contract of dlopen and its like: they are called by the first thread, and by threads made with a block of ours.
    unsafe { current() }.map(|thread| work(thread.error_place()))
}

/// What every thread's block looks like. Made before relocation, completed with the images after it.
pub struct Blueprint {
    /// Bytes from the block's start to TP.
    pub below: u64,
    /// Bytes from TP on.
    pub tcb: u64,
    /// Alignment of TP.
    pub align: u64,
    /// Highest module id of start-up.
    pub modules: u64,
    /// Room for small initial-exec modules that come later.
    surplus: Spare,
    /// Of start-up's modules, each with its distance.
    images: Vec<(i64, Image)>,
    canary: u64,
    pointer_guard: u64,
}

/// The initial content of a module's block.
#[derive(Debug, Clone, Copy)]
struct Image {
    module: u64,
    /// Static TLS: from the thread pointer to where the block begins.
    distance: Option<i64>,
    bytes: &'static [u8],
    memsz: u64,
    align: u64,
    /// p_vaddr modulo p_align, which the block's address must have too.
    skew: u64,
}

impl Image {
    /// Writes the image to `block`, whose bytes are zero already if it is `fresh`.
    ///
    /// # Safety
    /// `block` has `memsz` bytes for this module that no other thread uses yet.
    unsafe fn write(&self, block: u64, fresh: bool) {
        // SAFETY: filesz <= memsz was checked by plan.
        unsafe {
            let to = block as *mut u8;
            to.copy_from_nonoverlapping(self.bytes.as_ptr(), self.bytes.len());
            if !fresh {
                to.add(self.bytes.len()).write_bytes(0, self.memsz as usize - self.bytes.len());
            }
        }
    }
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
        let used = layout.size;
        let surplus = Spare::new(used, layout.reserve(SURPLUS)?);
        let dtv = if modules <= MAX_INLINE { dtv::size(modules + SPARE_ENTRIES) * ENTRY } else { 0 };
        layout.reserve(dtv + record::SIZE)?;
        let (canary, pointer_guard) = guards(random);
        let images = Vec::new();
        let (below, align) = (layout.size, layout.align);
        Some(Self { below, tcb, align, modules, surplus, images, canary, pointer_guard })
    }

    /// As [`Blueprint::new`], for a libc that makes the blocks and DTVs of threads itself: beside the modules there is our
    /// record alone. The block's size is a multiple of its alignment.
    #[must_use]
    pub fn of_libc(mut layout: StaticTls, modules: u64, random: [u8; 16]) -> Option<Self> {
        layout.reserve(record::SIZE)?;
        let (canary, pointer_guard) = guards(random);
        let (below, align) = (layout.size, layout.align);
        Some(Self {
            below,
            tcb: 0,
            align,
            modules,
            surplus: Spare::default(),
            images: Vec::new(),
            canary,
            pointer_guard,
        })
    }

    /// The first thread, whose block of [`Blueprint::of_libc`] a libc has made.
    ///
    /// # Safety
    /// As [`Thread::at`]; all threads that call ld-rs have such a block.
    #[must_use]
    pub unsafe fn adopt(&self, tp: u64) -> Thread {
        BELOW.store(self.below, Ordering::Relaxed);
        Thread(tp)
    }

    /// Takes the images of all modules, which relocation has completed.
    pub fn take_images(&mut self, objects: &Objects) {
        let images = objects.list.iter().filter_map(|object| late::image(object));
        self.images.extend(images.filter_map(|image| Some((image.distance?, image))));
    }

    /// Maps a block with its TCB for a thread whose stack has no room for it, near `hint` if that is
    /// not 0; `None` when there is no memory.
    fn map_block(&self, hint: u64) -> Option<Thread> {
        let (size, below) = tls::mapped(self.below, self.tcb, page_size())?;
        let slack = self.align.saturating_sub(page_size());
        let start = map(hint, size + slack)?;
        let tp = (start + below).next_multiple_of(self.align);
        unmap(start, tp - below - start);
        unmap(tp - below + size, start + slack + below - tp);
        Some(Thread(tp))
    }

    /// Makes the first thread's block, at its distance from ld-rs, and points %fs at it. It is the heap's, which spares a
    /// system call, or mapped if it is large.
    pub fn first_thread(&self) -> Result<Thread, Error> {
        let failed = |cause| Error::new(b"", cause);
        let block = heap::zeroes(self.below.saturating_add(self.tcb).saturating_add(self.align)) as u64;
        let thread = match block {
            0 => self.map_block(arch::own_base().wrapping_sub(heap::DISTANCE)),
            block => Some(Thread((block + self.below).next_multiple_of(self.align))),
        };
        let thread = thread
            .filter(|thread| self.install(*thread))
            .ok_or_else(|| failed(Cause::System("cannot allocate TLS", ENOMEM)))?;
        self.set_tcb(thread);
        // SAFETY: the block has its TCB words.
        let set = sys::result(unsafe { arch::set_thread_pointer(thread.0) });
        sys::count();
        set.map_err(|errno| failed(Cause::System("cannot set the thread pointer", errno)))?;
        Ok(thread)
    }

    /// Unmaps what [`Blueprint::map_block`] mapped.
    fn unmap_block(&self, thread: Thread) {
        if let Some((size, below)) = tls::mapped(self.below, self.tcb, page_size()) {
            unmap(thread.0 - below, size);
        }
    }

    /// Gives the block of `thread` a record, a DTV and the TCB's word for it. False when there is no memory.
    #[must_use]
    pub fn install(&self, thread: Thread) -> bool {
        BELOW.store(self.below, Ordering::Relaxed); // always the same: a process has one blueprint
        let record = thread.record();
        record.set(record::NEXT, 0u64);
        record.set(record::PREVIOUS, 0u64);
        record.set(record::DTV_APART, 0u64);
        thread.error_place().store(0, Ordering::Relaxed);
        let capacity = self.modules + SPARE_ENTRIES;
        if self.modules <= MAX_INLINE {
            let memory = record.address(record::SIZE as usize) as *mut dtv::Entry;
            // SAFETY: `new` laid out the room behind the record.
            let dtv = unsafe { dtv::make(memory, capacity) };
            thread.dtv_place().store(dtv, Ordering::Release);
            return true;
        }
        late::new_dtv(self, thread, capacity)
    }

    /// Sets the TCB words that a libc would set itself for a thread it makes.
    pub fn set_tcb(&self, thread: Thread) {
        let tcb = thread.tcb();
        tcb.set(tcb::SELF, thread.0);
        tcb.set(tcb::SELF_AGAIN, thread.0);
        tcb.set(tcb::CANARY, self.canary);
        tcb.set(tcb::POINTER_GUARD, self.pointer_guard);
    }

    /// Copies every start-up module's image into the block that ends at `tp`, whose bytes are zero, and into no DTV.
    ///
    /// # Safety
    /// `below` bytes up to `tp` are a block that nobody else uses yet.
    pub unsafe fn write_images(&self, tp: u64) {
        for (distance, image) in &self.images {
            // SAFETY: the distance is inside of the block.
            unsafe { image.write(tp.wrapping_add_signed(*distance), true) };
        }
    }

    /// Copies every start-up module's image into the block of `thread`, which has its DTV, and enters it there.
    pub fn initialise(&self, thread: Thread) {
        for (distance, image) in &self.images {
            let block = thread.0.wrapping_add_signed(*distance);
            // SAFETY: the block lies in the static TLS of this thread, `memsz` bytes for this module;
            // the DTV has room for every start-up module.
            unsafe {
                image.write(block, false);
                dtv::enter(thread.dtv_place(), image.module, block, 0);
            }
        }
    }
}

/// `size` bytes of zeroes, near `hint` if that is not 0.
pub(crate) fn map(hint: u64, size: u64) -> Option<u64> {
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
    let access = ProtFlags::READ | ProtFlags::WRITE;
    ld_rs_loader::sys::count();
    // SAFETY: a new mapping at an address of the kernel's choice.
    unsafe { mmap_anonymous(hint as *mut core::ffi::c_void, size as usize, access, MapFlags::PRIVATE) }
        .ok()
        .map(|start| start as u64)
}

fn unmap(start: u64, size: u64) {
    if size > 0 {
        ld_rs_loader::sys::count();
        // SAFETY: callers pass parts of mappings made by `map`.
        let _ = unsafe { rustix::mm::munmap(start as *mut core::ffi::c_void, size as usize) };
    }
}

/// The rest of `__tls_get_addr`: the module has no block in this thread. Every module that is loaded
/// has one, so the pair was not filled by relocation, or its object is gone.
pub(crate) extern "C" fn slow_path(pair: *const [u64; 2]) -> u64 {
    // SAFETY: the caller passed the pair it was compiled with.
    let [module, offset] = unsafe { *pair };
    let text = format_args!("ld-rs.so: __tls_get_addr: no module {module} (offset {offset:#x})");
    ld_rs_loader::page::line(text).exit(2, 127)
}
