//! Memory whose layout a libc or a debugger fixed: plain bytes with words stored at offsets.

use core::cell::UnsafeCell;
use core::marker::PhantomData;

/// `N` bytes that others read and write too, by offsets of their own.
#[repr(C, align(64))]
pub struct Area<const N: usize>(UnsafeCell<[u8; N]>);

// SAFETY: accessed through raw pointers only; writers are ordered by the contract of each field
// (filled before hand-over, or under the lock that the contract names).
unsafe impl<const N: usize> Sync for Area<N> {}

impl<const N: usize> Area<N> {
    /// An area of zeroes.
    #[must_use]
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new([0; N]))
    }

    /// A view for storing and loading.
    #[must_use]
    pub const fn view(&self) -> View {
        View { start: self.0.get().cast(), size: N }
    }
}

/// Where a word of type `T` is, in bytes from the start of its structure.
#[derive(Clone, Copy)]
pub struct At<T>(u16, PhantomData<T>);

/// The word `offset` bytes from the start.
#[must_use]
pub const fn at<T>(offset: u16) -> At<T> {
    At(offset, PhantomData)
}

impl<T> At<T> {
    /// Where it begins.
    #[must_use]
    pub const fn start(self) -> usize {
        self.0 as usize
    }

    /// Where it ends.
    #[must_use]
    pub const fn end(self) -> usize {
        self.start() + size_of::<T>()
    }

    /// Element `index` of the array whose first element this is; beyond 64 KiB one that no view holds.
    #[must_use]
    pub const fn nth(self, index: usize) -> Self {
        let offset = self.start().saturating_add(index.saturating_mul(size_of::<T>()));
        at(if offset < u16::MAX as usize { offset as u16 } else { u16::MAX })
    }
}

impl<T, const N: usize> At<[T; N]> {
    /// Element `I` of this array.
    #[must_use]
    pub const fn item<const I: usize>(self) -> At<T> {
        const { assert!(I < N) };
        at(self.0 + (I * size_of::<T>()) as u16)
    }
}

impl<T> From<At<T>> for usize {
    fn from(place: At<T>) -> Self {
        place.start()
    }
}

/// What may be stored as a `T`: the place of a field of that type, or a plain offset.
pub trait Place<T>: Into<usize> {}
impl<T> Place<T> for At<T> {}
impl<T> Place<T> for usize {}

/// A number: every content of its bytes is one.
pub trait Number: Copy {}
impl Number for u8 {}
impl Number for u32 {}
impl Number for u64 {}
impl<T: Number, const N: usize> Number for [T; N] {}

/// Memory with words at offsets. Whoever stores or loads outside is in error, which is told (a panic): offsets are
/// constants, and those of the layout tables are checked when they are compiled.
#[derive(Clone, Copy)]
pub struct View {
    start: *mut u8,
    size: usize,
}

impl View {
    /// A view of `size` bytes at `start`.
    ///
    /// # Safety
    /// The memory stays mapped and writable as long as the view is used. Rust references to it are to atomics only.
    /// No word is touched through the view while another thread may write it, nor stored while one may read it: there
    /// is one thread yet, or the lock is held that the word's owner takes too.
    #[must_use]
    pub const unsafe fn new(start: u64, size: usize) -> Self {
        Self { start: start as *mut u8, size }
    }

    /// The address of the byte at `offset`.
    #[must_use]
    pub fn address(&self, offset: impl Into<usize>) -> u64 {
        self.start.wrapping_add(offset.into()) as u64
    }

    fn place<T>(&self, offset: usize) -> *mut T {
        let fits = offset.checked_add(size_of::<T>()).is_some_and(|end| end <= self.size);
        assert!(fits, "a word outside its structure");
        self.start.wrapping_add(offset).cast()
    }

    /// Stores `value` at `place`.
    pub fn set<T: Copy>(&self, place: impl Place<T>, value: T) {
        // SAFETY: inside the view.
        unsafe { self.place::<T>(place.into()).write_unaligned(value) };
    }

    /// Stores `value` where the version at hand has such a field.
    pub fn set_if<T: Copy>(&self, place: Option<At<T>>, value: T) {
        if let Some(place) = place {
            self.set(place, value);
        }
    }

    /// The number at `place`.
    #[must_use]
    pub fn get<T: Number>(&self, place: At<T>) -> T {
        // SAFETY: inside the view; any bytes are a number.
        unsafe { self.place::<T>(place.start()).read_unaligned() }
    }

    /// The 64-bit word at `offset`.
    #[must_use]
    pub fn word(&self, offset: impl Into<usize>) -> u64 {
        // SAFETY: as above.
        unsafe { self.place::<u64>(offset.into()).read_unaligned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_at_their_offsets_and_nowhere_else() {
        static AREA: Area<64> = Area::new();
        let view = AREA.view();
        view.set(3usize, 0x0102_0304_0506_0708u64);
        assert_eq!((view.word(3usize), view.word(4usize)), (0x0102_0304_0506_0708, 0x01_0203_0405_0607));
        view.set_if(None, 7u64);
        view.set_if(Some(at(56)), 7u64);
        assert_eq!((view.word(56usize), view.get(at::<u32>(60))), (7, 0));
    }

    #[test]
    #[should_panic(expected = "a word outside its structure")]
    fn a_store_outside_is_told() {
        static AREA: Area<64> = Area::new();
        AREA.view().set(57usize, 7u64);
    }
}
