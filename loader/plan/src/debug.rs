//! LD_DEBUG: which categories are wanted, and what `help` says.
//!
//! Categories and their effects are glibc's (2.36), with `tls` added.

use alloc::vec::Vec;

/// Categories, a bit each.
pub type Mask = u32;
/// Search paths; constructors and destructors as they are called.
pub const LIBS: Mask = 1;
/// Relocation processing.
pub const RELOC: Mask = 1 << 1;
/// Objects as they are taken in.
pub const FILES: Mask = 1 << 2;
/// Symbol look-ups.
pub const SYMBOLS: Mask = 1 << 3;
/// Symbol bindings.
pub const BINDINGS: Mask = 1 << 4;
/// Version dependencies.
pub const VERSIONS: Mask = 1 << 5;
/// Scopes.
pub const SCOPES: Mask = 1 << 6;
/// TLS modules and their places.
pub const TLS: Mask = 1 << 7;
/// Counts and times.
pub const STATISTICS: Mask = 1 << 8;
/// Direct dependencies that nothing is used of.
pub const UNUSED: Mask = 1 << 9;
/// The list of categories.
pub const HELP: Mask = 1 << 10;

/// Calls of constructors and destructors, and the hand-over, are told under each of these.
pub const CALLS: Mask = LIBS | RELOC | FILES | SYMBOLS | BINDINGS | VERSIONS;

/// Name, bits, meaning. What a category implies is as with glibc: `reloc` also tells of calls.
pub const CATEGORIES: [(&str, Mask, &str); 12] = [
    ("libs", LIBS, "search paths, constructors and destructors"),
    ("reloc", RELOC, "relocation of each object"),
    ("files", FILES, "objects as they are taken in"),
    ("symbols", SYMBOLS, "every place a symbol is looked up in"),
    ("bindings", BINDINGS, "what each symbol is bound to"),
    ("versions", VERSIONS, "versions that objects need of each other"),
    ("scopes", SCOPES, "the order in which objects are searched"),
    ("tls", TLS, "thread-local modules and where they lie"),
    ("all", LIBS | RELOC | FILES | SYMBOLS | BINDINGS | VERSIONS | SCOPES | TLS, "all of these"),
    ("statistics", STATISTICS, "times and counts"),
    ("unused", UNUSED, "direct dependencies that nothing is used of"),
    ("help", HELP, "this list; nothing is run"),
];

/// The categories in a value of LD_DEBUG, and the words that are none.
#[must_use]
pub fn parse(value: &[u8]) -> (Mask, Vec<&[u8]>) {
    let mut mask = 0;
    let mut unknown = Vec::new();
    for word in value.split(|byte| matches!(byte, b' ' | b',' | b':')).filter(|word| !word.is_empty()) {
        match CATEGORIES.iter().find(|(name, ..)| name.as_bytes() == word) {
            Some((_, bits, _)) => mask |= bits,
            None => unknown.push(word),
        }
    }
    (mask, unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_by_any_separator() {
        assert_eq!(parse(b"libs,reloc:files  nonsense"), (LIBS | RELOC | FILES, alloc::vec![&b"nonsense"[..]]));
        assert_eq!(parse(b"").0, 0);
        assert!(parse(b"all").0 & STATISTICS == 0 && parse(b"all").0 & TLS != 0);
    }
}
