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
    length: u16,
}

/// Puts `items` in place; a table with more than `N` does not compile.
#[must_use]
pub const fn list<T: Copy, const N: usize>(items: &[T], filler: T) -> List<T, N> {
    let mut list = List { items: [filler; N], length: items.len() as u16 };
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
        self.items.get(..usize::from(self.length)).unwrap_or_default()
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
    pub sizeof_pthread: Option<u16>,
    /// `pthread_tid`.
    pub pthread_tid: Option<u16>,
    /// `pthread_list`.
    pub pthread_list: Option<u16>,
    /// `pthread_report_events`.
    pub pthread_report_events: Option<u16>,
    /// `pthread_start_routine`.
    pub pthread_start_routine: Option<u16>,
    /// `pthread_specific`.
    pub pthread_specific: Option<u16>,
    /// `pthread_cancelhandling`.
    pub pthread_cancelhandling: Option<u16>,
    /// `pthread_eventbuf`.
    pub pthread_eventbuf: Option<u16>,
    /// `pthread_nextevent`.
    pub pthread_nextevent: Option<u16>,
    /// `rtld_global__dl_stack_used`.
    pub stack_used: Option<u16>,
    /// `rtld_global__dl_stack_user`.
    pub stack_user: Option<u16>,
    /// `rtld_global__dl_tls_dtv_slotinfo_list`.
    pub tls_dtv_slotinfo_list: Option<u16>,
    /// `link_map_l_tls_offset`.
    pub l_tls_offset: Option<u16>,
    /// `link_map_l_tls_modid`.
    pub l_tls_modid: Option<u16>,
    /// Displacement of the indirect jump that `_dl_find_object` in libc.so.6 consists of.
    pub find_object: Option<u16>,
}

/// `_rtld_global`, which libc reads and writes.
#[derive(Debug)]
pub struct Global {
    /// Size of the whole.
    pub size: u16,
    /// Namespaces; only the first is ours.
    pub ns: u16,
    /// Distance between namespaces.
    pub ns_stride: u16,
    /// In a namespace: first link_map, the program's.
    pub ns_loaded: u16,
    /// In a namespace: number of link_maps, 4 bytes.
    pub ns_nloaded: u16,
    /// In a namespace: scope of the program.
    pub ns_main_searchlist: u16,
    /// In a namespace: link_map of libc.so.6.
    pub ns_libc_map: Option<u16>,
    /// In a namespace: its `struct r_debug`.
    pub ns_debug: Option<u16>,
    /// Number of namespaces in use.
    pub nns: u16,
    /// Recursive mutex: the list of objects.
    pub load_lock: u16,
    /// Recursive mutex: writers of the list, and `dl_iterate_phdr`.
    pub load_write_lock: u16,
    /// Recursive mutex: DTVs and the slot list.
    pub load_tls_lock: Option<u16>,
    /// Objects ever loaded; never decreases.
    pub load_adds: u16,
    /// Object whose DT_INIT runs first.
    pub initfirst: u16,
    /// Object being profiled.
    pub profile_map: u16,
    /// Directories for the end-of-process freeing.
    pub all_dirs: u16,
    /// link_map of the loader itself, embedded.
    pub rtld_map: Option<u16>,
    /// Auditors' state of the loader, embedded.
    pub rtld_auditstate: Option<u16>,
    /// Function taking a recursive mutex; libpthread replaces it.
    pub rtld_lock_recursive: Option<u16>,
    /// Function releasing a recursive mutex; libpthread replaces it.
    pub rtld_unlock_recursive: Option<u16>,
    /// Function making all stacks executable; libpthread replaces it.
    pub make_stack_executable_hook: Option<u16>,
    /// Function copying a new static TLS image to all threads; libpthread sets it.
    pub init_static_tls: Option<u16>,
    /// Function waiting for look-ups of other threads; libpthread sets it.
    pub wait_lookup_done: Option<u16>,
    /// CET features, 4 bytes.
    pub x86_feature_1: u16,
    /// CET policy, 4 bytes.
    pub x86_feature_control: Option<u16>,
    /// PF_* of new stacks, 4 bytes.
    pub stack_flags: Option<u16>,
    /// PROT_* of new stacks, 4 bytes; replaces the former.
    pub stack_prot_flags: Option<u16>,
    /// Whether the slot list has gaps, 1 byte.
    pub tls_dtv_gaps: u16,
    /// Highest TLS module id.
    pub tls_max_dtv_idx: u16,
    /// Slot list, read by debuggers.
    pub tls_dtv_slotinfo_list: u16,
    /// Modules with static TLS from start-up.
    pub tls_static_nelem: u16,
    /// Size of the static TLS block with the TCB, where kept here.
    pub tls_static_size: Option<u16>,
    /// Alignment of the static TLS block, where kept here.
    pub tls_static_align: Option<u16>,
    /// Bytes of static TLS in use.
    pub tls_static_used: u16,
    /// Bytes of static TLS left for optional use.
    pub tls_static_optional: u16,
    /// DTV of the first thread, so that it is never freed by libc.
    pub initial_dtv: u16,
    /// Generation of the slot list.
    pub tls_generation: u16,
    /// Scopes waiting to be freed.
    pub scope_free_list: u16,
    /// List of threads on stacks of libc's own.
    pub stack_used: Option<u16>,
    /// List of threads on stacks of the user's, the first thread among them.
    pub stack_user: Option<u16>,
    /// List of idle stacks.
    pub stack_cache: Option<u16>,
    /// Bytes of idle stacks.
    pub stack_cache_actsize: Option<u16>,
    /// List element being moved when a fork interrupts.
    pub in_flight_stack: Option<u16>,
    /// Lock of the stack lists, 4 bytes.
    pub stack_cache_lock: Option<u16>,
}

/// `_rtld_global_ro`, which libc only reads.
#[derive(Debug)]
pub struct GlobalRo {
    /// Size of the whole.
    pub size: u16,
    /// LD_DEBUG bits, 4 bytes.
    pub debug_mask: u16,
    /// Kernel's version, 4 bytes.
    pub osversion: Option<u16>,
    /// AT_PLATFORM.
    pub platform: u16,
    /// Its length.
    pub platformlen: u16,
    /// AT_PAGESZ.
    pub pagesize: u16,
    /// AT_MINSIGSTKSZ.
    pub minsigstacksize: Option<u16>,
    /// Whether ld.so.cache is ignored, 4 bytes.
    pub inhibit_cache: u16,
    /// Program's scope at start-up: link_maps.
    pub initial_searchlist_list: u16,
    /// Program's scope at start-up: their number, 4 bytes.
    pub initial_searchlist_nlist: u16,
    /// AT_CLKTCK, 4 bytes.
    pub clktck: u16,
    /// Verbosity, 4 bytes.
    pub verbose: u16,
    /// Descriptor of debug output, 4 bytes.
    pub debug_fd: u16,
    /// Whether binding is lazy, 4 bytes.
    pub lazy: u16,
    /// LD_BIND_NOT, 4 bytes.
    pub bind_not: u16,
    /// LD_DYNAMIC_WEAK, 4 bytes.
    pub dynamic_weak: u16,
    /// x87 control word, 2 bytes.
    pub fpu_control: u16,
    /// Which entries of ld.so.cache count, 4 bytes.
    pub correct_cache_id: Option<u16>,
    /// AT_HWCAP.
    pub hwcap: u16,
    /// AT_HWCAP2.
    pub hwcap2: u16,
    /// AT_HWCAP3.
    pub hwcap3: Option<u16>,
    /// AT_HWCAP4.
    pub hwcap4: Option<u16>,
    /// Auxiliary vector.
    pub auxv: u16,
    /// `struct cpu_features`; its fields are in [`Cpu`].
    pub cpu_features: u16,
    /// --inhibit-rpath.
    pub inhibit_rpath: u16,
    /// LD_ORIGIN_PATH.
    pub origin_path: u16,
    /// Size of the static TLS block with the TCB, where kept here.
    pub tls_static_size: Option<u16>,
    /// Alignment of the static TLS block, where kept here.
    pub tls_static_align: Option<u16>,
    /// Bytes kept for objects opened later.
    pub tls_static_surplus: u16,
    /// LD_PROFILE.
    pub profile: u16,
    /// LD_PROFILE_OUTPUT.
    pub profile_output: u16,
    /// Search directories; non-null says that a loader is present.
    pub init_all_dirs: u16,
    /// vDSO's ELF header.
    pub sysinfo_dso: u16,
    /// vDSO's link_map.
    pub sysinfo_map: u16,
    /// Function of the vDSO, or null.
    pub vdso_clock_gettime64: u16,
    /// Function of the vDSO, or null.
    pub vdso_gettimeofday: u16,
    /// Function of the vDSO, or null.
    pub vdso_time: u16,
    /// Function of the vDSO, or null.
    pub vdso_getcpu: u16,
    /// Function of the vDSO, or null.
    pub vdso_clock_getres_time64: u16,
    /// Function of the vDSO, or null.
    pub vdso_getrandom: Option<u16>,
    /// How constructors are ordered, 4 bytes.
    pub dso_sort_algo: Option<u16>,
    /// Service: print for LD_DEBUG.
    pub debug_printf: u16,
    /// Service: profiling counter.
    pub mcount: u16,
    /// Service: look a symbol up.
    pub lookup_symbol_x: u16,
    /// Service: dlopen.
    pub open: u16,
    /// Service: dlclose.
    pub close: u16,
    /// Service: run and catch.
    pub catch_error: Option<u16>,
    /// Service: free an error string.
    pub error_free: Option<u16>,
    /// Service: address of a module's TLS if this thread has it.
    pub tls_get_addr_soft: u16,
    /// Service: free everything at the end.
    pub libc_freeres: Option<u16>,
    /// Service: object of an address, for unwinders.
    pub find_object: Option<u16>,
    /// Table of 13 functions that replaces the whole dlopen family.
    pub dlfcn_hook: Option<u16>,
    /// Auditors.
    pub audit: u16,
    /// Their number, 4 bytes.
    pub naudit: u16,
    /// Service: whether an area is read-only.
    pub readonly_area: Option<u16>,
}

/// `struct cpu_features`; offsets from the start of `_rtld_global_ro`.
#[derive(Debug)]
pub struct Cpu {
    /// Size of the whole.
    pub size: u16,
    /// Maker, 4 bytes: one of the next five values.
    pub kind: u16,
    /// Value of `kind`.
    pub kind_intel: u16,
    /// Value of `kind`.
    pub kind_amd: u16,
    /// Value of `kind`.
    pub kind_zhaoxin: Option<u16>,
    /// Value of `kind`.
    pub kind_hygon: Option<u16>,
    /// Value of `kind`.
    pub kind_other: u16,
    /// Highest basic CPUID leaf, 4 bytes.
    pub max_cpuid: u16,
    /// Family, 4 bytes.
    pub family: u16,
    /// Model, 4 bytes.
    pub model: u16,
    /// Stepping, 4 bytes.
    pub stepping: u16,
    /// Leaf and subleaf of each element of `features` or `cpuid`.
    pub leaves: List<(u32, u32), 12>,
    /// CPUID leaves, each as the CPU says and then as usable: two times eax, ebx, ecx, edx.
    pub features: Option<u16>,
    /// CPUID leaves as the CPU says: eax, ebx, ecx, edx (before 2.33).
    pub cpuid: Option<u16>,
    /// What is usable, 4 bytes (before 2.33).
    pub usable: Option<u16>,
    /// Bits of `usable`.
    pub usable_bits: List<Usable, 64>,
    /// What is preferred, 4 bytes.
    pub preferred: u16,
    /// Bits of `preferred`.
    pub preferred_bits: Preferred,
    /// x86-64 ISA level, 4 bytes.
    pub isa_1: Option<u16>,
    /// XSAVE area for lazy binding.
    pub xsave_state_size: u16,
    /// XSAVE area without compaction, 4 bytes.
    pub xsave_state_full_size: u16,
    /// Threshold, bytes.
    pub data_cache_size: u16,
    /// Threshold, bytes.
    pub shared_cache_size: u16,
    /// Threshold, bytes.
    pub non_temporal_threshold: u16,
    /// Threshold, bytes.
    pub memset_non_temporal_threshold: Option<u16>,
    /// Threshold, bytes.
    pub rep_movsb_threshold: Option<u16>,
    /// Threshold, bytes.
    pub rep_movsb_stop_threshold: Option<u16>,
    /// Threshold, bytes.
    pub rep_stosb_threshold: Option<u16>,
    /// For sysconf.
    pub level1_icache_size: Option<u16>,
    /// For sysconf.
    pub level1_icache_linesize: Option<u16>,
    /// For sysconf.
    pub level1_dcache_size: Option<u16>,
    /// For sysconf.
    pub level1_dcache_assoc: Option<u16>,
    /// For sysconf.
    pub level1_dcache_linesize: Option<u16>,
    /// For sysconf.
    pub level2_cache_size: Option<u16>,
    /// For sysconf.
    pub level2_cache_assoc: Option<u16>,
    /// For sysconf.
    pub level2_cache_linesize: Option<u16>,
    /// For sysconf.
    pub level3_cache_size: Option<u16>,
    /// For sysconf.
    pub level3_cache_assoc: Option<u16>,
    /// For sysconf.
    pub level3_cache_linesize: Option<u16>,
    /// For sysconf.
    pub level4_cache_size: Option<u16>,
    /// Divisor behind the non-temporal threshold.
    pub cachesize_non_temporal_divisor: Option<u16>,
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
    pub size: u16,
    /// Load bias.
    pub addr: u16,
    /// Path; empty for the program.
    pub name: u16,
    /// Dynamic section.
    pub ld: u16,
    /// Next object.
    pub next: u16,
    /// Previous object.
    pub prev: u16,
    /// Itself, unless a proxy in another namespace.
    pub real: u16,
    /// Namespace.
    pub ns: u16,
    /// Names it answers to.
    pub libname: u16,
    /// Pointers to dynamic entries.
    pub info: u16,
    /// Number of `info`: last DT_GNU_HASH, DT_VERSYM 27 before the end.
    pub info_count: u16,
    /// Program headers.
    pub phdr: u16,
    /// Entry point.
    pub entry: u16,
    /// Number of program headers, 2 bytes.
    pub phnum: u16,
    /// Number of dynamic entries, 2 bytes.
    pub ldnum: u16,
    /// Its own scope: link_maps.
    pub searchlist_list: u16,
    /// Its own scope: their number, 4 bytes.
    pub searchlist_nlist: u16,
    /// DT_SYMBOLIC's scope: link_maps.
    pub symbolic_searchlist_list: u16,
    /// DT_SYMBOLIC's scope: their number, 4 bytes.
    pub symbolic_searchlist_nlist: u16,
    /// Who loaded it.
    pub loader: u16,
    /// Versions by index.
    pub versions: u16,
    /// Their number, 4 bytes.
    pub nversions: u16,
    /// Hash buckets, 4 bytes.
    pub nbuckets: u16,
    /// DT_GNU_HASH's filter mask, 4 bytes.
    pub gnu_bitmask_idxbits: u16,
    /// DT_GNU_HASH's filter shift, 4 bytes.
    pub gnu_shift: u16,
    /// DT_GNU_HASH's filter.
    pub gnu_bitmask: u16,
    /// DT_GNU_HASH's buckets, or DT_HASH's chains.
    pub gnu_buckets: u16,
    /// DT_GNU_HASH's chains, or DT_HASH's buckets.
    pub gnu_chain_zero: u16,
    /// Number of dlopens, 4 bytes.
    pub direct_opencount: u16,
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
    pub nodelete_active: u16,
    /// Never unloaded if its dlopen succeeds, 1 byte.
    pub nodelete_pending: u16,
    /// Version indices.
    pub versyms: u16,
    /// $ORIGIN.
    pub origin: u16,
    /// First mapped address.
    pub map_start: u16,
    /// End of the mapping.
    pub map_end: u16,
    /// End of the executable part.
    pub text_end: Option<u16>,
    /// Scopes: embedded array.
    pub scope_mem: u16,
    /// Scopes: capacity.
    pub scope_max: u16,
    /// Scopes: null-terminated array.
    pub scope: u16,
    /// Scopes: what dlsym on it searches.
    pub local_scope: u16,
    /// st_dev.
    pub file_dev: u16,
    /// st_ino.
    pub file_ino: u16,
    /// Itself and its dependencies in order of construction.
    pub initfini: u16,
    /// DT_FLAGS_1, 4 bytes.
    pub flags_1: u16,
    /// DT_FLAGS, 4 bytes.
    pub flags: u16,
    /// TLS image.
    pub tls_initimage: u16,
    /// Its bytes in the file.
    pub tls_initimage_size: u16,
    /// Its bytes in memory.
    pub tls_blocksize: u16,
    /// Its alignment.
    pub tls_align: u16,
    /// Its address modulo alignment.
    pub tls_firstbyte_offset: u16,
    /// Distance below the thread pointer, or a marker.
    pub tls_offset: u16,
    /// Module id.
    pub tls_modid: u16,
    /// Thread-local destructors still to run.
    pub tls_dtor_count: u16,
    /// GNU_RELRO address.
    pub relro_addr: u16,
    /// GNU_RELRO size.
    pub relro_size: u16,
    /// Number in order of loading.
    pub serial: u16,
}

/// `struct pthread`, whose address is the thread pointer.
#[derive(Debug)]
pub struct Pthread {
    /// Size of the whole.
    pub size: u16,
    /// TCB: itself.
    pub tcb: u16,
    /// TCB: DTV.
    pub dtv: u16,
    /// TCB: itself again.
    pub self_: u16,
    /// TCB: whether there is more than one thread, 4 bytes.
    pub multiple_threads: u16,
    /// TCB: canary.
    pub stack_guard: u16,
    /// TCB: pointer mangling.
    pub pointer_guard: u16,
    /// TCB: CET features, 4 bytes.
    pub feature_1: u16,
    /// Node in a stack list.
    pub list: u16,
    /// Thread id, 4 bytes.
    pub tid: u16,
    /// Robust mutexes, backwards.
    pub robust_prev: u16,
    /// Robust mutexes: list.
    pub robust_head: u16,
    /// Robust mutexes: distance of the futex, 8 bytes.
    pub robust_futex_offset: u16,
    /// Robust mutexes: operation in progress.
    pub robust_list_op_pending: u16,
    /// Cancellation state, 4 bytes.
    pub cancelhandling: u16,
    /// Keys: first block.
    pub specific_1stblock: u16,
    /// Keys: blocks.
    pub specific: u16,
    /// Debugger wants events, 1 byte.
    pub report_events: u16,
    /// Stack is not libc's, 1 byte.
    pub user_stack: Option<u16>,
    /// Whose stack it is, 4 bytes; replaces the former.
    pub stack_mode: Option<u16>,
    /// Thread to join, self when detached.
    pub joinid: Option<u16>,
    /// Whether joinable, and the kernel's exit futex, 4 bytes; replaces the former.
    pub joinstate: Option<u16>,
    /// Scheduling parameter, 4 bytes.
    pub schedparam: u16,
    /// Scheduling policy, 4 bytes.
    pub schedpolicy: u16,
    /// Start function.
    pub start_routine: u16,
    /// Event buffer of the debugger interface.
    pub eventbuf: u16,
    /// Next thread with an event.
    pub nextevent: u16,
    /// Lowest address of the stack.
    pub stackblock: u16,
    /// Size of the stack.
    pub stackblock_size: u16,
    /// Size of the guard.
    pub guardsize: u16,
    /// Guard size as asked for.
    pub reported_guardsize: u16,
    /// Restartable sequences: area registered with the kernel, where it is a field.
    pub rseq_area: Option<u16>,
    /// Restartable sequences: bytes of that area.
    pub rseq_area_size: Option<u16>,
}

/// Where a bit field is.
#[derive(Debug, Clone, Copy)]
pub struct Bits {
    /// Byte that holds its lowest bit.
    pub offset: u16,
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
