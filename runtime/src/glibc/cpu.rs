//! `struct cpu_features`: what IFUNC resolvers of libc and libm choose by, and the thresholds of
//! memcpy and memset. Complete before the first IRELATIVE relocation.

use super::layout::Layout;
use crate::area::View;
use ld_rs_loader::arch::{Leaf, cpuid, micro_architecture_level, xgetbv0};

/// CPUID.1:ECX bits that depend on XCR0's SSE and AVX state: FMA, AVX, F16C.
const ECX1_AVX: u32 = 1 << 12 | 1 << 28 | 1 << 29;
const ECX1_OSXSAVE: u32 = 1 << 27;
/// CPUID.7:EBX: AVX2; AVX512 F, DQ, IFMA, PF, ER, CD, BW, VL; and RTM, which glibc never uses here.
const EBX7_AVX: u32 = 1 << 5;
const EBX7_AVX512: u32 = 1 << 16 | 1 << 17 | 1 << 21 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 30 | 1 << 31;
const EBX7_RTM: u32 = 1 << 11;
/// CPUID.7:ECX: VAES and VPCLMULQDQ need AVX; the VBMI family, VNNI, BITALG, VPOPCNTDQ need AVX512.
const ECX7_AVX: u32 = 1 << 9 | 1 << 10;
const ECX7_AVX512: u32 = 1 << 1 | 1 << 6 | 1 << 11 | 1 << 12 | 1 << 14;
/// CPUID.7:EDX: AVX512 4VNNIW, 4FMAPS, VP2INTERSECT, FP16.
const EDX7_AVX512: u32 = 1 << 2 | 1 << 3 | 1 << 8 | 1 << 23;
/// CPUID.0x80000001:ECX: XOP and FMA4 need AVX.
const ECX81_AVX: u32 = 1 << 11 | 1 << 16;
/// CPUID.7.1:EAX: AVX-VNNI needs AVX, AVX512-BF16 needs AVX512.
const EAX71_AVX: u32 = 1 << 4;
const EAX71_AVX512: u32 = 1 << 5;

/// XCR0: SSE and AVX state; opmask and both halves of the zmm state.
const XCR0_AVX: u64 = 0x6;
const XCR0_AVX512: u64 = 0xe6;

/// What a leaf offers to programs: CPUID without what the kernel does not save.
fn active(leaf: (u32, u32), raw: Leaf, xcr0: u64) -> Leaf {
    let mut active = raw;
    let avx = xcr0 & XCR0_AVX == XCR0_AVX;
    let avx512 = xcr0 & XCR0_AVX512 == XCR0_AVX512;
    let drop = |word: &mut u32, needs_avx: u32, needs_avx512: u32| {
        *word &= !if avx { 0 } else { needs_avx } & !if avx512 { 0 } else { needs_avx512 };
    };
    match leaf {
        (1, _) => drop(&mut active.ecx, ECX1_AVX, 0),
        (7, 0) => {
            drop(&mut active.ebx, EBX7_AVX, EBX7_AVX512);
            drop(&mut active.ecx, ECX7_AVX, ECX7_AVX512);
            drop(&mut active.edx, 0, EDX7_AVX512);
            active.ebx &= !EBX7_RTM;
        }
        (7, 1) => drop(&mut active.eax, EAX71_AVX, EAX71_AVX512),
        (0x8000_0001, _) => drop(&mut active.ecx, ECX81_AVX, 0),
        _ => {}
    }
    active
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
    let highest_extended = cpuid(0x8000_0000, 0).eax;
    // SAFETY: OSXSAVE says that xgetbv exists.
    let xcr0 = if one.ecx & ECX1_OSXSAVE != 0 { unsafe { xgetbv0() } } else { 0 };
    let leaf = |(number, sub): (u32, u32)| {
        let highest = if number >= 0x8000_0000 { highest_extended } else { zero.eax };
        // Sub-leaf 1 of 7 exists only where sub-leaf 0 says so.
        let exists = number <= highest && !(number == 7 && sub > cpuid(7, 0).eax);
        if exists { cpuid(number, sub) } else { Leaf::default() }
    };

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

    for (index, number) in at.leaves.iter().enumerate() {
        let raw = leaf(*number);
        let usable = active(*number, raw, xcr0);
        if let Some(features) = at.features {
            ro.set(features + 32 * index, raw);
            ro.set(features + 32 * index + 16, usable);
        }
        if let Some(cpuids) = at.cpuid {
            ro.set(cpuids + 16 * index, raw);
        }
        if let Some(place) = at.usable {
            let mut bits = ro.word(place) as u32;
            for bit in at.usable_bits.iter().filter(|bit| usize::from(bit.leaf) == index) {
                let words = [usable.eax, usable.ebx, usable.ecx, usable.edx];
                let word = words.get(usize::from(bit.register)).copied().unwrap_or(0);
                bits |= (word >> bit.cpuid_bit & 1) << bit.bit;
            }
            ro.set(place, bits);
        }
    }

    let bits = &at.preferred_bits;
    let avx2 = active((7, 0), leaf((7, 0)), xcr0).ebx & EBX7_AVX != 0;
    let mut preferred = 1u32 << bits.fast_unaligned_load | 1 << bits.fast_unaligned_copy;
    if avx2 {
        preferred |= 1 << bits.avx_fast_unaligned_load;
    }
    ro.set(at.preferred, preferred);
    // GNU_PROPERTY_X86_ISA_1_BASELINE and up, one bit a level.
    ro.set_if(at.isa_1, (1u32 << micro_architecture_level()) - 1);

    // memcpy must never see a zero threshold. Values that suit every CPU of this century.
    ro.set(at.data_cache_size, 32u64 << 10);
    ro.set(at.shared_cache_size, 1u64 << 20);
    ro.set(at.non_temporal_threshold, 0xc_0000u64);
    ro.set_if(at.memset_non_temporal_threshold, 0xc_0000u64);
    ro.set_if(at.rep_movsb_threshold, 2048u64);
    ro.set_if(at.rep_movsb_stop_threshold, 0xc_0000u64);
    ro.set_if(at.rep_stosb_threshold, 2048u64);
}
