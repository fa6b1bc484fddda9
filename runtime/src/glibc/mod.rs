//! The contract with glibc: its libc.so.6 reads our `_rtld_global` and `_rtld_global_ro`, which we
//! fill by the offsets of its version (`layout.rs`, `tables/`). No code of it is patched, and
//! nothing of its own loader is in the process.
//!
//! All that ld-rs knows of the glibc of the process is in one [`Glibc`], made when the program's objects are known.
//! The functions that glibc calls get no context: they reach it through [`current`].

mod caches;
mod cpu;
mod cpu_tunables;
mod dlfcn;
mod exports;
mod for_musl;
mod layout;
mod link_map;
mod proof;
mod recognise;
mod services;
mod stacks;
mod tables;
mod tunables;

use crate::arch::{FPU_DEFAULT, RSEQ_IN_PADDING, RSEQ_SIGNATURE, VDSO, VDSO_GETRANDOM};
use crate::area::{self, At, View};
use crate::debugger::{_r_debug, LinkMap};
use crate::dl::symbol::Target;
use crate::libc::{ErrnoLocation, Kept, Libc, Setup};
use crate::process;
use crate::tls::ThreadHooks;
use crate::{fork, lock, tls};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};
use exports::{_rtld_global, _rtld_global_ro};
use layout::{Layout, Rseq};
use ld_rs_loader::arch::tcb;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::{arch, stack, sys};
use ld_rs_plan::elf::dynamic::Dynamic;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::elf::{LE, Sym};
use ld_rs_plan::error::{Cause, Error};
use linux_raw_sys::{auxvec, general as nr};
use object::elf::DynamicTag;
use services::{
    debug_printf, lock_recursive, lookup_symbol, nothing, open, readonly_area, tls_get_addr_soft, unlock_recursive,
};

/// glibc of one known layout. What changes is an atomic: written by the only thread there is, at start, or under the
/// load lock, and read by any.
struct Glibc {
    layout: &'static Layout,
    /// The object of libc.so.6: one of start-up, so it never goes and its number stays.
    number: usize,
    tunables: tunables::Tunables,
    /// The dynamic section of the vdso, where there is one.
    vdso: AtomicPtr<Dynamic<'static>>,
    /// Where errno is.
    errno_location: ErrnoLocation,
    /// Bytes of struct rseq in use.
    rseq_size: AtomicU32,
    /// Whether those CPU leaves are filled too that no IFUNC resolver of its own reads.
    cpu_complete: AtomicBool,
}

/// The glibc of the process: for the functions that it calls, which get nothing by which to find it. Set once, before
/// any code of it runs; null where the program has another libc or none.
static CURRENT: AtomicPtr<Glibc> = AtomicPtr::new(null_mut());

/// The glibc of the process, if it has one.
fn current() -> Option<&'static Glibc> {
    // SAFETY: null, or what `prepare` stored, which `choose` leaked.
    unsafe { CURRENT.load(Ordering::Acquire).as_ref() }
}

/// Sets this thread's errno.
fn set_errno(errno: i32) {
    if let Some(glibc) = current() {
        glibc.set_errno(errno);
    }
}

/// Recognises object `number` as a libc by its own facts; an unknown one is refused.
pub fn choose(objects: &Objects, number: usize) -> Result<&'static dyn Libc, Error> {
    let (table, is_build) = recognise::recognise(objects, number)?;
    Ok(Box::leak(Box::new(Glibc {
        layout: &tables::ALL[table],
        number,
        tunables: tunables::Tunables::new(table, is_build),
        vdso: AtomicPtr::new(null_mut()),
        errno_location: ErrnoLocation::default(),
        rseq_size: AtomicU32::new(RSEQ_FIRST),
        cpu_complete: AtomicBool::new(false),
    })))
}

/// Addresses of functions, in a row.
macro_rules! addresses {
    ($($function:expr),*) => { [$($function as *const () as u64),*] };
}

/// PTHREAD_MUTEX_RECURSIVE_NP, and which word of a mutex holds it.
const MUTEX_RECURSIVE: u32 = 1;
const MUTEX_KIND: usize = 4;
/// The size of the rseq area that every kernel knows, and what the first of them used of it.
const RSEQ_SIZE: usize = size_of::<Rseq>();
const RSEQ_FIRST: u32 = 20;
/// RSEQ_CPU_ID_REGISTRATION_FAILED.
const RSEQ_FAILED: u32 = u32::MAX - 1;

impl ThreadHooks for Glibc {
    fn set_errno(&self, errno: i32) {
        self.errno_location.set(errno);
    }

    fn before_threads(&self) {
        let functions = {
            let process = process::read();
            // The program's malloc, which need not be libc's, and the free of the same object: no other knows its memory.
            let found = process.objects.find(&process.namespace.scope, b"malloc");
            found.and_then(|(object, symbol)| Some((target(object, symbol)?, target(object, named(object, b"free")?)?)))
        };
        let functions = functions.and_then(|(malloc, free)| Some((malloc.address()?, free.address()?)));
        let Some((malloc, free)) = functions else { return };
        // glibc's own loader allocates the DTV here. A malloc makes itself ready at its first call, without a lock:
        // two threads that both call it first would share the main arena, which counts one (up to 2.41).
        // SAFETY: functions named malloc and free of one object, by their C types; free takes what malloc gave.
        unsafe {
            let memory = core::mem::transmute::<u64, extern "C" fn(usize) -> *mut c_void>(malloc)(1);
            core::mem::transmute::<u64, extern "C" fn(*mut c_void)>(free)(memory);
        }
    }
}

impl Libc for Glibc {
    fn objects_of_others_come(&self, objects: &Objects, scope: &[usize]) {
        for_musl::prepare(objects, scope);
    }

    fn tcb_size(&self) -> u64 {
        self.layout.pthread.size as u64
    }

    fn link_map_size(&self) -> usize {
        self.layout.link_map.size.into()
    }

    fn relocated_tags(&self) -> &'static [DynamicTag] {
        link_map::relocated_tags(self.layout)
    }

    fn searches_old_subdirectories(&self) -> bool {
        *self.layout.version <= b"2.36"[..]
    }

    fn refusal(&self, _object: &Object) -> Option<Cause> {
        None // libc.so.6 is there already
    }

    fn objects_will_come(&self) {
        self.complete_cpu();
    }

    fn prepare(&self, setup: &Setup<'_>) {
        CURRENT.store(core::ptr::from_ref(self).cast_mut(), Ordering::Release);
        let rseq_size = setup.stack.aux(stack::AT_RSEQ_FEATURE_SIZE);
        if self.layout.behaviour.rseq_feature_size && rseq_size != 0 {
            // We register what every kernel takes.
            self.rseq_size.store(rseq_size.min(RSEQ_SIZE as u64) as u32, Ordering::Relaxed);
        }
        self.fill_global(setup);
        self.fill_global_ro(setup);
        cpu::fill(self.layout, _rtld_global_ro.view());
        let mut objects = setup.objects.list.iter().filter(|object| object.role != Role::Vdso);
        if objects.any(|object| cpu::reads_leaves(object)) {
            self.complete_cpu();
        }
        if !self.layout.behaviour.fstat_by_newfstatat {
            sys::use_fstat();
        }
        exports::set_start(setup.stack.vectors(), setup.secure);
        let libc = &setup.objects[self.number];
        if self.layout.global_ro.dlfcn_hook.is_none() {
            dlfcn::install_open_hook(libc);
        }
        if let Some(text) = self.tunables.read(libc, setup.stack.variables(tunables::INITIALS)) {
            // What they switch off is not to be filled later.
            self.complete_cpu();
            cpu_tunables::apply(self.layout, _rtld_global_ro.view(), text, setup.stack.aux(auxvec::AT_PLATFORM));
            stacks::tune(self.layout, text);
        }
    }

    fn fill_link_map(&self, object: &Object, directory: Option<&[u8]>, map: *mut LinkMap) -> Kept {
        // SAFETY: made by `debugger::link_map` with `link_map_size` bytes, and in no chain yet.
        let view = unsafe { View::new(map as u64, self.layout.link_map.size.into()) };
        if self.layout.global_ro.dlfcn_hook.is_none() {
            dlfcn::install_hook(object);
        }
        link_map::fill(self.layout, view, object, directory, map)
    }

    fn objects_came(&self, came: &[(*mut LinkMap, Option<u64>)]) {
        let at = &self.layout.global;
        let global = _rtld_global.view();
        self.count_objects(came.len() as i32);
        // Monotone: unwinders take it for a version of the list.
        global.set(at.load_adds, global.get(at.load_adds).wrapping_add(came.len() as u64));
        for (map, module) in came {
            if let Some(module) = module {
                self.set_module(*module, *map);
            }
        }
    }

    fn make_stacks_executable(&self) -> Result<(), i32> {
        stacks::make_executable(self.layout)
    }

    fn objects_went(&self, count: usize, modules: &[u64]) {
        self.count_objects(-(count as i32));
        for module in modules {
            self.set_module(*module, null_mut());
        }
    }

    fn is_pinned(&self, map: *mut LinkMap) -> bool {
        let count = map as usize + self.layout.link_map.tls_dtor_count.start();
        // SAFETY: a link map of ours, `link_map_size` bytes, in which the word lies aligned; libc counts pending
        // destructors there, atomically, and takes one away (release) when it has run.
        unsafe { (*(count as *const AtomicUsize)).load(Ordering::Acquire) != 0 }
    }

    fn first_thread(&self, setup: &Setup<'_>) -> Result<tls::Thread, Error> {
        let thread = setup.blueprint.first_thread()?;
        self.adopt_thread(thread.pointer());
        Ok(thread)
    }

    fn start(&self, objects: &Objects, _scope: &[usize]) {
        // From here on the locks are libc's: its fork and its dl_iterate_phdr know of them.
        let global = _rtld_global.view();
        // SAFETY: by the recognised layout, the thread id of each of its threads, and two of its mutexes in our own area.
        unsafe {
            lock::set_thread_id_offset(self.layout.pthread.tid.start());
            lock::LOAD.move_to(global.address(self.layout.global.load_lock));
            lock::WRITE.move_to(global.address(self.layout.global.load_write_lock));
        }
        self.register_fork_handlers(objects);
        if let Some(address) = self.function(objects, b"__errno_location") {
            // SAFETY: a function of libc's own object, which is relocated.
            unsafe { self.errno_location.found(address) };
        }
        // 2.32 and later: locale, tcache and single-thread state, before any constructor.
        if let Some(address) = self.function(objects, b"__libc_early_init") {
            // SAFETY: a function of libc's own object that takes one bool: initial namespace.
            unsafe { core::mem::transmute::<u64, extern "C" fn(bool)>(address)(true) };
        }
    }
}

/// The symbol by which `object` defines `name`, if only as a part of its private interface.
fn named<'a>(object: &'a Object, name: &[u8]) -> Option<&'a Sym> {
    let dynamic = &object.dynamic;
    let private = || dynamic.versions.defined.iter().find(|version| version.name == b"GLIBC_PRIVATE").copied();
    let index = dynamic.find(&Query::new(name, None)).or_else(|| dynamic.find(&Query::new(name, private())))?;
    dynamic.symbols.get(index as usize)
}

/// What a symbol of `object` for a function stands for.
fn target(object: &Object, symbol: &Sym) -> Option<Target> {
    Target::of(object, symbol).filter(|target| match target {
        Target::Address(address) => object.is_code(*address),
        Target::Resolver(_) => true,
        Target::Tls { .. } => false,
    })
}

impl Glibc {
    /// The address of a function that libc's own object defines: an object before it in the scope may have one of that
    /// name and another meaning.
    fn function(&self, objects: &Objects, name: &[u8]) -> Option<u64> {
        let libc = &objects[self.number];
        target(libc, named(libc, name)?)?.address()
    }

    /// Makes the first thread, whose pointer is set, what libc expects of it.
    fn adopt_thread(&self, tp: u64) {
        let at = &self.layout.pthread;
        // SAFETY: the first thread's control block, `tcb_size` bytes, just mapped; there is no other thread.
        let thread = unsafe { View::new(tp, at.size.into()) };
        let global = _rtld_global.view();

        // 2.44 reads it there. Its version of the symbol is private, so that nobody else's is meant.
        let guard: At<u64> = area::at(tcb::POINTER_GUARD as u16);
        exports::__pointer_chk_guard.store(thread.get(guard), Ordering::Relaxed);

        // The thread is a member of the list of threads with stacks of their own.
        if let Some(list) = self.layout.global.stack_user {
            let head = global.address(list);
            let node = thread.address(at.list);
            thread.set(at.list, [head; 2]);
            global.set(list, [node; 2]);
        }
        // What is not set is 0: the block was just mapped.
        thread.set(at.specific, thread.address(at.specific_1stblock));
        thread.set_if(at.user_stack, 1u8);
        thread.set_if(at.stack_mode, 2u32);
        thread.set_if(at.joinstate, 2u32);
        thread.set(at.stackblock.item::<1>(), exports::__libc_stack_end.load(Ordering::Relaxed));
        let robust_head = thread.address(at.robust.item::<1>());
        thread.set(at.robust, [robust_head, robust_head, (-32i64).cast_unsigned()]);

        // 2.43 clears the joinable state, not the thread id, when the thread ends.
        let cleared = at.joinstate.unwrap_or(at.tid);
        // SAFETY: the kernel stores 0 there when the thread ends; the block outlives it.
        let tid =
            unsafe { sys::syscall(nr::__NR_set_tid_address as usize, [thread.address(cleared) as usize, 0, 0, 0]) };
        thread.set(at.tid, tid as u32);
        // SAFETY: the list head is in the control block, 24 bytes.
        unsafe { sys::syscall(nr::__NR_set_robust_list as usize, [robust_head as usize, 24, 0, 0]) };
        if self.layout.behaviour.rseq {
            self.register_rseq(thread, at.rseq_area.unwrap_or(area::at(RSEQ_IN_PADDING)));
        }
        // The debugger's and fork's view of the first thread.
        global.set(self.layout.global.initial_dtv, thread.get(at.dtv));
    }

    /// Fills the CPU leaves that start-up left out, for something that came since may read them.
    fn complete_cpu(&self) {
        if !self.cpu_complete.load(Ordering::Acquire) {
            let _one_at_a_time = lock::LOAD.lock();
            if !self.cpu_complete.load(Ordering::Relaxed) {
                cpu::complete(self.layout, _rtld_global_ro.view());
                self.cpu_complete.store(true, Ordering::Release);
            }
        }
    }

    /// Registers the first thread's rseq area; libc registers the others' iff this one has a CPU id.
    fn register_rseq(&self, thread: View, area: At<Rseq>) {
        let (offset, cpu_id) = (area.start() as i64, area.item::<1>());
        // libc stores at the offset even in threads that are not to be registered.
        exports::set_rseq(offset, 0);
        // struct rseq {cpu_id_start, cpu_id, rseq_cs, flags}; the block was mapped as zeroes.
        thread.set(cpu_id, RSEQ_FAILED);
        if self.tunables.value(b"glibc.pthread.rseq") == Some(0) {
            return;
        }
        // SAFETY: the area lies in the control block, aligned to 32 as the block is to 64.
        let result = unsafe {
            sys::syscall(nr::__NR_rseq as usize, [thread.address(area) as usize, RSEQ_SIZE, 0, RSEQ_SIGNATURE])
        };
        if result == 0 {
            exports::set_rseq(offset, self.rseq_size.load(Ordering::Relaxed));
        }
    }

    /// libc's fork tells us of itself.
    fn register_fork_handlers(&self, objects: &Objects) {
        type Handler = extern "C" fn();
        type Register = extern "C" fn(Handler, Handler, Handler, u64) -> i32;
        if let Some(address) = self.function(objects, b"__register_atfork") {
            // SAFETY: a function of libc's own object; it stores the handlers in static memory.
            let register = unsafe { core::mem::transmute::<u64, Register>(address) };
            let _ = register(fork::before, fork::after_in_parent, fork::after_in_child, 0);
        }
    }

    fn count_objects(&self, change: i32) {
        let count = self.layout.global.ns_nloaded;
        let global = _rtld_global.view();
        global.set(count, global.get(count).wrapping_add_signed(change));
    }

    /// Enters the link map of a module in the list that debuggers and 2.31's libpthread read: `struct dtv_slotinfo_list`
    /// {length, next, {generation, link map}[length]} by module id. Replaced by a larger one when it is full; the old one
    /// stays for a reader that stands on it. At start, or under the load lock.
    fn set_module(&self, module: u64, map: *mut LinkMap) {
        let (at, global, module) = (&self.layout.global, _rtld_global.view(), module as usize);
        let place = |slot: usize| 16 + 16 * slot + 8;
        // SAFETY: leaked below, with so many slots; whoever changes them has the lock.
        let list = |start: u64, slots: usize| unsafe { View::new(start, 16 + 16 * slots) };
        let start = global.get(at.tls_dtv_slotinfo_list);
        let slots = if start == 0 { 0 } else { list(start, 0).word(0usize) as usize };
        let mut now = list(start, slots);
        if module >= slots {
            let more = (module + 1).next_power_of_two().max(64);
            now = list(vec![0u64; 2 + 2 * more].leak().as_ptr() as u64, more);
            now.set(0usize, more as u64);
            (0..slots).for_each(|slot| now.set(place(slot), list(start, slots).word(place(slot))));
            global.set(at.tls_dtv_slotinfo_list, now.address(0usize));
        }
        now.set(place(module), map as u64);
        global.set(at.tls_max_dtv_idx, global.get(at.tls_max_dtv_idx).max(module as u64));
    }

    fn fill_global(&self, setup: &Setup<'_>) {
        let at = &self.layout.global;
        let global = _rtld_global.view();
        let map_of = |number: usize| setup.link_maps.get(number).map_or(0, |map| *map as u64);
        let program = map_of(0);

        global.set(at.ns_loaded, program);
        global.set(at.ns_main_searchlist, program + self.layout.link_map.searchlist.start() as u64);
        global.set_if(at.ns_libc_map, map_of(self.number));
        let modules = setup.objects.list.iter().map(|object| object.module.map(|module| module.id));
        self.objects_came(&setup.link_maps.iter().copied().zip(modules).collect::<Vec<_>>());
        global.set(at.nns, 1u64);
        for lock in [Some(at.load_lock), Some(at.load_write_lock), at.load_tls_lock].into_iter().flatten() {
            global.set(lock.item::<MUTEX_KIND>(), MUTEX_RECURSIVE);
        }
        stacks::set_rights(at, setup.executable_stack);
        for list in [at.stack_used, at.stack_user, at.stack_cache].into_iter().flatten() {
            global.set(list, [global.address(list); 2]);
        }
        global.set_if(at.lock_services, addresses![lock_recursive, unlock_recursive]);
        global.set_if(at.make_stack_executable_hook, exports::_dl_make_stack_executable as *const () as u64);

        // TLS as debuggers (libthread_db) and 2.31's libpthread read it.
        let modules = setup.blueprint.modules;
        global.set(at.tls_static_nelem, modules);
        global.set_if(at.tls_static_size, setup.blueprint.below + setup.blueprint.tcb);
        global.set_if(at.tls_static_align, setup.blueprint.align);

        // The program's scope: a list of link maps, in its own link map and in the read-only table.
        let scope: Vec<u64> = setup.scope.iter().map(|number| map_of(*number)).collect();
        let (length, start) = (scope.len() as u64, scope.leak().as_ptr() as u64);
        // SAFETY: the program's link map, made with `link_map_size` bytes.
        let program = unsafe { View::new(program, self.layout.link_map.size.into()) };
        program.set(self.layout.link_map.searchlist, [start, length]);
        _rtld_global_ro.view().set(self.layout.global_ro.initial_searchlist, [start, length]);
    }

    fn fill_global_ro(&self, setup: &Setup<'_>) {
        let at = &self.layout.global_ro;
        let ro = _rtld_global_ro.view();
        let value = |key: u32| setup.stack.aux(key);
        ro.set(at.pagesize, sys::page_size());
        // MINSIGSTKSZ of <signal.h> where the kernel says nothing.
        let minsigstksz = setup.stack.entry(stack::AT_MINSIGSTKSZ).filter(|size| *size != 0);
        ro.set_if(at.minsigstacksize, minsigstksz.unwrap_or(2048));
        ro.set(at.clktck, value(auxvec::AT_CLKTCK) as u32);
        ro.set(at.fpu_control, FPU_DEFAULT);
        ro.set(at.hwcap2, value(auxvec::AT_HWCAP2));
        let platform = arch::intel_platform().map_or(value(auxvec::AT_PLATFORM), |name| name.as_ptr() as u64);
        ro.set(at.platform, platform);
        ro.set(at.auxv, setup.stack.vectors().auxv as u64);
        ro.set(at.debug_fd, 2u32);
        ro.set_if(at.tls_static, [setup.blueprint.below + setup.blueprint.tcb, setup.blueprint.align]);
        ro.set(at.tls_static_surplus, ld_rs_plan::tls::SURPLUS);
        // "A loader is present": non-null, except where it would close the way to the hook.
        let closes_the_way = self.layout.behaviour.hook_gated || at.dlfcn_hook.is_none();
        let directories = if closes_the_way { 0 } else { _r_debug.view().address(0usize) };
        ro.set(at.init_all_dirs, directories);
        // `__libc_freeres` frees the directories that came after these: none.
        _rtld_global.view().set(self.layout.global.all_dirs, directories);

        if let Some(number) = setup.objects.position(Role::Vdso) {
            let dynamic = &raw const setup.objects[number].facts.dynamic;
            self.vdso.store(dynamic.cast_mut(), Ordering::Relaxed);
            ro.set(at.sysinfo_dso, value(auxvec::AT_SYSINFO_EHDR));
            ro.set(at.sysinfo_map, setup.link_maps.get(number).map_or(0, |map| *map as u64));
            let vdso = &setup.objects[number];
            let function = |name| named(vdso, name).map_or(0, |symbol| vdso.image.address(symbol.st_value.get(LE)));
            ro.set(at.vdso, VDSO.map(function));
            ro.set_if(at.vdso_getrandom, function(VDSO_GETRANDOM));
        }

        ro.set(at.services, addresses![debug_printf, exports::_dl_mcount, lookup_symbol, open, nothing]);
        ro.set_if(at.error_services, addresses![exports::_dl_catch_error, nothing]);
        ro.set(at.tls_get_addr_soft, tls_get_addr_soft as *const () as u64);
        ro.set_if(at.libc_freeres, nothing as *const () as u64);
        ro.set_if(at.find_object, crate::dl::exports::_dl_find_object as *const () as u64);
        ro.set_if(at.readonly_area, readonly_area as *const () as u64);
        ro.set_if(at.dlfcn_hook, dlfcn::hook() as u64);
    }
}
