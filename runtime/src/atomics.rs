//! The atomics of the publication protocols (`ranges`, `tls::dtv`). A model checker compiles those two
//! files with atomics of its own in place of these (`tests/tests/orderings.rs`), so that what it
//! judges is the code that runs.

pub use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};

/// A function that is `const` here, where statics are made by it, and cannot be in the model.
macro_rules! constant {
    ($(#[$meta:meta])* $visible:vis fn $($rest:tt)*) => { $(#[$meta])* $visible const fn $($rest)* };
}
pub(crate) use constant;
