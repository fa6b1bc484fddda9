//! The stages of start-up, each a step of the page in `main.rs`.

use super::{Process, arch, dl, init, report, resolve, sys, tls};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write;
use ld_rs_loader::discover::{self, Discovery};
use ld_rs_loader::object::{Module, Object, Objects, Role};
use ld_rs_loader::open::{self, KernelProgram, Purpose};
use ld_rs_loader::relocate::{self, Pending};
use ld_rs_loader::report::Page;
use ld_rs_loader::resolve::{Bindings, Scope};
use ld_rs_loader::root::Root;
use ld_rs_loader::search::{ProgramPath, Search, Settings};
use ld_rs_loader::stack::{self, Auxv, Stack};
use ld_rs_loader::{debug, inspect, last_error, stats, usage};
use ld_rs_plan::Bytes;
use ld_rs_plan::args::{self, Action, Environment, Ldd, Options, Stop};
use ld_rs_plan::debug as debugging;
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
    /// The command line.
    options: Options<'static>,
    /// The environment.
    environment: Environment<'static>,
    /// What stands on our command line after the options.
    files: Vec<&'static [u8]>,
    /// AT_SECURE or its like.
    pub secure: bool,
    /// LD_BIND_NOW.
    pub bind_now: bool,
    settings: Settings<'static>,
    preload: Vec<(&'static str, &'static [u8])>,
}

impl Request {
    /// LD_BIND_NOT.
    pub fn bind_not(&self) -> bool {
        self.environment.bind_not
    }

    /// LD_RS_NOSEAL, or valgrind, which warns of a call that it does not know.
    pub fn no_seal(&self) -> bool {
        self.environment.no_seal || arch::is_interpreted()
    }

    /// The program's absolute path, where a debugger cannot know it: in direct mode.
    pub fn path_for_debuggers(&self) -> Option<Vec<u8>> {
        let path = self.path;
        match (self.direct, path.starts_with(b"/")) {
            (false, _) => None,
            (true, true) => Some(path.owned()),
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
    if secure && sys::open_standard_descriptors().is_err() {
        sys::exit(127) // and nowhere to say so
    }
    if let Some(folder) = environment.save {
        last_error::save_in(folder);
    }
    if let Some(value) = environment.debug {
        debug::start(value, environment.debug_output);
    }
    let own_name = stack.args().first().copied().unwrap_or_default();
    let direct = auxv.entry == arch::_start as *const () as u64;
    let (mut options, mut path, mut root) = (Options::default(), stack.aux_string(auxv.execfn), Root::default());
    let mut files = vec![path];
    if direct {
        let arguments = stack.args();
        options = args::options(&arguments).unwrap_or_else(|stop| usage::refuse(own_name, &stop));
        files = arguments.get(options.program..).unwrap_or_default().to_vec();
        path = arguments.get(options.program).copied().unwrap_or_default();
        stack.shift_args(options.program);
        if let Some(directory) = options.sysroot {
            root = Root::new(directory).unwrap_or_else(|errno| {
                let cause = Cause::System("cannot open --sysroot directory", errno.raw_os_error());
                report::fail(directory, &[Error::new(directory, cause)])
            });
            path = stack::lasting(&root.choose(path.owned()));
        }
        // A program of another tree finds its files by the name it was called by.
        if let Some(name) = options.argv0.or(root.is_foreign().then_some(path)) {
            stack.set_argv0(name);
        }
    }
    let mut preload = Vec::new();
    for (source, list) in [("LD_PRELOAD", environment.preload), ("--preload", options.preload)] {
        preload.extend(args::preload_names(list.unwrap_or_default()).into_iter().map(|name| (source, name)));
    }
    stats::want(options.stats, options.json);
    let settings = Settings {
        library_path: options.library_path.or(environment.library_path),
        library_path_by_option: options.library_path.is_some(),
        inhibit_cache: options.inhibit_cache,
        inhibit_rpath: options.inhibit_rpath,
        platform: stack.aux_string(auxv.platform),
        hwcaps: [options.hwcaps_prepend, options.hwcaps_mask],
        secure,
        path: match (direct, environment.origin_path) {
            (true, _) => ProgramPath::Given(path.owned()),
            (false, Some(fallback)) => ProgramPath::KernelOr(fallback.owned()),
            (false, None) => ProgramPath::Kernel,
        },
        root,
        allow: environment.allow,
    };
    if environment.show_auxv {
        usage::show_auxv(stack);
    }
    match options.text {
        Some(Stop::Help) => usage::help(own_name, &settings),
        Some(Stop::Diagnostics) => usage::diagnostics(stack, &settings),
        Some(text) => usage::refuse(own_name, &text),
        None => {}
    }
    Request {
        program: stack.args().first().copied().unwrap_or_default().owned(),
        path,
        own_name,
        direct,
        secure,
        bind_now: environment.bind_now,
        settings,
        preload,
        options,
        environment,
        files,
    }
}

/// `--list`, `--tree` and their like: answered without running anything.
pub fn inspect(request: &Request, auxv: &Auxv) {
    let Request { options, environment, .. } = request;
    let traced = options.action == Action::Run && environment.list;
    if matches!(options.action, Action::Run | Action::Verify) && !traced {
        return;
    }
    inspect::run(&task(request, auxv, traced))
}

/// The files to be inspected.
fn task<'a>(request: &'a Request, auxv: &Auxv, traced: bool) -> inspect::Task<'a> {
    let Request { options, environment, .. } = request;
    inspect::Task {
        options,
        files: request.files.clone(),
        ldd: options.ldd.unwrap_or(Ldd {
            bind_now: environment.bind_now,
            unused: debug::on(debugging::UNUSED),
            ..environment.ldd
        }),
        traced,
        settings: request.settings.clone(),
        preload: request.preload.clone(),
        vdso: auxv.vdso,
        no_color: environment.no_color,
        mapped: (!request.direct).then(|| kernel_program(request, auxv)),
    }
}

fn kernel_program(request: &Request, auxv: &Auxv) -> KernelProgram<'static> {
    let Request { path, secure, .. } = *request;
    KernelProgram { path, entry: auxv.entry, phdr: (auxv.phdr, auxv.phnum), secure }
}

/// Takes in the program and everything it needs. What cannot be had is reported whole.
pub fn discover(request: &Request, stack: &mut Stack, auxv: &Auxv) -> (Objects, Search) {
    let verifying = request.options.action == Action::Verify;
    let purpose = if verifying || request.options.bindings.is_some() { Purpose::Inspect } else { Purpose::Run };
    let fail = |mut error: Error| -> ! {
        inspect::notes::file(&mut error);
        report::fail(&request.program, &[error])
    };
    let program = if request.direct {
        open::program(&request.settings.root, request.path, purpose)
    } else {
        open::kernel_program(&request.program, kernel_program(request, auxv))
    };
    let program = program.unwrap_or_else(|error| fail(error));
    if program.dynamic.soname == Some(discover::OWN_SONAME) {
        let mut page = Page::default();
        let _ = writeln!(page, "{}: loader cannot load itself", Text(request.own_name));
        page.write(2);
        sys::exit(127)
    }
    let mut search = Search::new(&request.settings);
    let program =
        open::admit(program, search.allow, purpose).unwrap_or_else(|cause| fail(Error::new(&request.program, cause)));
    if verifying {
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
    // Debuggers look for our file under this name.
    let asked_for = program.interpreter();
    search.own_name = match (request.direct, asked_for) {
        (true, _) => sys::read_link(c"/proc/self/exe").unwrap_or_else(|| request.own_name.owned()),
        (false, asked_for) => asked_for.unwrap_or(request.own_name).owned(),
    };
    search.follow(asked_for, &program.dynamic.needed);
    let program = objects.push(program);
    let (queue, observers) = (vec![program], debug::observers());
    let mut discovery = Discovery { objects: &mut objects, search: &mut search, purpose, queue, observers };
    if request.direct {
        discovery.tell_taken_in(program, request.path, None);
    }
    for (source, name) in &request.preload {
        if let Err(error) = discovery.load(name, Some(program)) {
            let mut page = Page::default();
            report::cannot_preload(&mut page, source, name, error);
            page.write(2);
        }
    }
    let errors = discovery.needed();
    if objects.position(Role::Loader).is_none() {
        match open::own_object(&search.own_name) {
            Ok(object) => objects.push(object),
            Err(cause) => fail(Error::new(b"ld-rs.so", cause)),
        };
    }
    if auxv.vdso != 0
        && let Ok(vdso) = open::vdso(auxv.vdso)
    {
        objects.push(vdso);
    }
    if let Some(engine) = request.options.bindings {
        super::bindings::print(&objects, engine)
    }
    if !errors.is_empty() {
        inspect::fail(&task(request, auxv, false), &request.program, errors);
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
    debug::tls(objects, &objects.scope());
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
pub fn resolve(process: &mut Process, request: &Request) -> Result<Bindings, Vec<Error>> {
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for number in 0..process.objects.list.len() {
        debug::versions(&process.objects, number);
        resolve::check_versions(&process.objects, number, &mut errors, &mut warnings);
    }
    debug::scopes(&process.objects, &process.scope, [&process.scope, &[]]);
    report::say(&request.program, &warnings);
    if !errors.is_empty() {
        inspect::notes::objects(&process.objects, &mut errors);
        return Err(errors);
    }
    let Process { objects, uniques, scope, engine, .. } = process;
    let postpone = Some(if request.bind_not() { 1 } else { resolve::MIN_POSTPONED });
    let mut scope = Scope { parts: [scope, &[]], uniques, engine: *engine, lazy: !request.bind_now, postpone };
    // The vdso needs nothing; ld-rs relocated itself.
    let ours = |number: &usize| matches!(objects.list[*number].role, Role::Program | Role::Library);
    let numbers: Vec<usize> = (0..objects.list.len()).filter(ours).collect();
    let bindings = resolve::resolve(objects, &numbers, &mut scope, &mut errors);
    for (number, found) in bindings.iter() {
        debug::bound(objects, number, found, scope.parts);
    }
    if errors.is_empty() {
        return Ok(bindings);
    }
    inspect::notes::objects(objects, &mut errors);
    Err(errors)
}

/// Relocates dependencies before the program, whose COPY relocations read them; then IFUNC resolvers.
pub fn relocate(process: &Process, bindings: &Bindings) -> Result<(), Vec<Error>> {
    let services = dl::open::services();
    let mut pending = Pending::default();
    for (number, bindings) in bindings.iter().rev() {
        debug::relocating(&process.objects.list[number]);
        relocate::relocate(&process.objects, number, bindings, &services, &mut pending).map_err(|e| vec![e])?;
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
        object.protect()?;
    }
    Ok(())
}

/// What is protected stays so: objects of start-up are never unloaded.
pub fn seal(objects: &Objects) {
    for object in objects.list.iter().filter(|object| object.role != Role::Vdso) {
        if !object.image.seal(&object.headers) {
            return; // nor can it any other
        }
    }
}

/// `--verify`, by exit code: 0 a dynamic program, 2 a library, 1 neither.
fn verify(program: &Object) -> ! {
    sys::exit(match (program.headers.dynamic, program.headers.interp) {
        (Some(_), Some(_)) => 0,
        (Some(_), None) => 2,
        (None, _) => 1,
    })
}
