//! The stages of start-up, each a step of the page in `main.rs`.

mod aside;
pub use aside::step_aside;

use super::{process, report, sys};
use alloc::{rc::Rc, vec, vec::Vec};
use ld_rs_inspect::{self as inspect, usage};
use ld_rs_loader::discover::{self, Discovery};
use ld_rs_loader::object::{Module, Object, Objects, Role};
use ld_rs_loader::open::{self, KernelProgram, Purpose};
use ld_rs_loader::search::{ProgramPath, Search, Settings};
use ld_rs_loader::stack::{self, Stack};
use ld_rs_loader::{
    arch, debug, last_error, names::Names, page, relocate::Services, root::Root, stages::TlsKind, stats,
};
use ld_rs_plan::arch::GLIBC_LOADER_NAME;
use ld_rs_plan::args::{self, Action, Environment, Ldd, Options, Stop};
use ld_rs_plan::error::{Cause, Error, Malformed, Text};
use ld_rs_plan::{
    Bytes, debug as debugging, errno::ENOMEM, facts, fallible::NoMemory, libc::Kind, resolve::MIN_POSTPONED, search,
    tls::StaticTls,
};
use ld_rs_runtime::libc::{self, Libc, Setup};
use ld_rs_runtime::process::{Fixed, Tables};
use ld_rs_runtime::stages::{self, First, Joining, Occasion};
use ld_rs_runtime::{arch as serve, debugger, debugger::LinkMap, glibc, lazy, musl, tls};
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
    /// AT_EXECFN: in direct mode the path of ld-rs.
    told: &'static [u8],
    /// The environment.
    pub environment: Environment<'static>,
    /// AT_SECURE or its like.
    pub secure: bool,
    /// What is to be inspected; beside it, the command line and where to look for libraries.
    task: inspect::Task,
}

impl Request {
    /// Started as `ld-rs.so PROGRAM`, not by the kernel as interpreter.
    fn is_direct(&self) -> bool {
        self.task.mapped.is_none()
    }

    /// The program's absolute path, where a debugger cannot know it: in direct mode.
    pub fn path_for_debuggers(&self) -> Option<Vec<u8>> {
        match &self.task.settings.path {
            ProgramPath::Given(path) => Some(path.clone()),
            _ => None,
        }
    }
}

/// What our own command line asks for: options, the program's path, the tree to look in, and the files to inspect. The
/// rest becomes the program's command line.
fn command_line(
    stack: &mut Stack,
    own_name: &'static [u8],
) -> (Options<'static>, &'static [u8], Root, Vec<&'static [u8]>) {
    let arguments = stack.args();
    let options = args::options(&arguments).unwrap_or_else(|stop| usage::refuse(own_name, &stop));
    let files = arguments.get(options.program..).unwrap_or_default().to_vec();
    let mut path = files.first().copied().unwrap_or_default();
    stack.shift_args(options.program);
    let mut root = Root::default();
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
    (options, path, root, files)
}

/// Reads the command line and the environment; in secure mode nothing of the latter counts. Long, for each of them is
/// named once, where it becomes what is asked for.
pub fn request(stack: &mut Stack) -> Request {
    // Decided before anything else is read.
    let secure = stack.is_secure();
    let mut environment = Environment::default();
    if secure {
        let mut traced = false;
        stack.filter_environment(|variable| {
            traced |= variable.starts_with(b"LD_TRACE_LOADED_OBJECTS=");
            environment.preload = variable.strip_prefix(b"LD_PRELOAD=").or(environment.preload);
            args::is_unsecure(variable)
        });
        if traced {
            sys::exit(5) // by which ldd knows that it has to ask the loader itself
        }
        if sys::open_standard_descriptors().is_err() {
            sys::exit(127) // and nowhere to say so
        }
    } else {
        stack.variables(args::INITIALS).for_each(|variable| environment.take(variable));
    }
    if let Some(folder) = environment.save {
        last_error::save_in(folder);
    }
    if let Some(value) = environment.debug {
        debug::start(value, environment.debug_output);
    }
    let own_name = stack.args().first().copied().unwrap_or_default();
    let direct = stack.aux(auxvec::AT_ENTRY) == arch::_start as *const () as u64;
    let told = stack.aux_string(auxvec::AT_EXECFN);
    let (options, path, root, files) = match direct {
        true => command_line(stack, own_name),
        false => (Options::default(), told, Root::default(), vec![told]),
    };
    let mut preload = Vec::new();
    for (source, list) in [("LD_PRELOAD", environment.preload), ("--preload", options.preload)] {
        preload.extend(args::names(list.unwrap_or_default(), args::SEPARATORS[0]).map(|name| (source, name)));
    }
    stats::want(options.stats, options.json);
    let settings = Settings {
        library_path: options.library_path.or(environment.library_path),
        library_path_by_option: options.library_path.is_some(),
        inhibit_cache: options.inhibit_cache,
        inhibit_rpath: options.inhibit_rpath,
        // These outlive hand-over.
        platform: stack::lasting(stack.aux_string(auxvec::AT_PLATFORM)),
        hwcaps: [options.hwcaps_prepend, options.hwcaps_mask, environment.tunables]
            .map(|list| list.map(stack::lasting)),
        secure,
        path: match (direct, environment.origin_path) {
            (true, _) => {
                // Asked now, since the program may go to another directory.
                let here = if path.starts_with(b"/") { None } else { sys::current_directory() };
                let absolute = here.and_then(|here| search::join(&here, path));
                ProgramPath::Given(absolute.unwrap_or_else(|| path.owned()))
            }
            (false, Some(fallback)) => ProgramPath::KernelOr(fallback.owned()),
            (false, None) => ProgramPath::Kernel,
        },
        root,
        strict: environment.strict,
        refuse_other_libc: environment.refuse_other_libc,
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
    let mapped = (!direct).then(|| {
        let [entry, phdr, phnum] = [auxvec::AT_ENTRY, auxvec::AT_PHDR, auxvec::AT_PHNUM].map(|key| stack.aux(key));
        // SAFETY: as the kernel wrote them.
        unsafe { KernelProgram::new(entry, (phdr, phnum)) }
    });
    let (bind_now, unused) = (environment.bind_now, debug::on(debugging::UNUSED));
    let task = inspect::Task {
        files,
        ldd: options.ldd.unwrap_or(Ldd { bind_now, unused, ..environment.ldd }),
        traced: options.action == Action::Run && environment.list,
        settings,
        preload,
        vdso: stack.aux(auxvec::AT_SYSINFO_EHDR),
        no_color: environment.no_color,
        mapped,
        options,
    };
    Request {
        program: stack.args().first().copied().unwrap_or_default().owned(),
        path,
        own_name,
        told,
        environment,
        secure,
        task,
    }
}

/// `--list`, `--tree` and their like: answered without running anything.
pub fn inspect(Request { task, .. }: &Request) {
    if task.traced || !matches!(task.options.action, Action::Run | Action::Verify) {
        inspect::run(task)
    }
}

#[cold]
fn fail(request: &Request, mut error: Error) -> ! {
    if request.task.options.action == Action::Verify {
        sys::exit(1) // the answer, and no failure: nothing is said
    }
    inspect::notes::file(&mut error);
    report::fail(&request.program, &[error])
}

/// The program, fit to be run or inspected. `--verify` and programs that need nobody to relocate them end here.
fn program(request: &Request, stack: &mut Stack, purpose: Purpose) -> Rc<Object> {
    let Request { task: inspect::Task { options, settings, .. }, path, own_name, .. } = request;
    let program = match request.task.mapped {
        Some(told) => open::kernel_program(&request.program, told),
        None => open::program(&settings.root, path, purpose),
    };
    let program = program.unwrap_or_else(|error| fail(request, error));
    // glibc's loader as a program is refused as we are: it would start the process once more.
    let is_loader = matches!(program.dynamic.soname, Some(discover::OWN_SONAME | GLIBC_LOADER_NAME));
    if is_loader && purpose == Purpose::Run {
        page::line(format_args!("{}: loader cannot load itself", Text(own_name))).exit(2, 127)
    }
    let program = open::admit(program, settings.strict, purpose)
        .unwrap_or_else(|cause| fail(request, Error::new(&request.program, cause)));
    if options.action == Action::Verify {
        // By exit code: 0 a dynamic program, 2 a library, 1 neither.
        sys::exit(match (program.headers.dynamic, program.headers.interp) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) => 2,
            (None, _) => 1,
        })
    }
    if purpose == Purpose::Run && !program.headers.is_code(program.headers.ident.entry) {
        let cause = Malformed::new("e_entry", program.headers.ident.entry, "an address in an executable segment");
        fail(request, Error::new(&program.name, cause.into()))
    }
    if request.is_direct() && purpose == Purpose::Run {
        patch_auxv(stack, &program, path);
        if program.headers.interp.is_none() && is_self_sufficient(&program) {
            run_static(program, stack);
        }
    }
    program
}

/// Takes in the program and everything it needs. What cannot be had is reported whole.
pub fn discover(request: &Request, stack: &mut Stack) -> (Objects, Names, Search) {
    let Request { task: inspect::Task { options, settings, .. }, path, own_name, told, .. } = request;
    let reads = options.action == Action::Verify || options.bindings.is_some();
    let purpose = if reads { Purpose::Inspect } else { Purpose::Run };
    let program = program(request, stack, purpose);
    let mut search = Search::new(settings);
    let (mut objects, mut names) = (Objects::default(), Names::default());
    let asked_for = program.interpreter();
    // Debuggers look for our file under this name. That of /proc/self/exe would be a system call that glibc does not make.
    search.own_name = if request.is_direct() { told } else { asked_for.unwrap_or(own_name) }.owned();
    search.follow(asked_for, &program.dynamic.needed, !request.is_direct());
    let (queue, observers) = (Vec::new(), debug::observers());
    let mut discovery =
        Discovery { objects: &mut objects, names: &mut names, search: &mut search, purpose, queue, observers };
    let [audit, depaudit] = [elf::DT_AUDIT, elf::DT_DEPAUDIT].map(|tag| program.dynamic.text(tag));
    for list in [request.environment.audit, options.audit, audit, depaudit].into_iter().flatten() {
        report::cannot_audit(list);
    }
    let program = discovery.begin(program).unwrap_or_else(|error| fail(request, error));
    if request.is_direct() {
        discovery.tell_taken_in(program, path, None);
    }
    sys::write_all(2, &discovery.preload(&request.task.preload).1);
    let errors = discovery.needed();
    if discovery.objects.position(Role::Loader).is_none() {
        let own = open::own_object(&discovery.search.own_name).and_then(|own| Ok(discovery.enter(own)?));
        own.unwrap_or_else(|cause| fail(request, Error::new(b"ld-rs.so", cause)));
    }
    if request.task.vdso != 0
        // SAFETY: as the kernel wrote it.
        && let Ok(vdso) = unsafe { open::vdso(request.task.vdso) }
    {
        let entered = discovery.enter(vdso);
        entered.unwrap_or_else(|cause| fail(request, Error::new(b"linux-vdso.so.1", cause.into())));
    }
    if let Some(engine) = options.bindings {
        super::bindings::print(&objects, engine)
    }
    if !errors.is_empty() {
        inspect::fail(&request.task, &request.program, errors);
    }
    search.finish();
    (objects, names, search)
}

/// The program's place in memory becomes what the auxiliary vector says, as if the kernel had mapped it.
fn patch_auxv(stack: &mut Stack, program: &Object, path: &[u8]) {
    let (headers, image) = (&program.headers, &program.image);
    let (phdr, phnum) = program.phdrs();
    stack.set_aux(auxvec::AT_PHDR, phdr);
    stack.set_aux(auxvec::AT_PHNUM, phnum.into());
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
fn run_static(mut program: Rc<Object>, stack: &mut Stack) -> ! {
    let entry = program.image.address(program.headers.ident.entry);
    if let Some(tls) = program.headers.tls {
        let mut layout = StaticTls::default();
        if let Some(program) = Rc::get_mut(&mut program) {
            program.module = layout.place(&tls).map(|distance| Module { id: 1, key: 1, distance: Some(distance), tls });
        }
        let mut objects = Objects::default();
        if objects.push(program).is_err() {
            report::no_memory(NoMemory)
        }
        let blueprint = tls::Blueprint::new(layout, 1, tls::BARE_TCB, stack.random());
        if let Some(mut blueprint) = blueprint
            && let Ok(tp) = blueprint.first_thread()
        {
            blueprint.take_images(&objects);
            blueprint.initialise(tp);
            tls::publish(blueprint, tp, &libc::none::Bare);
        }
        core::mem::forget(objects);
    } else {
        core::mem::forget(program);
    }
    // SAFETY: a static program on its own patched stack; rdx = 0 says that there is nothing to register.
    unsafe { arch::enter(entry, stack.pointer(), 0) }
}

/// The contract of the libc among `objects`; the only place that knows which there are.
pub fn libc(objects: &Objects) -> Result<&'static dyn Libc, Error> {
    match ld_rs_loader::search::libc(objects) {
        (Kind::Glibc, Some(number)) => glibc::choose(objects, number),
        (Kind::Musl, Some(number)) => Ok(musl::choose(number)),
        _ => Ok(&libc::none::Bare),
    }
}

/// Puts the objects in the tables that the stages work on.
pub fn publish(request: &Request, found: (Objects, Names, Search), libc: &'static dyn Libc, stack: &Stack) {
    // Where relocated words lead to, for a DTV as glibc's, which ld-rs keeps for all its guests.
    let services = Services {
        tlsdesc_static: serve::tlsdesc_static as *const () as u64,
        tlsdesc_dynamic: serve::tlsdesc_dynamic as *const () as u64,
        tlsdesc_undefined: serve::tlsdesc_undefined as *const () as u64,
        bind_function: serve::bind_function as *const () as u64,
    };
    let (vectors, program) = (stack.vectors(), request.program.clone());
    let Environment { bind_now, dynamic_weak, .. } = request.environment;
    let binds_now = found.2.policy.libc.rules().binds_now;
    let fixed = Fixed { vectors, program, bind_now, dynamic_weak, binds_now, services };
    process::publish(fixed, Tables::new(found.0, found.1, found.2, libc));
}

/// What start-up does in the stages that dlopen does otherwise: TLS is static, the libc's tables are filled, and the
/// first thread is made.
pub struct Start<'a> {
    request: &'a Request,
    stack: &'a Stack,
    libc: &'static dyn Libc,
    layout: StaticTls,
    modules: u64,
    /// The first thread, once TLS is laid out, and what every thread's block looks like.
    thread: Option<(tls::Thread, tls::Blueprint)>,
}

impl<'a> Start<'a> {
    /// Nothing of TLS is laid out.
    pub fn new(request: &'a Request, stack: &'a Stack, libc: &'static dyn Libc) -> Self {
        Self { request, stack, libc, layout: libc.static_tls(), modules: 0, thread: None }
    }

    /// Takes all objects through the stages.
    pub fn join(&mut self) -> Result<(), Vec<Error>> {
        let (numbers, now) = (process::read().objects.in_order(), process::fixed().binds_now);
        let joining = Joining {
            numbers: &numbers,
            local: &[],
            first: First::Global,
            lazy: !now && !self.request.environment.bind_now,
            postpone: Some(if self.request.environment.bind_not { 1 } else { MIN_POSTPONED }),
        };
        let joined = stages::join(&joining, self).map_err(|mut errors| {
            inspect::notes::objects(&process::read().objects, &mut errors);
            errors
        })?;
        // Objects of start-up stay, and what their descriptors point to.
        joined.descriptors.leak();
        Ok(())
    }

    /// Makes the stack executable if an object asks for that and the kernel did not do it, which looks at the program's
    /// headers alone; whether it is.
    fn executable_stack(&self, objects: &Objects) -> Result<bool, Error> {
        let Some(asks) = objects.list.iter().find(|object| object.headers.executable_stack) else { return Ok(false) };
        if asks.role != Role::Program || self.request.is_direct() {
            let made = sys::make_stack_executable(self.stack.pointer() as u64);
            made.map_err(|errno| Error::new(&asks.name, facts::executable_stack(errno.raw_os_error())))?;
        }
        Ok(true)
    }

    /// Where the program begins.
    pub fn entry(&self) -> u64 {
        let tables = process::read();
        let program = &tables.objects[tables.namespace.program];
        program.image.address(program.headers.ident.entry)
    }
}

impl Occasion for Start<'_> {
    fn warn(&self, warnings: &[Error]) {
        report::say(&self.request.program, warnings);
    }

    fn tls_kind(&self) -> TlsKind {
        TlsKind::Static
    }

    /// Module ids and distances in load order; the program, if it has TLS, is module 1.
    fn module(&mut self, object: &Object, _initial_exec: bool) -> Result<Option<Module>, Error> {
        let Some(tls) = object.headers.tls else { return Ok(None) };
        let distance = self.layout.place(&tls).ok_or_else(|| {
            let cause = Malformed::new("p_memsz of PT_TLS", tls.memsz, "static TLS of at most 2^32 bytes in all");
            Error::new(&object.name, cause.into())
        })?;
        self.modules += 1;
        let key = self.libc.key(self.modules, distance);
        Ok(Some(Module { id: self.modules, key, distance: Some(distance), tls }))
    }

    /// Link maps, which tell of TLS; then the libc's tables, and a thread pointer, before the first IFUNC resolver runs.
    fn placed(&mut self, tables: &mut Tables) -> Result<(), Error> {
        if !tables.enter_all() {
            return Err(Error::new(b"", Cause::System("cannot create link maps", ENOMEM)));
        }
        let executable_stack = self.executable_stack(&tables.objects)?;
        tables.publish_ranges();
        lazy::publish(&tables.objects, self.request.environment.bind_not);
        debugger::announce(&tables.objects[0], tables.records[0].link_map, arch::own_base());
        let random = self.stack.random();
        let blueprint = self.libc.blueprint(self.layout, self.modules, random);
        let blueprint = blueprint.ok_or_else(|| Error::new(b"", Cause::Plain("static TLS is too large")))?;
        let link_maps: Vec<*mut LinkMap> = tables.records.iter().map(|record| record.link_map).collect();
        let setup = Setup {
            objects: &tables.objects,
            link_maps: &link_maps,
            scope: &tables.namespace.scope,
            blueprint: &blueprint,
            stack: self.stack,
            executable_stack,
            secure: self.request.secure,
        };
        self.libc.prepare(&setup);
        let thread = self.libc.first_thread(&setup)?;
        self.thread = Some((thread, blueprint));
        Ok(())
    }

    fn relocated(&mut self, objects: &Objects, _numbers: &[usize]) -> Result<(), Error> {
        if let Some((thread, mut blueprint)) = self.thread.take() {
            blueprint.take_images(objects);
            self.libc.give_images(&blueprint, thread);
            tls::publish(blueprint, thread, self.libc);
        }
        Ok(())
    }
}

/// What is protected of the objects that ask for it stays so, and of all others too with LD_RS_SEAL: objects of start-up
/// are never unloaded. Others are not sealed, for tools change code and RELRO from within the process, and a filter of
/// system calls may kill who makes this one. Valgrind does not know it.
pub fn seal(request: &Request) {
    let tables = process::read();
    let mut objects = tables.objects.list.iter().filter(|object| object.role != Role::Vdso);
    // Where the kernel cannot for one, it can for no other.
    let _ = objects.try_for_each(|object| {
        let sealed = request.environment.seal || object.asks.seal;
        (!sealed || arch::is_interpreted() || object.image.seal(&object.headers)).then_some(())
    });
}

/// Tells debuggers that all objects are there.
pub fn announce(request: &Request, libc: &dyn Libc) {
    if let Some(path) = request.path_for_debuggers() {
        debugger::announce_direct(&path, process::read().records[0].link_map, libc.link_map_size());
    }
    debugger::tell(debugger::State::Consistent);
}
