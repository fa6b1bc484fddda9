//! `runtime/src/atomics.rs` for the model: loom's atomics, with two additions. Each ordering of the
//! source that is more than Relaxed is remembered by its line, and one of them can be weakened to
//! Relaxed. And a pointer stands for the plain memory behind it: loom complains when that memory is
//! reached without an order to the thread that made it.

use loom::cell::UnsafeCell;
pub use loom::sync::atomic::Ordering;
use std::collections::BTreeSet;
use std::panic::Location;
use std::sync::Mutex;

/// A place in a protocol's source: file and line.
pub type Site = (&'static str, u32);
/// Every ordering met so far, and the one that is weakened.
static MET: Mutex<BTreeSet<Site>> = Mutex::new(BTreeSet::new());
static WEAKENED: Mutex<Option<Site>> = Mutex::new(None);

/// Weakens the ordering at `site` from now on; the orderings met before.
pub fn weaken(site: Option<Site>) -> BTreeSet<Site> {
    *WEAKENED.lock().unwrap_or_else(|e| e.into_inner()) = site;
    std::mem::take(&mut *MET.lock().unwrap_or_else(|e| e.into_inner()))
}

/// The ordering that counts at the caller's caller.
#[track_caller]
fn actual(written: Ordering) -> Ordering {
    let site = (Location::caller().file(), Location::caller().line());
    if written != Ordering::Relaxed {
        MET.lock().unwrap_or_else(|e| e.into_inner()).insert(site);
    }
    match *WEAKENED.lock().unwrap_or_else(|e| e.into_inner()) {
        Some(weakened) if weakened == site => Ordering::Relaxed,
        _ => written,
    }
}

/// As in core.
#[track_caller]
pub fn fence(ordering: Ordering) {
    // A relaxed fence is none.
    match actual(ordering) {
        Ordering::Relaxed => {}
        ordering => loom::sync::atomic::fence(ordering),
    }
}

macro_rules! number {
    ($name:ident, $type:ty) => {
        /// As in core.
        pub struct $name(loom::sync::atomic::$name);
        impl $name {
            pub fn new(value: $type) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }
            #[track_caller]
            pub fn load(&self, ordering: Ordering) -> $type {
                self.0.load(actual(ordering))
            }
            #[track_caller]
            pub fn store(&self, value: $type, ordering: Ordering) {
                self.0.store(value, actual(ordering));
            }
        }
    };
}
number!(AtomicU32, u32);
number!(AtomicU64, u64);
number!(AtomicUsize, usize);

/// What a store of a pointer publishes.
struct Pointee<T> {
    address: *mut T,
    memory: UnsafeCell<()>,
}

/// As in core.
pub struct AtomicPtr<T>(loom::sync::atomic::AtomicPtr<Pointee<T>>);

impl<T> AtomicPtr<T> {
    fn pointee(address: *mut T) -> *mut Pointee<T> {
        if address.is_null() {
            return std::ptr::null_mut();
        }
        let pointee = Box::leak(Box::new(Pointee { address, memory: UnsafeCell::new(()) }));
        pointee.memory.with_mut(|_| ()); // the memory was written before
        pointee
    }

    pub fn new(address: *mut T) -> Self {
        Self(loom::sync::atomic::AtomicPtr::new(Self::pointee(address)))
    }

    #[track_caller]
    pub fn load(&self, ordering: Ordering) -> *mut T {
        let pointee = self.0.load(actual(ordering));
        // SAFETY: null or leaked by `pointee`.
        unsafe { pointee.as_ref() }.map_or(std::ptr::null_mut(), |pointee| {
            pointee.memory.with(|_| ());
            pointee.address
        })
    }

    #[track_caller]
    pub fn store(&self, address: *mut T, ordering: Ordering) {
        self.0.store(Self::pointee(address), actual(ordering));
    }
}

/// No function that makes one of these is `const`.
macro_rules! constant {
    ($(#[$meta:meta])* $visible:vis fn $($rest:tt)*) => { $(#[$meta])* $visible fn $($rest)* };
}
pub(crate) use constant;
