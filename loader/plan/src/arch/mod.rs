//! The machine that ld-rs loads for: relocation types, names, paths and sizes that another one has otherwise. One file
//! each; whoever decides by one of these asks here.
//!
//! Not chosen by the machine that compiles: plan is pure, and can be checked and tested anywhere.

mod x86_64;
pub use x86_64::*;
