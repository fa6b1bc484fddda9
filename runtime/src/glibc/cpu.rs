//! `struct cpu_features`: what IFUNC resolvers of libc and libm choose by, and the thresholds of
//! memcpy and memset. Complete before the first IRELATIVE relocation.

use super::layout::{Cpu, Layout};
use crate::area::View;
use ld_rs_loader::arch::{Leaf, cpuid, micro_architecture_level, xgetbv0};
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
}
use Needs::{Amx, Apx, Avx, Avx512, FsGsBase, KeyLocker, Nothing, ProtectionKeys, Xsave};

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
/// CPUID: no privileged ones, none of CET. Without RTM (CPUID.7:EBX, bit 11), which glibc takes from many CPUs by model.
const FEATURES: &[Feature] = &[
    ((1, 0), ECX, Nothing, bits(&[0, 1, 9, 13, 19, 20, 22, 23, 25, 27, 30])),
    ((1, 0), ECX, Xsave, bits(&[26])),
    ((1, 0), ECX, Avx, bits(&[12, 28, 29])),
    ((1, 0), EDX, Nothing, bits(&[4, 8, 15, 19, 23, 24, 25, 26, 28])),
    ((7, 0), EBX, Nothing, bits(&[3, 4, 8, 9, 18, 19, 23, 24, 29])),
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
const EBX7_AVX2: u32 = 1 << 5;
/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;

/// What the needs are looked up in.
struct Support {
    one: Leaf,
    seven: Leaf,
    xcr0: u64,
    hwcap2: u64,
    /// Whether the libc knows [`NEWER_FEATURES`].
    newer: bool,
}

impl Support {
    fn new(layout: &Layout, ro: View) -> Self {
        let (one, seven) = (leaf((1, 0)), leaf((7, 0)));
        // SAFETY: OSXSAVE says that xgetbv exists.
        let xcr0 = if one.ecx & OSXSAVE != 0 { unsafe { xgetbv0() } } else { 0 };
        let newer = layout.behaviour.newer_active;
        Self { one, seven, xcr0, hwcap2: ro.get(layout.global_ro.hwcap2), newer }
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
    let kind = match &(zero.ebx, zero.edx, zero.ecx) {
        (0x756e_6547, 0x4965_6e69, 0x6c65_746e) => at.kind_intel,
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
    let avx2 = support.active((7, 0), support.seven)[EBX] & EBX7_AVX2 != 0;
    ro.set(at.preferred, preferred(at, kind, avx2));
    // GNU_PROPERTY_X86_ISA_1_BASELINE and up, one bit a level.
    ro.set_if(at.isa_1, (1u32 << micro_architecture_level()) - 1);

    // The older ones every such CPU has.
    let newer = || layout.behaviour.amd_cache_leaf && cpuid(0x8000_0000, 0).eax >= 0x8000_001d;
    let caches = match kind {
        kind if kind == at.kind_amd && newer() => Caches { sharers: 1, ..Caches::of_leaf(0x8000_001d) },
        kind if kind == at.kind_amd => Caches::of_amd(),
        kind if kind == at.kind_intel && zero.eax >= 4 => Caches::of_leaf(4),
        _ => Caches::default(),
    };
    let fast_short_rep_movsb = support.seven.edx & EDX7_FSRM != 0;
    caches.fill(layout, ro, kind == at.kind_amd, fast_short_rep_movsb, avx2);
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
            ro.set(cpuids.nth(index), [raw.eax, raw.ebx, raw.ecx, raw.edx]);
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

/// CPUID.7:EDX: fast short REP MOVSB.
const EDX7_FSRM: u32 = 1 << 4;

/// The bits by which string functions are chosen, as `init_cpu_features` sets them for CPUs of the
/// last ten years (glibc 2.36, `sysdeps/x86/cpu-features.c`). Read there for Intel, compared with
/// glibc's own on AMD.
fn preferred(at: &Cpu, kind: u16, avx2: bool) -> u32 {
    let bits = &at.preferred_bits;
    let mut preferred = 1u32 << bits.i586 | 1 << bits.i686;
    if avx2 {
        preferred |= 1 << bits.avx_fast_unaligned_load;
    }
    if kind == at.kind_intel {
        preferred |= 1 << bits.fast_rep_string | 1 << bits.fast_unaligned_load | 1 << bits.fast_unaligned_copy;
        preferred |= 1 << bits.prefer_pminub_for_stringop | 1 << bits.prefer_no_avx512;
    }
    preferred
}

/// One level of cache; all 0 where there is none.
#[derive(Clone, Copy, Default)]
struct Cache {
    size: u64,
    ways: u64,
    line: u64,
}

/// What sysconf tells of the caches, and what memcpy's thresholds come from.
#[derive(Clone, Copy, Default)]
struct Caches {
    level1_instructions: Cache,
    level1: Cache,
    level2: Cache,
    level3: Cache,
    /// How many threads share the last level.
    sharers: u64,
}

impl Caches {
    /// Leaves 0x80000005 and 0x80000006 (glibc `handle_amd`, whose associativities are these).
    fn of_amd() -> Self {
        let (first, second) = (cpuid(0x8000_0005, 0), cpuid(0x8000_0006, 0));
        let level1 = |word: u32| Cache {
            size: u64::from(word >> 14 & 0x3_fc00),
            ways: u64::from(word >> 16 & 0xff),
            line: u64::from(word & 0xff),
        };
        let outer = |word: u32, size: u64| {
            if word & 0xf000 == 0 {
                return Cache::default();
            }
            let line = u64::from(word & 0xff);
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
            Cache { size, ways, line }
        };
        Self {
            level1_instructions: level1(first.edx),
            level1: level1(first.ecx),
            level2: outer(second.ecx, u64::from(second.ecx >> 6 & 0x3ff_fc00)),
            level3: outer(second.edx, u64::from(second.edx & 0x3ffc_0000) << 1),
            sharers: 1,
        }
    }

    /// Leaf 4 or 0x8000001D, one sub-leaf a cache (Intel SDM, "Deterministic Cache Parameters"; AMD APM).
    fn of_leaf(number: u32) -> Self {
        let mut caches = Self { sharers: 1, ..Self::default() };
        for sub in 0..8 {
            let leaf = cpuid(number, sub);
            let (kind, level) = (leaf.eax & 0x1f, leaf.eax >> 5 & 7);
            let (ways, line) = (u64::from(leaf.ebx >> 22) + 1, u64::from(leaf.ebx & 0xfff) + 1);
            let partitions = u64::from(leaf.ebx >> 12 & 0x3ff) + 1;
            let cache = Cache { size: ways * partitions * line * (u64::from(leaf.ecx) + 1), ways, line };
            match (kind, level) {
                (0, _) => break,
                (2, 1) => caches.level1_instructions = cache,
                (_, 1) => caches.level1 = cache,
                (_, 2) => caches.level2 = cache,
                (_, 3) => (caches.level3, caches.sharers) = (cache, u64::from(leaf.eax >> 14 & 0xfff) + 1),
                _ => {}
            }
        }
        caches
    }

    /// Thresholds as `dl_init_cacheinfo` and `update_active` set them (2.36).
    fn fill(&self, layout: &Layout, ro: View, amd: bool, fast_short_rep_movsb: bool, avx2: bool) {
        let at = &layout.cpu;
        let level3 = self.level3.size.checked_div(self.sharers).unwrap_or(0);
        // memcpy must never see a zero threshold: what suits every CPU where CPUID says nothing.
        let or = |size: u64, default: u64| if size == 0 { default } else { size };
        let data = or(self.level1.size, 32 << 10);
        let core = or(self.level2.size, 256 << 10);
        let shared = match (level3, amd) {
            (0, _) => or(self.level2.size, 1 << 20),
            (level3, true) => level3,
            (level3, false) => level3 + core,
        };
        let non_temporal = shared / 4 * 3;
        ro.set(at.data_cache_size, data);
        ro.set(at.shared_cache_size, shared);
        ro.set(at.non_temporal_threshold, non_temporal);
        ro.set_if(at.memset_non_temporal_threshold, non_temporal);
        let rep_movsb = match (fast_short_rep_movsb, avx2) {
            (true, _) => 2112,
            (false, true) => 4096 * (32 / 16),
            (false, false) => 2048,
        };
        ro.set_if(at.rep_movsb_threshold, rep_movsb as u64);
        ro.set_if(at.rep_movsb_stop_threshold, if amd { core } else { non_temporal });
        ro.set_if(at.rep_stosb_threshold, 2048u64);
        ro.set_if(at.level1_icache_size, self.level1_instructions.size);
        ro.set_if(at.level1_icache_linesize, self.level1_instructions.line);
        ro.set_if(at.level1_dcache_size, self.level1.size);
        ro.set_if(at.level1_dcache_assoc, self.level1.ways);
        ro.set_if(at.level1_dcache_linesize, self.level1.line);
        ro.set_if(at.level2_cache_size, self.level2.size);
        ro.set_if(at.level2_cache_assoc, self.level2.ways);
        ro.set_if(at.level2_cache_linesize, self.level2.line);
        ro.set_if(at.level3_cache_size, self.level3.size);
        ro.set_if(at.level3_cache_assoc, self.level3.ways);
        // No CPU of today has one.
        ro.set_if(at.level4_cache_size, if layout.behaviour.no_level4_is_zero { 0 } else { u64::MAX });
        ro.set_if(at.level3_cache_linesize, self.level3.line);
    }
}
