//! What relocation types ask for and what comes of it, whatever the machine. Numbers, names and values are the machine's
//! ([`crate::arch`], which answers in these words).
//!
//! The loop over relocations is loader's; what it stores is decided here.

/// What one relocation's symbol stands for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target {
    /// S: the symbol's address, 0 for an undefined weak one.
    pub address: u64,
    /// st_value as it stands in the file: for TLS symbols the offset in the block.
    pub offset: u64,
    /// st_size.
    pub size: u64,
    /// Module id of the symbol's object, 0 if it has no TLS.
    pub module: u64,
    /// From the thread pointer to where its block begins, in bytes; 0 where the block has no fixed place.
    pub tls_distance: i64,
}

/// What is stored at the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// A 64-bit word.
    Xword(u64),
    /// The low 32 bits of a value that fits them.
    Word(u32),
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoValue {
    /// The type has no business in a loaded file.
    Type,
    /// The value does not fit 32 bits.
    Range(u64),
}

/// How a relocation type is to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Nothing to do.
    None,
    /// Bias + addend.
    Relative,
    /// A resolver's answer.
    Irelative,
    /// An address of data or code.
    Address,
    /// A call through the PLT.
    Call,
    /// A copy of the symbol's data into the program.
    Copy,
    /// Module id, or offset in its block, of a thread-local symbol.
    Tls,
    /// Distance of a thread-local symbol to the thread pointer, one for all threads (initial-exec, local-exec).
    StaticTls,
    /// Two words for the TLSDESC resolvers.
    Descriptor,
}
