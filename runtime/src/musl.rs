//! The contract with musl, whose libc.so is its own loader: what it knows of threads and of itself it has to set up itself.
//! No offset in it is known, and no version: only what every program of musl relies on.
//!
//! * **Start.** libc.so is mapped as any object, and entered as by the kernel, to start a program that plan made of nothing
//!   but a combined block of thread-local data (`plan::musl`). It relocates itself, makes the first thread, and goes to the
//!   program's entry point, which is in ld-rs. Then all other objects are relocated, and the real program is entered.
//! * **Threads.** musl's pthread_create clones the combined block, in which start-up modules lie at their distances. A
//!   module that comes later is given to it as a library of its own that has nothing else: musl's dlopen has put the
//!   block into every thread when it returns. So first touch takes no lock and no memory, as everywhere.
//! * **The rest** is ours: ld-rs stands before libc.so in every scope, so that dlopen and its like, and `__tls_get_addr`, of
//!   everybody but libc.so lead here. musl calls constructors when it has set itself up, by the program's DT_INIT_ARRAY.

use crate::arch::{self as serve, boot, booted};
use crate::libc::{Constructors, ErrnoLocation, Libc, Setup};
use crate::tls::late::Refusal;
use crate::tls::{self, Blueprint, Thread, ThreadHooks};
use crate::{fork, lock};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::ffi::{c_char, c_int, c_void};
use core::sync::atomic::{AtomicU64, Ordering};
use ld_rs_loader::object::{Module, Object, Objects, Role};
use ld_rs_loader::{arch, heap, sys};
use ld_rs_plan::align_down;
use ld_rs_plan::arch::class;
use ld_rs_plan::elf::LE;
use ld_rs_plan::elf::header::{Range, Tls};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::errno::ENOMEM;
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::libc::Kind;
use ld_rs_plan::musl::{Program, tls_file};
use ld_rs_plan::reloc::Class;
use ld_rs_plan::tls::{StaticTls, key};
use linux_raw_sys::auxvec;
use object::elf;
use object::pod::bytes_of_slice_mut;
use rustix::fd::AsRawFd;

/// Bytes of stack for musl's start, which takes 3 KiB in 1.2.2 to 1.2.6.
const BOOT_STACK: u64 = 16 << 10;

/// musl of the process. What changes is written at start or under the load lock.
struct Musl {
    /// The object of libc.so: one of start-up, so it never goes and its number stays.
    number: usize,
    /// How many modules of start-up there are.
    modules: AtomicU64,
    /// Where the thread pointer would be behind the block that new threads get theirs from.
    template: AtomicU64,
    /// Its dlopen.
    dlopen: AtomicU64,
    /// Where errno is.
    errno_location: ErrnoLocation,
    /// The last number of a module that was reserved.
    reserved: AtomicU64,
}

/// The addresses of musl's `pthread_atfork` and `atexit`, for the function that musl calls before constructors.
static ATFORK: AtomicU64 = AtomicU64::new(0);
static ATEXIT: AtomicU64 = AtomicU64::new(0);

/// The contract of object `number`.
#[must_use]
pub fn choose(number: usize) -> &'static dyn Libc {
    let zero = || AtomicU64::new(0);
    let [modules, template, dlopen, reserved] = [zero(), zero(), zero(), zero()];
    let errno_location = ErrnoLocation::default();
    Box::leak(Box::new(Musl { number, modules, template, dlopen, errno_location, reserved }))
}

/// The address of what libc.so itself defines as `name`.
fn function(libc: &Object, name: &[u8]) -> Result<u64, Error> {
    let symbol = libc.find(&Query::new(name, None)).map(|symbol| libc.image.address(symbol.st_value.get(LE)));
    symbol
        .filter(|address| libc.is_code(*address))
        .ok_or_else(|| Error::new(&libc.name, Cause::UndefinedSymbol { name: name.into(), version: None }))
}

/// How many words of this thread's DTV lead to blocks: musl's first word of it. Every thread has the same.
fn count() -> u64 {
    // SAFETY: a thread of musl; `first_thread` has seen that its DTV is as expected.
    unsafe { **((arch::thread_pointer() + arch::tcb::DTV as u64) as *const *const u64) }
}

impl ThreadHooks for Musl {
    fn ends_are_told(&self) -> bool {
        false // musl frees what it has given, and asks nobody
    }

    fn set_errno(&self, errno: i32) {
        self.errno_location.set(errno);
    }
}

impl Libc for Musl {
    fn refusal(&self, object: &Object) -> Option<Cause> {
        let libc = object.is_own_loader || Kind::Glibc.has_name(object.soname());
        libc.then_some(Cause::Plain("a second libc cannot join a process that has one"))
    }

    fn static_tls(&self) -> StaticTls {
        // Up to this alignment, and about 100 bytes, musl's first thread has its block where it begins with, and no second one.
        StaticTls { size: 0, align: 8 }
    }

    fn blueprint(&self, layout: StaticTls, modules: u64, random: [u8; 16]) -> Option<Blueprint> {
        self.modules.store(modules, Ordering::Relaxed);
        Blueprint::of_libc(layout, modules, random)
    }

    fn key(&self, _id: u64, distance: i64) -> u64 {
        key::fixed(distance)
    }

    fn first_thread(&self, setup: &Setup<'_>) -> Result<Thread, Error> {
        let libc = &setup.objects[self.number];
        let failed = |cause| Error::new(&libc.name, cause);
        let blueprint = setup.blueprint;
        let no_memory = || failed(Cause::System("cannot allocate TLS", ENOMEM));
        let template = zeroes(blueprint.below, blueprint.align).ok_or_else(no_memory)?;
        self.template.store(template + blueprint.below, Ordering::Relaxed);
        let symbols = interposed(setup, self.number);
        let stack_size = setup.objects.list.iter().map(|object| object.headers.stack_size).max().unwrap_or(0);
        let program = Program {
            tls: [template, initialised(setup), blueprint.below, blueprint.align],
            stack_size,
            data: last_data(&setup.objects[0]),
            init: &[register_handlers as *const () as u64, serve::start as *const () as u64],
            symbols: &symbols,
        };
        let memory = alloc::vec![0u64; program.size().div_ceil(8) as usize].leak();
        let base = memory.as_ptr() as u64;
        program.write(base, bytes_of_slice_mut(memory));
        let stack = initial_stack(setup, libc, base).ok_or_else(no_memory)?;
        // SAFETY: musl's entry point on a stack as the kernel would make it, with room; the auxiliary vector stays for good,
        // for musl reads it until the real program has told of its own.
        unsafe { boot(stack, libc.image.address(libc.headers.ident.entry)) };
        // SAFETY: musl has set it.
        let tp = unsafe { arch::thread_pointer() };
        // SAFETY: every DTV of musl has its count first; there is one module, in the block that was asked for.
        let dtv = unsafe { *((tp + arch::tcb::DTV as u64) as *const *const [u64; 2]) };
        let expected = [1, tp - blueprint.below];
        // SAFETY: as above: a count, and the address for the one module.
        if dtv.is_null() || unsafe { dtv.read() } != expected {
            return Err(failed(Cause::Plain("musl keeps thread-local data in another way than ld-rs knows")));
        }
        self.dlopen.store(function(libc, b"dlopen")?, Ordering::Relaxed);
        // SAFETY: libc.so has relocated itself.
        unsafe { self.errno_location.found(function(libc, b"__errno_location")?) };
        ATFORK.store(function(libc, b"pthread_atfork")?, Ordering::Relaxed);
        ATEXIT.store(function(libc, b"atexit")?, Ordering::Relaxed);
        // What a program without start-up code finds there; and others' copy of it.
        if let Some(environ) = libc.find(&Query::new(b"__environ", None)) {
            let envp = setup.stack.vectors().envp as u64;
            let _ = libc.image.set_word(&libc.headers, environ.st_value.get(LE), envp);
        }
        tls::kept_by_libc(setup.objects[0].module.map_or(0, |module| module.key));
        // SAFETY: each thread is made by musl, with this block.
        Ok(unsafe { blueprint.adopt(tp) })
    }

    fn give_images(&self, blueprint: &Blueprint, thread: Thread) {
        for tp in [self.template.load(Ordering::Relaxed), thread.pointer()] {
            // SAFETY: the template, and the first thread's block, which nobody has touched: no code of the program has run but
            // IFUNC resolvers, to which thread-local data is not yet promised.
            unsafe { blueprint.write_images(tp) };
        }
    }

    fn start(&self, _objects: &Objects, _scope: &[usize]) {
        learn_thread_id();
    }

    fn constructors(&self) -> Constructors {
        Constructors::ByLibc
    }

    fn unloads(&self) -> bool {
        false // musl's dlclose does not, and its __cxa_finalize does nothing: handlers of the object may be due
    }

    fn reserve_module(&self, tls: &Tls, initial_exec: bool) -> Result<Module, Refusal> {
        if initial_exec {
            return Err(Refusal::Room(tls.memsz, 0)); // there is no room in blocks that musl has made; its own dlopen has none
        }
        let number = self.reserved.load(Ordering::Relaxed).max(count()) + 1;
        self.reserved.store(number, Ordering::Relaxed);
        // musl's number 1 is the block of all modules of start-up.
        let id = self.modules.load(Ordering::Relaxed) + number - 1;
        Ok(Module { id, key: key::numbered(number), distance: None, tls: *tls })
    }

    fn give_module(&self, object: &Object) -> Result<(), Refusal> {
        let Some(Module { key, tls, .. }) = object.module else { return Ok(()) };
        let file = tls_file(object.tls_bytes(), tls.memsz, tls.align, tls.vaddr & (tls.align - 1));
        let file = file.map_err(|_| Refusal::Memory(tls.memsz))?;
        let file =
            file.ok_or(Refusal::Libc(Cause::Plain("thread-local data is aligned to more than musl's dlopen heeds")))?;
        self.open_file(&file).map_err(Refusal::Libc)?;
        if key != key::numbered(count()) {
            return Err(Refusal::Libc(Cause::Plain(
                "musl has numbered thread-local data in another way than ld-rs expects",
            )));
        }
        Ok(())
    }

    fn take_module(&self, _module: &Module) {
        // What was given stays, as everything that musl opens; what was not is free again.
        self.reserved.store(count(), Ordering::Relaxed);
    }

    fn make_stacks_executable(&self) -> Result<(), i32> {
        Ok(()) // musl does not heed the wish
    }
}

impl Musl {
    /// Has musl's own dlopen take in a file of these bytes, in memory.
    fn open_file(&self, bytes: &[u8]) -> Result<(), Cause> {
        const NOW: c_int = 2;
        type Dlopen = extern "C" fn(*const c_char, c_int) -> *mut c_void;
        let file = sys::memory_file(c"ld-rs-tls", bytes).map_err(|errno| {
            Cause::System("cannot make a file in memory, by which musl gets thread-local data", errno.raw_os_error())
        })?;
        // Not /proc/self, which is empty when the first thread has ended.
        let path = format!("/proc/thread-self/fd/{}\0", file.as_raw_fd());
        // SAFETY: musl's dlopen, by its C type, of a C string. It holds its own locks meanwhile and calls nobody who takes ours.
        let dlopen = unsafe { core::mem::transmute::<u64, Dlopen>(self.dlopen.load(Ordering::Relaxed)) };
        match dlopen(path.as_ptr().cast(), NOW).is_null() {
            true => Err(Cause::Plain("musl cannot open /proc/thread-self/fd, by which it gets thread-local data")),
            false => Ok(()),
        }
    }
}

/// How many bytes of the combined block, from its low end, have an initial content: what is above is zeroes in every thread.
fn initialised(setup: &Setup<'_>) -> u64 {
    let below = setup.blueprint.below;
    let modules = setup.objects.list.iter().filter_map(|object| object.module);
    let ends = modules
        .filter(|module| module.tls.filesz > 0)
        .filter_map(|module| Some(below.wrapping_add_signed(module.distance?) + module.tls.filesz));
    ends.max().unwrap_or(0)
}

/// The last page of what a program may write, up to the last byte that is the program's.
fn last_data(program: &Object) -> Range {
    let last = program.headers.segments.iter().rfind(|segment| segment.write && segment.read);
    let end = last.map_or(0, |segment| program.image.address(segment.memory.end()));
    let start = align_down(end, sys::page_size());
    Range { vaddr: start, size: end - start }
}

/// `size` bytes of zeroes at a multiple of `align`, for good.
fn zeroes(size: u64, align: u64) -> Option<u64> {
    let all = size.checked_add(align)?;
    let memory = Some(heap::zeroes(all) as u64).filter(|memory| *memory != 0).or_else(|| tls::map(0, all))?;
    Some(memory.next_multiple_of(align))
}

/// What libc.so refers to and an object before it in the program's scope defines: name and address. So `environ` in a program
/// that has a copy of it, and a malloc that takes the place of musl's.
fn interposed<'a>(setup: &'a Setup<'_>, number: usize) -> Vec<(&'a [u8], u64)> {
    let dynamic = &setup.objects[number].dynamic;
    let before: Vec<&Object> =
        setup.scope.iter().take_while(|other| **other != number).map(|other| &setup.objects[*other]).collect();
    let references = dynamic.relative_and_rest().1.iter().chain(dynamic.plt);
    let found = references.filter_map(|rela| {
        let index = rela.r_sym(LE, false);
        let accepts_plt = class(rela.r_type(LE, false)) == Some(Class::Address);
        let query = dynamic.query(index, accepts_plt).filter(|_| index != 0)?;
        let objects = before.iter().filter(|object| object.role != Role::Loader);
        let (object, symbol) = objects.filter_map(|object| Some((object, object.find(&query)?))).next()?;
        let plain = !matches!(symbol.st_type(), elf::STT_GNU_IFUNC | elf::STT_TLS);
        plain.then(|| (query.name, object.image.address(symbol.st_value.get(LE))))
    });
    found.collect()
}

/// The stack on which libc.so starts the program at `base`: one argument, no variables, and the auxiliary vector of the process
/// with that program in it. It stays for good.
fn initial_stack(setup: &Setup<'_>, libc: &Object, base: u64) -> Option<*const u64> {
    let name = c"ld-rs".as_ptr() as u64;
    let ours = [
        (auxvec::AT_PHDR, base),
        (auxvec::AT_PHNUM, Program::PHDRS),
        (auxvec::AT_PHENT, size_of::<elf::ProgramHeader64<object::LittleEndian>>() as u64),
        (auxvec::AT_BASE, libc.image.bias),
        (auxvec::AT_ENTRY, booted as *const () as u64),
        (auxvec::AT_EXECFN, name),
    ];
    let ours = ours.map(|(tag, value)| (u64::from(tag), value));
    let kernels = setup.stack.auxv_entries().filter(|(tag, _)| !ours.iter().any(|(own, _)| own == tag));
    let mut words = alloc::vec![1, name, 0, 0];
    kernels.chain(ours).for_each(|(tag, value)| words.extend([tag, value]));
    words.extend([0, 0]);
    let start = (zeroes(BOOT_STACK + 8 * words.len() as u64, 16)? + BOOT_STACK) as *mut u64;
    // SAFETY: as many words were just made above the stack.
    unsafe { start.copy_from_nonoverlapping(words.as_ptr(), words.len()) };
    Some(start)
}

/// musl keeps a thread's kernel id in its control block, behind the words that compilers know, and sets it in the child of fork.
/// Where it is found beyond doubt it need not be asked for each time.
fn learn_thread_id() {
    /// Bytes from the thread pointer: behind self, DTV, list and canary; the id is at 48 in 1.2.2 to 1.2.6.
    const FIRST: usize = 24;
    const LAST: usize = 128;
    // SAFETY: musl has set it.
    let tp = unsafe { arch::thread_pointer() } as usize;
    let id = lock::thread_id();
    // SAFETY: musl's control block has more than 128 bytes.
    let is_id = |offset: &usize| unsafe { *((tp + offset) as *const u32) } == id;
    let mut found = (FIRST..LAST).step_by(4).filter(is_id);
    if let (Some(offset), None) = (found.next(), found.next()) {
        // SAFETY: all threads are musl's, which sets the id before a thread runs.
        unsafe { lock::set_thread_id_offset(offset) };
    }
}

/// Called by musl when constructors are due, before them: it is set up by now, and its malloc may be used. Destructors are due
/// behind all that is given to atexit later. They are no DT_FINI_ARRAY: musl would pass that over when a constructor exits, for
/// all of them run inside of one DT_INIT_ARRAY.
extern "C" fn register_handlers() {
    type Handler = extern "C" fn();
    type AtFork = extern "C" fn(Handler, Handler, Handler) -> c_int;
    type AtExit = extern "C" fn(Handler) -> c_int;
    // SAFETY: musl's pthread_atfork, by its C type.
    let at_fork = unsafe { core::mem::transmute::<u64, AtFork>(ATFORK.load(Ordering::Relaxed)) };
    // Where there is no memory for them, forks do not wait for dlopen.
    let _ = at_fork(fork::before, fork::after_in_parent, fork::after_in_child);
    // SAFETY: musl's atexit, by its C type.
    let at_exit = unsafe { core::mem::transmute::<u64, AtExit>(ATEXIT.load(Ordering::Relaxed)) };
    let _ = at_exit(serve::finish); // it has room for 32 from the start
}
