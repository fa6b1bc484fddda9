//! Static TLS, variant II ("ELF Handling For Thread-Local Storage", section 3.4): where each
//! module's block lies below the thread pointer. Pure arithmetic; called before relocation.

use crate::align_up;
use crate::elf::header::Tls;
use alloc::vec;
use alloc::vec::Vec;

/// Spare static TLS, in bytes, for objects with initial-exec TLS that come by dlopen (glibc's default).
pub const SURPLUS: u64 = 1664;
/// The thread pointer's least alignment: glibc's `TCB_ALIGNMENT`.
pub const MIN_ALIGN: u64 = 64;
/// All static TLS of a thread is no larger than this: 4 GiB.
pub const MAX_STATIC: u64 = 1 << 32;

/// The blocks laid out so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaticTls {
    /// Bytes below the thread pointer that are taken.
    pub size: u64,
    /// The alignment the thread pointer must have.
    pub align: u64,
}

impl Default for StaticTls {
    fn default() -> Self {
        Self { size: 0, align: MIN_ALIGN }
    }
}

impl StaticTls {
    /// Takes room for `module` and returns its offset: its block starts at TP - offset, congruent to
    /// p_vaddr modulo p_align. The first module's offset is the one linkers bake into local-exec
    /// code. `None` when static TLS would pass [`MAX_STATIC`]; nothing is taken then.
    pub fn place(&mut self, module: &Tls) -> Option<u64> {
        let offset = self.fit(module).filter(|offset| *offset <= MAX_STATIC)?;
        self.size = offset;
        self.align = self.align.max(module.align);
        Some(offset)
    }

    /// The smallest offset for `module` above what is taken.
    #[must_use]
    pub fn fit(&self, module: &Tls) -> Option<u64> {
        // The distance from an aligned address up to the block's start, seen from the other side:
        // offset must be congruent to -p_vaddr.
        let skew = module.vaddr.wrapping_neg() & module.align.wrapping_sub(1);
        let end = self.size.checked_add(module.memsz)?;
        align_up(end.saturating_sub(skew), module.align)?.checked_add(skew)
    }

    /// Takes `bytes` more, so that the area still begins at a multiple of the alignment.
    pub fn reserve(&mut self, bytes: u64) -> Option<u64> {
        let size = align_up(self.size.checked_add(bytes)?, self.align)?;
        self.size = size;
        Some(size)
    }
}

/// Room below the thread pointer for modules that come and go: free intervals of offsets, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spare {
    free: Vec<(u64, u64)>,
}

impl Spare {
    /// Room from offset `low` (exclusive) to `high` (inclusive).
    #[must_use]
    pub fn new(low: u64, high: u64) -> Self {
        Self { free: if low < high { vec![(low, high)] } else { Vec::new() } }
    }

    /// Takes room for `module` and returns its offset, as [`StaticTls::place`] does.
    pub fn place(&mut self, module: &Tls) -> Option<u64> {
        let (index, low, high, offset) = self.free.iter().enumerate().find_map(|(index, (low, high))| {
            let offset = StaticTls { size: *low, align: 1 }.fit(module)?;
            (offset <= *high).then_some((index, *low, *high, offset))
        })?;
        let start = offset.checked_sub(module.memsz)?;
        self.free.splice(index..=index, [(low, start), (offset, high)].into_iter().filter(|(low, high)| low < high));
        Some(offset)
    }

    /// Gives back the room of a module of `size` bytes at `offset`.
    pub fn release(&mut self, offset: u64, size: u64) {
        let Some(start) = offset.checked_sub(size) else { return };
        let at = self.free.partition_point(|(low, _)| *low < start);
        self.free.insert(at, (start, offset));
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
        assert_eq!(tls.place(&module(0, 4, 4)), Some(4));
        assert_eq!(tls.place(&module(0, 8, 16)), Some(16));
        assert_eq!(tls.place(&module(0, 1, 1)), Some(17));
        assert_eq!(tls, StaticTls { size: 17, align: 64 });
    }

    #[test]
    fn blocks_keep_skew_alignment_and_do_not_overlap() {
        let mut seed = 1u64;
        for _ in 0..if cfg!(miri) { 50 } else { 2000 } {
            let mut tls = StaticTls::default();
            let mut below = 0;
            for _ in 0..8 {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let align = 1 << ((seed >> 33) % 13);
                let module = module(seed >> 40, 1 + (seed >> 50) % 5000, align);
                let offset = tls.place(&module).unwrap();
                // TP itself is a multiple of every alignment, so -offset stands for the address.
                assert_eq!(offset.wrapping_neg() % align, module.vaddr % align);
                assert!(offset >= below + module.memsz, "blocks overlap");
                assert!(offset < below + module.memsz + 2 * align, "room is wasted");
                below = offset;
            }
        }
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
        let offsets: std::vec::Vec<u64> = modules.iter().map(|m| spare.place(m).unwrap()).collect();
        for (offset, module) in offsets.iter().zip(&modules) {
            assert_eq!(offset.wrapping_neg() % module.align, module.vaddr % module.align);
            assert!(*offset <= 1124 && offset - module.memsz >= 100);
        }
        assert_eq!(spare.place(&module(0, 1000, 1)), None);
        for at in [2, 0, 3, 1] {
            spare.release(offsets[at], modules[at].memsz);
        }
        assert_eq!(spare, all);
        assert_eq!(spare.largest(), 1024);
    }
}
