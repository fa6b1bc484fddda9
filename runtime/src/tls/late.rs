//! TLS of objects that come by dlopen. Every thread gets the module's block before dlopen returns
//! and loses it in dlclose, so first touch is an ordinary access: safe in a signal handler, never out
//! of memory. Initial-exec modules need one distance to the thread pointer in all threads: small
//! ones lie in the surplus, others in the **extension area**, far below every thread pointer.

use super::dtv::{self, UNALLOCATED};
use super::threads::{Registry, with};
use super::{Blueprint, ENTRY, Image, SPARE_ENTRIES, Thread, current, record, unmap};
use alloc::alloc::{Layout, dealloc};
use alloc::collections::BinaryHeap;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::sync::atomic::Ordering;
use ld_rs_loader::heap::{self, try_alloc};
use ld_rs_loader::object::{Module, Object};
use ld_rs_loader::sys::page_size;
use ld_rs_plan::elf::header::{Range, Tls};
use ld_rs_plan::error::Cause;
use ld_rs_plan::tls::StaticTls;
use ld_rs_plan::tls::key::{self, Key};
use ld_rs_plan::{MIN_PAGE, map};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

/// Bytes from a thread pointer down to where the extension area ends: 16 TiB, away from stacks, heap and objects in
/// any layout of Linux.
const EXTENSION: u64 = 1 << 44;
/// Bytes from one module's offset in the extension area to the next one's: 16 GiB, twice what the stacks of a process
/// spread over. Only the module's own pages are mapped.
const SLOT: u64 = 1 << 34;
/// The most modules in the extension area; one more is refused.
const SLOTS: usize = 1024;
/// Bytes from ld-rs down to the first thread's block, where the heap begins. The block of module k of the thread at TP lies in
/// `[TP - EXTENSION - (k + 1) * SLOT, TP - EXTENSION - k * SLOT)`, in the half of it next to its upper end (`place` refuses
/// more). So two modules k, l of threads at TP and UP can only meet if TP - UP is nearer than SLOT / 2 to the multiple
/// (k - l) * SLOT. Threads on stacks lie within SLOT / 2 of each other, so for them only k = l is left. The first
/// thread, near ld-rs by the kernel, is kept from them by half a slot beside a whole number of slots.
/// No more than 16 of them, for ThreadSanitizer takes 0x7e80_0000_0000 for the lowest address of a
/// mapping, and the kernel places ld-rs from 0x7eff_... on.
const _: () = assert!(heap::DISTANCE == 16 * SLOT + SLOT / 2);
/// Blocks larger than this, or aligned beyond what the heap aligns to (MIN_PAGE), are mapped one by one.
const LARGE: u64 = 64 * 1024;

/// The modules that came by dlopen.
pub(super) struct Late {
    /// Highest id of start-up.
    first: u64,
    /// By id - first - 1; `None` is free to be used again.
    modules: Vec<Option<Image>>,
    /// Indices of those that are free: the lowest is used first.
    free: BinaryHeap<Reverse<usize>>,
    /// Which slots of the extension area are taken.
    slots: Vec<bool>,
}

/// Why a module cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// No memory for it in some thread: bytes wanted in all threads.
    Memory(u64),
    /// Initial-exec TLS: bytes wanted, bytes left.
    Room(u64, u64),
    /// Initial-exec TLS: alignment wanted, alignment of thread pointers.
    Alignment(u64, u64),
    /// The libc, which keeps the threads' blocks, cannot have it: why.
    Libc(Cause),
}

/// The image of an object's module, once it is placed and relocated.
pub(super) fn image(object: &Object) -> Option<Image> {
    let module = object.module?;
    let bytes = object.tls_bytes();
    Some(Image {
        module: module.id,
        distance: module.distance,
        // SAFETY: the object keeps its image until it is unloaded. `dl::close::unload` and the undoing of `dl::open`
        // call `remove`, which drops the slice, before they drop the object; start-up objects stay for good.
        bytes: unsafe { core::slice::from_raw_parts(bytes.as_ptr(), bytes.len()) },
        memsz: module.tls.memsz,
        align: module.tls.align,
        skew: module.tls.vaddr & (module.tls.align - 1),
    })
}

/// Takes an id, and for initial-exec TLS a distance to the thread pointer, for a module to come. Nothing is in any thread yet.
pub fn reserve(tls: &Tls, initial_exec: bool) -> Result<Module, Refusal> {
    let reserved = with(|registry| registry.reserve(tls, initial_exec)).unwrap_or(Err(Refusal::Memory(tls.memsz)));
    reserved.map(|(id, distance)| Module { id, key: id, distance, tls: *tls })
}

/// Gives the module of `object` to every thread.
pub fn add(object: &Object) -> Result<(), Refusal> {
    let Some(image) = image(object) else { return Ok(()) };
    with(|registry| registry.add(image)).unwrap_or(Err(Refusal::Memory(image.memsz)))
}

/// Takes a module from every thread; its id and distance are free.
pub fn remove(module: &Module) {
    with(|registry| registry.remove_module(module.id, &module.tls, module.distance));
}

impl Registry {
    fn reserve(&mut self, tls: &Tls, initial_exec: bool) -> Result<(u64, Option<i64>), Refusal> {
        let distance = if initial_exec { Some(self.place(tls)?) } else { None };
        let late = &mut self.late;
        let index = late.free.pop().map_or(late.modules.len(), |free| free.0);
        // Marks the id as taken; the image follows when the object is relocated.
        let taken = Image { module: 0, distance, bytes: &[], memsz: 0, align: 1, skew: 0 };
        match late.modules.get_mut(index) {
            Some(slot) => *slot = Some(taken),
            None => late.modules.push(Some(taken)),
        }
        Ok((late.first + 1 + index as u64, distance))
    }

    /// A distance for initial-exec TLS, the same in every thread.
    fn place(&mut self, tls: &Tls) -> Result<i64, Refusal> {
        let align = self.blueprint.align;
        if tls.align > align {
            return Err(Refusal::Alignment(tls.align, align));
        }
        if let Some(distance) = self.blueprint.surplus.place(tls) {
            return Ok(distance);
        }
        let slots = &mut self.late.slots;
        let slot = slots.iter().position(|taken| !taken).unwrap_or(slots.len());
        let start = StaticTls { size: EXTENSION + slot as u64 * SLOT, align };
        let distance = start.fit(tls).filter(|_| slot < SLOTS && tls.memsz < SLOT / 2);
        let distance = distance.ok_or(Refusal::Room(tls.memsz, self.blueprint.surplus.largest()))?;
        match slots.get_mut(slot) {
            Some(free) => *free = true,
            None => slots.push(true),
        }
        Ok(distance)
    }

    fn add(&mut self, image: Image) -> Result<(), Refusal> {
        for (done, thread) in self.threads().enumerate() {
            if !give(&self.blueprint, &image, thread) {
                self.threads().take(done).for_each(|thread| take(&image, thread));
                return Err(Refusal::Memory(image.memsz.saturating_mul(self.threads().count() as u64)));
            }
        }
        if let Some(slot) = self.late.slot(image.module) {
            *slot = Some(image);
        }
        Ok(())
    }

    fn remove_module(&mut self, module: u64, tls: &Tls, distance: Option<i64>) {
        let image = self.late.slot(module).and_then(Option::take);
        self.late.free.push(Reverse((module - self.late.first - 1) as usize));
        if let Some(image) = image.filter(|image| image.module == module) {
            self.threads().for_each(|thread| take(&image, thread));
        }
        match distance {
            Some(distance) if in_extension(distance) => {
                let slot = (distance.unsigned_abs() - EXTENSION) / SLOT;
                if let Some(taken) = self.late.slots.get_mut(slot as usize) {
                    *taken = false;
                }
            }
            Some(distance) => self.blueprint.surplus.release(distance, tls.memsz),
            None => {}
        }
    }
}

fn in_extension(distance: i64) -> bool {
    distance.unsigned_abs() > EXTENSION
}

impl Late {
    pub fn new(first: u64) -> Self {
        Self { first, modules: vec![], free: BinaryHeap::new(), slots: vec![] }
    }

    fn slot(&mut self, module: u64) -> Option<&mut Option<Image>> {
        self.modules.get_mut(module.checked_sub(self.first + 1)? as usize)
    }

    fn images(&self) -> impl Iterator<Item = &Image> {
        // Module 0 marks an id whose object is not relocated yet.
        self.modules.iter().flatten().filter(|image| image.module != 0)
    }

    /// Gives every late module to a new thread; all or none.
    pub fn give_all(&self, blueprint: &Blueprint, thread: Thread) -> bool {
        for (done, image) in self.images().enumerate() {
            if !give(blueprint, image, thread) {
                self.images().take(done).for_each(|image| take(image, thread));
                return false;
            }
        }
        true
    }

    /// Writes every late module's image again.
    pub fn initialise_all(&self, thread: Thread) {
        for image in self.images() {
            // SAFETY: the thread has a DTV, a block of every late module, and has ended.
            unsafe {
                if let Some(block) = dtv::block(thread.dtv_place(), image.module) {
                    image.write(block, false);
                }
            }
        }
    }

    /// Takes every late module from a thread that has ended.
    pub fn take_all(&self, thread: Thread) {
        self.images().for_each(|image| take(image, thread));
    }
}

/// Makes a block for `image` in `thread` and enters it in the thread's DTV.
fn give(blueprint: &Blueprint, image: &Image, thread: Thread) -> bool {
    let (tp, room) = (thread.pointer(), (image.module + SPARE_ENTRIES).next_power_of_two());
    if image.module > capacity(thread) && !new_dtv(blueprint, thread, room) {
        return false;
    }
    // Pages just mapped are zero already: a thread that never touches them does not pay for them.
    let (block, base, fresh) = match image.distance {
        Some(distance) if in_extension(distance) => {
            let block = tp.wrapping_add_signed(distance);
            if !map_at(block, image.memsz) {
                return false;
            }
            (block, 0, true)
        }
        Some(distance) => (tp.wrapping_add_signed(distance), 0, false),
        None => {
            let base = allocate(image);
            if base == 0 {
                return false;
            }
            (base + image.skew, base, is_large(image))
        }
    };
    // SAFETY: the block is this thread's alone; the DTV has room for the module.
    unsafe {
        image.write(block, fresh);
        dtv::enter(thread.dtv_place(), image.module, block, base);
    }
    true
}

/// Frees the block of `image` in `thread`.
fn take(image: &Image, thread: Thread) {
    if image.module > capacity(thread) {
        return;
    }
    // SAFETY: the DTV has an entry for the module; nobody accesses an object that is being closed.
    let [block, base] = unsafe { dtv::clear(thread.dtv_place(), image.module) };
    match image.distance {
        _ if block == UNALLOCATED => {}
        Some(distance) if in_extension(distance) => {
            let (start, size) = pages(block, image.memsz);
            unmap(start, size);
        }
        Some(_) => {}
        None => free(image, base),
    }
}

/// Size and alignment of a block that may be anywhere.
fn block_layout(image: &Image) -> Option<Layout> {
    Layout::from_size_align((image.memsz + image.skew) as usize, image.align.max(16) as usize).ok()
}

fn is_large(image: &Image) -> bool {
    image.memsz + image.skew > LARGE || image.align > MIN_PAGE
}

fn allocate(image: &Image) -> u64 {
    let Some(layout) = block_layout(image) else { return 0 };
    if !is_large(image) {
        // SAFETY: the layout is not empty: plan keeps only TLS of memsz > 0.
        return unsafe { try_alloc(layout) } as u64;
    }
    let slack = image.align.saturating_sub(page_size());
    let size = (layout.size() as u64).next_multiple_of(page_size());
    let Some(start) = super::map(0, size + slack) else { return 0 };
    let base = start.next_multiple_of(image.align);
    unmap(start, base - start);
    unmap(base + size, start + slack - base);
    base
}

fn free(image: &Image, base: u64) {
    let Some(layout) = block_layout(image) else { return };
    if is_large(image) {
        unmap(base, (layout.size() as u64).next_multiple_of(page_size()));
    } else {
        // SAFETY: allocated by `allocate` with this layout.
        unsafe { dealloc(base as *mut u8, layout) };
    }
}

/// The whole pages that hold `size` bytes at `start`.
fn pages(start: u64, size: u64) -> (u64, u64) {
    let pages = map::pages(Range { vaddr: start, size }, page_size());
    (pages.vaddr, pages.size)
}

/// Maps the pages of an extension block where they must be; false if something is there.
fn map_at(block: u64, size: u64) -> bool {
    let (start, size) = pages(block, size);
    let wanted = start as *mut core::ffi::c_void;
    let flags = MapFlags::PRIVATE | MapFlags::FIXED_NOREPLACE;
    // SAFETY: NOREPLACE refuses to lay the block over anything that is mapped.
    match unsafe { mmap_anonymous(wanted, size as usize, ProtFlags::READ | ProtFlags::WRITE, flags) } {
        Ok(got) if got == wanted => true,
        Ok(elsewhere) => {
            // SAFETY: the mapping was just made.
            let _ = unsafe { munmap(elsewhere, size as usize) };
            false
        }
        Err(_) => false,
    }
}

/// The highest module the thread's DTV has room for.
fn capacity(thread: Thread) -> u64 {
    // SAFETY: every registered thread has a DTV.
    unsafe { dtv::capacity(thread.dtv_place()) }
}

/// A DTV apart from the block begins with an entry of its own: {address of the one before, capacity}.
fn apart_layout(capacity: u64) -> Option<Layout> {
    Layout::from_size_align(((dtv::size(capacity) + 1) * ENTRY) as usize, ENTRY as usize).ok()
}

/// Gives the thread a DTV with room for `wanted` modules. The old one stays until the thread ends,
/// for the thread may be reading it.
pub(super) fn new_dtv(blueprint: &Blueprint, thread: Thread, wanted: u64) -> bool {
    let Some(layout) = apart_layout(wanted) else { return false };
    // SAFETY: the layout is not empty.
    let base = unsafe { try_alloc(layout) } as u64;
    if base == 0 {
        return false;
    }
    let record = thread.record();
    let had_one = record.word(record::DTV_APART) != 0 || blueprint.modules <= super::MAX_INLINE;
    // SAFETY: room for an entry of ours and a DTV; where there is one already it is smaller.
    unsafe {
        (base as *mut [u64; 2]).write([record.word(record::DTV_APART), wanted]);
        let new = dtv::make((base + ENTRY) as *mut dtv::Entry, wanted);
        match had_one {
            true => dtv::replace(thread.dtv_place(), new),
            false => thread.dtv_place().store(new, Ordering::Release),
        }
    }
    record.set(record::DTV_APART, base);
    true
}

/// Frees the DTVs apart from the block of a thread that has ended.
pub(super) fn release_dtvs(thread: Thread) {
    let mut base = thread.record().word(record::DTV_APART);
    while base != 0 {
        // SAFETY: a chain made by `new_dtv`.
        let [before, capacity] = unsafe { *(base as *const [u64; 2]) };
        if let Some(layout) = apart_layout(capacity) {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(base as *mut u8, layout) };
        }
        base = before;
    }
    thread.record().set(record::DTV_APART, 0u64);
}

/// The block of the module with this key ([`Module::key`]) in this thread.
#[must_use]
pub fn block(key: u64) -> Option<u64> {
    // SAFETY: as in `super::with_error`.
    let thread = unsafe { current() }?;
    match key::read(key) {
        Key::Distance(distance) => Some(thread.pointer().wrapping_add_signed(distance)),
        // SAFETY: a libc keeps it, in every thread since the object came: its DTV has such a word.
        Key::Number(number) => unsafe {
            Some(*thread.dtv_place().load(Ordering::Acquire).cast::<u64>().add(number as usize))
        },
        // SAFETY: every such thread has a DTV.
        Key::Module(module) => unsafe { dtv::block(thread.dtv_place(), module) },
    }
}
