//! The stages of start-up, each a step of the page in `main.rs`.

use super::{Process, arch, dl, init, report, resolve, sys, tls};
use alloc::boxed::Box;
use alloc::ffi::CString;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt::Write;
use ld_rs_loader::discover::{self, Discovery, ProgramPath, Purpose, Search, Settings};
use ld_rs_loader::object::{Module, Object, Objects, Role};
use ld_rs_loader::relocate::{self, Pending};
use ld_rs_loader::report::Page;
use ld_rs_loader::resolve::{Bindings, Scope};
use ld_rs_loader::stack::{Auxv, Stack};
use ld_rs_plan::args::{self, Environment, Options, Stop};
use ld_rs_plan::error::{Cause, Error, Malformed, Text};
use ld_rs_plan::search;
use ld_rs_plan::tls::StaticTls;
use linux_raw_sys::auxvec;
use object::elf;

/// What is to be done, once the command line and the environment are read.
pub struct Request {
    /// The program's name, for messages.
    pub program: Vec<u8>,
    /// Its path: what is opened in direct mode, what the kernel opened otherwise.
    path: &'static [u8],
    /// argv[0] before options left it.
    own_name: &'static [u8],
    /// Started as `ld-rs.so PROGRAM`, not by the kernel as interpreter.
    direct: bool,
    /// Print the objects and run nothing.
    list: bool,
    /// Print what relocations bind to and run nothing.
    bindings: Option<&'static [u8]>,
    /// Tell by the exit code whether the file is for us.
    verify: bool,
    /// AT_SECURE or its like.
    pub secure: bool,
    /// LD_BIND_NOW.
    pub bind_now: bool,
    settings: Settings<'static>,
    preload: Vec<(&'static str, &'static [u8])>,
}

impl Request {
    /// The program's absolute path, where a debugger cannot know it: in direct mode.
    pub fn path_for_debuggers(&self) -> Option<Vec<u8>> {
        let path = self.path;
        match (self.direct, path.starts_with(b"/")) {
            (false, _) => None,
            (true, true) => Some(path.to_vec()),
            (true, false) => search::join(&sys::current_directory()?, path),
        }
    }
}

/// Reads the command line and the environment; in secure mode nothing of the latter counts.
pub fn request(stack: &mut Stack, auxv: &Auxv) -> Request {
    // Decided before anything else is read: a missing AT_SECURE is taken for secure if ids differ.
    let secure = auxv.secure.unwrap_or_else(|| {
        let [uid, euid, gid, egid] = sys::ids();
        uid != euid || gid != egid
    });
    if secure {
        stack.filter_environment(args::is_unsecure);
    }
    let mut environment = Environment::default();
    for variable in stack.environment().filter(|_| !secure) {
        environment.take(variable);
    }
    let own_name = stack.args().first().copied().unwrap_or_default();
    let direct = auxv.entry == arch::_start as *const () as u64;
    let (mut options, mut path) = (Options::default(), stack.aux_string(auxv.execfn));
    if direct {
        let arguments = stack.args();
        options = args::options(&arguments).unwrap_or_else(|stop| usage(&arguments, &stop));
        path = arguments.get(options.program).copied().unwrap_or_default();
        stack.shift_args(options.program);
        if let Some(name) = options.argv0 {
            let name = CString::new(name).unwrap_or_default();
            stack.set_argv0(Box::leak(name.into_boxed_c_str()));
        }
    }
    let mut preload = Vec::new();
    for (source, list) in [("LD_PRELOAD", environment.preload), ("--preload", options.preload)] {
        preload.extend(args::preload_names(list.unwrap_or_default()).into_iter().map(|name| (source, name)));
    }
    Request {
        program: stack.args().first().copied().unwrap_or_default().to_vec(),
        path,
        own_name,
        direct,
        list: options.list || environment.list,
        bindings: options.bindings,
        verify: options.verify,
        secure,
        bind_now: environment.bind_now,
        settings: Settings {
            library_path: options.library_path.or(environment.library_path),
            inhibit_cache: options.inhibit_cache,
            inhibit_rpath: options.inhibit_rpath,
            platform: stack.aux_string(auxv.platform),
            secure,
            path: match (direct, environment.origin_path) {
                (true, _) => ProgramPath::Given(path.to_vec()),
                (false, Some(fallback)) => ProgramPath::KernelOr(fallback.to_vec()),
                (false, None) => ProgramPath::Kernel,
            },
        },
        preload,
    }
}

/// What cannot be followed on the command line is said with glibc's words and exit code.
fn usage(arguments: &[&[u8]], stop: &Stop<'_>) -> ! {
    let own = Text(arguments.first().copied().unwrap_or(b"ld-rs.so"));
    let mut page = Page::default();
    let mut code = 1;
    let _ = match stop {
        Stop::Help => {
            code = 0;
            page.write_str(HELP)
        }
        Stop::Version => {
            code = 0;
            writeln!(page, "ld-rs.so {}", env!("CARGO_PKG_VERSION"))
        }
        Stop::MissingProgram => writeln!(page, "{own}: missing program name\nTry '{own} --help' for more information."),
        Stop::Unrecognized(option) => {
            writeln!(page, "{own}: unrecognized option '{}'\nTry '{own} --help' for more information.", Text(option))
        }
        Stop::MissingArgument(option) => {
            writeln!(
                page,
                "{own}: option requires an argument '{}'\nTry '{own} --help' for more information.",
                Text(option)
            )
        }
        Stop::Unsupported(option) => writeln!(page, "{own}: option '{}' is not supported", Text(option)),
    };
    page.write(if code == 0 { 1 } else { 2 });
    sys::exit(code)
}

const HELP: &str = "\
Usage: ld-rs.so [OPTION]... [--] PROGRAM [ARGUMENT]...
Load PROGRAM with the objects it needs and run it.

  --list                list the objects, run nothing
  --verify              exit 0 if PROGRAM is for a loader, 2 if it is a library, 1 otherwise
  --library-path PATH   use PATH instead of LD_LIBRARY_PATH
  --preload LIST        preload the objects in LIST after those of LD_PRELOAD
  --argv0 STRING        pass STRING as argv[0] to PROGRAM
  --inhibit-cache       do not use /etc/ld.so.cache
  --inhibit-rpath LIST  ignore RPATH and RUNPATH of the objects in LIST
  --help                this text
  --version             the version

As the interpreter of a program (PT_INTERP), ld-rs.so runs without being named.
";

/// Takes in the program and everything it needs. What cannot be had is reported whole.
pub fn discover(request: &Request, stack: &mut Stack, auxv: &Auxv) -> (Objects, Search) {
    let purpose =
        if request.list || request.verify || request.bindings.is_some() { Purpose::Inspect } else { Purpose::Run };
    let fail = |error: Error| -> ! { report::fail(&request.program, &[error]) };
    let program = if request.direct {
        discover::program(request.path, purpose)
    } else {
        discover::kernel_program(&request.program, request.path, auxv.entry, (auxv.phdr, auxv.phnum))
    };
    let program = program.unwrap_or_else(|error| fail(error));
    if program.dynamic.soname == Some(discover::OWN_SONAME) {
        let mut page = Page::default();
        let _ = writeln!(page, "{}: loader cannot load itself", Text(request.own_name));
        page.write(2);
        sys::exit(127)
    }
    if request.verify {
        verify(&program)
    }
    if purpose == Purpose::Run && !program.headers.is_code(program.headers.ident.entry) {
        let cause = Malformed::new("e_entry", program.headers.ident.entry, "an address in an executable segment");
        fail(Error::new(&program.name, cause.into()))
    }
    if request.direct && purpose == Purpose::Run {
        patch_auxv(stack, &program, request.path);
        if program.headers.interp.is_none() && is_self_sufficient(&program) {
            run_static(program, stack, auxv);
        }
    }
    let mut objects = Objects::default();
    let mut search = Search::new(&request.settings);
    // Debuggers look for our file under this name; `--list` shows the loader the program asks for.
    let asked_for = program.interpreter();
    search.own_name = match (request.direct && purpose == Purpose::Run, asked_for) {
        (true, _) => sys::read_link(c"/proc/self/exe").unwrap_or_else(|| request.own_name.to_vec()),
        (false, asked_for) => asked_for.unwrap_or(request.own_name).to_vec(),
    };
    let program = objects.push(program);
    let queue = vec![program];
    let mut discovery = Discovery { objects: &mut objects, search: &mut search, purpose, queue };
    for (source, name) in &request.preload {
        if let Err(error) = discovery.load(name, Some(program)) {
            let reason = match &error.cause {
                Cause::System(doing, _) => (*doing).into(),
                _ => format!("{}", Error { object: Vec::new(), ..error }),
            };
            let mut page = Page::default();
            let name = Text(name);
            let _ =
                writeln!(page, "ERROR: ld.so: object '{name}' from {source} cannot be preloaded ({reason}): ignored.");
            page.write(2);
        }
    }
    let errors = discovery.needed();
    if objects.position(Role::Loader).is_none() {
        match discover::own_object(&search.own_name) {
            Ok(object) => objects.push(object),
            Err(cause) => fail(Error::new(b"ld-rs.so", cause)),
        };
    }
    if auxv.vdso != 0
        && let Ok(vdso) = discover::vdso(auxv.vdso)
    {
        objects.push(vdso);
    }
    if let Some(engine) = request.bindings {
        super::bindings::print(&objects, engine)
    }
    if request.list {
        list(&objects, &errors)
    }
    if !errors.is_empty() {
        report::fail(&request.program, &errors);
    }
    (objects, search)
}

/// The program's place in memory becomes what the auxiliary vector says, as if the kernel had mapped it.
fn patch_auxv(stack: &mut Stack, program: &Object, path: &[u8]) {
    let (headers, image) = (&program.headers, &program.image);
    if let Some(phdrs) = headers.phdrs {
        stack.set_aux(auxvec::AT_PHDR, image.address(phdrs));
        stack.set_aux(auxvec::AT_PHNUM, headers.ident.phnum.into());
    }
    stack.set_aux(auxvec::AT_ENTRY, image.address(headers.ident.entry));
    stack.set_aux(auxvec::AT_BASE, if headers.interp.is_some() { arch::own_base() } else { 0 });
    stack.set_aux(auxvec::AT_EXECFN, path.as_ptr() as u64);
}

/// A program that needs nobody to relocate it: static, or static-pie, which relocates itself.
fn is_self_sufficient(program: &Object) -> bool {
    let static_pie = program.dynamic.has_flag_1(elf::DF_1_PIE) && program.dynamic.needed.is_empty();
    program.headers.dynamic.is_none() || static_pie
}

/// Runs a static program. It gets TLS from us in case it has no start-up code of its own; one that
/// has sets %fs anew.
fn run_static(mut program: Box<Object>, stack: &mut Stack, auxv: &Auxv) -> ! {
    let entry = program.image.address(program.headers.ident.entry);
    if let Some(tls) = program.headers.tls {
        let mut layout = StaticTls::default();
        program.module = layout.place(&tls).map(|offset| Module { id: 1, offset: Some(offset), tls });
        let mut objects = Objects::default();
        objects.push(program);
        let blueprint = tls::Blueprint::new(layout, 1, tls::BARE_TCB, stack.random(auxv));
        if let Some(mut blueprint) = blueprint
            && let Ok(tp) = thread(&blueprint)
        {
            blueprint.take_images(&objects);
            blueprint.initialise(tp);
            tls::publish(blueprint, tp);
        }
        core::mem::forget(objects);
    } else {
        core::mem::forget(program);
    }
    // SAFETY: a static program on its own patched stack; rdx = 0 says that there is nothing to register.
    unsafe { arch::enter(entry, stack.pointer(), 0) }
}

/// Assigns module ids and offsets in load order; the program, if it has TLS, is module 1.
pub fn place_tls(objects: &mut Objects) -> Result<(StaticTls, u64), Error> {
    let (mut layout, mut modules) = (StaticTls::default(), 0);
    for object in &mut objects.list {
        let Some(tls) = object.headers.tls else { continue };
        let offset = layout.place(&tls).ok_or_else(|| {
            let cause = Malformed::new("p_memsz of PT_TLS", tls.memsz, "static TLS of at most 2^32 bytes in all");
            Error::new(&object.name, cause.into())
        })?;
        modules += 1;
        object.module = Some(Module { id: modules, offset: Some(offset), tls });
    }
    Ok((layout, modules))
}

/// Makes the first thread's block and points %fs at it.
pub fn thread(blueprint: &tls::Blueprint) -> Result<u64, Error> {
    let tp = blueprint.map_block(arch::own_base().wrapping_sub(tls::late::FIRST_THREAD_DISTANCE));
    if tp == 0 || !blueprint.install(tp) {
        return Err(Error::new(b"", Cause::System("cannot allocate TLS", 12)));
    }
    blueprint.set_tcb(tp);
    // SAFETY: the block has its TCB words.
    match unsafe { arch::set_thread_pointer(tp) } {
        Ok(()) => Ok(tp),
        Err(errno) => Err(Error::new(b"", Cause::System("cannot set the thread pointer", errno))),
    }
}

/// Resolves every object in the program's scope; all errors at once.
pub fn resolve(process: &mut Process, request: &Request) -> Result<Vec<Bindings>, Vec<Error>> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for number in 0..process.objects.list.len() {
        resolve::check_versions(&process.objects, number, &mut errors, &mut warnings);
    }
    report::say(&request.program, &warnings);
    if !errors.is_empty() {
        return Err(errors);
    }
    let Process { objects, uniques, scope, engine, .. } = process;
    let mut scope = Scope { parts: [scope, &[]], uniques, engine: *engine, lazy: !request.bind_now, postpone: true };
    // The vdso needs nothing; ld-rs relocated itself.
    let ours = |number: &usize| matches!(objects.list[*number].role, Role::Program | Role::Library);
    let numbers: Vec<usize> = (0..objects.list.len()).filter(ours).collect();
    let found = resolve::resolve(objects, &numbers, &mut scope, &mut errors);
    let mut bindings = vec![Bindings::new(); objects.list.len()];
    for (number, found) in numbers.into_iter().zip(found) {
        bindings[number] = found;
    }
    if errors.is_empty() { Ok(bindings) } else { Err(errors) }
}

/// Relocates dependencies before the program, whose COPY relocations read them; then IFUNC resolvers.
pub fn relocate(process: &Process, bindings: &[Bindings]) -> Result<(), Vec<Error>> {
    let services = dl::open::services();
    let mut pending = Pending::default();
    for (number, bindings) in bindings.iter().enumerate().rev() {
        if matches!(process.objects.list[number].role, Role::Program | Role::Library) {
            relocate::relocate(&process.objects, number, bindings, &services, &mut pending).map_err(|e| vec![e])?;
        }
    }
    for object in &process.objects.list {
        init::check(&process.objects, object).map_err(|e| vec![e])?;
    }
    let order = init::order(&process.objects, &(0..process.objects.list.len()).collect::<Vec<_>>());
    // SAFETY: every object has its words, and the libc's tables are filled.
    unsafe { relocate::finish(&process.objects, &pending, &order) }.map_err(|e| vec![e])
}

/// RELRO of every object, ld-rs included.
pub fn protect(objects: &Objects) -> Result<(), Error> {
    for object in objects.list.iter().filter(|object| object.role != Role::Vdso) {
        object.image.protect_relro(&object.headers).map_err(|errno| {
            Error::new(&object.name, Cause::System("cannot apply additional memory protection after relocation", errno))
        })?;
    }
    Ok(())
}

/// `--verify`, by exit code: 0 a dynamic program, 2 a library, 1 neither.
fn verify(program: &Object) -> ! {
    sys::exit(match (program.headers.dynamic, program.headers.interp) {
        (Some(_), Some(_)) => 0,
        (Some(_), None) => 2,
        (None, _) => 1,
    })
}

/// `--list`, in ldd's format: every line first, then what is missing.
fn list(objects: &Objects, errors: &[Error]) -> ! {
    let mut page = Page::default();
    if objects.list.first().is_none_or(|program| program.headers.dynamic.is_none()) {
        let _ = writeln!(page, "\tnot a dynamic executable");
        page.write(2);
        sys::exit(1)
    }
    let chain = objects.list.iter().skip(1).filter(|object| object.role == Role::Library);
    if let Some(vdso) = objects.position(Role::Vdso).map(|number| &objects.list[number]) {
        let _ = writeln!(page, "\t{} (0x{:016x})", Text(&vdso.name), vdso.image.bias);
    }
    for object in chain {
        let start = object.image.address(object.headers.span.vaddr);
        let _ = writeln!(page, "\t{} => {} (0x{start:016x})", Text(object.soname()), Text(&object.name));
    }
    for error in errors {
        let _ = writeln!(page, "\t{} => not found", Text(&error.object));
    }
    if let Some(own) = objects.position(Role::Loader).map(|number| &objects.list[number]) {
        let _ = writeln!(page, "\t{} (0x{:016x})", Text(&own.name), own.image.bias);
    }
    page.write(1);
    sys::exit(if errors.is_empty() { 0 } else { 127 })
}
