//! `struct cpu_features`: what IFUNC resolvers of libc and libm choose by, and the thresholds of
//! memcpy and memset. Complete before the first IRELATIVE relocation.

use super::caches::Caches;
use super::layout::{Cpu, Layout};
use crate::area::View;
use ld_rs_loader::arch::{INTEL, Leaf, cpuid, micro_architecture_level, xgetbv0};
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::{LE, Sym};
use object::elf;

/// What a feature needs beside its bit in CPUID.
#[derive(Clone, Copy)]
pub enum Needs {
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
pub const EAX: usize = 0;
pub const EBX: usize = 1;
pub const ECX: usize = 2;
pub const EDX: usize = 3;

const fn bits(list: &[u32]) -> u32 {
    let (mut word, mut at) = (0, 0);
    while at < list.len() {
        word |= 1 << list[at];
        at += 1;
    }
    word
}

/// Bits of a word of a leaf, and what they need.
pub type Feature = ((u32, u32), usize, Needs, u32);

/// The bits that <sys/platform/x86.h> calls active, as `update_active` (2.36, `sysdeps/x86/cpu-features.c`) takes them from
/// CPUID: no privileged ones, none of CET.
pub const FEATURES: &[Feature] = &[
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
pub const EBX7_ERMS: u32 = 1 << 9;
const EBX7_RTM: u32 = 1 << 11;
pub const EBX7_AVX512F: u32 = 1 << 16;
/// AVX512DQ, CD, BW, VL.
const EBX7_AVX512_1: u32 = bits(&[17, 28, 30, 31]);
const EBX7_AVX512ER: u32 = 1 << 27;
pub const EDX7_FSRM: u32 = 1 << 4;
const EDX7_RTM_ALWAYS_ABORT: u32 = 1 << 11;
const EAX7_1_AVX_VNNI: u32 = 1 << 4;
/// CPUID.1:ECX.
const OSXSAVE: u32 = 1 << 27;
const ECX1_AVX: u32 = 1 << 28;

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
        let [kind, _, family, model, stepping] = ro.get(at.basic);
        let intel = (kind, family) == (at.kind_intel.into(), 6);
        let broken = if intel { broken_transactions(model, stepping) } else { 0 };
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
    ro.set(at.basic, [kind as u32, zero.eax, family, model, stepping]);

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
    let preferred = preferred(at, &cpu, support.seven);
    ro.set(at.preferred, preferred);
    // GNU_PROPERTY_X86_ISA_1_BASELINE and up, one bit a level.
    ro.set_if(at.isa_1, (1u32 << micro_architecture_level()) - 1);
    // Not the kernel's AT_HWCAP, but HWCAP_X86_64, and on Intel's CPUs HWCAP_X86_AVX512_1.
    let avx512_1 = cpu.intel && cpu.seven[EBX] & (EBX7_AVX512_1 | EBX7_AVX512ER) == EBX7_AVX512_1;
    ro.set(layout.global_ro.hwcap, 1 << 1 | u64::from(avx512_1) << 2);
    // 2.31's libc asks the CPU for its caches itself.
    if at.levels.is_some() {
        Caches::new(layout.behaviour.newer_caches, &cpu).fill(layout, ro, &cpu, preferred);
    }
}

/// What tells how a CPU is to be used.
pub struct Processor {
    /// Intel's.
    pub intel: bool,
    /// AMD's.
    pub amd: bool,
    /// Family.
    pub family: u32,
    /// Model.
    pub model: u32,
    /// Highest basic leaf.
    pub highest: u32,
    /// Leaf 1.
    pub one: Leaf,
    /// What can be used of leaf 7.
    pub seven: [u32; 4],
}

/// The leaves that IFUNC resolvers and libc itself read.
const CHOSEN_BY: [(u32, u32); 3] = [(1, 0), (7, 0), (0x8000_0001, 0)];

/// The function by which a program reads all of them (<sys/platform/x86.h>), and its version.
const READER: (&[u8], &[u8]) = (b"__x86_get_cpuid_feature_leaf", b"GLIBC_2.33");

/// Of more symbols than so many none is asked for its name: to read a table of 16 TiB would cost more than the leaves.
const MOST_ASKED: usize = 1 << 16;

/// Whether `object` names the function by which a program reads the leaves that nobody chooses by, or may name it.
pub fn reads_leaves(object: &Object) -> bool {
    let dynamic = &object.dynamic;
    let is_reader = |(index, symbol): (u32, &Sym)| {
        symbol.st_shndx.get(LE) == elf::SHN_UNDEF
            && dynamic.strings.is(symbol.st_name.get(LE), READER.0)
            && dynamic.versions.wanted(index).is_none_or(|version| version.name == READER.1)
    };
    // DT_GNU_HASH holds what is defined, and that comes last.
    let unhashed = dynamic.gnu_hash.map_or(usize::MAX, |hash| hash.symbol_base as usize).min(dynamic.symbols.len());
    // A library without versions may name it without one.
    let needs = &dynamic.versions.needs;
    (needs.is_empty() || needs.iter().any(|need| need.version.name == READER.1))
        && (unhashed > MOST_ASKED || (0..).zip(dynamic.symbols).take(unhashed).any(is_reader))
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
fn preferred(at: &Cpu, cpu: &Processor, seven: Leaf) -> u32 {
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
    let phi = seven.ebx & EBX7_AVX512ER != 0;
    // CPUs with AVX-VNNI do not slow down for AVX-512.
    prefer(!phi && (older || seven.eax == 0 || cpuid(7, 1).eax & EAX7_1_AVX_VNNI == 0), Some(names.prefer_no_avx512));
    // VZEROUPPER aborts a transaction.
    prefer(phi || cpu.seven[EBX] & EBX7_RTM != 0, Some(names.prefer_no_vzeroupper));
    prefer(!phi && cpu.seven[EBX] & EBX7_AVX2 != 0, names.prefer_avx2_strcmp);
    prefer(seven.edx & EDX7_FSRM != 0, names.avoid_short_distance_rep_movsb);
    preferred
}
