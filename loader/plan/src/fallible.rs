//! Vectors whose growth can fail: what dlopen keeps grows with the files it is given, and a process that has no
//! memory left is told so and lives on.

use alloc::collections::TryReserveError;
use alloc::vec::Vec;

/// There is no memory for a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMemory;

impl From<TryReserveError> for NoMemory {
    fn from(_: TryReserveError) -> Self {
        Self
    }
}

/// An empty vector with room for `count` elements.
pub fn with_capacity<T>(count: usize) -> Result<Vec<T>, NoMemory> {
    let mut vector = Vec::new();
    vector.try_reserve_exact(count)?;
    Ok(vector)
}

/// A vector of `count` copies of `value`.
pub fn filled<T: Clone>(value: T, count: usize) -> Result<Vec<T>, NoMemory> {
    let mut vector = Vec::new();
    refill(&mut vector, value, count)?;
    Ok(vector)
}

/// Makes `vector` one of `count` copies of `value`.
pub fn refill<T: Clone>(vector: &mut Vec<T>, value: T, count: usize) -> Result<(), NoMemory> {
    vector.clear();
    vector.try_reserve_exact(count)?;
    vector.resize(count, value);
    Ok(())
}

/// As [`Vec::push`].
#[inline]
pub fn push<T>(vector: &mut Vec<T>, value: T) -> Result<(), NoMemory> {
    if vector.len() == vector.capacity() {
        grow(vector)?;
    }
    vector.push(value);
    Ok(())
}

#[cold]
#[inline(never)]
fn grow<T>(vector: &mut Vec<T>) -> Result<(), NoMemory> {
    Ok(vector.try_reserve(1)?)
}

/// A copy of `bytes`.
pub fn copied(bytes: &[u8]) -> Result<Vec<u8>, NoMemory> {
    let mut copy = with_capacity(bytes.len())?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}
