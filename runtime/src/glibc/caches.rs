//! Caches as glibc's loader finds them (`sysdeps/x86/dl-cacheinfo.h`): what sysconf tells, and the thresholds of memcpy and
//! memset. Called by `cpu`, for 2.35 and later.

use super::cpu::{EBX, EBX7_AVX512F, EBX7_ERMS, EDX, EDX7_FSRM, Processor};
use super::layout::{Cpu, Layout};
use crate::area::View;
use ld_rs_loader::arch::cpuid;

/// Bytes from where memcpy and memset write past the caches. Below, memset could not align its largest loop; above, a product
/// in memcpy would wrap.
pub const LEAST_NON_TEMPORAL: u64 = 0x4040;
pub const MOST_NON_TEMPORAL: u64 = u64::MAX >> 4;

/// CPUID.1:EDX: more than one logical processor in the package.
const EDX1_HTT: u32 = 1 << 28;

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
pub struct Caches {
    /// That of instructions, of level 1; then those of data, by level.
    levels: [Cache; 5],
    /// The last level, and the part of one thread in it.
    shared: i64,
    per_thread: i64,
}

impl Caches {
    const UNKNOWN: Self = Self { levels: [Cache::UNKNOWN; 5], shared: -1, per_thread: -1 };

    /// Asks the CPU; `newer`: as from 2.38 on.
    pub fn new(newer: bool, cpu: &Processor) -> Self {
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
        let [_, _, level2, level3, _] = caches.levels;
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
            caches = Self::of_leaf(0x8000_001d);
            caches.levels[4] = Cache::NONE;
        }
        let [_, _, second, last, _] = caches.levels.map(|cache| cache.size);
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
        let [instructions, data] = [first.edx, first.ecx].map(level1);
        let level2 = outer(second.ecx, i64::from(second.ecx >> 6 & 0x3ff_fc00));
        let level4 = if newer { Cache::NONE } else { Cache::UNKNOWN };
        Self { levels: [instructions, data, level2, level3, level4], ..Self::UNKNOWN }
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
                (2, 1) => caches.levels[0] = cache,
                (_, 1..=4) => caches.levels[level as usize] = cache,
                _ => {}
            }
        }
        caches
    }

    /// Thresholds as `dl_init_cacheinfo` sets them (2.36 with what came to its branch, to 2.43).
    pub fn fill(&self, layout: &Layout, ro: View, cpu: &Processor, preferred: u32) {
        // Where less was found than can be.
        const LIKELY: u64 = 64 << 20;
        let (at, newer) = (&layout.cpu, layout.behaviour.newer_caches);
        let (names, later) = (&at.preferred_bits, at.memset_non_temporal_threshold.is_some()); // from 2.41 on
        let prefers = |name: u8| preferred >> name & 1 != 0;
        let most_of_own = (self.per_thread * 3 / 4) as u64;
        // What is unknown is the greatest number in one, and nothing in the other.
        let part =
            if newer { self.shared as u64 / non_temporal_divisor(at, cpu) as u64 } else { (self.shared / 4) as u64 };
        let found = if cpu.seven[EBX] & EBX7_ERMS == 0 { most_of_own } else { part.max(most_of_own) };
        let non_temporal = if newer && found < LEAST_NON_TEMPORAL {
            LIKELY
        } else {
            found.clamp(LEAST_NON_TEMPORAL, MOST_NON_TEMPORAL)
        };
        let avoided = names.avoid_non_temporal_memset.is_some_and(prefers);
        let memset_non_temporal = if avoided { u64::MAX } else { non_temporal };
        let [i, d, l2, l3, l4] = self.levels;
        ro.set(at.thresholds, [d.size as u64, self.shared as u64, non_temporal]);
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
        let stop = if cpu.amd && !later { l2.size as u64 } else { non_temporal };
        let rep_stosb = if names.avoid_stosb.is_some_and(prefers) {
            memset_non_temporal
        } else if later && cpu.amd {
            u64::MAX
        } else {
            2048
        };
        ro.set_if(at.rep_thresholds, [rep_movsb, stop, rep_stosb]);
        let levels =
            [i.size, i.line, d.size, d.ways, d.line, l2.size, l2.ways, l2.line, l3.size, l3.ways, l3.line, l4.size];
        ro.set_if(at.levels, levels.map(i64::cast_unsigned));
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
