//! Where each glibc keeps what its libc reads: one [`Layout`] a version, all offsets in bytes.
//!
//! A libc.so.6 is compiled against the private structures of its own ld.so and reads them by fixed
//! displacement, so a loader that serves several versions needs those displacements as data. The
//! values live in `tables/`, written by `runtime/layouts/generate` from the DWARF of the
//! distribution's debug package; that script also reads the names and types of the fields below and compares
//! their widths with DWARF's, so this file is the one list of what a table holds. A field stands here only if
//! something reads it (the compiler warns of others). `Option` marks a field that some version lacks.

use crate::area::At;
use core::marker::PhantomData;

/// A short list held in place: a pointer would be one more word to relocate, and one more page to write, at every start.
#[derive(Clone, Copy)]
pub struct List<T, const N: usize> {
    items: [T; N],
    length: u8,
}

/// Puts `items` in place; a table with more than `N` does not compile.
#[must_use]
pub const fn list<T: Copy, const N: usize>(items: &[T], filler: T) -> List<T, N> {
    let mut list = List { items: [filler; N], length: items.len() as u8 };
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

/// A short string held in place.
pub type Text<const N: usize> = List<u8, N>;

/// Puts `text` in place; a table with a longer one does not compile.
#[must_use]
pub const fn text<const N: usize>(text: &str) -> Text<N> {
    list(text.as_bytes(), 0)
}

/// Fills the rest of a list of [`Usable`].
pub const NOTHING_USABLE: Usable = Usable { bit: 0, leaf: 0, register: 0, cpuid_bit: 0 };

/// The contract of one glibc build.
pub struct Layout {
    /// What `gnu_get_libc_version()` returns.
    pub version: Text<8>,
    /// Distribution and package the offsets come from.
    pub source: Text<40>,
    /// Build id of that package's libc.so.6: the only proof that tunable ids mean what they say.
    pub build_id: [u8; 20],
    /// What must be found in a libc before this table may be used for it.
    pub facts: Facts,
    /// What the version does, where its structures do not tell.
    pub behaviour: Behaviour,
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
/// the values) in those `_thread_db_*` objects it carries for debuggers, named here without prefix.
pub struct Facts {
    /// Names of the `GLIBC_ABI_*` version definitions, in the order of the file; a later build of the
    /// same version may have more.
    pub abi: List<Text<24>, 4>,
    /// Library with the `_thread_db_*` objects: libc.so.6 (`.dynsym`), or libpthread.so.0
    /// (`.symtab` only) before 2.34.
    pub carrier: Text<16>,
    /// `sizeof_pthread`.
    pub sizeof_pthread: Option<u16>,
    /// `pthread_start_routine`.
    pub pthread_start_routine: Option<u16>,
    /// `rtld_global__dl_stack_user`.
    pub stack_user: Option<u16>,
    /// `link_map_l_tls_modid`.
    pub l_tls_modid: Option<u16>,
    /// Displacement of the indirect jump that `_dl_find_object` in libc.so.6 consists of.
    pub find_object: Option<u16>,
}

/// What a version does beside what its structures look like. The generator decides by version, from that which
/// brought it, and compares with what the packages show, since distributions port changes back.
pub struct Behaviour {
    /// libc obeys `dlfcn_hook` only while `init_all_dirs` is null (2.34 and 2.35).
    pub hook_gated: bool,
    /// The loader registers the first thread's rseq area and tells where it is in `__rseq_offset` (from 2.35 on).
    pub rseq: bool,
    /// `__rseq_size` is what the kernel says it fills (AT_RSEQ_FEATURE_SIZE), not the 20 bytes of the first
    /// kernels (from 2.40 on).
    pub rseq_feature_size: bool,
    /// AMD's caches are told by CPUID leaf 0x8000001D where the CPU has it, and how much of a cache memcpy may fill
    /// depends on the model (from 2.38 on).
    pub newer_caches: bool,
    /// FSGSBASE, AVX10, APX and what else came with them count as active (from 2.39 on).
    pub newer_active: bool,
    /// fstat is made by newfstatat (from 2.33 to 2.38).
    pub fstat_by_newfstatat: bool,
    /// dlopen refuses what asks for executable stacks (from 2.41 on); before, it makes all stacks so.
    pub keeps_stacks: bool,
}

/// glibc's recursive mutex (`__rtld_lock_recursive_t`): word 4 is its kind.
pub type Lock = [u32; 10];
/// glibc's `list_t` {next, prev}.
pub type ListHead = [u64; 2];
/// `struct rseq` in the size that every kernel takes: cpu_id_start, cpu_id, rseq_cs, flags and so on.
pub type Rseq = [u32; 8];

/// Where a field begins, where it ends, and what its words are multiples of; nowhere what is no place.
struct Reach<T>(PhantomData<T>);

impl<T: Copy> Reach<At<T>> {
    const fn of(place: &At<T>) -> (usize, usize, usize) {
        (place.start(), place.end(), align_of::<T>())
    }
}
impl<T: Copy> Reach<Option<At<T>>> {
    const fn of(place: &Option<At<T>>) -> (usize, usize, usize) {
        if let Some(place) = place { Reach::<At<T>>::of(place) } else { (0, 0, 1) }
    }
}
impl Reach<Bits> {
    const fn of(bits: &Bits) -> (usize, usize, usize) {
        Reach::<At<u8>>::of(&bits.byte)
    }
}
impl Reach<Option<Bits>> {
    const fn of(bits: &Option<Bits>) -> (usize, usize, usize) {
        if let Some(bits) = bits { Reach::<Bits>::of(bits) } else { (0, 0, 1) }
    }
}
macro_rules! no_place {
    ($($type:ty)*) => { $(impl Reach<$type> {
        const fn of(_: &$type) -> (usize, usize, usize) {
            (0, 0, 1)
        }
    })* };
}
no_place! { u16 Preferred List<(u32, u32), 12> List<Usable, 24> }

/// Declares structures that lie each in an area or a block of a size that its table tells, so that the compiler can
/// check every table: no field reaches beyond.
macro_rules! structures {
    ($($(#[$about:meta])* pub struct $name:ident { $($(#[$field_about:meta])* pub $field:ident: $type:ty,)* })*) => { $(
        $(#[$about])*
        pub struct $name {
            $($(#[$field_about])* pub $field: $type,)*
        }
        impl $name {
            /// Where the last of the fields ends.
            const fn end(&self) -> usize {
                let mut end = 0;
                $(
                    let (_, field, _) = Reach::<$type>::of(&self.$field);
                    end = if field > end { field } else { end };
                )*
                end
            }

            /// Whether a word of a field begins at `offset`.
            #[allow(dead_code, reason = "only the loader's own tables are asked")]
            pub fn holds(&self, offset: usize) -> bool {
                let mut holds = false;
                $(
                    let (start, end, align) = Reach::<$type>::of(&self.$field);
                    holds |= start <= offset && offset < end && offset % align == 0;
                )*
                holds
            }
        }
    )* };
}

impl Layout {
    /// Whether every field lies in its structure, and the two that are ours to provide in so many bytes.
    #[must_use]
    pub const fn fits(&self, global: usize, global_ro: usize) -> bool {
        let leaves = self.cpu.leaves.length as usize;
        let array = match (self.cpu.features, self.cpu.cpuid) {
            (Some(features), _) => features.nth(leaves).start(),
            (None, Some(cpuid)) => cpuid.nth(leaves).start(),
            (None, None) => 0,
        };
        let info = self.link_map.info.nth(self.link_map.info_count as usize).start();
        let size = self.global_ro.size as usize;
        self.global.end() <= self.global.size as usize
            && self.global_ro.end() <= size
            && self.cpu.end() <= size
            && array <= size
            && self.link_map.end() <= self.link_map.size as usize
            && info <= self.link_map.size as usize
            && self.pthread.end() <= self.pthread.size as usize
            && self.global.size as usize <= global
            && size <= global_ro
    }
}

structures! {
/// `_rtld_global`, which libc reads and writes.
pub struct Global {
    /// Size of the whole.
    pub size: u16,
    /// In the first namespace: first link_map, the program's.
    pub ns_loaded: At<u64>,
    /// In the first namespace: number of link_maps.
    pub ns_nloaded: At<u32>,
    /// In the first namespace: scope of the program.
    pub ns_main_searchlist: At<u64>,
    /// In the first namespace: link_map of libc.so.6.
    pub ns_libc_map: Option<At<u64>>,
    /// Number of namespaces in use.
    pub nns: At<u64>,
    /// Recursive mutex: the list of objects.
    pub load_lock: At<Lock>,
    /// Recursive mutex: writers of the list, and `dl_iterate_phdr`.
    pub load_write_lock: At<Lock>,
    /// Recursive mutex: DTVs and the slot list.
    pub load_tls_lock: Option<At<Lock>>,
    /// Objects ever loaded; never decreases.
    pub load_adds: At<u64>,
    /// Directories for the end-of-process freeing.
    pub all_dirs: At<u64>,
    /// Functions taking and releasing a recursive mutex; libpthread replaces them.
    pub lock_services: Option<At<[u64; 2]>>,
    /// Function making all stacks executable; libpthread replaces it.
    pub make_stack_executable_hook: Option<At<u64>>,
    /// PF_* of new stacks.
    pub stack_flags: Option<At<u32>>,
    /// PROT_* of new stacks; replaces the former.
    pub stack_prot_flags: Option<At<u32>>,
    /// Highest TLS module id.
    pub tls_max_dtv_idx: At<u64>,
    /// Slot list, read by debuggers.
    pub tls_dtv_slotinfo_list: At<u64>,
    /// Modules with static TLS from start-up.
    pub tls_static_nelem: At<u64>,
    /// Size of the static TLS block with the TCB, where kept here.
    pub tls_static_size: Option<At<u64>>,
    /// Alignment of the static TLS block, where kept here.
    pub tls_static_align: Option<At<u64>>,
    /// DTV of the first thread, so that it is never freed by libc.
    pub initial_dtv: At<u64>,
    /// List of threads on stacks of libc's own.
    pub stack_used: Option<At<ListHead>>,
    /// List of threads on stacks of the user's, the first thread among them.
    pub stack_user: Option<At<ListHead>>,
    /// List of idle stacks.
    pub stack_cache: Option<At<ListHead>>,
    /// Lock of the two lists of libc's own stacks.
    pub stack_cache_lock: Option<At<u32>>,
}

/// `_rtld_global_ro`, which libc only reads.
pub struct GlobalRo {
    /// Size of the whole.
    pub size: u16,
    /// AT_PLATFORM, or glibc's own name on an Intel CPU.
    pub platform: At<u64>,
    /// AT_PAGESZ.
    pub pagesize: At<u64>,
    /// AT_MINSIGSTKSZ.
    pub minsigstacksize: Option<At<u64>>,
    /// Program's scope at start-up: link_maps, and their number.
    pub initial_searchlist: At<[u64; 2]>,
    /// AT_CLKTCK.
    pub clktck: At<u32>,
    /// Descriptor of debug output.
    pub debug_fd: At<u32>,
    /// x87 control word.
    pub fpu_control: At<u16>,
    /// What getauxval tells as AT_HWCAP.
    pub hwcap: At<u64>,
    /// AT_HWCAP2.
    pub hwcap2: At<u64>,
    /// Auxiliary vector.
    pub auxv: At<u64>,
    /// Size of the static TLS block with the TCB, and its alignment, where kept here.
    pub tls_static: Option<At<[u64; 2]>>,
    /// Bytes kept for objects opened later.
    pub tls_static_surplus: At<u64>,
    /// Search directories; non-null says that a loader is present.
    pub init_all_dirs: At<u64>,
    /// vDSO's ELF header.
    pub sysinfo_dso: At<u64>,
    /// vDSO's link_map.
    pub sysinfo_map: At<u64>,
    /// Functions of the vDSO, or null: clock_gettime, gettimeofday, time, getcpu, clock_getres.
    pub vdso: At<[u64; 5]>,
    /// Function of the vDSO, or null.
    pub vdso_getrandom: Option<At<u64>>,
    /// Services: print for LD_DEBUG; profiling counter; look a symbol up; dlopen; dlclose.
    pub services: At<[u64; 5]>,
    /// Services: run and catch; free an error string.
    pub error_services: Option<At<[u64; 2]>>,
    /// Service: address of a module's TLS if this thread has it.
    pub tls_get_addr_soft: At<u64>,
    /// Service: free everything at the end.
    pub libc_freeres: Option<At<u64>>,
    /// Service: object of an address, for unwinders.
    pub find_object: Option<At<u64>>,
    /// Table of 13 functions that replaces the whole dlopen family.
    pub dlfcn_hook: Option<At<u64>>,
    /// Service: whether an area is read-only.
    pub readonly_area: Option<At<u64>>,
}

/// `struct cpu_features`; offsets from the start of `_rtld_global_ro`.
pub struct Cpu {
    /// Maker (one of the next three values), highest basic CPUID leaf, family, model, stepping.
    pub basic: At<[u32; 5]>,
    /// Value of `kind`.
    pub kind_intel: u16,
    /// Value of `kind`.
    pub kind_amd: u16,
    /// Value of `kind`.
    pub kind_other: u16,
    /// Leaf and subleaf of each element of `features` or `cpuid`.
    pub leaves: List<(u32, u32), 12>,
    /// CPUID leaves, each as the CPU says and then as usable: two times eax, ebx, ecx, edx.
    pub features: Option<At<[[u32; 4]; 2]>>,
    /// CPUID leaves as the CPU says: eax, ebx, ecx, edx (before 2.33).
    pub cpuid: Option<At<[u32; 4]>>,
    /// What is usable (before 2.33).
    pub usable: Option<At<u32>>,
    /// Bits of `usable`.
    pub usable_bits: List<Usable, 24>,
    /// What is preferred.
    pub preferred: At<u32>,
    /// Bits of `preferred`.
    pub preferred_bits: Preferred,
    /// x86-64 ISA level.
    pub isa_1: Option<At<u32>>,
    /// Thresholds, bytes: data cache, shared cache, from where stores go past the caches.
    pub thresholds: At<[u64; 3]>,
    /// Threshold, bytes.
    pub memset_non_temporal_threshold: Option<At<u64>>,
    /// Thresholds of REP MOVSB, from and to, and of REP STOSB, bytes.
    pub rep_thresholds: Option<At<[u64; 3]>>,
    /// For sysconf: size and line of the cache of instructions; size, ways and line of the first, second and third of data;
    /// size of the fourth. Bytes, but for ways.
    pub levels: Option<At<[u64; 12]>>,
}

/// `struct link_map`, one an object.
pub struct LinkMap {
    /// Size of the whole, without the auditors' state that may follow.
    pub size: u16,
    /// Path; empty for the program.
    pub name: At<u64>,
    /// Itself, unless a proxy in another namespace; its namespace; the names it answers to.
    pub own: At<[u64; 3]>,
    /// Pointers to dynamic entries.
    pub info: At<u64>,
    /// Number of `info`: last DT_GNU_HASH, DT_VERSYM 27 before the end.
    pub info_count: u16,
    /// Program headers; entry point.
    pub phdr: At<[u64; 2]>,
    /// Number of program headers, and of dynamic entries.
    pub counts: At<[u16; 2]>,
    /// Its own scope: link_maps, and their number.
    pub searchlist: At<[u64; 2]>,
    /// Number of hash buckets; mask and shift of DT_GNU_HASH's filter.
    pub hash_sizes: At<[u32; 3]>,
    /// DT_GNU_HASH's filter, buckets and chains; or nothing, DT_HASH's chains and buckets.
    pub hash_tables: At<[u64; 3]>,
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
    /// No holes between its segments.
    pub contiguous: Bits,
    /// Its directory, where that is known; first mapped address, and end of the mapping.
    pub map: At<[u64; 3]>,
    /// End of the executable part.
    pub text_end: Option<At<u64>>,
    /// st_dev and st_ino.
    pub file: At<[u64; 2]>,
    /// DT_FLAGS_1.
    pub flags_1: At<u32>,
    /// TLS: image, its bytes in the file and in memory, its alignment, its address modulo that, its distance below the thread
    /// pointer or a marker.
    pub tls: At<[u64; 6]>,
    /// Module id.
    pub tls_modid: At<u64>,
    /// Thread-local destructors still to run.
    pub tls_dtor_count: At<u64>,
    /// GNU_RELRO: address and size.
    pub relro: At<[u64; 2]>,
}

/// `struct pthread`, whose address is the thread pointer.
pub struct Pthread {
    /// Size of the whole.
    pub size: u16,
    /// TCB: DTV.
    pub dtv: At<u64>,
    /// Node in a stack list.
    pub list: At<ListHead>,
    /// Thread id.
    pub tid: At<u32>,
    /// Robust mutexes: backwards; list; distance of the futex, 8 bytes.
    pub robust: At<[u64; 3]>,
    /// Keys: first block.
    pub specific_1stblock: At<[u64; 2]>,
    /// Keys: blocks.
    pub specific: At<u64>,
    /// Stack is not libc's.
    pub user_stack: Option<At<u8>>,
    /// Whose stack it is; replaces the former.
    pub stack_mode: Option<At<u32>>,
    /// Whether joinable, and the kernel's exit futex; replaces the former.
    pub joinstate: Option<At<u32>>,
    /// Stack: where it begins, its size, bytes of its guard at the beginning.
    pub stackblock: At<[u64; 3]>,
    /// Restartable sequences: area registered with the kernel, where it is a field.
    pub rseq_area: Option<At<Rseq>>,
}
}

/// A bit that is set when a feature of CPUID can be used.
#[derive(Clone, Copy)]
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
pub struct Preferred {
    /// `Fast_Rep_String`.
    pub fast_rep_string: u8,
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
    /// `Prefer_No_VZEROUPPER`.
    pub prefer_no_vzeroupper: u8,
    /// `Prefer_No_AVX512`.
    pub prefer_no_avx512: u8,
    /// `Prefer_AVX2_STRCMP`.
    pub prefer_avx2_strcmp: Option<u8>,
    /// `Avoid_Short_Distance_REP_MOVSB`.
    pub avoid_short_distance_rep_movsb: Option<u8>,
    /// `Avoid_Non_Temporal_Memset`.
    pub avoid_non_temporal_memset: Option<u8>,
    /// `Avoid_STOSB`.
    pub avoid_stosb: Option<u8>,
    /// `Prefer_EVEX512`.
    pub prefer_evex512: Option<u8>,
    /// `Fast_Copy_Backward`.
    pub fast_copy_backward: u8,
    /// `Slow_BSF`.
    pub slow_bsf: u8,
    /// `Prefer_ERMS`.
    pub prefer_erms: u8,
    /// `Prefer_FSRM`.
    pub prefer_fsrm: u8,
    /// `MathVec_Prefer_No_AVX512`.
    pub mathvec_prefer_no_avx512: u8,
}

/// Where a bit field is.
#[derive(Clone, Copy)]
pub struct Bits {
    /// Byte that holds it.
    pub byte: At<u8>,
    /// Lowest bit in that byte.
    pub shift: u8,
    /// Number of bits.
    pub width: u8,
}

/// A tunable as ld.so declares it.
pub struct Tunable {
    /// Dotted name, as in GLIBC_TUNABLES.
    pub name: Text<36>,
    /// Environment variable that sets it as well.
    pub env: Option<Text<24>>,
    /// What `__tunable_get_val` stores.
    pub kind: Kind,
    /// Value when nobody sets it.
    pub default: i64,
    /// Least value accepted, compared with the kind's sign.
    pub min: i64,
    /// Greatest value accepted, compared with the kind's sign.
    pub max: i64,
}

/// In place of a tunable's number: this version does not have it.
pub const ABSENT: u8 = u8::MAX;

/// Type of a tunable: those that the tables have (a text or an `uint64_t` would be new to `Tunables::set`).
#[derive(Clone, Copy)]
pub enum Kind {
    /// 4 bytes, signed.
    Int32,
    /// 8 bytes, unsigned.
    Size,
}
