//! Whether a build of glibc that no table is of has the layout of a table, judged before any of it runs: each word of the two
//! tables of its loader that its code uses must be one that the layout has, each word that any libc uses must be used, and
//! its own loader's file, where it lies beside it, must have the tables in that size, with what they hold at first where the
//! layout says.
//!
//! Called by `recognise.rs`, once a start of such a build, with the layouts whose other facts agree: exactly one must pass.

use super::layout::{Global, GlobalRo, Layout};
use crate::area::At;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use ld_rs_loader::object::{Objects, Role};
use ld_rs_loader::sys;
use ld_rs_plan::arch::GLIBC_LOADER_NAME;
use ld_rs_plan::elf::Part;
use ld_rs_plan::search;
use ld_rs_plan::uses::{self, Loader, TABLES, Uses};

/// The largest file that is read as the libc's loader, in bytes: with debug information in it, half of that.
const MAX_LOADER: u64 = 16 << 20;
/// EXEC_PAGESIZE, which ld.so believes until it is told.
const FIRST_PAGE_SIZE: u64 = 4096;
/// PF_R | PF_W | PF_X, or in 2.42 and later PROT_* of the same: what ld.so takes for the rights of stacks at first.
const FIRST_STACK_FLAGS: u64 = 7;

/// The one of `candidates` that object `number`, a libc.so.6, has, by its number; or what fails, a line each.
pub fn of(objects: &Objects, number: usize, candidates: &[(usize, &Layout)]) -> Result<usize, Vec<String>> {
    if candidates.is_empty() {
        return Err(Vec::new());
    }
    let mut uses = Uses::default();
    // With glibc's other libraries, of which those up to 2.33 use these tables themselves.
    for object in objects.list.iter().filter(|object| object.role == Role::Library) {
        let slots: Vec<_> = uses::slots(&object.dynamic).collect();
        if slots.is_empty() {
            continue;
        }
        let parts = object.image.parts(&object.headers);
        for segment in object.headers.segments.iter().filter(|segment| segment.execute) {
            for part in parts.iter().filter(|part| part.vaddr == segment.memory.vaddr) {
                uses.add(Part { vaddr: part.vaddr, bytes: part.bytes }, &slots);
            }
        }
    }
    let file = loader_beside(&objects[number].name);
    let loader = file.as_deref().and_then(Loader::read);
    let mut failures = Vec::new();
    let mut fitting = Vec::new();
    for (table, layout) in candidates {
        let failed = failures_of(layout, &uses, loader.as_ref());
        if failed.is_empty() {
            fitting.push(*table);
        }
        failures.extend(failed.into_iter().map(|failure| {
            let source = ld_rs_plan::error::Text(&layout.source);
            format!("layout of {source}: {failure}")
        }));
    }
    match *fitting {
        [table] => Ok(table),
        [] => Err(failures),
        _ => Err(alloc::vec![String::from("several layouts fit")]),
    }
}

/// The loader in the directory of the libc at `path`, whole.
fn loader_beside(path: &[u8]) -> Option<Vec<u8>> {
    let file = sys::open(&search::join(search::directory_of(path), GLIBC_LOADER_NAME)?).ok()?;
    let size = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size <= MAX_LOADER)?.size;
    sys::read_vec(&file, usize::try_from(size).ok()?, 0).ok()
}

/// What speaks against `layout`: at most one line of each kind.
fn failures_of(layout: &Layout, uses: &Uses, loader: Option<&Loader<'_>>) -> Vec<String> {
    let mut failures = Vec::new();
    let words: [&dyn Fn(i32) -> bool; 2] = [&|at| in_global(&layout.global, at), &|at| in_global_ro(layout, at)];
    let needed = [needed_of_global(&layout.global), needed_of_global_ro(layout)];
    for (table, uses) in uses.0.iter().enumerate() {
        let name = ld_rs_plan::error::Text(TABLES[table]);
        if let Some((at, place)) = uses.iter().find(|(at, _)| !words[table](*at)) {
            failures.push(format!("code at {place:#x} uses {name}+{at}, which is no word of it"));
        }
        let is_used = |word: &&usize| uses.iter().any(|(at, _)| usize::try_from(*at) == Ok(**word));
        if let Some(word) = needed[table].iter().find(|word| !is_used(word)) {
            failures.push(format!("no code uses {name}+{word}"));
        }
    }
    match loader {
        Some(loader) => failures.extend(against(layout, loader)),
        // Its descriptors tell of much; without them nothing tells where the words are that the code uses.
        None if *layout.facts.carrier == *b"libc.so.6" => {}
        None => failures.push(String::from("its own loader does not lie beside it")),
    }
    failures
}

/// Whether libc may use the word at `at` of `_rtld_global`.
fn in_global(global: &Global, at: i32) -> bool {
    let Ok(at) = usize::try_from(at) else {
        return at >= -256; // the last namespace, counted from `nns`
    };
    // What nothing of ours reads or fills: the namespaces; `profile_map`; up to 2.33 the loader's own link map, what auditors
    // know of it, and behind the DTV the hooks of libpthread and `scope_free_list`; the cached stacks' size, and the one on its way.
    let others = [
        (at < global.nns.start(), true),
        (at == global.load_adds.start() + 16, true),
        (
            at == global.all_dirs.end() || at == global.lock_services.map_or(0, At::start) - 256,
            global.lock_services.is_some(),
        ),
        ([16, 24, 32].iter().any(|more| at == global.initial_dtv.start() + more), true),
        // How large pages are used, from 2.44 on.
        (at < usize::from(global.size) && global.stack_cache_lock.is_some_and(|lock| at == lock.start() + 8), true),
        ([16, 24].iter().any(|more| global.stack_cache.is_some_and(|list| at == list.start() + more)), true),
    ];
    global.holds(at) || others.into_iter().any(|(is_it, has_it)| is_it && has_it)
}

/// Whether libc may use the word at `at` of `_rtld_global_ro`.
fn in_global_ro(layout: &Layout, at: i32) -> bool {
    let (ro, cpu) = (&layout.global_ro, &layout.cpu);
    let Ok(at) = usize::try_from(at) else { return false };
    let leaves = cpu.leaves.len();
    // Bits of the CPU are tested byte by byte.
    let bytes = [
        cpu.features.map(|array| (array.start(), array.nth(leaves).start())),
        cpu.cpuid.map(|array| (array.start(), array.nth(leaves).start())),
        cpu.usable.map(|word| (word.start(), word.end())),
        Some((cpu.preferred.start(), cpu.preferred.end())),
    ];
    let loaders_own = [ro.platform.start(), ro.debug_fd.start(), ro.sysinfo_dso.start(), ro.tls_static_surplus.start()];
    // What nothing of ours fills: LD_DEBUG's mask, the kernel's version, and at the end the auditors and their number.
    at < 8
        || ro.holds(at) && !loaders_own.contains(&at)
        || cpu.holds(at)
        || bytes.into_iter().flatten().any(|(start, end)| start <= at && at < end)
        || [8, 16].iter().any(|less| at + less == usize::from(ro.size))
}

/// The words of `_rtld_global` that every libc uses.
fn needed_of_global(global: &Global) -> Vec<usize> {
    let locks = [Some(global.load_lock), Some(global.load_write_lock), global.load_tls_lock];
    let lists = [global.stack_used, global.stack_user, global.stack_cache];
    let adds = global.load_adds.start();
    // Behind the count of objects, that of the profiled one; behind the cached stacks, their size, and the one on its way.
    let mut words = alloc::vec![global.ns_loaded.start(), global.nns.start(), adds, adds + 16];
    words.extend(locks.into_iter().flatten().map(At::start));
    words.extend(lists.into_iter().flatten().map(At::start));
    words.extend(global.stack_cache.into_iter().flat_map(|list| [16, 24].map(|more| list.start() + more)));
    words.extend(
        [global.stack_flags, global.stack_prot_flags, global.stack_cache_lock].into_iter().flatten().map(At::start),
    );
    words
}

/// The words of `_rtld_global_ro` that every libc uses.
fn needed_of_global_ro(layout: &Layout) -> Vec<usize> {
    let (ro, cpu) = (&layout.global_ro, &layout.cpu);
    let mut words = alloc::vec![
        ro.pagesize.start(),
        ro.clktck.start(),
        ro.fpu_control.start(),
        ro.hwcap.start(),
        ro.hwcap2.start(),
        ro.auxv.start(),
        ro.init_all_dirs.start(),
    ];
    // Functions of the vdso by calls of the same name; those of the other two ask for them otherwise up to 2.39.
    words.extend([0, 3, 4].map(|number| ro.vdso.start() + 8 * number));
    words.extend(
        [ro.minsigstacksize, ro.find_object, ro.dlfcn_hook, ro.readonly_area].into_iter().flatten().map(At::start),
    );
    words.extend(ro.tls_static.into_iter().flat_map(|pair| [pair.start(), pair.start() + 8]));
    words.extend((0..3).map(|number| cpu.thresholds.start() + 8 * number));
    words.extend(cpu.rep_thresholds.into_iter().flat_map(|row| [0, 8, 16].map(|more| row.start() + more)));
    words.extend(cpu.levels.into_iter().flat_map(|row| (0..12).map(move |number| row.start() + 8 * number)));
    words.extend(functions(ro));
    words
}

/// Where `_rtld_global_ro` has functions of the loader from the beginning.
fn functions(ro: &GlobalRo) -> Vec<usize> {
    let mut words: Vec<usize> = (0..5).map(|number| ro.services.start() + 8 * number).collect();
    words.extend(ro.error_services.into_iter().flat_map(|pair| [pair.start(), pair.start() + 8]));
    words.push(ro.tls_get_addr_soft.start());
    words.extend(ro.libc_freeres.map(At::start));
    words
}

/// What the file of the loader has otherwise.
fn against(layout: &Layout, loader: &Loader<'_>) -> Option<String> {
    let (global, ro) = (&layout.global, &layout.global_ro);
    for (table, size) in [global.size, ro.size].into_iter().enumerate() {
        let (name, found) = (ld_rs_plan::error::Text(TABLES[table]), loader.size(table));
        if found != Some(size.into()) {
            return Some(format!("its loader has {name} of {} bytes", found.unwrap_or(0)));
        }
    }
    let locks = [Some(global.load_lock), Some(global.load_write_lock), global.load_tls_lock];
    let mut words: Vec<(usize, usize, u64, u64)> = alloc::vec![
        (0, global.nns.start(), 8, 1),
        (1, ro.pagesize.start(), 8, FIRST_PAGE_SIZE),
        (1, ro.debug_fd.start(), 4, 2),
        (1, ro.fpu_control.start(), 2, crate::arch::FPU_DEFAULT.into()),
    ];
    let kind = super::MUTEX_KIND * 4;
    words.extend(locks.into_iter().flatten().map(|lock| (0, lock.start() + kind, 4, super::MUTEX_RECURSIVE.into())));
    let flags = [global.stack_flags, global.stack_prot_flags];
    words.extend(flags.into_iter().flatten().map(|flags| (0, flags.start(), 4, FIRST_STACK_FLAGS)));
    for (table, at, size, expected) in words {
        let name = ld_rs_plan::error::Text(TABLES[table]);
        let found = loader.word(table, at as u64, size);
        if found != Some(expected) {
            return Some(format!("its loader has {:#x} at {name}+{at}, not {expected:#x}", found.unwrap_or(0)));
        }
    }
    let (expected, mut found) = (functions(ro), loader.functions(1).collect::<Vec<_>>());
    // 2.31 has one more behind them.
    found.truncate(if ro.libc_freeres.is_some() { usize::MAX } else { expected.len() });
    let same = found.iter().map(|at| *at as usize).eq(expected.iter().copied());
    let mcount = ro.services.start() as u64 + 8;
    (!same || !loader.is_mcount(1, mcount)).then(|| format!("its loader has functions at {found:?}"))
}
