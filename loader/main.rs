//! ld-rs.so: the story of a process from the kernel's hand-over to the program's entry point.
//!
//! Each stage says by its call what must be true before it. Nothing is computed here: plan decides,
//! loader does, runtime serves.
#![no_std]
#![no_main]
extern crate alloc;

use ld_rs_loader::stats::{self, Phase};
use ld_rs_loader::{debug, names::Names, object::Objects, page, report, search::Search, stack::Stack, sys};
use ld_rs_runtime::{arch, libc::Constructors, process};

mod bindings;
mod start;

/// Stage 2, called from `_start`: we are relocated; there is no thread pointer yet.
///
/// # Safety
/// `base` is the stack pointer at process entry.
#[unsafe(no_mangle)]
unsafe extern "C" fn ld_rs_main(base: *mut usize) -> ! {
    // SAFETY: the caller's promise; nobody else has seen it.
    let mut stack = unsafe { Stack::new(base) };
    sys::set_page_size(stack.aux(linux_raw_sys::auxvec::AT_PAGESZ));
    let request = start::request(&mut stack);
    start::inspect(&request);
    stats::mark(Phase::Discover);
    let discovered = start::discover(&request, &mut stack);
    stats::mark(Phase::Prepare);
    run(&request, discovered, &mut stack)
}

/// From objects in memory to the program's entry point.
fn run(request: &start::Request, mut discovered: (Objects, Names, Search), stack: &mut Stack) -> ! {
    let program = &request.program;
    let libc = start::libc(&discovered.0).unwrap_or_else(|error| {
        start::step_aside(request, &mut discovered.0, stack);
        report::fail(program, &[error])
    });
    start::publish(request, discovered, libc, stack);
    let mut start = start::Start::new(request, stack, libc);
    start.join().unwrap_or_else(|errors| report::fail(program, &errors));
    let entry = start.entry();
    start::seal(request);
    let tables = process::read();
    libc.start(&tables.objects, &tables.namespace.scope);
    drop(tables);
    start::announce(request, libc);
    stats::mark(Phase::Construct);
    if libc.constructors() == Constructors::ByLibc {
        process::share();
    } else {
        arch::start();
        let program = &process::fixed().program;
        debug::calling("initialize program", program, "");
        debug::calling("transferring control", program, "");
    }
    stats::report(program, &process::read().objects);
    // SAFETY: the program is relocated, its stack is as the kernel made it or patched in place.
    unsafe { libc.hand_over(entry, stack.pointer(), arch::finish as *const () as u64) }
}

#[cfg(not(test))]
#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    // Out of memory arrives here too; a page of text would need memory.
    if info.location().is_some_and(|place| place.file().ends_with("alloc.rs")) {
        sys::write_all(2, b"ld-rs.so: cannot allocate memory\n");
        sys::exit(127)
    }
    page::line(format_args!("ld-rs.so: internal error: {info}")).exit(2, 127)
}

// Rust code of ours has nothing to undo: _URC_CONTINUE_UNWIND. Seldom is it between who throws and who catches: where an
// IFUNC resolver throws, or what it opens. core and alloc were compiled with unwinding and name these.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> i32 {
    8
}
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    sys::exit(127)
}
