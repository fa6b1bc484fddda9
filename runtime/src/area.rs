//! Memory whose layout a libc or a debugger fixed: plain bytes with words stored at offsets.

use core::cell::UnsafeCell;

/// `N` bytes that others read and write too, by offsets of their own.
#[repr(C, align(64))]
pub struct Area<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: accessed through raw pointers only; writers are ordered by the contract of each field
// (filled before hand-over, or under the lock that the contract names).
unsafe impl<const N: usize> Sync for Area<N> {}

impl<const N: usize> Area<N> {
    /// An area of zeroes.
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; N]))
    }

    /// A view for storing and loading.
    #[must_use]
    pub const fn view(&self) -> View {
        View { start: self.0.get().cast(), size: N }
    }
}

impl<const N: usize> Default for Area<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Memory with words at offsets; a store outside is ignored, a load gives 0.
#[derive(Clone, Copy)]
pub struct View {
    start: *mut u8,
    size: usize,
}

impl View {
    /// A view of `size` bytes at `start`.
    ///
    /// # Safety
    /// The memory stays mapped and writable as long as the view is used, and no Rust reference to it exists but
    /// to atomics that the view does not reach for.
    #[must_use]
    pub const unsafe fn new(start: u64, size: usize) -> Self {
        Self { start: start as *mut u8, size }
    }

    /// The address of the byte at `offset`.
    #[must_use]
    pub fn address(&self, offset: impl Into<usize>) -> u64 {
        self.start.wrapping_add(offset.into()) as u64
    }

    fn place<T>(&self, offset: usize) -> Option<*mut T> {
        let fits = offset.checked_add(size_of::<T>()).is_some_and(|end| end <= self.size);
        fits.then(|| self.start.wrapping_add(offset).cast())
    }

    /// Stores `value` at `offset`.
    pub fn set<T: Copy>(&self, offset: impl Into<usize>, value: T) {
        if let Some(place) = self.place::<T>(offset.into()) {
            // SAFETY: inside the area.
            unsafe { place.write_unaligned(value) };
        }
    }

    /// Stores `value` where the version at hand has such a field.
    pub fn set_if<T: Copy>(&self, offset: Option<u16>, value: T) {
        if let Some(offset) = offset {
            self.set(offset, value);
        }
    }

    /// The 64-bit word at `offset`.
    #[must_use]
    pub fn word(&self, offset: impl Into<usize>) -> u64 {
        // SAFETY: inside the area.
        self.place::<u64>(offset.into()).map_or(0, |place| unsafe { place.read_unaligned() })
    }

    /// Makes the two words at `offset` an empty doubly linked list, as glibc's `list_t` is.
    pub fn set_empty_list(&self, offset: u16) {
        self.set(offset, self.address(offset));
        self.set(offset.saturating_add(8), self.address(offset));
    }
}
