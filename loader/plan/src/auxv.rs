//! The auxiliary vector: names of its entries, for LD_SHOW_AUXV and `--list-diagnostics`, and the size of a page.

use crate::{MAX_PAGE, MIN_PAGE};

/// Bytes in a page, if AT_PAGESZ is `told`: by what is no page of a Linux, nothing is mapped.
#[must_use]
pub const fn page_size(told: u64) -> u64 {
    if told.is_power_of_two() && told >= MIN_PAGE && told <= MAX_PAGE { told } else { MIN_PAGE }
}

/// How an entry's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Decimal.
    Decimal,
    /// Hexadecimal with 0x.
    Hex,
    /// Hexadecimal as it stands.
    Bare,
    /// The string at that address.
    String,
}
use Style::{Bare, Decimal, Hex, String};

/// Name and style of entry `key` (<elf.h>); `None` for one that glibc 2.36 does not know.
#[must_use]
pub fn entry(key: u64) -> Option<(&'static str, Style)> {
    Some(match key {
        2 => ("EXECFD", Decimal),
        3 => ("PHDR", Hex),
        4 => ("PHENT", Decimal),
        5 => ("PHNUM", Decimal),
        6 => ("PAGESZ", Decimal),
        7 => ("BASE", Hex),
        8 => ("FLAGS", Hex),
        9 => ("ENTRY", Hex),
        10 => ("NOTELF", Hex),
        11 => ("UID", Decimal),
        12 => ("EUID", Decimal),
        13 => ("GID", Decimal),
        14 => ("EGID", Decimal),
        15 => ("PLATFORM", String),
        16 => ("HWCAP", Bare),
        17 => ("CLKTCK", Decimal),
        18 => ("FPUCW", Hex),
        23 => ("SECURE", Decimal),
        24 => ("BASE_PLATFORM", String),
        25 => ("RANDOM", Hex),
        26 => ("HWCAP2", Hex),
        31 => ("EXECFN", String),
        32 => ("SYSINFO", Hex),
        33 => ("SYSINFO_EHDR", Hex),
        51 => ("MINSIGSTKSZ", Decimal),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_one_of_linux() {
        for page in [4096, 16384, 65536] {
            assert_eq!(page_size(page), page);
        }
        for told in [0, 1, 2048, 4095, 12288, 131_072, 1 << 63, u64::MAX] {
            assert_eq!(page_size(told), 4096, "{told}");
        }
    }
}
