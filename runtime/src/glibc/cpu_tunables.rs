//! GLIBC_TUNABLES of `glibc.cpu`, which a glibc's own loader acts upon: what `cpu` found is changed before the first IFUNC
//! resolver reads it (glibc `sysdeps/x86/cpu-tunables.c`, `dl-cacheinfo.h`; 2.31 with what came to its branch, to 2.43).

use super::caches::{LEAST_NON_TEMPORAL, MOST_NON_TEMPORAL};
use super::cpu::{EAX, EBX, ECX, EDX, FEATURES, Needs};
use super::layout::{Cpu, Layout};
use crate::area::{At, View, at};
use ld_rs_plan::tunables;

/// A leaf of CPUID, a register of it and a bit of that.
type Feature = ((u32, u32), usize, u32);

const ONE: (u32, u32) = (1, 0);
const SEVEN: (u32, u32) = (7, 0);
const STATES: (u32, u32) = (0xd, 1);
const EXTENDED: (u32, u32) = (0x8000_0001, 0);
const AVX512F: Feature = (SEVEN, EBX, 16);
const OSXSAVE: Feature = (ONE, ECX, 27);
const XSAVE: Feature = (ONE, ECX, 26);
const XSAVEC: Feature = (STATES, EAX, 1);

/// What may be switched off, by the names that glibc has for it.
fn named(name: &[u8]) -> Option<Feature> {
    Some(match name {
        b"AVX" => (ONE, ECX, 28),
        b"CX8" => (ONE, EDX, 8),
        b"FMA" => (ONE, ECX, 12),
        b"HTT" => (ONE, EDX, 28),
        b"IBT" => (SEVEN, EDX, 20),
        b"RTM" => (SEVEN, EBX, 11),
        b"AVX2" => (SEVEN, EBX, 5),
        b"BMI1" => (SEVEN, EBX, 3),
        b"BMI2" => (SEVEN, EBX, 8),
        b"CMOV" => (ONE, EDX, 15),
        b"ERMS" => (SEVEN, EBX, 9),
        b"FMA4" => (EXTENDED, ECX, 16),
        b"SSE2" => (ONE, EDX, 26),
        b"LZCNT" => (EXTENDED, ECX, 5),
        b"MOVBE" => (ONE, ECX, 22),
        b"SHSTK" => (SEVEN, ECX, 7),
        b"SSSE3" => (ONE, ECX, 9),
        b"XSAVE" => XSAVE,
        b"POPCNT" => (ONE, ECX, 23),
        b"SSE4_1" => (ONE, ECX, 19),
        b"SSE4_2" => (ONE, ECX, 20),
        b"XSAVEC" => XSAVEC,
        b"AVX512F" => AVX512F,
        b"OSXSAVE" => OSXSAVE,
        b"AVX512CD" => (SEVEN, EBX, 28),
        b"AVX512BW" => (SEVEN, EBX, 30),
        b"AVX512DQ" => (SEVEN, EBX, 17),
        b"AVX512ER" => (SEVEN, EBX, 27),
        b"AVX512PF" => (SEVEN, EBX, 26),
        b"AVX512VL" => (SEVEN, EBX, 31),
        _ => return None,
    })
}

/// 2.31's name for whether a feature can be used, which is what its resolvers choose by.
fn named_usable(name: &[u8]) -> Option<Feature> {
    let name = name.strip_suffix(b"_Usable")?;
    let known = matches!(name, b"AVX" | b"FMA" | b"AVX2" | b"FMA4" | b"XSAVEC" | b"AVX512F" | b"AVX512DQ");
    if known { named(name) } else { None }
}

/// What is not there without OSXSAVE, beside what `cpu` says to need AVX, AVX-512 or AMX: XSAVEOPT, XGETBV_ECX_1 and XFD too.
const SAVING: [Feature; 5] = [XSAVE, XSAVEC, (STATES, EAX, 0), (STATES, EAX, 2), (STATES, EAX, 4)];

/// The tunables `text`, a value of GLIBC_TUNABLES, for the CPU part of `_rtld_global_ro`, all leaves of which are filled.
/// `platform` is AT_PLATFORM.
pub fn apply(layout: &Layout, ro: View, text: &[u8], platform: u64) {
    thresholds(layout, ro, text);
    let lists = tunables::settings(text).filter(|(name, _)| *name == b"glibc.cpu.hwcaps");
    if let Some((_, list)) = lists.last() {
        hwcaps(&layout.cpu, ro, list);
        let usable = |names: &[&[u8]]| {
            names.iter().all(|name| named(name).is_some_and(|feature| is_usable(&layout.cpu, ro, feature)))
        };
        // HWCAP_X86_AVX512_1
        if !usable(&[b"AVX512CD", b"AVX512BW", b"AVX512DQ", b"AVX512VL"]) {
            ro.set(layout.global_ro.hwcap, ro.get(layout.global_ro.hwcap) & !(1 << 2));
        }
        let [kind, ..] = ro.get(layout.cpu.basic);
        if kind == layout.cpu.kind_intel.into() {
            ro.set(
                layout.global_ro.platform,
                match () {
                    () if usable(&[b"AVX512CD", b"AVX512ER", b"AVX512PF"]) => c"xeon_phi".as_ptr() as u64,
                    () if usable(&[b"AVX2", b"FMA", b"BMI1", b"BMI2", b"LZCNT", b"MOVBE", b"POPCNT"]) => {
                        c"haswell".as_ptr() as u64
                    }
                    () => platform,
                },
            );
        }
    }
}

/// Sizes and thresholds in bytes: data cache, shared cache, from where memcpy and memset go past the caches, from where
/// they use string instructions.
fn thresholds(layout: &Layout, ro: View, text: &[u8]) {
    let at = &layout.cpu;
    let given = |name: &[u8]| tunables::last(text, name, 0..=u64::MAX);
    let positive = |name: &[u8]| tunables::last(text, name, 1..=u64::MAX);
    let prefers = |bit: u8| ro.get(at.preferred) >> bit & 1 != 0;
    let names = &at.preferred_bits;
    let set = |place: Option<At<u64>>, value: Option<u64>| {
        if let (Some(place), Some(value)) = (place, value) {
            ro.set(place, value);
        }
    };
    set(Some(at.thresholds.item::<0>()), given(b"glibc.cpu.x86_data_cache_size").filter(|size| *size != 0));
    set(Some(at.thresholds.item::<1>()), given(b"glibc.cpu.x86_shared_cache_size").filter(|size| *size != 0));
    // 2.31 takes any.
    let fits = |size: &u64| at.levels.is_none() || (LEAST_NON_TEMPORAL + 1..=MOST_NON_TEMPORAL).contains(size);
    let non_temporal = given(b"glibc.cpu.x86_non_temporal_threshold").filter(fits);
    set(Some(at.thresholds.item::<2>()), non_temporal);
    let memset = given(b"glibc.cpu.x86_memset_non_temporal_threshold").filter(fits);
    set(at.memset_non_temporal_threshold, memset);
    let Some(rep) = at.rep_thresholds else { return };
    // Greater than eight vectors.
    let vectors = if is_set(at, ro, AVX512F) && !prefers(names.prefer_no_avx512) {
        64 * 8
    } else if prefers(names.avx_fast_unaligned_load) {
        32 * 8
    } else {
        16 * 8
    };
    set(Some(rep.item::<0>()), positive(b"glibc.cpu.x86_rep_movsb_threshold").filter(|size| *size > vectors));
    let [kind, ..] = ro.get(at.basic);
    if at.memset_non_temporal_threshold.is_some() || kind != at.kind_amd.into() {
        set(Some(rep.item::<1>()), non_temporal);
    }
    let avoided = names.avoid_stosb.is_some_and(prefers);
    let stosb = positive(b"glibc.cpu.x86_rep_stosb_threshold");
    set(Some(rep.item::<2>()), if avoided { memset } else { stosb });
}

/// `glibc.cpu.hwcaps`: a list of names, with a minus of what is to be off.
fn hwcaps(cpu: &Cpu, ro: View, list: &[u8]) {
    for name in list.split(|byte| *byte == b',') {
        let off = name.strip_prefix(b"-");
        let name = off.unwrap_or(name);
        if let Some((bit, needs)) = preferred(cpu, name) {
            let word = ro.get(cpu.preferred);
            let can = needs.is_none_or(|feature| named(feature).is_some_and(|feature| is_usable(cpu, ro, feature)));
            let only_off = matches!(name, b"I586" | b"I686");
            match off {
                Some(_) => ro.set(cpu.preferred, word & !(1 << bit)),
                None if can && !only_off => ro.set(cpu.preferred, word | 1 << bit),
                None => {}
            }
        } else if off.is_some() {
            // Not by 2.31.
            let unknown = cpu.usable.is_some() && matches!(name, b"XSAVE" | b"XSAVEC");
            named(name).filter(|_| !unknown).into_iter().for_each(|feature| clear(cpu, ro, feature));
            named_usable(name).into_iter().for_each(|feature| set_unusable(cpu, ro, feature));
        }
    }
    if cpu.features.is_some() {
        without_xsave(cpu, ro);
    }
}

/// A bit of what is preferred, and the feature without which it cannot be set.
fn preferred(cpu: &Cpu, name: &[u8]) -> Option<(u8, Option<&'static [u8]>)> {
    let bits = &cpu.preferred_bits;
    let (bit, needs): (Option<u8>, Option<&[u8]>) = match name {
        b"I586" => (Some(bits.i586), None),
        b"I686" => (Some(bits.i686), None),
        b"Slow_BSF" => (Some(bits.slow_bsf), None),
        b"Prefer_ERMS" => (Some(bits.prefer_erms), None),
        b"Prefer_FSRM" => (Some(bits.prefer_fsrm), None),
        b"Avoid_STOSB" => (bits.avoid_stosb, None),
        b"Prefer_EVEX512" => (bits.prefer_evex512, None),
        b"Slow_SSE4_2" => (Some(bits.slow_sse4_2), Some(b"SSE4_2")),
        b"Fast_Rep_String" => (Some(bits.fast_rep_string), None),
        b"Prefer_No_AVX512" => (Some(bits.prefer_no_avx512), Some(b"AVX512F")),
        b"Fast_Copy_Backward" => (Some(bits.fast_copy_backward), None),
        b"Prefer_AVX2_STRCMP" => (bits.prefer_avx2_strcmp, Some(b"AVX2")),
        b"Fast_Unaligned_Load" => (Some(bits.fast_unaligned_load), None),
        b"Fast_Unaligned_Copy" => (Some(bits.fast_unaligned_copy), None),
        b"Prefer_No_VZEROUPPER" => (Some(bits.prefer_no_vzeroupper), Some(b"AVX")),
        b"AVX_Fast_Unaligned_Load" => (Some(bits.avx_fast_unaligned_load), Some(b"AVX")),
        b"MathVec_Prefer_No_AVX512" => (Some(bits.mathvec_prefer_no_avx512), Some(b"AVX512F")),
        b"Avoid_Non_Temporal_Memset" => (bits.avoid_non_temporal_memset, None),
        b"Prefer_PMINUB_for_stringop" => (Some(bits.prefer_pminub_for_stringop), Some(b"SSE2")),
        _ => (None, None),
    };
    bit.map(|bit| (bit, needs))
}

/// The word in which a feature counts: what is active, or before 2.33 what the CPU says.
fn word(cpu: &Cpu, (leaf, register, _): Feature) -> Option<At<u32>> {
    let index = cpu.leaves.iter().position(|known| *known == leaf)?;
    let active = cpu.features.map(|features| features.nth(index).item::<1>().start());
    let start = active.or(cpu.cpuid.map(|cpuid| cpuid.nth(index).start()))?;
    Some(at::<u32>(start as u16).nth(register))
}

fn is_set(cpu: &Cpu, ro: View, feature: Feature) -> bool {
    word(cpu, feature).is_some_and(|word| ro.get(word) >> feature.2 & 1 != 0)
}

fn clear(cpu: &Cpu, ro: View, feature: Feature) {
    if let Some(word) = word(cpu, feature) {
        ro.set(word, ro.get(word) & !(1 << feature.2));
    }
}

/// The bit of 2.31's list of what is usable.
fn usable_bit(cpu: &Cpu, (leaf, register, bit): Feature) -> Option<(At<u32>, u8)> {
    let index = cpu.leaves.iter().position(|known| *known == leaf)?;
    let is_it = |place: (usize, usize, u32)| place == (index, register, bit);
    let mut known = cpu.usable_bits.iter();
    let found = known.find(|usable| is_it((usable.leaf.into(), usable.register.into(), usable.cpuid_bit.into())))?;
    Some((cpu.usable?, found.bit))
}

fn is_usable(cpu: &Cpu, ro: View, feature: Feature) -> bool {
    match usable_bit(cpu, feature) {
        Some((word, bit)) => ro.get(word) >> bit & 1 != 0,
        None => is_set(cpu, ro, feature),
    }
}

fn set_unusable(cpu: &Cpu, ro: View, feature: Feature) {
    if let Some((word, bit)) = usable_bit(cpu, feature) {
        ro.set(word, ro.get(word) & !(1 << bit));
    }
}

/// From 2.33 on: without OSXSAVE, or without both XSAVE and XSAVEC, nothing is there that needs them.
fn without_xsave(cpu: &Cpu, ro: View) {
    let is_off = !is_set(cpu, ro, OSXSAVE);
    if is_off {
        SAVING.iter().for_each(|feature| clear(cpu, ro, *feature));
    }
    if is_off || !is_set(cpu, ro, XSAVE) && !is_set(cpu, ro, XSAVEC) {
        let saved = FEATURES.iter().filter(|(.., needs, _)| matches!(needs, Needs::Avx | Needs::Avx512 | Needs::Amx));
        for (leaf, register, _, bits) in saved {
            (0..32).filter(|bit| bits >> bit & 1 != 0).for_each(|bit| clear(cpu, ro, (*leaf, *register, bit)));
        }
    }
}
