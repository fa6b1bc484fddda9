//! Where each glibc keeps what its libc reads: one [`Layout`] a version, all offsets in bytes.
//!
//! A libc.so.6 is compiled against the private structures of its own ld.so and reads them by fixed
//! displacement, so a loader that serves several versions needs those displacements as data. The
//! values live in `tables/`, written by `runtime/layouts/generate` from the DWARF of the
//! distribution's debug package; that script also reads the field names below, so this file is the
//! one list of what a table holds. `Option` marks a field that some version lacks.

/// A short string held in place, padded with zeroes: a pointer would be one more word to relocate,
/// and one more page to write, at every start.
#[derive(Debug, Clone, Copy)]
pub struct Text<const N: usize>([u8; N]);

/// Puts `text` in place; a table with a longer one does not compile.
#[must_use]
pub const fn text<const N: usize>(text: &str) -> Text<N> {
    let mut bytes = [0; N];
    let mut at = 0;
    while at < text.len() {
        bytes[at] = text.as_bytes()[at];
        at += 1;
    }
    Text(bytes)
}

impl<const N: usize> Text<N> {
    /// The string's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

/// A list held in place, for the same reason.
#[derive(Debug, Clone, Copy)]
pub struct List<T, const N: usize> {
    items: [T; N],
    length: usize,
}

/// Puts `items` in place; a table with more than `N` does not compile.
#[must_use]
pub const fn list<T: Copy, const N: usize>(items: &[T], filler: T) -> List<T, N> {
    let mut list = List { items: [filler; N], length: items.len() };
    let mut at = 0;
    while at < items.len() {
        list.items[at] = items[at];
        at += 1;
    }
    list
}

impl<T, const N: usize> core::ops::Deref for List<T, N> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.items.get(..self.length).unwrap_or_default()
    }
}

/// Fills the rest of a list of [`Usable`].
pub const NOTHING_USABLE: Usable = Usable { bit: 0, leaf: 0, register: 0, cpuid_bit: 0 };

/// The contract of one glibc build.
#[derive(Debug)]
pub struct Layout {
    /// What `gnu_get_libc_version()` returns.
    pub version: Text<8>,
    /// Distribution and package the offsets come from.
    pub source: Text<64>,
    /// Whether our tests run this very version.
    pub tested: bool,
    /// Build id of that package's libc.so.6, in hex: the only proof that tunable ids mean what they say.
    pub build_id: Text<40>,
    /// Whether libc obeys `dlfcn_hook` only while `init_all_dirs` is null (before 2.36).
    pub hook_gated: bool,
    /// What must be found in a libc before this table may be used for it.
    pub facts: Facts,
    /// `struct rtld_global`.
    pub global: Global,
    /// `struct rtld_global_ro`.
    pub global_ro: GlobalRo,
    /// `struct cpu_features` inside `struct rtld_global_ro`.
    pub cpu: Cpu,
    /// `struct link_map`.
    pub link_map: LinkMap,
    /// `struct pthread`.
    pub pthread: Pthread,
}

/// What a libc says about itself before relocation.
///
/// `None` where it says nothing. Between `carrier` and `find_object` are the offsets (or, for sizes,
/// the values) in the `_thread_db_*` objects it carries for debuggers, named here without prefix.
#[derive(Debug)]
pub struct Facts {
    /// Names of the `GLIBC_ABI_*` version definitions, in the order of the file; a later build of the
    /// same version may have more.
    pub abi: List<Text<32>, 4>,
    /// Library with the `_thread_db_*` objects: libc.so.6 (`.dynsym`), or libpthread.so.0
    /// (`.symtab` only) before 2.34.
    pub carrier: Text<16>,
    /// `sizeof_pthread`.
    pub sizeof_pthread: Option<usize>,
    /// `pthread_tid`.
    pub pthread_tid: Option<usize>,
    /// `pthread_list`.
    pub pthread_list: Option<usize>,
    /// `pthread_report_events`.
    pub pthread_report_events: Option<usize>,
    /// `pthread_start_routine`.
    pub pthread_start_routine: Option<usize>,
    /// `pthread_specific`.
    pub pthread_specific: Option<usize>,
    /// `pthread_cancelhandling`.
    pub pthread_cancelhandling: Option<usize>,
    /// `pthread_eventbuf`.
    pub pthread_eventbuf: Option<usize>,
    /// `pthread_nextevent`.
    pub pthread_nextevent: Option<usize>,
    /// `rtld_global__dl_stack_used`.
    pub stack_used: Option<usize>,
    /// `rtld_global__dl_stack_user`.
    pub stack_user: Option<usize>,
    /// `rtld_global__dl_tls_dtv_slotinfo_list`.
    pub tls_dtv_slotinfo_list: Option<usize>,
    /// `link_map_l_tls_offset`.
    pub l_tls_offset: Option<usize>,
    /// `link_map_l_tls_modid`.
    pub l_tls_modid: Option<usize>,
    /// Displacement of the indirect jump that `_dl_find_object` in libc.so.6 consists of.
    pub find_object: Option<usize>,
}

/// `_rtld_global`, which libc reads and writes.
#[derive(Debug)]
pub struct Global {
    /// Size of the whole.
    pub size: usize,
    /// Namespaces; only the first is ours.
    pub ns: usize,
    /// Distance between namespaces.
    pub ns_stride: usize,
    /// In a namespace: first link_map, the program's.
    pub ns_loaded: usize,
    /// In a namespace: number of link_maps, 4 bytes.
    pub ns_nloaded: usize,
    /// In a namespace: scope of the program.
    pub ns_main_searchlist: usize,
    /// In a namespace: link_map of libc.so.6.
    pub ns_libc_map: Option<usize>,
    /// In a namespace: its `struct r_debug`.
    pub ns_debug: Option<usize>,
    /// Number of namespaces in use.
    pub nns: usize,
    /// Recursive mutex: the list of objects.
    pub load_lock: usize,
    /// Recursive mutex: writers of the list, and `dl_iterate_phdr`.
    pub load_write_lock: usize,
    /// Recursive mutex: DTVs and the slot list.
    pub load_tls_lock: Option<usize>,
    /// Objects ever loaded; never decreases.
    pub load_adds: usize,
    /// Object whose DT_INIT runs first.
    pub initfirst: usize,
    /// Object being profiled.
    pub profile_map: usize,
    /// Directories for the end-of-process freeing.
    pub all_dirs: usize,
    /// link_map of the loader itself, embedded.
    pub rtld_map: Option<usize>,
    /// Auditors' state of the loader, embedded.
    pub rtld_auditstate: Option<usize>,
    /// Function taking a recursive mutex; libpthread replaces it.
    pub rtld_lock_recursive: Option<usize>,
    /// Function releasing a recursive mutex; libpthread replaces it.
    pub rtld_unlock_recursive: Option<usize>,
    /// Function making all stacks executable; libpthread replaces it.
    pub make_stack_executable_hook: Option<usize>,
    /// Function copying a new static TLS image to all threads; libpthread sets it.
    pub init_static_tls: Option<usize>,
    /// Function waiting for look-ups of other threads; libpthread sets it.
    pub wait_lookup_done: Option<usize>,
    /// CET features, 4 bytes.
    pub x86_feature_1: usize,
    /// CET policy, 4 bytes.
    pub x86_feature_control: Option<usize>,
    /// PF_* of new stacks, 4 bytes.
    pub stack_flags: Option<usize>,
    /// PROT_* of new stacks, 4 bytes; replaces the former.
    pub stack_prot_flags: Option<usize>,
    /// Whether the slot list has gaps, 1 byte.
    pub tls_dtv_gaps: usize,
    /// Highest TLS module id.
    pub tls_max_dtv_idx: usize,
    /// Slot list, read by debuggers.
    pub tls_dtv_slotinfo_list: usize,
    /// Modules with static TLS from start-up.
    pub tls_static_nelem: usize,
    /// Size of the static TLS block with the TCB, where kept here.
    pub tls_static_size: Option<usize>,
    /// Alignment of the static TLS block, where kept here.
    pub tls_static_align: Option<usize>,
    /// Bytes of static TLS in use.
    pub tls_static_used: usize,
    /// Bytes of static TLS left for optional use.
    pub tls_static_optional: usize,
    /// DTV of the first thread, so that it is never freed by libc.
    pub initial_dtv: usize,
    /// Generation of the slot list.
    pub tls_generation: usize,
    /// Scopes waiting to be freed.
    pub scope_free_list: usize,
    /// List of threads on stacks of libc's own.
    pub stack_used: Option<usize>,
    /// List of threads on stacks of the user's, the first thread among them.
    pub stack_user: Option<usize>,
    /// List of idle stacks.
    pub stack_cache: Option<usize>,
    /// Bytes of idle stacks.
    pub stack_cache_actsize: Option<usize>,
    /// List element being moved when a fork interrupts.
    pub in_flight_stack: Option<usize>,
    /// Lock of the stack lists, 4 bytes.
    pub stack_cache_lock: Option<usize>,
}

/// `_rtld_global_ro`, which libc only reads.
#[derive(Debug)]
pub struct GlobalRo {
    /// Size of the whole.
    pub size: usize,
    /// LD_DEBUG bits, 4 bytes.
    pub debug_mask: usize,
    /// Kernel's version, 4 bytes.
    pub osversion: Option<usize>,
    /// AT_PLATFORM.
    pub platform: usize,
    /// Its length.
    pub platformlen: usize,
    /// AT_PAGESZ.
    pub pagesize: usize,
    /// AT_MINSIGSTKSZ.
    pub minsigstacksize: Option<usize>,
    /// Whether ld.so.cache is ignored, 4 bytes.
    pub inhibit_cache: usize,
    /// Program's scope at start-up: link_maps.
    pub initial_searchlist_list: usize,
    /// Program's scope at start-up: their number, 4 bytes.
    pub initial_searchlist_nlist: usize,
    /// AT_CLKTCK, 4 bytes.
    pub clktck: usize,
    /// Verbosity, 4 bytes.
    pub verbose: usize,
    /// Descriptor of debug output, 4 bytes.
    pub debug_fd: usize,
    /// Whether binding is lazy, 4 bytes.
    pub lazy: usize,
    /// LD_BIND_NOT, 4 bytes.
    pub bind_not: usize,
    /// LD_DYNAMIC_WEAK, 4 bytes.
    pub dynamic_weak: usize,
    /// x87 control word, 2 bytes.
    pub fpu_control: usize,
    /// Which entries of ld.so.cache count, 4 bytes.
    pub correct_cache_id: Option<usize>,
    /// AT_HWCAP.
    pub hwcap: usize,
    /// AT_HWCAP2.
    pub hwcap2: usize,
    /// AT_HWCAP3.
    pub hwcap3: Option<usize>,
    /// AT_HWCAP4.
    pub hwcap4: Option<usize>,
    /// Auxiliary vector.
    pub auxv: usize,
    /// `struct cpu_features`; its fields are in [`Cpu`].
    pub cpu_features: usize,
    /// --inhibit-rpath.
    pub inhibit_rpath: usize,
    /// LD_ORIGIN_PATH.
    pub origin_path: usize,
    /// Size of the static TLS block with the TCB, where kept here.
    pub tls_static_size: Option<usize>,
    /// Alignment of the static TLS block, where kept here.
    pub tls_static_align: Option<usize>,
    /// Bytes kept for objects opened later.
    pub tls_static_surplus: usize,
    /// LD_PROFILE.
    pub profile: usize,
    /// LD_PROFILE_OUTPUT.
    pub profile_output: usize,
    /// Search directories; non-null says that a loader is present.
    pub init_all_dirs: usize,
    /// vDSO's ELF header.
    pub sysinfo_dso: usize,
    /// vDSO's link_map.
    pub sysinfo_map: usize,
    /// Function of the vDSO, or null.
    pub vdso_clock_gettime64: usize,
    /// Function of the vDSO, or null.
    pub vdso_gettimeofday: usize,
    /// Function of the vDSO, or null.
    pub vdso_time: usize,
    /// Function of the vDSO, or null.
    pub vdso_getcpu: usize,
    /// Function of the vDSO, or null.
    pub vdso_clock_getres_time64: usize,
    /// Function of the vDSO, or null.
    pub vdso_getrandom: Option<usize>,
    /// How constructors are ordered, 4 bytes.
    pub dso_sort_algo: Option<usize>,
    /// Service: print for LD_DEBUG.
    pub debug_printf: usize,
    /// Service: profiling counter.
    pub mcount: usize,
    /// Service: look a symbol up.
    pub lookup_symbol_x: usize,
    /// Service: dlopen.
    pub open: usize,
    /// Service: dlclose.
    pub close: usize,
    /// Service: run and catch.
    pub catch_error: Option<usize>,
    /// Service: free an error string.
    pub error_free: Option<usize>,
    /// Service: address of a module's TLS if this thread has it.
    pub tls_get_addr_soft: usize,
    /// Service: free everything at the end.
    pub libc_freeres: Option<usize>,
    /// Service: object of an address, for unwinders.
    pub find_object: Option<usize>,
    /// Table of 13 functions that replaces the whole dlopen family.
    pub dlfcn_hook: Option<usize>,
    /// Auditors.
    pub audit: usize,
    /// Their number, 4 bytes.
    pub naudit: usize,
    /// Service: whether an area is read-only.
    pub readonly_area: Option<usize>,
}

/// `struct cpu_features`; offsets from the start of `_rtld_global_ro`.
#[derive(Debug)]
pub struct Cpu {
    /// Size of the whole.
    pub size: usize,
    /// Maker, 4 bytes: one of the next five values.
    pub kind: usize,
    /// Value of `kind`.
    pub kind_intel: usize,
    /// Value of `kind`.
    pub kind_amd: usize,
    /// Value of `kind`.
    pub kind_zhaoxin: Option<usize>,
    /// Value of `kind`.
    pub kind_hygon: Option<usize>,
    /// Value of `kind`.
    pub kind_other: usize,
    /// Highest basic CPUID leaf, 4 bytes.
    pub max_cpuid: usize,
    /// Family, 4 bytes.
    pub family: usize,
    /// Model, 4 bytes.
    pub model: usize,
    /// Stepping, 4 bytes.
    pub stepping: usize,
    /// Leaf and subleaf of each element of `features` or `cpuid`.
    pub leaves: List<(u32, u32), 12>,
    /// CPUID leaves, each as the CPU says and then as usable: two times eax, ebx, ecx, edx.
    pub features: Option<usize>,
    /// CPUID leaves as the CPU says: eax, ebx, ecx, edx (before 2.33).
    pub cpuid: Option<usize>,
    /// What is usable, 4 bytes (before 2.33).
    pub usable: Option<usize>,
    /// Bits of `usable`.
    pub usable_bits: List<Usable, 64>,
    /// What is preferred, 4 bytes.
    pub preferred: usize,
    /// Bits of `preferred`.
    pub preferred_bits: Preferred,
    /// x86-64 ISA level, 4 bytes.
    pub isa_1: Option<usize>,
    /// XSAVE area for lazy binding.
    pub xsave_state_size: usize,
    /// XSAVE area without compaction, 4 bytes.
    pub xsave_state_full_size: usize,
    /// Threshold, bytes.
    pub data_cache_size: usize,
    /// Threshold, bytes.
    pub shared_cache_size: usize,
    /// Threshold, bytes.
    pub non_temporal_threshold: usize,
    /// Threshold, bytes.
    pub memset_non_temporal_threshold: Option<usize>,
    /// Threshold, bytes.
    pub rep_movsb_threshold: Option<usize>,
    /// Threshold, bytes.
    pub rep_movsb_stop_threshold: Option<usize>,
    /// Threshold, bytes.
    pub rep_stosb_threshold: Option<usize>,
    /// For sysconf.
    pub level1_icache_size: Option<usize>,
    /// For sysconf.
    pub level1_icache_linesize: Option<usize>,
    /// For sysconf.
    pub level1_dcache_size: Option<usize>,
    /// For sysconf.
    pub level1_dcache_assoc: Option<usize>,
    /// For sysconf.
    pub level1_dcache_linesize: Option<usize>,
    /// For sysconf.
    pub level2_cache_size: Option<usize>,
    /// For sysconf.
    pub level2_cache_assoc: Option<usize>,
    /// For sysconf.
    pub level2_cache_linesize: Option<usize>,
    /// For sysconf.
    pub level3_cache_size: Option<usize>,
    /// For sysconf.
    pub level3_cache_assoc: Option<usize>,
    /// For sysconf.
    pub level3_cache_linesize: Option<usize>,
    /// For sysconf.
    pub level4_cache_size: Option<usize>,
    /// Divisor behind the non-temporal threshold.
    pub cachesize_non_temporal_divisor: Option<usize>,
}

/// A bit that is set when a feature of CPUID can be used.
#[derive(Debug, Clone, Copy)]
pub struct Usable {
    /// Its number.
    pub bit: u8,
    /// CPUID: element of `leaves`.
    pub leaf: u8,
    /// CPUID: register, eax being 0, ebx 1, ecx 2, edx 3.
    pub register: u8,
    /// CPUID: bit of the register.
    pub cpuid_bit: u8,
}

/// Numbers of the bits by which string functions are chosen.
#[derive(Debug)]
pub struct Preferred {
    /// `Fast_Rep_String`.
    pub fast_rep_string: u8,
    /// `Fast_Copy_Backward`.
    pub fast_copy_backward: u8,
    /// `Slow_BSF`.
    pub slow_bsf: u8,
    /// `Fast_Unaligned_Load`.
    pub fast_unaligned_load: u8,
    /// `Prefer_PMINUB_for_stringop`.
    pub prefer_pminub_for_stringop: u8,
    /// `Fast_Unaligned_Copy`.
    pub fast_unaligned_copy: u8,
    /// `I586`.
    pub i586: u8,
    /// `I686`.
    pub i686: u8,
    /// `Slow_SSE4_2`.
    pub slow_sse4_2: u8,
    /// `AVX_Fast_Unaligned_Load`.
    pub avx_fast_unaligned_load: u8,
    /// `Prefer_MAP_32BIT_EXEC`.
    pub prefer_map_32bit_exec: Option<u8>,
    /// `Prefer_No_VZEROUPPER`.
    pub prefer_no_vzeroupper: u8,
    /// `Prefer_ERMS`.
    pub prefer_erms: u8,
    /// `Prefer_No_AVX512`.
    pub prefer_no_avx512: u8,
    /// `MathVec_Prefer_No_AVX512`.
    pub mathvec_prefer_no_avx512: u8,
    /// `Prefer_FSRM`.
    pub prefer_fsrm: u8,
    /// `Avoid_Short_Distance_REP_MOVSB`.
    pub avoid_short_distance_rep_movsb: Option<u8>,
    /// `Avoid_Non_Temporal_Memset`.
    pub avoid_non_temporal_memset: Option<u8>,
    /// `Avoid_STOSB`.
    pub avoid_stosb: Option<u8>,
}

/// `struct link_map`, one an object.
#[derive(Debug)]
pub struct LinkMap {
    /// Size of the whole, without the auditors' state that may follow.
    pub size: usize,
    /// Load bias.
    pub addr: usize,
    /// Path; empty for the program.
    pub name: usize,
    /// Dynamic section.
    pub ld: usize,
    /// Next object.
    pub next: usize,
    /// Previous object.
    pub prev: usize,
    /// Itself, unless a proxy in another namespace.
    pub real: usize,
    /// Namespace.
    pub ns: usize,
    /// Names it answers to.
    pub libname: usize,
    /// Pointers to dynamic entries.
    pub info: usize,
    /// Number of `info`: last DT_GNU_HASH, DT_VERSYM 27 before the end.
    pub info_count: usize,
    /// Program headers.
    pub phdr: usize,
    /// Entry point.
    pub entry: usize,
    /// Number of program headers, 2 bytes.
    pub phnum: usize,
    /// Number of dynamic entries, 2 bytes.
    pub ldnum: usize,
    /// Its own scope: link_maps.
    pub searchlist_list: usize,
    /// Its own scope: their number, 4 bytes.
    pub searchlist_nlist: usize,
    /// DT_SYMBOLIC's scope: link_maps.
    pub symbolic_searchlist_list: usize,
    /// DT_SYMBOLIC's scope: their number, 4 bytes.
    pub symbolic_searchlist_nlist: usize,
    /// Who loaded it.
    pub loader: usize,
    /// Versions by index.
    pub versions: usize,
    /// Their number, 4 bytes.
    pub nversions: usize,
    /// Hash buckets, 4 bytes.
    pub nbuckets: usize,
    /// DT_GNU_HASH's filter mask, 4 bytes.
    pub gnu_bitmask_idxbits: usize,
    /// DT_GNU_HASH's filter shift, 4 bytes.
    pub gnu_shift: usize,
    /// DT_GNU_HASH's filter.
    pub gnu_bitmask: usize,
    /// DT_GNU_HASH's buckets, or DT_HASH's chains.
    pub gnu_buckets: usize,
    /// DT_GNU_HASH's chains, or DT_HASH's buckets.
    pub gnu_chain_zero: usize,
    /// Number of dlopens, 4 bytes.
    pub direct_opencount: usize,
    /// 0 program, 1 needed library, 2 opened.
    pub type_: Bits,
    /// Relocated.
    pub relocated: Bits,
    /// Constructors have run.
    pub init_called: Bits,
    /// In the global scope.
    pub global: Bits,
    /// The program of its namespace, where told apart.
    pub main_map: Option<Bits>,
    /// Not a real object.
    pub faked: Bits,
    /// Auditor.
    pub auditing: Bits,
    /// Being closed.
    pub removed: Bits,
    /// No holes between its segments.
    pub contiguous: Bits,
    /// Dynamic section is not relocated in place.
    pub ld_readonly: Option<Bits>,
    /// Known to `_dl_find_object`.
    pub find_object_processed: Option<Bits>,
    /// Never unloaded, 1 byte.
    pub nodelete_active: usize,
    /// Never unloaded if its dlopen succeeds, 1 byte.
    pub nodelete_pending: usize,
    /// Version indices.
    pub versyms: usize,
    /// $ORIGIN.
    pub origin: usize,
    /// First mapped address.
    pub map_start: usize,
    /// End of the mapping.
    pub map_end: usize,
    /// End of the executable part.
    pub text_end: Option<usize>,
    /// Scopes: embedded array.
    pub scope_mem: usize,
    /// Scopes: capacity.
    pub scope_max: usize,
    /// Scopes: null-terminated array.
    pub scope: usize,
    /// Scopes: what dlsym on it searches.
    pub local_scope: usize,
    /// st_dev.
    pub file_dev: usize,
    /// st_ino.
    pub file_ino: usize,
    /// Itself and its dependencies in order of construction.
    pub initfini: usize,
    /// DT_FLAGS_1, 4 bytes.
    pub flags_1: usize,
    /// DT_FLAGS, 4 bytes.
    pub flags: usize,
    /// TLS image.
    pub tls_initimage: usize,
    /// Its bytes in the file.
    pub tls_initimage_size: usize,
    /// Its bytes in memory.
    pub tls_blocksize: usize,
    /// Its alignment.
    pub tls_align: usize,
    /// Its address modulo alignment.
    pub tls_firstbyte_offset: usize,
    /// Distance below the thread pointer, or a marker.
    pub tls_offset: usize,
    /// Module id.
    pub tls_modid: usize,
    /// Thread-local destructors still to run.
    pub tls_dtor_count: usize,
    /// GNU_RELRO address.
    pub relro_addr: usize,
    /// GNU_RELRO size.
    pub relro_size: usize,
    /// Number in order of loading.
    pub serial: usize,
}

/// `struct pthread`, whose address is the thread pointer.
#[derive(Debug)]
pub struct Pthread {
    /// Size of the whole.
    pub size: usize,
    /// TCB: itself.
    pub tcb: usize,
    /// TCB: DTV.
    pub dtv: usize,
    /// TCB: itself again.
    pub self_: usize,
    /// TCB: whether there is more than one thread, 4 bytes.
    pub multiple_threads: usize,
    /// TCB: canary.
    pub stack_guard: usize,
    /// TCB: pointer mangling.
    pub pointer_guard: usize,
    /// TCB: CET features, 4 bytes.
    pub feature_1: usize,
    /// Node in a stack list.
    pub list: usize,
    /// Thread id, 4 bytes.
    pub tid: usize,
    /// Robust mutexes, backwards.
    pub robust_prev: usize,
    /// Robust mutexes: list.
    pub robust_head: usize,
    /// Robust mutexes: distance of the futex, 8 bytes.
    pub robust_futex_offset: usize,
    /// Robust mutexes: operation in progress.
    pub robust_list_op_pending: usize,
    /// Cancellation state, 4 bytes.
    pub cancelhandling: usize,
    /// Keys: first block.
    pub specific_1stblock: usize,
    /// Keys: blocks.
    pub specific: usize,
    /// Debugger wants events, 1 byte.
    pub report_events: usize,
    /// Stack is not libc's, 1 byte.
    pub user_stack: Option<usize>,
    /// Whose stack it is, 4 bytes; replaces the former.
    pub stack_mode: Option<usize>,
    /// Thread to join, self when detached.
    pub joinid: Option<usize>,
    /// Whether joinable, and the kernel's exit futex, 4 bytes; replaces the former.
    pub joinstate: Option<usize>,
    /// Scheduling parameter, 4 bytes.
    pub schedparam: usize,
    /// Scheduling policy, 4 bytes.
    pub schedpolicy: usize,
    /// Start function.
    pub start_routine: usize,
    /// Event buffer of the debugger interface.
    pub eventbuf: usize,
    /// Next thread with an event.
    pub nextevent: usize,
    /// Lowest address of the stack.
    pub stackblock: usize,
    /// Size of the stack.
    pub stackblock_size: usize,
    /// Size of the guard.
    pub guardsize: usize,
    /// Guard size as asked for.
    pub reported_guardsize: usize,
    /// Restartable sequences: area registered with the kernel, where it is a field.
    pub rseq_area: Option<usize>,
    /// Restartable sequences: bytes of that area.
    pub rseq_area_size: Option<usize>,
}

/// Where a bit field is.
#[derive(Debug, Clone, Copy)]
pub struct Bits {
    /// Byte that holds its lowest bit.
    pub offset: usize,
    /// Lowest bit in that byte.
    pub shift: u8,
    /// Number of bits.
    pub width: u8,
}

/// A tunable as ld.so declares it.
#[derive(Debug, Clone, Copy)]
pub struct Tunable {
    /// Dotted name, as in GLIBC_TUNABLES.
    pub name: Text<36>,
    /// Environment variable that sets it as well.
    pub env: Option<Text<24>>,
    /// Number by which libc asks.
    pub id: u32,
    /// What `__tunable_get_val` stores.
    pub kind: Kind,
    /// Value when nobody sets it.
    pub default: i64,
    /// Least value accepted, compared with the kind's sign.
    pub min: i64,
    /// Greatest value accepted, compared with the kind's sign.
    pub max: i64,
}

impl Tunable {
    /// Whether both declare the same, under whatever number.
    #[must_use]
    pub const fn declares_as(&self, other: &Self) -> bool {
        let mut at = 0;
        while at < self.name.0.len() {
            if self.name.0[at] != other.name.0[at] {
                return false;
            }
            at += 1;
        }
        self.kind as u8 == other.kind as u8
            && self.default == other.default
            && self.min == other.min
            && self.max == other.max
            && self.env.is_some() == other.env.is_some()
    }
}

/// Type of a tunable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// 4 bytes, signed.
    Int32,
    /// 8 bytes, unsigned.
    Uint64,
    /// 8 bytes, unsigned.
    Size,
    /// Pointer to text.
    String,
}
