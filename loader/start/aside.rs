//! What becomes of a program whose glibc has no known layout. Called by `main.rs` when the libc was refused.

use super::{Object, Objects, Purpose, Request, Role, Root, Stack, arch, open, page, search, sys};
use ld_rs_plan::arch::{GLIBC_DIRECTORIES, GLIBC_LOADER_NAME};
use ld_rs_plan::elf::lookup::Query;
use ld_rs_plan::error::Text;
use ld_rs_plan::libc::Kind;
use linux_raw_sys::auxvec;

/// Hands the start over to the loader that lies beside the libc, which ld-rs does not know: nothing is relocated yet, and
/// nothing has run. Returns where that is not wanted, or no such loader can be had; then the libc is refused.
///
/// The program stays where it is mapped, and the auxiliary vector tells of it as the kernel or `patch_auxv` had it; that
/// loader maps all libraries anew. What options of ours ask for it does not know.
pub fn step_aside(request: &Request, objects: &mut Objects, stack: &mut Stack) {
    let Request { environment, task, program, secure, .. } = request;
    let (Kind::Glibc, Some(number)) = ld_rs_loader::search::libc(objects) else { return };
    let directory = search::directory_of(&objects[number].name);
    let trusted = |path: &[u8]| {
        let owner = sys::open(path).and_then(|file| sys::stat(&file)).map(|facts| facts.is_roots);
        GLIBC_DIRECTORIES.contains(&directory) && owner == Ok(true)
    };
    let path = search::join(directory, GLIBC_LOADER_NAME).filter(|path| !*secure || trusted(path));
    if environment.no_fallback || request.is_direct() && task.options.program > 1 {
        return;
    }
    let loader = path.and_then(|path| open::program(&Root::default(), &path, Purpose::Run).ok());
    // ld-rs itself may have that name, which alone exports dlopen: it would come back here for ever.
    let is_own = |object: &Object| object.dynamic.find(&Query::new(b"dlopen", None)).is_some();
    let Some(loader) = loader.filter(|object| object.dynamic.soname == Some(GLIBC_LOADER_NAME) && !is_own(object))
    else {
        return;
    };
    if !loader.headers.is_code(loader.headers.ident.entry) {
        return;
    }
    if !environment.quiet {
        let own = Text(&loader.name);
        page::line(format_args!("{}: this build of glibc is not known to ld-rs: left to {own}", Text(program)))
            .write(2);
    }
    objects.list.retain(|object| object.role != Role::Library);
    stack.set_aux(auxvec::AT_BASE, loader.image.bias);
    let entry = loader.image.address(loader.headers.ident.entry);
    core::mem::forget(loader);
    // SAFETY: code of a file that is its own loader, mapped with its own rights, on the stack as the kernel made it or patched
    // in place; rdx is what the kernel gives, nothing.
    unsafe { arch::enter(entry, stack.pointer(), 0) }
}
