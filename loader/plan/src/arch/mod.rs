//! The machine that ld-rs loads for: relocation types, names, paths and sizes that another one has otherwise. One file
//! each; whoever decides by one of these asks here.
//!
//! Not chosen by the machine that compiles: plan is pure, and can be checked and tested anywhere.

/// On which side of the thread pointer static TLS lies ("ELF Handling For Thread-Local Storage", section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVariant {
    /// Variant I: above, behind so many bytes that the ABI keeps for itself.
    Above(u64),
    /// Variant II: below.
    Below,
}

mod x86_64;
pub use x86_64::*;
