//! Static TLS ("ELF Handling For Thread-Local Storage", section 3): where each module's block lies beside the thread
//! pointer. Pure arithmetic; called before relocation.
//!
//! What is taken is counted in bytes away from the thread pointer, on the machine's side of it; what others get is the
//! signed distance from the thread pointer to where a block begins.

use crate::align_up;
use crate::arch::{TLS_VARIANT, TlsVariant};
use crate::elf::header::Tls;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

/// Spare static TLS, in bytes, for objects with initial-exec TLS that come by dlopen (glibc's default).
pub const SURPLUS: u64 = 1664;
/// The thread pointer's least alignment: glibc's `TCB_ALIGNMENT`.
pub const MIN_ALIGN: u64 = 64;
/// All static TLS of a thread is no larger than this: 4 GiB.
pub const MAX_STATIC: u64 = 1 << 32;

impl TlsVariant {
    /// Bytes that are taken before there is any block.
    const fn kept(self) -> u64 {
        match self {
            Self::Above(kept) => kept,
            Self::Below => 0,
        }
    }

    /// The nearest block for `module` behind the `taken` bytes: how many are taken then, and its distance. It begins
    /// congruent to p_vaddr modulo p_align, where the thread pointer is a multiple of p_align.
    fn fit(self, taken: u64, module: &Tls) -> Option<(u64, i64)> {
        // A block below the thread pointer begins where it is farthest from it, seen from the other side.
        let (skew, least) = match self {
            Self::Above(_) => (module.vaddr, taken),
            Self::Below => (module.vaddr.wrapping_neg(), taken.checked_add(module.memsz)?),
        };
        let skew = skew & module.align.wrapping_sub(1);
        let start = align_up(least.saturating_sub(skew), module.align)?.checked_add(skew)?;
        let distance = i64::try_from(start).ok()?;
        match self {
            Self::Above(_) => Some((start.checked_add(module.memsz)?, distance)),
            Self::Below => Some((start, distance.checked_neg()?)),
        }
    }

    /// The bytes that were taken when a block of `size` bytes was the last, at `distance`.
    const fn taken(self, distance: i64, size: u64) -> Option<u64> {
        match self {
            Self::Above(_) => distance.unsigned_abs().checked_add(size),
            Self::Below => Some(distance.unsigned_abs()),
        }
    }
}

/// What DTPMOD64 stores, and `__tls_get_addr` takes, where a libc keeps blocks and DTVs itself: negative, so that it is no
/// module id. A pair for local-dynamic code has no other word, so this one must lead to the block alone.
pub mod key {
    /// What a key says.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Key {
        /// The module with this id, by the DTV that ld-rs keeps.
        Module(u64),
        /// The block at this distance below the thread pointer.
        Distance(i64),
        /// The block whose address is the word with this number in the libc's DTV.
        Number(u64),
    }

    /// What `key` says.
    #[must_use]
    pub const fn read(key: u64) -> Key {
        match key >> 62 {
            0 | 1 => Key::Module(key),
            2 => Key::Number(key & !(1 << 63)),
            _ => Key::Distance(key.cast_signed()),
        }
    }

    /// Of a block at this distance below the thread pointer: the distance.
    #[must_use]
    pub const fn fixed(distance: i64) -> u64 {
        distance.cast_unsigned()
    }

    /// Of the block whose address is word `number` of the libc's DTV: bit 63, which is gone when the number is multiplied by
    /// 8. Bit 62 tells it from a distance, which is at most [`super::MAX_STATIC`].
    #[must_use]
    pub const fn numbered(number: u64) -> u64 {
        1 << 63 | number
    }
}

/// The blocks laid out so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticTls {
    /// Bytes beside the thread pointer that are taken.
    pub size: u64,
    /// The alignment the thread pointer must have.
    pub align: u64,
}

impl Default for StaticTls {
    fn default() -> Self {
        Self { size: TLS_VARIANT.kept(), align: MIN_ALIGN }
    }
}

impl StaticTls {
    /// Takes room for `module` and returns its distance. The first module's is the one linkers bake into local-exec
    /// code. `None` when static TLS would pass [`MAX_STATIC`]; nothing is taken then.
    pub fn place(&mut self, module: &Tls) -> Option<i64> {
        let (size, distance) = TLS_VARIANT.fit(self.size, module).filter(|(size, _)| *size <= MAX_STATIC)?;
        self.size = size;
        self.align = self.align.max(module.align);
        Some(distance)
    }

    /// The smallest distance for `module` behind what is taken.
    #[must_use]
    pub fn fit(&self, module: &Tls) -> Option<i64> {
        Some(TLS_VARIANT.fit(self.size, module)?.1)
    }

    /// Takes `bytes` more, so that the area still begins at a multiple of the alignment.
    pub fn reserve(&mut self, bytes: u64) -> Option<u64> {
        let size = align_up(self.size.checked_add(bytes)?, self.align)?;
        self.size = size;
        Some(size)
    }
}

/// Room beside the thread pointer for modules that come and go: free intervals of bytes away from it, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spare {
    free: Vec<(u64, u64)>,
}

impl Spare {
    /// Room behind the first `low` bytes, up to `high`.
    #[must_use]
    pub fn new(low: u64, high: u64) -> Self {
        Self { free: if low < high { vec![(low, high)] } else { Vec::new() } }
    }

    /// Takes room for `module` and returns its distance, as [`StaticTls::place`] does.
    pub fn place(&mut self, module: &Tls) -> Option<i64> {
        let (index, low, high, (end, distance)) = self.free.iter().enumerate().find_map(|(index, (low, high))| {
            let found = TLS_VARIANT.fit(*low, module)?;
            (found.0 <= *high).then_some((index, *low, *high, found))
        })?;
        let start = end.checked_sub(module.memsz)?;
        self.free.splice(index..=index, [(low, start), (end, high)].into_iter().filter(|(low, high)| low < high));
        // For the piece that `release` puts back, on what may be the last of a stack.
        self.free.reserve(2);
        Some(distance)
    }

    /// Gives back the room of a module of `size` bytes at `distance`.
    pub fn release(&mut self, distance: i64, size: u64) {
        let Some(end) = TLS_VARIANT.taken(distance, size) else { return };
        let Some(start) = end.checked_sub(size) else { return };
        let at = self.free.partition_point(|(low, _)| *low < start);
        self.free.insert(at, (start, end));
        self.free.dedup_by(|next, before| {
            let touches = before.1 == next.0;
            if touches {
                before.1 = next.1;
            }
            touches
        });
    }

    /// The largest piece that is free, in bytes.
    #[must_use]
    pub fn largest(&self) -> u64 {
        self.free.iter().map(|(low, high)| high.saturating_sub(*low)).max().unwrap_or(0)
    }
}

/// Bytes of a thread's block that is mapped apart, and how many of them lie below the thread pointer: at least `below`, and
/// `tcb` from there on, in whole pages of `page` bytes.
#[must_use]
pub fn mapped(below: u64, tcb: u64, page: u64) -> Option<(u64, u64)> {
    let below = align_up(below, page)?;
    Some((align_up(below.checked_add(tcb)?, page)?, below))
}

/// A distance as people read it behind "thread pointer": `- 0x40`.
pub struct Signed(pub i64);

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:#x}", if self.0 < 0 { '-' } else { '+' }, self.0.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    use super::*;

    fn module(vaddr: u64, memsz: u64, align: u64) -> Tls {
        Tls { vaddr, offset: 0, filesz: 0, memsz, align, mapped: true }
    }

    #[test]
    fn the_formula_of_the_specification() {
        let mut tls = StaticTls::default();
        assert_eq!(tls.place(&module(0, 4, 4)), Some(-4));
        assert_eq!(tls.place(&module(0, 8, 16)), Some(-16));
        assert_eq!(tls.place(&module(0, 1, 1)), Some(-17));
        assert_eq!(tls, StaticTls { size: 17, align: 64 });
        // Variant I, behind the two words of aarch64: local-exec code has the first block at align_up(16, p_align).
        const ABOVE: TlsVariant = TlsVariant::Above(16);
        assert_eq!(ABOVE.fit(16, &module(0, 4, 4)), Some((20, 16)));
        assert_eq!(ABOVE.fit(20, &module(0, 8, 16)), Some((40, 32)));
        assert_eq!(ABOVE.fit(16, &module(0, 4, 64)), Some((68, 64)));
        assert_eq!(ABOVE.fit(40, &module(3, 1, 16)), Some((52, 51)));
        assert_eq!(ABOVE.fit(u64::MAX / 2, &module(0, 1, 16)), None);
        assert_eq!(std::format!("{} {}", Signed(-64), Signed(16)), "- 0x40 + 0x10");
    }

    #[test]
    fn blocks_keep_skew_alignment_and_do_not_overlap() {
        let mut seed = 1u64;
        for round in 0..if cfg!(miri) { 50 } else { 2000 } {
            let variant = if round % 2 == 0 { TlsVariant::Below } else { TlsVariant::Above(16) };
            let mut taken = variant.kept();
            for _ in 0..8 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let align = 1 << ((seed >> 33) % 13);
                let module = module(seed >> 40, 1 + (seed >> 50) % 5000, align);
                let (now, distance) = variant.fit(taken, &module).unwrap();
                // TP itself is a multiple of every alignment, so the distance stands for the address.
                assert_eq!(distance.cast_unsigned() % align, module.vaddr % align);
                let (first, last) = (distance, distance + module.memsz as i64);
                let (near, far) = if first < 0 { (-last, -first) } else { (first, last) };
                assert!(near >= taken as i64, "blocks overlap");
                assert_eq!((far, variant.taken(distance, module.memsz)), (now as i64, Some(now)));
                assert!(now < taken + module.memsz + 2 * align, "room is wasted");
                taken = now;
            }
        }
    }

    #[test]
    fn a_mapped_block_is_of_whole_pages() {
        assert_eq!(mapped(0x1240, 0x900, 0x1000), Some((0x3000, 0x2000)));
        assert_eq!(mapped(0x1240, 0x900, 0x4000), Some((0x8000, 0x4000)));
        assert_eq!(mapped(0x1240, 0x900, 0x10000), Some((0x20000, 0x10000)));
        assert_eq!(mapped(0x4000, 0x4000, 0x4000), Some((0x8000, 0x4000)));
        assert_eq!((mapped(u64::MAX - 5, 1, 0x4000), mapped(0x4000, u64::MAX - 0x4000, 0x4000)), (None, None));
    }

    #[test]
    fn a_key_says_what_it_is() {
        use super::key::{Key, fixed, numbered, read};
        assert_eq!((read(7), read(fixed(-8)), read(numbered(2))), (Key::Module(7), Key::Distance(-8), Key::Number(2)));
        assert_eq!(read(fixed(-(MAX_STATIC as i64))), Key::Distance(-(1 << 32)));
        assert_eq!(numbered(2).wrapping_mul(8), 16);
    }

    #[test]
    fn overflow_takes_nothing() {
        let mut tls = StaticTls::default();
        assert_eq!(tls.place(&module(0, u64::MAX - 2, 4096)), None);
        assert_eq!(tls.place(&module(0, MAX_STATIC + 1, 1)), None);
        assert_eq!(tls, StaticTls::default());
    }

    #[test]
    fn spare_room_is_taken_and_given_back() {
        let all = Spare::new(100, 1124);
        let mut spare = all.clone();
        let modules = [module(0, 64, 64), module(8, 100, 16), module(0, 8, 8), module(3, 500, 1)];
        let distances: std::vec::Vec<i64> = modules.iter().map(|m| spare.place(m).unwrap()).collect();
        for (distance, module) in distances.iter().zip(&modules) {
            assert_eq!(distance.cast_unsigned() % module.align, module.vaddr % module.align);
            assert!(*distance >= -1124 && distance + module.memsz as i64 <= -100);
        }
        assert_eq!(spare.place(&module(0, 1000, 1)), None);
        for at in [2, 0, 3, 1] {
            spare.release(distances[at], modules[at].memsz);
        }
        assert_eq!(spare, all);
        assert_eq!(spare.largest(), 1024);
    }
}
