//! /etc/ld.so.cache, format 1.1 (glibc `sysdeps/generic/dl-cache.h`, 2.36): a sorted list of sonames.
//!
//! The file is trusted to be root's, not to be well formed: every offset is checked.

use crate::arch::CACHE_FLAGS;
use object::LittleEndian;
use object::endian::U32;
use object::pod::{from_bytes, slice_from_bytes};

/// Where the cache is.
pub const PATH: &core::ffi::CStr = c"/etc/ld.so.cache";
const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
/// An entry with this bit names its glibc-hwcaps subdirectory by number in the low 32 bits.
const HWCAP_EXTENSION: u64 = 1 << 62;
const EXTENSION_MAGIC: u32 = 0xeaa4_2174;
const LE: LittleEndian = LittleEndian;

#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    flags: [u8; 4],
    key: [u8; 4],
    value: [u8; 4],
    _osversion: [u8; 4],
    hwcap: [u8; 8],
}
const ENTRY_SIZE: usize = 24;
const HEADER_SIZE: usize = 48;

/// A cache whose header was accepted.
#[derive(Clone, Copy)]
pub struct Cache<'a> {
    bytes: &'a [u8],
    entries: &'a [u8],
    hwcaps: &'a [u8],
}

/// The bit by which an entry says that its file lies in subdirectory `name`, which glibc searches up to 2.36 (`sysdeps/x86`:
/// capabilities by their place in a list, platforms from bit 48 on; ldconfig: `tls`).
#[must_use]
pub fn old_bit(name: &[u8]) -> u64 {
    match name {
        b"x86_64" => 1 << 1,
        b"avx512_1" => 1 << 2,
        b"haswell" => 1 << 50,
        b"xeon_phi" => 1 << 51,
        b"tls" => 1 << 63,
        _ => 0,
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(from_bytes::<U32<LittleEndian>>(bytes.get(at..)?).ok()?.0.get(LE))
}

impl<'a> Cache<'a> {
    /// Takes the file's bytes; `None` when it is no cache of this format.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        // Old ldconfigs put a format of libc5's time before the new one, aligned to 8.
        let bytes = match bytes.strip_prefix(b"ld.so-1.7.0\0") {
            Some(_) => {
                let old = (word(bytes, 12)? as usize).checked_mul(12)?.checked_add(16)?;
                bytes.get(old.checked_next_multiple_of(8)?..)?
            }
            None => bytes,
        };
        if !bytes.starts_with(MAGIC) {
            return None;
        }
        let count = (word(bytes, 20)? as usize).checked_mul(ENTRY_SIZE)?;
        let entries = bytes.get(HEADER_SIZE..HEADER_SIZE.checked_add(count)?)?;
        let mut cache = Self { bytes, entries, hwcaps: &[] };
        cache.hwcaps = cache.find_hwcaps().unwrap_or_default();
        Some(cache)
    }

    /// The extension section that names the glibc-hwcaps subdirectories: an array of string offsets.
    fn find_hwcaps(&self) -> Option<&'a [u8]> {
        const HWCAPS_TAG: u32 = 1;
        let extension = self.bytes.get(word(self.bytes, 32)? as usize..)?;
        if word(extension, 0)? != EXTENSION_MAGIC {
            return None;
        }
        let (sections, _) =
            slice_from_bytes::<[U32<LittleEndian>; 4]>(extension.get(8..)?, word(extension, 4)? as usize).ok()?;
        let [_, _, offset, size] = sections.iter().find(|[tag, ..]| tag.get(LE) == HWCAPS_TAG)?;
        let start = offset.get(LE) as usize;
        self.bytes.get(start..start.checked_add(size.get(LE) as usize)?)
    }

    fn string(&self, offset: u32) -> Option<&'a [u8]> {
        let tail = self.bytes.get(offset as usize..)?;
        tail.get(..memchr::memchr(0, tail)?)
    }

    fn entry(&self, index: usize) -> Option<Entry> {
        let at = index.checked_mul(ENTRY_SIZE)?;
        let bytes = self.entries.get(at..at.checked_add(ENTRY_SIZE)?)?;
        let four = |at: usize| bytes.get(at..at.saturating_add(4)).and_then(|b| b.try_into().ok());
        Some(Entry {
            flags: four(0)?,
            key: four(4)?,
            value: four(8)?,
            _osversion: four(12)?,
            hwcap: bytes.get(16..24)?.try_into().ok()?,
        })
    }

    /// The best path for `soname`. `rank` tells how good a glibc-hwcaps subdirectory is for this CPU, from 1
    /// on, if it is good at all; `old`, which of the subdirectories of older glibcs count, as [`old_bit`] names them. Each is
    /// asked only when an entry depends on it.
    pub fn find(
        &self,
        soname: &[u8],
        mut rank: impl FnMut(&[u8]) -> Option<usize>,
        mut old: impl FnMut() -> u64,
    ) -> Option<&'a [u8]> {
        // Entries are sorted in descending order; those of one name stand together, best first.
        let count = self.entries.len().checked_div(ENTRY_SIZE).unwrap_or(0);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low.midpoint(high);
            let key = self.string(u32::from_le_bytes(self.entry(middle)?.key))?;
            match compare(soname, key) {
                core::cmp::Ordering::Less => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        // Best is the hwcaps subdirectory of the highest rank, then the first one of older glibcs, then none.
        let mut best: Option<(usize, &'a [u8])> = None;
        for index in low..count {
            let entry = self.entry(index)?;
            if self.string(u32::from_le_bytes(entry.key))? != soname {
                break;
            }
            let hwcap = u64::from_le_bytes(entry.hwcap);
            let rank = if hwcap == 0 {
                0
            } else if hwcap & HWCAP_EXTENSION != 0 {
                match self.subdirectory(hwcap as u32).and_then(&mut rank) {
                    Some(rank) => rank.saturating_add(1),
                    None => continue,
                }
            } else if best.is_none() && hwcap & !old() == 0 {
                1
            } else {
                continue;
            };
            if i32::from_le_bytes(entry.flags) == CACHE_FLAGS && best.is_none_or(|(found, _)| rank > found) {
                best = Some((rank, self.string(u32::from_le_bytes(entry.value))?));
            }
        }
        best.map(|(_, path)| path)
    }

    /// The name of hwcaps subdirectory number `index`.
    fn subdirectory(&self, index: u32) -> Option<&'a [u8]> {
        self.string(word(self.hwcaps, (index as usize).checked_mul(4)?)?)
    }
}

/// glibc's `_dl_cache_libcmp`: runs of digits compare as numbers.
fn compare(left: &[u8], right: &[u8]) -> core::cmp::Ordering {
    use core::cmp::Ordering;
    let number = |text: &mut &[u8]| {
        let mut value = 0i32;
        while let Some((digit, rest)) = text.split_first().filter(|(c, _)| c.is_ascii_digit()) {
            value = value.wrapping_mul(10).wrapping_add(i32::from(digit.wrapping_sub(b'0')));
            *text = rest;
        }
        value
    };
    // What is equal says nothing, but for the run of digits in which the difference may lie.
    let same = left.iter().zip(right).take_while(|(left, right)| left == right).count();
    let same = left.get(..same).unwrap_or_default();
    let start = same.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |last| last.saturating_add(1));
    let (mut left, mut right) = (left.get(start..).unwrap_or_default(), right.get(start..).unwrap_or_default());
    loop {
        let (a, b) = (left.first().copied(), right.first().copied());
        let Some(first) = a else { return if b.is_some() { Ordering::Less } else { Ordering::Equal } };
        match (first.is_ascii_digit(), b.is_some_and(|c| c.is_ascii_digit())) {
            (true, true) => match number(&mut left).wrapping_sub(number(&mut right)).cmp(&0) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
            (true, false) => return Ordering::Greater,
            (false, true) => return Ordering::Less,
            (false, false) if a != b => return a.cmp(&b),
            (false, false) => {
                left = left.get(1..).unwrap_or_default();
                right = right.get(1..).unwrap_or_default();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]
    use super::*;
    use core::cmp::Ordering;

    #[test]
    fn digits_compare_as_numbers() {
        assert_eq!(compare(b"libx.so.10", b"libx.so.9"), Ordering::Greater);
        assert_eq!(compare(b"libx.so", b"libx.so.9"), Ordering::Less);
        assert_eq!(compare(b"liba", b"liba"), Ordering::Equal);
        assert_eq!(compare(b"lib110.so", b"lib19.so"), Ordering::Greater);
        assert_eq!(compare(b"lib1a10", b"lib1a9"), Ordering::Greater);
        assert_eq!(compare(b"lib12", b"lib1"), Ordering::Greater);
        assert_eq!(compare(b"lib007x", b"lib7x"), Ordering::Equal);
    }

    #[test]
    fn the_systems_own_cache() {
        let Ok(bytes) = std::fs::read("/etc/ld.so.cache") else { return };
        let cache = Cache::parse(&bytes).expect("format 1.1");
        let path = cache.find(b"libc.so.6", |_| None, || 0).expect("every system has a libc");
        assert!(path.ends_with(b"libc.so.6"), "{path:?}");
        assert_eq!(cache.find(b"libdoesnotexist.so.1", |_| None, || 0), None);
    }

    #[test]
    fn no_prefix_of_a_cache_panics() {
        let Ok(bytes) = std::fs::read("/etc/ld.so.cache") else { return };
        for len in (0..bytes.len()).step_by(if cfg!(miri) { 997 } else { 97 }) {
            if let Some(cache) = bytes.get(..len).and_then(Cache::parse) {
                let _ = cache.find(b"libc.so.6", |_| Some(1), || u64::MAX);
            }
        }
    }
}
