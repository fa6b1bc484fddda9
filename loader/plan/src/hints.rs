//! Small facts that make an error clear: what a file is by its first bytes, whose machine it is for,
//! which names mean the same library.

/// What a file is that is no ELF file; `None` where nothing can be said.
#[must_use]
pub fn kind(start: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 9] = [
        (b"#!", "a script"),
        (b"!<arch>\n", "an archive for the linker"),
        (b"!<thin>\n", "an archive for the linker"),
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"\xfd7zXZ", "compressed (xz)"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"PK\x03\x04", "a zip archive"),
        (b"<!DOCTYPE", "a web page"),
        (b"version https://git-lfs", "a pointer of git-lfs, not the file itself"),
    ];
    if start.starts_with(b"\x7fELF") || start.is_empty() {
        return None;
    }
    if let Some((_, kind)) = MAGICS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return Some(kind);
    }
    let holds = |word: &[u8]| start.windows(word.len()).any(|part| part == word);
    if holds(b"GROUP (") || holds(b"GROUP(") || holds(b"INPUT(") || holds(b"GNU ld script") {
        return Some("a linker script: for the linker, not for the loader");
    }
    let is_text = start.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..));
    is_text.then_some("text")
}

/// A machine by its number in `e_machine`.
#[must_use]
pub fn machine(number: u16) -> &'static str {
    match number {
        3 => "i386",
        8 => "MIPS",
        20 | 21 => "PowerPC",
        22 => "S/390",
        40 => "32-bit ARM",
        183 => "AArch64 (64-bit ARM)",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => "another machine",
    }
}

/// Whether two file names are versions of one library: `libx.so.2` and `libx.so.1`, `libx-1.so`.
#[must_use]
pub fn same_library(wanted: &[u8], other: &[u8]) -> bool {
    let stem = |name: &[u8]| name.windows(3).position(|part| part == b".so");
    stem(wanted)
        .is_some_and(|length| length > 3 && stem(other) == Some(length) && other.get(..length) == wanted.get(..length))
}

/// The newest of `versions` that has the prefix of `wanted` (`GLIBC_` of `GLIBC_2.38`), its numbers
/// compared as numbers.
pub fn newest<'a>(versions: impl Iterator<Item = &'a [u8]>, wanted: &[u8]) -> Option<&'a [u8]> {
    let prefix = wanted.iter().position(u8::is_ascii_digit).and_then(|at| wanted.get(..at))?;
    let numbers = |name: &[u8]| {
        let mut numbers = [0u32; 4];
        let parts = name.get(prefix.len()..)?.split(|byte| *byte == b'.');
        for (place, part) in numbers.iter_mut().zip(parts) {
            *place = core::str::from_utf8(part).ok()?.parse().ok()?;
        }
        Some(numbers)
    };
    let numbered = versions.filter(|version| version.starts_with(prefix)).filter_map(|v| Some((numbers(v)?, v)));
    numbered.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_by_their_first_bytes() {
        assert_eq!(kind(b"#!/bin/sh\n"), Some("a script"));
        assert_eq!(kind(b"/* GNU ld script"), Some("a linker script: for the linker, not for the loader"));
        assert_eq!(kind(b"hello\n"), Some("text"));
        assert_eq!(kind(b"\x7fELF"), None);
        assert_eq!(kind(&[0, 1, 2]), None);
    }

    #[test]
    fn libraries_by_their_stem() {
        assert!(same_library(b"libssl.so.1.1", b"libssl.so.3"));
        assert!(!same_library(b"libssl.so.1.1", b"libssl3.so") && !same_library(b"lib.so", b"lib.so.1"));
    }

    #[test]
    fn newest_version() {
        let versions: [&[u8]; 4] = [b"libc.so.6", b"GLIBC_2.9", b"GLIBC_2.36", b"GLIBC_PRIVATE"];
        assert_eq!(newest(versions.into_iter(), b"GLIBC_2.38"), Some(&b"GLIBC_2.36"[..]));
        assert_eq!(newest(versions.into_iter(), b"OTHER"), None);
        assert_eq!(newest(versions.into_iter(), b"X_1"), None);
    }
}
