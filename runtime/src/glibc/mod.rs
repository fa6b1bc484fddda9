//! The contract with glibc: its libc.so.6 reads our `_rtld_global` and `_rtld_global_ro`, which we
//! fill by the offsets of its version (`layout.rs`, `tables/`). No code of it is patched, and
//! nothing of its own loader is in the process.

mod cpu;
mod dlfcn;
mod exports;
pub mod layout;
mod link_map;
mod recognise;
mod services;
pub mod tables;
mod tunables;

use crate::area::View;
use crate::debugger::{_r_debug, LinkMap};
use crate::dl::symbol::Target;
use crate::libc::{Libc, Setup};
use crate::process;
use crate::tls::ThreadHooks;
use crate::{init, lock, tls};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use exports::{_rtld_global, _rtld_global_ro};
use layout::Layout;
use ld_rs_loader::object::{Object, Objects, Role};
use ld_rs_loader::{arch, heap, sys};
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::error::{Cause, Error};
use linux_raw_sys::general as nr;

/// glibc of one known layout.
struct Glibc {
    layout: &'static Layout,
    slots: Slots,
    /// Its `__errno_location`, once it is relocated.
    errno_location: Cell<Option<extern "C" fn() -> *mut i32>>,
    /// Bytes of struct rseq in use.
    rseq_size: Cell<u32>,
}

// SAFETY: the cells are written while there is one thread (`prepare`, `start`), but for `slots`, which changes under the
// load lock only.
unsafe impl Sync for Glibc {}

/// Recognises the libc by its own facts; an unknown one is refused.
pub fn choose(libc: &Object) -> Result<&'static dyn Libc, Error> {
    Ok(Box::leak(Box::new(Glibc {
        layout: recognise::recognise(libc)?,
        slots: Slots { list: Cell::new((0, 0)) },
        errno_location: Cell::new(None),
        rseq_size: Cell::new(RSEQ_FIRST),
    })))
}

/// PROT_READ | PROT_WRITE, and PF_R | PF_W: what a new stack may be used for.
const STACK_PROTECTION: u32 = 3;
const STACK_FLAGS: u32 = 6;
/// The x87 control word that `_init_first` compares with (_FPU_DEFAULT).
const FPU_DEFAULT: u16 = 0x037f;
/// PTHREAD_MUTEX_RECURSIVE_NP, in the word at offset 16 of a mutex.
const MUTEX_RECURSIVE: u32 = 1;
const MUTEX_KIND: u16 = 16;
/// RSEQ_SIG of x86, the size of the area every kernel knows, and what the first of them used of it.
const RSEQ_SIGNATURE: usize = 0x5305_3053;
const RSEQ_SIZE: usize = 32;
const RSEQ_FIRST: u32 = 20;
/// Where 2.41 and later find the rseq area: in padding of struct pthread that they leave unused.
const RSEQ_IN_PADDING: u16 = 2336;
/// RSEQ_CPU_ID_REGISTRATION_FAILED.
const RSEQ_FAILED: i32 = -2;

impl ThreadHooks for Glibc {
    fn set_errno(&self, errno: i32) {
        if let Some(location) = self.errno_location.get() {
            // SAFETY: libc's own function gives the place of this thread's errno.
            unsafe { *location() = errno };
        }
    }

    fn before_threads(&self) {
        let (malloc, free) = {
            let process = process::read();
            let function = |name: &[u8]| function(&process.objects, &process.namespace.scope, name);
            (function(b"malloc"), function(b"free"))
        };
        let (Some(malloc), Some(free)) = (malloc, free) else { return };
        // glibc's own loader allocates the DTV here. A malloc makes itself ready at its first call, without a lock:
        // two threads that both call it first would share the main arena, which counts one (up to 2.41).
        // SAFETY: the program's functions of these names, by their C types; free takes what malloc gave.
        unsafe {
            let memory = core::mem::transmute::<u64, extern "C" fn(usize) -> *mut c_void>(malloc)(1);
            core::mem::transmute::<u64, extern "C" fn(*mut c_void)>(free)(memory);
        }
    }
}

impl Libc for Glibc {
    fn tcb_size(&self) -> u64 {
        self.layout.pthread.size as u64
    }

    fn link_map_size(&self) -> usize {
        self.layout.link_map.size.into()
    }

    fn refusal(&self, _object: &Object) -> Option<Cause> {
        // It may read what start-up did not.
        cpu::complete(self.layout, _rtld_global_ro.view());
        None // libc.so.6 is there already
    }

    fn prepare(&self, setup: &Setup<'_>) {
        // From 2.40 on __rseq_size tells what the kernel fills; we register what every kernel takes.
        if self.layout.pthread.rseq_area.is_none() && setup.auxv.rseq_size != 0 {
            self.rseq_size.set(setup.auxv.rseq_size.min(RSEQ_SIZE as u64) as u32);
        }
        self.fill_global(setup);
        self.fill_global_ro(setup);
        cpu::fill(self.layout, _rtld_global_ro.view());
        if setup.objects.list.iter().filter(|object| object.role != Role::Vdso).any(|object| cpu::reads_leaves(object))
        {
            cpu::complete(self.layout, _rtld_global_ro.view());
        }
        exports::set_start(setup.stack.vectors(), setup.secure);
        services::set_layout(self.layout);
        if let Some(libc) = setup.objects.list.iter().find(|object| object.soname() == b"libc.so.6") {
            tunables::read(self.layout, libc, setup.stack.environment());
        }
    }

    fn fill_link_map(&self, object: &Object, map: *mut LinkMap) -> Vec<[u64; 2]> {
        // SAFETY: made by `debugger::link_map` with `link_map_size` bytes.
        let view = unsafe { View::new(map as u64, self.layout.link_map.size.into()) };
        if self.layout.global_ro.dlfcn_hook.is_none() {
            dlfcn::install(object);
        }
        link_map::fill(self.layout, view, object, map)
    }

    fn objects_came(&self, came: &[(*mut LinkMap, Option<u64>)]) {
        let at = &self.layout.global;
        let global = _rtld_global.view();
        self.count_objects(came.len() as i32);
        // Monotone: unwinders take it for a version of the list.
        global.set(at.load_adds, global.word(at.load_adds).wrapping_add(came.len() as u64));
        for (map, module) in came {
            if let Some(module) = module {
                self.slots.set(*module, *map, global, at);
            }
        }
    }

    fn objects_went(&self, count: usize, modules: &[u64]) {
        self.count_objects(-(count as i32));
        for module in modules {
            self.slots.set(*module, core::ptr::null_mut(), _rtld_global.view(), &self.layout.global);
        }
    }

    fn is_pinned(&self, map: *mut LinkMap) -> bool {
        let count = map as usize + usize::from(self.layout.link_map.tls_dtor_count);
        // SAFETY: as `fill_link_map`; libc counts pending destructors there, atomically, and takes one
        // away (release) when it has run.
        unsafe { (*(count as *const AtomicUsize)).load(Ordering::Acquire) != 0 }
    }

    fn first_thread(&self, blueprint: &tls::Blueprint) -> Result<tls::Thread, Error> {
        let thread = blueprint.first_thread(arch::own_base())?;
        self.adopt_thread(thread.pointer());
        Ok(thread)
    }

    fn start(&self, objects: &Objects, scope: &[usize]) {
        // From here on the locks are libc's: its fork and its dl_iterate_phdr know of them.
        let global = _rtld_global.view();
        // SAFETY: by the recognised layout, the thread id of each of its threads, and two of its mutexes in our own area.
        unsafe {
            lock::set_thread_id_offset(self.layout.pthread.tid.into());
            lock::LOAD.move_to(global.address(self.layout.global.load_lock));
            lock::WRITE.move_to(global.address(self.layout.global.load_write_lock));
        }
        register_fork_handlers(objects, scope);
        // SAFETY: functions of the recognised libc, by their C types.
        unsafe {
            let location = function(objects, scope, b"__errno_location");
            self.errno_location.set(location.map(|f| core::mem::transmute::<u64, extern "C" fn() -> *mut i32>(f)));
        }
        // 2.32 and later: locale, tcache and single-thread state, before any constructor.
        if let Some(address) = function(objects, scope, b"__libc_early_init") {
            // SAFETY: a function of the recognised libc that takes one bool: initial namespace.
            unsafe { core::mem::transmute::<u64, extern "C" fn(bool)>(address)(true) };
        }
    }
}

/// The address of a function that some object of the program's scope defines.
fn function(objects: &Objects, scope: &[usize], name: &[u8]) -> Option<u64> {
    let (object, symbol) = objects.find(scope, name)?;
    Target::of(object, symbol)?.address().filter(|address| object.is_code(*address))
}

/// Registers the first thread's rseq area; libc registers the others' iff this one has a CPU id.
fn register_rseq(thread: View, offset: usize, size: u32) {
    // libc stores at the offset even in threads that are not to be registered.
    exports::set_rseq(offset as i64, 0);
    // struct rseq: cpu_id_start, cpu_id, rseq_cs, flags
    thread.set(offset, 0u32);
    thread.set(offset + 4, RSEQ_FAILED);
    if tunables::value(b"glibc.pthread.rseq") == Some(0) {
        return;
    }
    // SAFETY: the area lies in the control block, 32 bytes, aligned to 32 as the block is to 64.
    let result = unsafe {
        sys::syscall(nr::__NR_rseq as usize, [thread.address(offset) as usize, RSEQ_SIZE, 0, RSEQ_SIGNATURE])
    };
    if result == 0 {
        exports::set_rseq(offset as i64, size);
    } else {
        thread.set(offset + 4, RSEQ_FAILED);
    }
}

impl Glibc {
    /// Makes the first thread, whose pointer is set, what libc expects of it.
    fn adopt_thread(&self, tp: u64) {
        let at = &self.layout.pthread;
        // SAFETY: the first thread's control block, `tcb_size` bytes, just mapped.
        let thread = unsafe { View::new(tp, at.size.into()) };
        let global = _rtld_global.view();

        // The thread is a member of the list of threads with stacks of their own.
        if let Some(list) = self.layout.global.stack_user {
            let head = global.address(list);
            let node = thread.address(at.list);
            thread.set(at.list, head);
            thread.set(at.list + 8, head);
            global.set(list, node);
            global.set(list + 8, node);
        }
        thread.set(at.specific, thread.address(at.specific_1stblock));
        thread.set(at.report_events, 0u8);
        thread.set_if(at.user_stack, 1u8);
        thread.set_if(at.stack_mode, 2i32);
        thread.set_if(at.joinstate, 2u32);
        thread.set(at.stackblock_size, exports::stack_end());
        thread.set(at.robust_prev, thread.address(at.robust_head));
        thread.set(at.robust_head, thread.address(at.robust_head));
        thread.set(at.robust_futex_offset, -32i64);

        // 2.43 clears the joinable state, not the thread id, when the thread ends.
        let cleared = at.joinstate.unwrap_or(at.tid);
        // SAFETY: the kernel stores 0 there when the thread ends; the block outlives it.
        let tid =
            unsafe { sys::syscall(nr::__NR_set_tid_address as usize, [thread.address(cleared) as usize, 0, 0, 0]) };
        thread.set(at.tid, tid as u32);
        // SAFETY: the list head is in the control block, 24 bytes.
        unsafe { sys::syscall(nr::__NR_set_robust_list as usize, [thread.address(at.robust_head) as usize, 24, 0, 0]) };
        // 2.35 brought both rseq and _dl_find_object.
        if self.layout.facts.find_object.is_some() {
            register_rseq(thread, at.rseq_area.unwrap_or(RSEQ_IN_PADDING).into(), self.rseq_size.get());
        }
        // The debugger's and fork's view of the first thread.
        global.set(self.layout.global.initial_dtv, thread.word(at.dtv));
    }

    fn count_objects(&self, change: i32) {
        let at = &self.layout.global;
        let global = _rtld_global.view();
        let count = (global.word(at.ns + at.ns_nloaded) as u32).wrapping_add_signed(change);
        global.set(at.ns + at.ns_nloaded, count);
    }

    fn fill_global(&self, setup: &Setup<'_>) {
        let at = &self.layout.global;
        let global = _rtld_global.view();
        let map_of = |number: usize| setup.link_maps[number] as u64;
        let program = map_of(0);
        let libc = setup.objects.list.iter().position(|object| object.soname() == b"libc.so.6");

        global.set(at.ns + at.ns_loaded, program);
        global.set(at.ns + at.ns_main_searchlist, program + self.layout.link_map.searchlist_list as u64);
        if let (Some(offset), Some(libc)) = (at.ns_libc_map, libc) {
            global.set(at.ns + offset, map_of(libc));
        }
        let module = |object: &Object| object.module.map(|module| module.id);
        let came: Vec<_> = setup.link_maps.iter().copied().zip(setup.objects.list.iter().map(|o| module(o))).collect();
        self.objects_came(&came);
        global.set(at.nns, 1u64);
        for lock in [Some(at.load_lock), Some(at.load_write_lock), at.load_tls_lock].into_iter().flatten() {
            global.set(lock + MUTEX_KIND, MUTEX_RECURSIVE);
        }
        global.set_if(at.stack_flags, STACK_FLAGS);
        global.set_if(at.stack_prot_flags, STACK_PROTECTION);
        for list in [at.stack_used, at.stack_user, at.stack_cache].into_iter().flatten() {
            global.set_empty_list(list);
        }
        global.set_if(at.rtld_lock_recursive, services::lock_recursive as *const () as u64);
        global.set_if(at.rtld_unlock_recursive, services::unlock_recursive as *const () as u64);
        global.set_if(at.make_stack_executable_hook, exports::_dl_make_stack_executable as *const () as u64);

        // TLS as debuggers (libthread_db) and 2.31's libpthread read it.
        let modules = setup.blueprint.modules;
        global.set(at.tls_static_nelem, modules);
        global.set(at.tls_generation, 0u64);
        global.set_if(at.tls_static_size, setup.blueprint.below + setup.blueprint.tcb);
        global.set_if(at.tls_static_align, setup.blueprint.align);

        // The program's scope: a list of link maps, in its own link map and in the read-only table.
        let scope: Vec<u64> = setup.scope.iter().map(|number| map_of(*number)).collect();
        let list = scope.leak();
        let length = list.len() as u32;
        // SAFETY: the program's link map, made with `link_map_size` bytes.
        let program = unsafe { View::new(program, self.layout.link_map.size.into()) };
        program.set(self.layout.link_map.searchlist_list, list.as_ptr() as u64);
        program.set(self.layout.link_map.searchlist_nlist, length);
        let ro = _rtld_global_ro.view();
        ro.set(self.layout.global_ro.initial_searchlist_list, list.as_ptr() as u64);
        ro.set(self.layout.global_ro.initial_searchlist_nlist, length);
    }

    fn fill_global_ro(&self, setup: &Setup<'_>) {
        let at = &self.layout.global_ro;
        let ro = _rtld_global_ro.view();
        let auxv = setup.auxv;
        ro.set(at.pagesize, auxv.pagesz);
        // MINSIGSTKSZ of <signal.h> where the kernel says nothing.
        ro.set_if(at.minsigstacksize, if auxv.minsigstksz == 0 { 2048 } else { auxv.minsigstksz });
        ro.set(at.clktck, auxv.clktck as u32);
        ro.set(at.fpu_control, FPU_DEFAULT);
        ro.set(at.hwcap, auxv.hwcap);
        ro.set(at.hwcap2, auxv.hwcap2);
        ro.set(at.platform, auxv.platform);
        ro.set(at.auxv, setup.stack.vectors().auxv as u64);
        ro.set(at.debug_fd, 2u32);
        ro.set_if(at.tls_static_size, setup.blueprint.below + setup.blueprint.tcb);
        ro.set_if(at.tls_static_align, setup.blueprint.align);
        ro.set(at.tls_static_surplus, ld_rs_plan::tls::SURPLUS);
        // "A loader is present": non-null, except where it would close the way to the hook.
        let closes_the_way = self.layout.hook_gated || at.dlfcn_hook.is_none();
        let directories = if closes_the_way { 0 } else { _r_debug.view().address(0usize) };
        ro.set(at.init_all_dirs, directories);
        // `__libc_freeres` frees the directories that came after these: none.
        _rtld_global.view().set(self.layout.global.all_dirs, directories);

        if let Some(vdso) = setup.objects.position(Role::Vdso) {
            ro.set(at.sysinfo_dso, auxv.vdso);
            ro.set(at.sysinfo_map, setup.link_maps[vdso] as u64);
            let function = |name: &[u8]| vdso_function(&setup.objects.list[vdso], name);
            ro.set(at.vdso_clock_gettime64, function(b"__vdso_clock_gettime"));
            ro.set(at.vdso_gettimeofday, function(b"__vdso_gettimeofday"));
            ro.set(at.vdso_time, function(b"__vdso_time"));
            ro.set(at.vdso_getcpu, function(b"__vdso_getcpu"));
            ro.set(at.vdso_clock_getres_time64, function(b"__vdso_clock_getres"));
            ro.set_if(at.vdso_getrandom, function(b"__vdso_getrandom"));
        }

        ro.set(at.debug_printf, services::debug_printf as *const () as u64);
        ro.set(at.mcount, exports::_dl_mcount as *const () as u64);
        ro.set(at.lookup_symbol_x, services::lookup_symbol as *const () as u64);
        ro.set(at.open, services::open as *const () as u64);
        ro.set(at.close, services::close as *const () as u64);
        ro.set_if(at.catch_error, exports::_dl_catch_error as *const () as u64);
        ro.set_if(at.error_free, services::error_free as *const () as u64);
        ro.set(at.tls_get_addr_soft, services::tls_get_addr_soft as *const () as u64);
        ro.set_if(at.libc_freeres, services::libc_freeres as *const () as u64);
        ro.set_if(at.find_object, crate::dl::exports::_dl_find_object as *const () as u64);
        ro.set_if(at.readonly_area, services::readonly_area as *const () as u64);
        ro.set_if(at.dlfcn_hook, dlfcn::hook() as u64);
    }
}

/// The address of a vdso function, or 0.
fn vdso_function(vdso: &Object, name: &[u8]) -> u64 {
    let found = vdso.dynamic.find(&Query::new(name, None));
    found
        .and_then(|index| vdso.dynamic.symbols.get(index as usize))
        .map_or(0, |s| vdso.image.address(s.st_value.get(LE)))
}

/// The list of modules that debuggers and 2.31's libpthread read: `struct dtv_slotinfo_list` {length,
/// next, {generation, link map}[length]} by module id. Replaced by a larger one when it is full; the
/// old one stays for a reader that stands on it.
struct Slots {
    list: Cell<(u64, usize)>,
}

impl Slots {
    fn set(&self, module: u64, map: *mut LinkMap, global: View, at: &layout::Global) {
        let module = module as usize;
        let (mut start, mut length) = self.list.get();
        if module >= length {
            let longer = (module + 1).next_power_of_two().max(64);
            let memory: &'static mut [u64] = vec![0u64; 2 + 2 * longer].leak();
            memory[0] = longer as u64;
            let new = memory.as_ptr() as u64;
            for slot in 0..length {
                Self::of(new, longer).set(16 + 16 * slot + 8, Self::of(start, length).word(16 + 16 * slot + 8));
            }
            (start, length) = (new, longer);
            self.list.set((start, length));
            global.set(at.tls_dtv_slotinfo_list, start);
        }
        Self::of(start, length).set(16 + 16 * module + 8, map as u64);
        global.set(at.tls_max_dtv_idx, global.word(at.tls_max_dtv_idx).max(module as u64));
    }

    fn of(start: u64, length: usize) -> View {
        // SAFETY: leaked by `set`, `length` slots.
        unsafe { View::new(start, (2 + 2 * length) * 8) }
    }
}

/// fork copies one thread only: our locks are taken before and given back after, so that no table is
/// half changed in the child.
fn register_fork_handlers(objects: &Objects, scope: &[usize]) {
    type Handler = extern "C" fn();
    type Register = extern "C" fn(Handler, Handler, Handler, u64) -> i32;
    if let Some(address) = function(objects, scope, b"__register_atfork") {
        // SAFETY: the recognised libc's function; it stores the handlers in static memory.
        let register = unsafe { core::mem::transmute::<u64, Register>(address) };
        let _ = register(before_fork, after_fork_in_parent, after_fork_in_child, 0);
    }
}

/// Thread id of whoever forks, as it was in the parent.
static FORKER: AtomicU32 = AtomicU32::new(0);

extern "C" fn before_fork() {
    lock::LOAD.acquire();
    init::settle_before_fork();
    FORKER.store(lock::thread_id(), Ordering::Relaxed);
    lock::WRITE.acquire();
    tls::registry_lock().acquire();
    heap::hold();
}

extern "C" fn after_fork_in_parent() {
    heap::let_go();
    tls::registry_lock().release();
    lock::WRITE.release();
    lock::LOAD.release();
}

/// libc has made the load lock free already; the thread id in it would be the parent's anyway.
extern "C" fn after_fork_in_child() {
    heap::let_go();
    tls::after_fork_in_child();
    lock::WRITE.reset();
    lock::LOAD.reset();
    init::after_fork_in_child(FORKER.load(Ordering::Relaxed));
}
