//! CPUID, which a virtual machine traps at some 5 us each: every leaf is asked at most once.

use core::arch::x86_64::__cpuid_count;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};

/// eax, ebx, ecx, edx of a leaf.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Leaf {
    /// eax
    pub eax: u32,
    /// ebx
    pub ebx: u32,
    /// ecx
    pub ecx: u32,
    /// edx
    pub edx: u32,
}

/// "GenuineIntel" in ebx, edx, ecx of leaf 0.
pub const INTEL: (u32, u32, u32) = (0x756e_6547, 0x4965_6e69, 0x6c65_746e);

/// Executes CPUID.
#[must_use]
fn execute(leaf: u32, subleaf: u32) -> Leaf {
    let r = __cpuid_count(leaf, subleaf);
    Leaf { eax: r.eax, ebx: r.ebx, ecx: r.ecx, edx: r.edx }
}

/// Answers already had. Start-up is single-threaded; two threads that race store the same values.
static KNOWN: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];
/// Places in [`KNOWN`]: a libc asks for some twenty leaves.
const SLOTS: usize = 32;

struct Slot {
    state: AtomicU8,
    key: [AtomicU32; 2],
    value: [AtomicU32; 4],
}

impl Slot {
    const fn new() -> Self {
        Self { state: AtomicU8::new(0), key: [const { AtomicU32::new(0) }; 2], value: [const { AtomicU32::new(0) }; 4] }
    }
}

/// CPUID leaf `leaf`, sub-leaf `subleaf`. The caller knows that the leaf exists.
#[must_use]
pub fn cpuid(leaf: u32, subleaf: u32) -> Leaf {
    const FREE: u8 = 0;
    const BUSY: u8 = 1;
    const FULL: u8 = 2;
    // The extended leaves, from 0x8000_0000 on, stand behind the basic ones.
    let first = (leaf + (leaf >> 31) * 16 + 4 * subleaf) as usize;
    for slot in (0..SLOTS).map(|next| &KNOWN[(first + next) % SLOTS]) {
        match slot.state.load(Ordering::Acquire) {
            FULL if slot.key[0].load(Ordering::Relaxed) == leaf && slot.key[1].load(Ordering::Relaxed) == subleaf => {
                let [eax, ebx, ecx, edx] = [0, 1, 2, 3].map(|i: usize| slot.value[i].load(Ordering::Relaxed));
                return Leaf { eax, ebx, ecx, edx };
            }
            FREE if slot.state.compare_exchange(FREE, BUSY, Ordering::Acquire, Ordering::Relaxed).is_ok() => {
                let answer = execute(leaf, subleaf);
                slot.key[0].store(leaf, Ordering::Relaxed);
                slot.key[1].store(subleaf, Ordering::Relaxed);
                let words = [answer.eax, answer.ebx, answer.ecx, answer.edx];
                for (place, word) in slot.value.iter().zip(words) {
                    place.store(word, Ordering::Relaxed);
                }
                slot.state.store(FULL, Ordering::Release);
                return answer;
            }
            _ => {}
        }
    }
    execute(leaf, subleaf)
}

/// XCR0: which register states the kernel saves. Only where CPUID.1:ECX.OSXSAVE is set.
///
/// # Safety
/// CPUID.1:ECX bit 27 is set.
#[must_use]
pub unsafe fn xgetbv0() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: the caller saw OSXSAVE.
    unsafe { core::arch::asm!("xgetbv", in("ecx") 0, out("eax") low, out("edx") high, options(nomem, nostack)) };
    u64::from(high) << 32 | u64::from(low)
}

/// The x86-64 micro-architecture level of this CPU, 1 to 4 (psABI 3.1.1), as glibc-hwcaps means it.
#[must_use]
pub fn micro_architecture_level() -> usize {
    /// 0 as long as nobody asked.
    static LEVEL: AtomicU8 = AtomicU8::new(0);
    if LEVEL.load(Ordering::Relaxed) == 0 {
        LEVEL.store(level(), Ordering::Relaxed);
    }
    LEVEL.load(Ordering::Relaxed).into()
}

fn level() -> u8 {
    let all = |word: u32, bits: &[u32]| bits.iter().all(|bit| word >> bit & 1 != 0);
    let one = cpuid(1, 0);
    let extended = cpuid(0x8000_0001, 0);
    // CMPXCHG16B, LAHF-SAHF, POPCNT, SSE3, SSE4.1, SSE4.2, SSSE3
    if !all(one.ecx, &[13, 23, 0, 19, 20, 9]) || !all(extended.ecx, &[0]) {
        return 1;
    }
    let seven = if cpuid(0, 0).eax >= 7 { cpuid(7, 0) } else { Leaf::default() };
    // AVX, F16C, FMA, MOVBE, OSXSAVE; AVX2, BMI1, BMI2; LZCNT; and the kernel saves ymm
    if !all(one.ecx, &[28, 29, 12, 22, 27]) || !all(seven.ebx, &[5, 3, 8]) || !all(extended.ecx, &[5]) {
        return 2;
    }
    // SAFETY: OSXSAVE was just seen.
    let xcr0 = unsafe { xgetbv0() };
    if xcr0 & 0x6 != 0x6 {
        return 2;
    }
    // AVX512F, BW, CD, DQ, VL; and the kernel saves opmask and zmm
    if !all(seven.ebx, &[16, 30, 28, 17, 31]) || xcr0 & 0xe0 != 0xe0 { 3 } else { 4 }
}

/// What every glibc up to 2.43 puts in place of AT_PLATFORM on an Intel CPU: it asks for AVX2, FMA, BMI1, BMI2, LZCNT,
/// MOVBE and POPCNT, which no Intel CPU has without the rest of level 3.
#[must_use]
pub fn intel_platform() -> Option<&'static CStr> {
    let zero = cpuid(0, 0);
    if (zero.ebx, zero.edx, zero.ecx) != INTEL || micro_architecture_level() < 3 {
        return None;
    }
    // AVX512PF, ER and CD; and the kernel saves opmask and zmm
    // SAFETY: level 3 has OSXSAVE.
    let phi = cpuid(7, 0).ebx >> 26 & 7 == 7 && unsafe { xgetbv0() } & 0xe0 == 0xe0;
    Some(if phi { c"xeon_phi" } else { c"haswell" })
}

/// The time stamp counter.
#[must_use]
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 has RDTSC; Linux lets programs use it.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Whether valgrind interprets us, by its client request RUNNING_ON_VALGRIND (valgrind.h): rotations
/// that add up to nothing, and an exchange of a register with itself, are no-ops to a processor.
#[must_use]
pub fn is_interpreted() -> bool {
    static RUNNING_ON_VALGRIND: [u64; 6] = [0x1001, 0, 0, 0, 0, 0];
    let answer: u64;
    // SAFETY: on a processor nothing changes but flags; valgrind reads the request and sets rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
            inlateout("rdx") 0u64 => answer, in("rax") &raw const RUNNING_ON_VALGRIND, options(nostack));
    }
    answer != 0
}
