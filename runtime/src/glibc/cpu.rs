//! `struct cpu_features`: what IFUNC resolvers of libc and libm choose by, and the thresholds of
//! memcpy and memset. Complete before the first IRELATIVE relocation.

use super::layout::{Cpu, Layout};
use crate::area::View;
use ld_rs_loader::arch::{INTEL, Leaf, cpuid, micro_architecture_level, xgetbv0};
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::{LE, Sym};
use object::elf;

/// What a feature needs beside its bit in CPUID.
#[derive(Clone, Copy)]
enum Needs {
    Nothing,
    /// CPUID.1:ECX.OSXSAVE: the kernel saves more than SSE.
    Xsave,
    /// AVX, and its state in XCR0.
    Avx,
    /// AVX512F, and its state in XCR0 beside that of AVX.
    Avx512,
    /// The state of tiles in XCR0.
    Amx,
    /// The state of the upper registers in XCR0.
    Apx,
    /// HWCAP2_FSGSBASE in AT_HWCAP2.
    FsGsBase,
    /// CPUID.7:ECX.OSPKE.
    ProtectionKeys,
    /// CPUID.19:EBX.AESKLE.
    KeyLocker,
    /// Not [`EDX7_RTM_ALWAYS_ABORT`].
    Transactions,
}
use Needs::{Amx, Apx, Avx, Avx512, FsGsBase, KeyLocker, Nothing, ProtectionKeys, Transactions, Xsave};

/// Places of EAX to EDX in a leaf.
const EAX: usize = 0;
const EBX: usize = 1;
const ECX: usize = 2;
const EDX: usize = 3;

const fn bits(list: &[u32]) -> u32 {
    let (mut word, mut at) = (0, 0);
    while at < list.len() {
        word |= 1 << list[at];
        at += 1;
    }
    word
}

/// Bits of a word of a leaf, and what they need.
type Feature = ((u32, u32), usize, Needs, u32);

/// The bits that <sys/platform/x86.h> calls active, as `update_active` (2.36, `sysdeps/x86/cpu-features.c`) takes them from
/// CPUID: no privileged ones, none of CET.
const FEATURES: &[Feature] = &[
    ((1, 0), ECX, Nothing, bits(&[0, 1, 9, 13, 19, 20, 22, 23, 25, 27, 30])),
    ((1, 0), ECX, Xsave, bits(&[26])),
    ((1, 0), ECX, Avx, bits(&[12, 28, 29])),
    ((1, 0), EDX, Nothing, bits(&[4, 8, 15, 19, 23, 24, 25, 26, 28])),
    ((7, 0), EBX, Nothing, bits(&[3, 4, 8, 9, 18, 19, 23, 24, 29])),
    ((7, 0), EBX, Transactions, EBX7_RTM),
    ((7, 0), EBX, Avx, EBX7_AVX2),
    ((7, 0), EBX, Avx512, bits(&[16, 17, 21, 26, 27, 28, 30, 31])),
    ((7, 0), ECX, Nothing, bits(&[0, 4, 5, 8, 22, 25, 27, 28])),
    ((7, 0), ECX, ProtectionKeys, bits(&[3])),
    ((7, 0), ECX, Avx, bits(&[9, 10])),
    ((7, 0), ECX, Avx512, bits(&[1, 6, 11, 12, 14])),
    ((7, 0), ECX, KeyLocker, bits(&[23])),
    ((7, 0), EDX, Nothing, bits(&[4, 11, 14, 16])),
    ((7, 0), EDX, Avx512, bits(&[2, 3, 8, 23])),
    ((7, 0), EDX, Amx, bits(&[22, 24, 25])),
    ((0x8000_0001, 0), ECX, Nothing, bits(&[0, 5, 6, 8, 21])),
    ((0x8000_0001, 0), ECX, Avx, bits(&[11, 16])),
    ((0x8000_0001, 0), EDX, Nothing, bits(&[27])),
    ((0x8000_0008, 0), EBX, Nothing, bits(&[9])),
    ((0xd, 1), EAX, Xsave, bits(&[0, 1, 2, 4])),
    ((7, 1), EAX, Nothing, bits(&[10, 11, 12])),
    ((7, 1), EAX, Avx, bits(&[4])),
    ((7, 1), EAX, Avx512, bits(&[5])),
    ((0x14, 0), EBX, Nothing, bits(&[4])),
    ((0x19, 0), EBX, KeyLocker, bits(&[0, 2])),
];
/// Those that [`super::layout::Behaviour::newer_active`] is about.
const NEWER_FEATURES: &[Feature] = &[
    ((7, 0), EBX, FsGsBase, bits(&[0])),
    ((7, 1), EAX, Nothing, bits(&[3, 7])),
    ((7, 1), EAX, Avx, bits(&[23])),
    ((7, 1), EAX, Amx, bits(&[21])),
    ((7, 1), EDX, Nothing, bits(&[14])),
    ((7, 1), EDX, Xsave, bits(&[19])),
    ((7, 1), EDX, Avx, bits(&[4, 5])),
    ((7, 1), EDX, Amx, bits(&[8])),
    ((7, 1), EDX, Apx, bits(&[21])),
    (AVX10, EBX, Xsave, bits(&[16])),
    (AVX10, EBX, Avx, bits(&[17])),
    (AVX10, EBX, Avx512, bits(&[18])),
];
const AVX10: (u32, u32) = (0x24, 0);
const EBX7_HLE: u32 = 1 << 4;
const EBX7_AVX2: u32 = 1 << 5;
const EBX7_ERMS: u32 = 1 << 9;
const EBX7_RTM: u32 = 1 << 11;
const EBX7_AVX512F: u32 = 1 << 16;
/// AVX512DQ, CD, BW, VL.
const EBX7_AVX512_1: u32 = bits(&[17, 28, 30, 31]);
const EBX7_AVX512ER: u32 = 1 << 27;
const EDX7_FSRM: u32 = 1 << 4;
const EDX7_RTM_ALWAYS_ABORT: u32 = 1 << 11;
const EAX7_1_AVX_VNNI: u32 = 1 << 4;
/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;
const ECX1_AVX: u32 = 1 << 28;
/// CPUID.1:EDX: more than one logical processor in the package.
const EDX1_HTT: u32 = 1 << 28;

/// What the needs are looked up in.
struct Support {
    one: Leaf,
    seven: Leaf,
    xcr0: u64,
    hwcap2: u64,
    /// Whether the libc knows [`NEWER_FEATURES`].
    newer: bool,
    /// What is switched off of TSX: bits of CPUID.7:EBX.
    broken: u32,
}

/// What of TSX every served glibc takes from CPUs of Intel's family 6, where a kernel without the newest microcode
/// would still offer it.
fn broken_transactions(model: u32, stepping: u32) -> u32 {
    match (model, stepping) {
        (0x55, 0..=5) | (0x8e | 0x9e, 0..=0xc) | (0x4e | 0x5e, _) => EBX7_HLE | EBX7_RTM,
        (0x3f, 0..=3) | (0x3c | 0x45 | 0x46, _) => EBX7_RTM,
        _ => 0,
    }
}

impl Support {
    fn new(layout: &Layout, ro: View) -> Self {
        let (one, seven) = (leaf((1, 0)), leaf((7, 0)));
        // SAFETY: OSXSAVE says that xgetbv exists.
        let xcr0 = if one.ecx & OSXSAVE != 0 { unsafe { xgetbv0() } } else { 0 };
        let newer = layout.behaviour.newer_active;
        let at = &layout.cpu;
        let intel = (ro.get(at.kind), ro.get(at.family)) == (at.kind_intel.into(), 6);
        let broken = if intel { broken_transactions(ro.get(at.model), ro.get(at.stepping)) } else { 0 };
        Self { one, seven, xcr0, hwcap2: ro.get(layout.global_ro.hwcap2), newer, broken }
    }

    fn meets(&self, needs: Needs) -> bool {
        let saved = |state: u64| self.xcr0 & state == state;
        match needs {
            Nothing => true,
            Xsave => self.one.ecx & OSXSAVE != 0,
            Avx => saved(0x6) && self.one.ecx & 1 << 28 != 0,
            Avx512 => saved(0xe6) && self.seven.ebx & 1 << 16 != 0,
            Amx => saved(0x6_0000),
            Apx => saved(0x8_0000),
            FsGsBase => self.hwcap2 & 1 << 1 != 0,
            ProtectionKeys => self.seven.ecx & 1 << 4 != 0,
            KeyLocker => leaf((0x19, 0)).ebx & 1 != 0,
            Transactions => self.seven.edx & EDX7_RTM_ALWAYS_ABORT == 0,
        }
    }

    /// What leaf `number`, which reads `raw`, offers to programs.
    fn active(&self, number: (u32, u32), raw: Leaf) -> [u32; 4] {
        let words = [raw.eax, raw.ebx, raw.ecx, raw.edx];
        let mut active = [0; 4];
        let newer = if self.newer { NEWER_FEATURES } else { &[] };
        for (_, word, needs, bits) in FEATURES.iter().chain(newer).filter(|(leaf, ..)| *leaf == number) {
            if words[*word] & bits != 0 && self.meets(*needs) {
                active[*word] |= words[*word] & bits;
            }
        }
        if number == (7, 0) {
            active[EBX] &= !self.broken;
            active[EDX] |= if self.broken & EBX7_HLE != 0 { EDX7_RTM_ALWAYS_ABORT } else { 0 };
        }
        active
    }
}

/// (family, model, stepping) from CPUID.1:EAX (Intel SDM, "CPUID", figure 3-6).
fn signature(eax: u32) -> (u32, u32, u32) {
    let (mut family, mut model) = (eax >> 8 & 0xf, eax >> 4 & 0xf);
    if family == 0xf || family == 6 {
        model += (eax >> 16 & 0xf) << 4;
    }
    if family == 0xf {
        family += eax >> 20 & 0xff;
    }
    (family, model, eax & 0xf)
}

/// Fills the CPU part of `_rtld_global_ro`.
pub fn fill(layout: &Layout, ro: View) {
    let at = &layout.cpu;
    let zero = cpuid(0, 0);
    let one = cpuid(1, 0);
    let kind = match (zero.ebx, zero.edx, zero.ecx) {
        INTEL => at.kind_intel,
        (0x6874_7541, 0x6974_6e65, 0x444d_4163) => at.kind_amd,
        _ => at.kind_other,
    };
    let (family, model, stepping) = signature(one.eax);
    ro.set(at.kind, kind as u32);
    ro.set(at.max_cpuid, zero.eax);
    ro.set(at.family, family);
    ro.set(at.model, model);
    ro.set(at.stepping, stepping);

    // Before 2.33 every leaf counts, for what is usable is told by bits of all of them.
    let support = Support::new(layout, ro);
    fill_leaves(at, ro, &support, |leaf| at.usable.is_some() || CHOSEN_BY.contains(&leaf));
    let cpu = Processor {
        intel: kind == at.kind_intel,
        amd: kind == at.kind_amd,
        family,
        model,
        highest: zero.eax,
        one: support.one,
        seven: support.active((7, 0), support.seven),
    };
    let preferred = preferred(at, &cpu);
    ro.set(at.preferred, preferred);
    // GNU_PROPERTY_X86_ISA_1_BASELINE and up, one bit a level.
    ro.set_if(at.isa_1, (1u32 << micro_architecture_level()) - 1);
    // Not the kernel's AT_HWCAP, but HWCAP_X86_64, and on Intel's CPUs HWCAP_X86_AVX512_1.
    let avx512_1 = cpu.intel && cpu.seven[EBX] & (EBX7_AVX512_1 | EBX7_AVX512ER) == EBX7_AVX512_1;
    ro.set(layout.global_ro.hwcap, 1 << 1 | u64::from(avx512_1) << 2);
    // 2.31's libc asks the CPU for its caches itself.
    if at.level1_dcache_size.is_some() {
        Caches::new(layout.behaviour.newer_caches, &cpu).fill(layout, ro, &cpu, preferred);
    }
}

/// What tells how a CPU is to be used.
struct Processor {
    intel: bool,
    amd: bool,
    family: u32,
    model: u32,
    /// Highest basic leaf.
    highest: u32,
    one: Leaf,
    /// What can be used of leaf 7.
    seven: [u32; 4],
}

/// The leaves that IFUNC resolvers and libc itself read.
const CHOSEN_BY: [(u32, u32); 3] = [(1, 0), (7, 0), (0x8000_0001, 0)];

/// The function by which a program reads all of them (<sys/platform/x86.h>), and its version.
const READER: (&[u8], &[u8]) = (b"__x86_get_cpuid_feature_leaf", b"GLIBC_2.33");

/// Whether `object` names the function by which a program reads the leaves that nobody chooses by.
pub fn reads_leaves(object: &Object) -> bool {
    let dynamic = &object.dynamic;
    let is_reader = |(index, symbol): (u32, &Sym)| {
        symbol.st_shndx.get(LE) == elf::SHN_UNDEF
            && dynamic.strings.is(symbol.st_name.get(LE), READER.0)
            && dynamic.versions.wanted(index).is_none_or(|version| version.name == READER.1)
    };
    // DT_GNU_HASH holds what is defined, and that comes last.
    let unhashed = dynamic.gnu_hash.map_or(usize::MAX, |hash| hash.symbol_base as usize);
    // A library without versions may name it without one.
    let needs = &dynamic.versions.needs;
    (needs.is_empty() || needs.iter().any(|need| need.version.name == READER.1))
        && (0..).zip(dynamic.symbols).take(unhashed).any(is_reader)
}

/// Fills the leaves that were left out, which each cost a trap in a virtual machine. Called before
/// something may read them.
pub fn complete(layout: &Layout, ro: View) {
    fill_leaves(&layout.cpu, ro, &Support::new(layout, ro), |leaf| !CHOSEN_BY.contains(&leaf));
}

/// A leaf, or zeroes where the CPU has none of that number.
fn leaf((number, sub): (u32, u32)) -> Leaf {
    let exists = match number {
        0x8000_0001 => true, // long mode is told there
        0x8000_0000.. => number <= cpuid(0x8000_0000, 0).eax,
        // Sub-leaf 1 of 7 exists only where sub-leaf 0 says so.
        _ => number <= cpuid(0, 0).eax && !(number == 7 && sub > cpuid(7, 0).eax),
    };
    if exists { cpuid(number, sub) } else { Leaf::default() }
}

fn fill_leaves(at: &Cpu, ro: View, support: &Support, wanted: impl Fn((u32, u32)) -> bool) {
    for (index, number) in at.leaves.iter().enumerate().filter(|(_, number)| wanted(**number)) {
        let raw = leaf(*number);
        let usable = support.active(*number, raw);
        if let Some(features) = at.features {
            ro.set(features.nth(index), [[raw.eax, raw.ebx, raw.ecx, raw.edx], usable]);
        }
        if let Some(cpuids) = at.cpuid {
            // 2.31 keeps no second set: it takes from the first.
            let transactions = if *number == (7, 0) { EBX7_HLE | EBX7_RTM } else { 0 };
            let ebx = raw.ebx & !transactions | usable[EBX] & transactions;
            ro.set(cpuids.nth(index), [raw.eax, ebx, raw.ecx, raw.edx | usable[EDX]]);
        }
        if let Some(place) = at.usable {
            let mut bits = ro.get(place);
            for bit in at.usable_bits.iter().filter(|bit| usize::from(bit.leaf) == index) {
                let word = usable.get(usize::from(bit.register)).copied().unwrap_or(0);
                bits |= (word >> bit.cpuid_bit & 1) << bit.bit;
            }
            ro.set(place, bits);
        }
    }
}

/// The bits by which string functions are chosen, as `init_cpu_features` sets them (2.31 with what came to its branch,
/// to 2.43) for CPUs of the last ten years.
fn preferred(at: &Cpu, cpu: &Processor) -> u32 {
    let names = &at.preferred_bits;
    let mut preferred = 1u32 << names.i586 | 1 << names.i686;
    let mut prefer = |wanted: bool, name: Option<u8>| preferred |= name.map_or(0, |bit| u32::from(wanted) << bit);
    prefer(cpu.seven[EBX] & EBX7_AVX2 != 0, Some(names.avx_fast_unaligned_load));
    prefer(cpu.seven[EBX] & EBX7_ERMS == 0, names.avoid_stosb);
    // Only of Intel's and AMD's it is known to be worth it; of Intel's servers with the first AVX-512 it is known not to be.
    let slow = cpu.intel && cpu.family == 6 && matches!(cpu.model, 0x55 | 0x66);
    prefer(slow || !(cpu.intel || cpu.amd), names.avoid_non_temporal_memset);
    if !cpu.intel {
        return preferred;
    }
    let older = at.usable.is_some(); // 2.31
    // Atoms from Silvermont to Tremont; then what has AVX, and the first Core i7, which had not.
    let (unaligned, repeated, slow_sse4_2) = match (cpu.family, cpu.model) {
        (6, 0x37 | 0x4a | 0x4c | 0x4d | 0x57 | 0x5a | 0x5c | 0x5d | 0x5f) => (true, false, true),
        (6, 0x75 | 0x7a) if !older => (true, false, true),
        (6, 0x86 | 0x96 | 0x9c) if !older => (true, true, true),
        (6, 0x1a | 0x1e | 0x1f | 0x25 | 0x2c | 0x2e | 0x2f) => (true, true, false),
        // Before 2.41 only of family 6.
        (family, _) => {
            let avx = cpu.one.ecx & ECX1_AVX != 0 && (family == 6 || names.avoid_stosb.is_some());
            (avx, avx, false)
        }
    };
    prefer(repeated, Some(names.fast_rep_string));
    prefer(slow_sse4_2, Some(names.slow_sse4_2));
    for name in [names.fast_unaligned_load, names.fast_unaligned_copy, names.prefer_pminub_for_stringop] {
        prefer(unaligned, Some(name));
    }
    // The bit of CPUID, not whether it can be used: only a Xeon Phi has it.
    let phi = leaf((7, 0)).ebx & EBX7_AVX512ER != 0;
    // CPUs with AVX-VNNI do not slow down for AVX-512.
    prefer(!phi && (older || leaf((7, 1)).eax & EAX7_1_AVX_VNNI == 0), Some(names.prefer_no_avx512));
    // VZEROUPPER aborts a transaction.
    prefer(phi || cpu.seven[EBX] & EBX7_RTM != 0, Some(names.prefer_no_vzeroupper));
    prefer(!phi && cpu.seven[EBX] & EBX7_AVX2 != 0, names.prefer_avx2_strcmp);
    prefer(leaf((7, 0)).edx & EDX7_FSRM != 0, names.avoid_short_distance_rep_movsb);
    preferred
}

/// From 2.38 on, the part of the last cache beyond which memcpy writes past the caches, as its divisor.
fn non_temporal_divisor(at: &Cpu, cpu: &Processor) -> i64 {
    match (cpu.family, cpu.model) {
        _ if !cpu.intel => 4,
        // Nehalem to Broadwell
        (6, 0x1a | 0x1e | 0x1f | 0x25 | 0x2c | 0x2e | 0x2f | 0x2a | 0x2d | 0x3a | 0x3e) => 8,
        (6, 0x3c | 0x3f | 0x45 | 0x46 | 0x3d | 0x47 | 0x4f | 0x56) => 8,
        // Skylake to Arrow Lake and Granite Rapids
        (6, 0x4e | 0x55 | 0x5e | 0x66 | 0x6a | 0x6c | 0x7d | 0x7e | 0x8a | 0x8c | 0x8d | 0x8e | 0x8f | 0x97) => 2,
        (6, 0x9a | 0x9d | 0x9e | 0xa5 | 0xa6 | 0xa7 | 0xaa | 0xac | 0xad | 0xae | 0xb7 | 0xba | 0xbd..=0xbf) => 2,
        (6, 0xc6 | 0xcf) => 2,
        // Those that came to 2.41 and to later ones.
        (6, 0xb5 | 0xc5 | 0xcc | 0xd5) | (18, 1 | 3) | (19, 1) if at.memset_non_temporal_threshold.is_some() => 2,
        _ => 4,
    }
}

/// One level of cache, in bytes; all -1 where nothing is known, 0 where AMD says that there is none.
#[derive(Clone, Copy)]
struct Cache {
    size: i64,
    ways: i64,
    line: i64,
    /// Highest number, among threads, of those that share it (CPUID.4:EAX, bits 14 to 25).
    sharers: u32,
    /// It holds what the levels below hold.
    inclusive: bool,
}

impl Cache {
    const UNKNOWN: Self = Self { size: -1, ways: -1, line: -1, sharers: 0, inclusive: true };
    const NONE: Self = Self { size: 0, ways: 0, line: 0, ..Self::UNKNOWN };
}

/// What sysconf tells of the caches, and what memcpy's thresholds come from.
struct Caches {
    level1_instructions: Cache,
    level1: Cache,
    level2: Cache,
    level3: Cache,
    level4: Cache,
    /// The last level, and the part of one thread in it.
    shared: i64,
    per_thread: i64,
}

impl Caches {
    const UNKNOWN: Self = Self {
        level1_instructions: Cache::UNKNOWN,
        level1: Cache::UNKNOWN,
        level2: Cache::UNKNOWN,
        level3: Cache::UNKNOWN,
        level4: Cache::UNKNOWN,
        shared: -1,
        per_thread: -1,
    };

    /// `newer`: as from 2.38 on.
    fn new(newer: bool, cpu: &Processor) -> Self {
        if cpu.intel && cpu.highest >= 4 {
            Self::of_intel(cpu)
        } else if cpu.amd {
            Self::of_amd(newer, cpu)
        } else {
            Self::UNKNOWN
        }
    }

    /// Leaf 4, and how many threads share the last level (glibc `get_common_cache_info`). Leaf 2, by whose names glibc takes
    /// them first, says on every CPU of the last ten years that leaf 4 has them; QEMU's models name some in both.
    fn of_intel(cpu: &Processor) -> Self {
        let mut caches = Self::of_leaf(4);
        let (level2, level3) = (caches.level2, caches.level3);
        let third = level3.size > 0;
        caches.shared = if third { level3.size } else { level2.size };
        caches.per_thread = caches.shared;
        if cpu.one.edx & EDX1_HTT == 0 {
            return caches;
        }
        // Highest numbers of threads, which leaf 11 (one sub-leaf a level: 1 threads of a core, 2 cores) makes counts
        // of those that are there.
        let (mut second, mut last) = (level2.sharers & 0x3ff, if third { level3.sharers & 0x3ff } else { 0 });
        let (mut count_threads, mut count_cores) = (second > 0 && third, last > 0 || second > 0 && !third);
        let numbered = |highest: u32, shipped: u32| (shipped - 1) & u32::MAX.unbounded_shr(highest.leading_zeros());
        for sub in (0..8).take_while(|_| cpu.highest >= 11) {
            if !count_threads && !count_cores {
                break;
            }
            let level = cpuid(11, sub);
            match (level.ebx & 0xff, level.ecx >> 8 & 0xff) {
                (0, _) | (_, 0) => break,
                (shipped, 1) if count_threads => (second, count_threads) = (numbered(second, shipped), false),
                (shipped, 2) if count_cores => {
                    let cores = if third { &mut last } else { &mut second };
                    (*cores, count_cores) = (numbered(*cores, shipped), false);
                }
                _ => {}
            }
        }
        let count = |highest: u32| i64::from(if highest > 0 { highest + 1 } else { 0 });
        let threads = match (third, count(second)) {
            (true, _) => count(last),
            // Two cores of a Silvermont share one.
            (false, 3..) if cpu.family == 6 && matches!(cpu.model, 0x37 | 0x4a | 0x4d | 0x5a | 0x5d) => 2,
            (false, threads) => threads,
        };
        if caches.per_thread > 0 && threads > 0 {
            caches.per_thread /= threads;
        }
        if third && !level3.inclusive {
            caches.per_thread += level2.size / count(second).max(1);
            caches.shared += level2.size;
        }
        caches
    }

    fn of_amd(newer: bool, cpu: &Processor) -> Self {
        let highest = cpuid(0x8000_0000, 0).eax;
        // Some virtual machines have an empty leaf.
        let told = newer && highest >= 0x8000_001d && cpuid(0x8000_001d, 0).ecx != 0;
        let mut caches = Self::of_old_amd(newer, highest, cpu);
        if told {
            caches = Self { level4: Cache::NONE, ..Self::of_leaf(0x8000_001d) };
        }
        let (second, last) = (caches.level2.size, caches.level3.size);
        // Before the first Zen no cache held what another did.
        let exclusive = if cpu.family < 0x17 { second } else { 0 };
        caches.shared = if last > 0 { last + exclusive } else { second };
        caches.per_thread =
            if newer || last <= 0 { caches.shared } else { amd_part(last, false, highest, cpu) + exclusive };
        caches
    }

    /// Leaves 0x80000005 and 0x80000006 (glibc `handle_amd`, whose associativities are these).
    fn of_old_amd(newer: bool, highest: u32, cpu: &Processor) -> Self {
        let (first, second) = (cpuid(0x8000_0005, 0), cpuid(0x8000_0006, 0));
        let level1 = |word: u32| Cache {
            size: i64::from(word >> 14 & 0x3_fc00),
            ways: i64::from(word >> 16 & 0xff),
            line: i64::from(word & 0xff),
            ..Cache::NONE
        };
        let outer = |word: u32, size: i64| {
            if word & 0xf000 == 0 {
                return Cache::NONE;
            }
            let line = i64::from(word & 0xff);
            let ways = match word >> 12 & 0xf {
                few @ (1 | 2 | 4) => few.into(),
                6 => 8,
                8 => 16,
                10 => 32,
                11 => 48,
                12 => 64,
                13 => 96,
                14 => 128,
                15 => size.checked_div(line).unwrap_or(0),
                _ => 0,
            };
            Cache { size, ways, line, ..Cache::NONE }
        };
        let mut level3 = outer(second.edx, i64::from(second.edx & 0x3ffc_0000) << 1);
        if newer {
            level3.size = amd_part(level3.size, true, highest, cpu);
        }
        Self {
            level1_instructions: level1(first.edx),
            level1: level1(first.ecx),
            level2: outer(second.ecx, i64::from(second.ecx >> 6 & 0x3ff_fc00)),
            level3,
            level4: if newer { Cache::NONE } else { Cache::UNKNOWN },
            ..Self::UNKNOWN
        }
    }

    /// Leaf 4 or 0x8000001D, one sub-leaf a cache (Intel SDM, "Deterministic Cache Parameters"; AMD APM).
    fn of_leaf(number: u32) -> Self {
        let mut caches = Self::UNKNOWN;
        for sub in 0..8 {
            let leaf = cpuid(number, sub);
            let (kind, level) = (leaf.eax & 0x1f, leaf.eax >> 5 & 7);
            let (ways, line) = (i64::from(leaf.ebx >> 22) + 1, i64::from(leaf.ebx & 0xfff) + 1);
            let partitions = i64::from(leaf.ebx >> 12 & 0x3ff) + 1;
            let cache = Cache {
                size: ways * partitions * line * (i64::from(leaf.ecx) + 1),
                ways,
                line,
                sharers: leaf.eax >> 14 & 0xfff,
                inclusive: leaf.edx & 2 != 0,
            };
            match (kind, level) {
                (0, _) => break,
                (2, 1) => caches.level1_instructions = cache,
                (_, 1) => caches.level1 = cache,
                (_, 2) => caches.level2 = cache,
                (_, 3) => caches.level3 = cache,
                (_, 4) => caches.level4 = cache,
                _ => {}
            }
        }
        caches
    }

    /// Thresholds as `dl_init_cacheinfo` sets them (2.36 with what came to its branch, to 2.43).
    fn fill(&self, layout: &Layout, ro: View, cpu: &Processor, preferred: u32) {
        // Below, memset could not align its largest loop; above, a product in memcpy would wrap.
        const LEAST: u64 = 0x4040;
        const MOST: u64 = u64::MAX >> 4;
        // Where less was found than can be.
        const LIKELY: u64 = 64 << 20;
        let (at, newer) = (&layout.cpu, layout.behaviour.newer_caches);
        let (names, later) = (&at.preferred_bits, at.memset_non_temporal_threshold.is_some()); // from 2.41 on
        let prefers = |name: u8| preferred >> name & 1 != 0;
        let most_of_own = (self.per_thread * 3 / 4) as u64;
        // What is unknown is the greatest number in one, and nothing in the other.
        let part =
            if newer { self.shared as u64 / non_temporal_divisor(at, cpu) as u64 } else { (self.shared / 4) as u64 };
        let non_temporal = match cpu.seven[EBX] & EBX7_ERMS {
            0 => most_of_own,
            _ => part.max(most_of_own),
        };
        let non_temporal = match non_temporal {
            ..LEAST => {
                if newer {
                    LIKELY
                } else {
                    LEAST
                }
            }
            enough => enough.min(MOST),
        };
        let avoided = names.avoid_non_temporal_memset.is_some_and(prefers);
        let memset_non_temporal = if avoided { u64::MAX } else { non_temporal };
        ro.set(at.data_cache_size, self.level1.size as u64);
        ro.set(at.shared_cache_size, self.shared as u64);
        ro.set(at.non_temporal_threshold, non_temporal);
        ro.set_if(at.memset_non_temporal_threshold, memset_non_temporal);
        let rep_movsb = if later && cpu.amd {
            non_temporal
        } else if cpu.seven[EDX] & EDX7_FSRM != 0 {
            2112
        } else if cpu.seven[EBX] & EBX7_AVX512F != 0 && !prefers(names.prefer_no_avx512) {
            4096 * (64 / 16)
        } else if prefers(names.avx_fast_unaligned_load) {
            4096 * (32 / 16)
        } else {
            2048
        };
        ro.set_if(at.rep_movsb_threshold, rep_movsb);
        let stop = if cpu.amd && !later { self.level2.size as u64 } else { non_temporal };
        ro.set_if(at.rep_movsb_stop_threshold, stop);
        let rep_stosb = if names.avoid_stosb.is_some_and(prefers) {
            memset_non_temporal
        } else if later && cpu.amd {
            u64::MAX
        } else {
            2048
        };
        ro.set_if(at.rep_stosb_threshold, rep_stosb);
        ro.set_if(at.level1_icache_size, self.level1_instructions.size as u64);
        ro.set_if(at.level1_icache_linesize, self.level1_instructions.line as u64);
        ro.set_if(at.level1_dcache_size, self.level1.size as u64);
        ro.set_if(at.level1_dcache_assoc, self.level1.ways as u64);
        ro.set_if(at.level1_dcache_linesize, self.level1.line as u64);
        ro.set_if(at.level2_cache_size, self.level2.size as u64);
        ro.set_if(at.level2_cache_assoc, self.level2.ways as u64);
        ro.set_if(at.level2_cache_linesize, self.level2.line as u64);
        ro.set_if(at.level3_cache_size, self.level3.size as u64);
        ro.set_if(at.level3_cache_assoc, self.level3.ways as u64);
        ro.set_if(at.level3_cache_linesize, self.level3.line as u64);
        ro.set_if(at.level4_cache_size, self.level4.size as u64);
    }
}

/// The part of a thread in AMD's last cache of `size` bytes, or, in a Zen, of those that share it; `newer` as from 2.38 on.
fn amd_part(size: i64, newer: bool, highest: u32, cpu: &Processor) -> i64 {
    let zen = cpu.family >= 0x17;
    let mut threads = match highest {
        0x8000_0008.. if newer => (cpuid(0x8000_0008, 0).ecx & 0xff) + 1,
        0x8000_0008.. => 1 << (cpuid(0x8000_0008, 0).ecx >> 12 & 0xf),
        _ => 0,
    };
    if (threads == 0 || zen && !newer) && cpu.one.edx & EDX1_HTT != 0 {
        threads = cpu.one.ebx >> 16 & 0xff;
    }
    let sharers = if zen && highest >= 0x8000_001d { cpuid(0x8000_001d, 3).eax >> 14 & 0xfff } else { 0 };
    size / i64::from(threads.max(1)) * i64::from(sharers + 1)
}
