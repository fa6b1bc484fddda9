//! ld-rs.so: the story of a process from the kernel's hand-over to the program's entry point.
//!
//! Each stage says by its call what must be true before it. Nothing is computed here: plan decides,
//! loader does, runtime serves.
#![no_std]
#![no_main]
extern crate alloc;

use core::fmt::Write;
use ld_rs_loader::object::Objects;
use ld_rs_loader::report::{self, Page};
use ld_rs_loader::search::Search;
use ld_rs_loader::stack::{Auxv, Stack};
use ld_rs_loader::stats::{self, Phase};
use ld_rs_loader::{arch, resolve, sys};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_runtime::process::{self, Process};
use ld_rs_runtime::{debugger, dl, flavour, init, lazy, tls};

mod bindings;
mod start;

/// Stage 2, called from `_start`: we are relocated; there is no thread pointer yet.
#[unsafe(no_mangle)]
extern "C" fn ld_rs_main(base: *mut usize) -> ! {
    // SAFETY: `_start` passes the stack pointer it had.
    let mut stack = unsafe { Stack::new(base) };
    let auxv = stack.auxv();
    let request = start::request(&mut stack, &auxv);
    start::inspect(&request, &auxv);
    stats::mark(Phase::Discover);
    let (objects, search) = start::discover(&request, &mut stack, &auxv);
    stats::mark(Phase::Prepare);
    run(&request, objects, search, &stack, &auxv)
}

/// From objects in memory to the program's entry point.
fn run(request: &start::Request, mut objects: Objects, search: Search, stack: &Stack, auxv: &Auxv) -> ! {
    let program = &request.program;
    let fail = |error: Error| -> ! { report::fail(program, &[error]) };

    // TLS offsets come before relocation (TPOFF64, TLSDESC), TLS images after it.
    let (layout, modules) = start::place_tls(&mut objects).unwrap_or_else(|error| fail(error));
    let libc = flavour::choose(&objects).unwrap_or_else(|error| fail(error));
    let blueprint = tls::Blueprint::new(layout, modules, libc.tcb_size(), stack.random(auxv));
    let Some(mut blueprint) = blueprint else { fail(Error::new(b"", Cause::Plain("static TLS is too large"))) };
    let process = Process::new(objects, search, libc, stack.vectors(), program.clone(), request.bind_now);
    let process = process::publish(process);
    if !process.enter_all() {
        fail(Error::new(b"", Cause::System("cannot create link maps", 12)))
    }
    process.publish_ranges();
    // SAFETY: there is one thread; what is there at start-up stays.
    unsafe { lazy::publish(&process.objects, request.bind_not()) };
    debugger::announce(&process.objects.list[0], process.records[0].link_map, arch::own_base());

    // The libc's tables, and a thread pointer, before the first IFUNC resolver runs.
    process.libc.prepare(&flavour::Setup { process, blueprint: &blueprint, stack, auxv, secure: request.secure });
    let thread = start::thread(&blueprint).unwrap_or_else(|error| fail(error));
    process.libc.adopt_thread(thread.pointer());

    stats::mark(Phase::Resolve);
    let bindings = start::resolve(process, request).unwrap_or_else(|errors| report::fail(program, &errors));
    stats::mark(Phase::Relocate);
    start::relocate(process, &bindings).unwrap_or_else(|errors| report::fail(program, &errors));
    drop(bindings);
    stats::mark(Phase::Protect);

    let objects = &process.objects;
    blueprint.take_images(objects);
    blueprint.initialise(thread);
    tls::publish(blueprint, thread);
    start::protect(objects).unwrap_or_else(|error| fail(error));
    if !request.no_seal() {
        start::seal(objects);
    }
    let entry = objects.list[0].image.address(objects.list[0].headers.ident.entry);

    process.libc.start(process);
    if let Some(path) = request.path_for_debuggers() {
        let size = process.libc.link_map_size();
        debugger::announce_direct(&path, process.records[0].link_map, size);
    }
    debugger::tell(debugger::State::Consistent);
    stats::mark(Phase::Construct);
    init::run_all();
    stats::report(program, &process::get().objects);
    // SAFETY: the program is relocated, its stack is as the kernel made it or patched in place.
    unsafe { arch::enter(entry, stack.pointer(), init::finish as *const () as u64) }
}

#[cfg(not(test))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    // Out of memory arrives here too; a page of text would need memory.
    if info.location().is_some_and(|place| place.file().ends_with("alloc.rs")) {
        sys::write_all(2, b"ld-rs.so: cannot allocate memory\n");
        sys::exit(127)
    }
    let mut page = Page::default();
    let _ = writeln!(page, "ld-rs.so: internal error: {info}");
    page.write(2);
    sys::exit(127)
}

// Nobody unwinds through ld-rs; core and alloc were compiled with unwinding and name these.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    sys::exit(127)
}
