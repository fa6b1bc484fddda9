//! The loader's locks: recursive mutexes in glibc's own words and protocol (`nptl/pthread_mutex_lock.c`,
//! `lowlevellock.h`), so that a libc's dl_iterate_phdr and ours exclude each other and fork's reset
//! of them in the child is a reset of ours. Without a libc the same words lie in memory of ours.
//!
//! Order: [`LOAD`] (who may change the tables), then [`WRITE`] (the list of link maps), then the
//! thread registry (`tls`), then the heap, whose lock is of `ld_rs_loader::futex` like these.

use crate::area::Area;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use ld_rs_loader::{arch, futex, sys};
use linux_raw_sys::general as nr;

/// The first words of a pthread mutex.
#[repr(C)]
pub(crate) struct Words {
    /// 0 free, 1 taken, 2 taken with waiters.
    lock: AtomicU32,
    pub count: AtomicU32,
    owner: AtomicU32,
    users: AtomicU32,
}

/// A recursive mutex whose words may be a libc's.
pub struct Mutex {
    own: Area<64>,
    /// Address of a libc's words, or 0.
    libc: AtomicU64,
}

/// Who may change the tables: dlopen, dlclose, and whoever reads them while others may.
pub static LOAD: Mutex = Mutex::new();
/// The list of link maps, which libc walks under this lock.
pub static WRITE: Mutex = Mutex::new();

/// Offset of the thread id from the thread pointer, or `usize::MAX` where no libc keeps one.
static THREAD_ID: AtomicUsize = AtomicUsize::new(usize::MAX);

/// Says where the libc keeps a thread's id.
///
/// # Safety
/// Every thread that calls ld-rs from now on has its kernel id in the 4 bytes at its thread pointer + `offset`: it is the
/// first thread, or was made by that libc.
pub unsafe fn set_thread_id_offset(offset: usize) {
    THREAD_ID.store(offset, Ordering::Relaxed);
}

/// This thread's kernel id.
#[inline(never)]
#[must_use]
pub fn thread_id() -> u32 {
    match THREAD_ID.load(Ordering::Relaxed) {
        // SAFETY: gettid takes nothing.
        usize::MAX => unsafe { sys::syscall(nr::__NR_gettid as usize, [0; 4]) as u32 },
        // SAFETY: the promise of who set the offset.
        offset => unsafe { *((arch::thread_pointer() as usize + offset) as *const u32) },
    }
}

/// Held until dropped.
pub struct Guard(&'static Mutex);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Mutex {
    pub(crate) const fn new() -> Self {
        Self { own: Area::new(), libc: AtomicU64::new(0) }
    }

    /// Moves the mutex to a libc's words at `address`. Nobody has it, and there is no second thread yet.
    ///
    /// # Safety
    /// A `pthread_mutex_t`, 40 bytes aligned to 8, is at `address` for good; others change it by its protocol only.
    pub unsafe fn move_to(&self, address: u64) {
        self.libc.store(address, Ordering::Relaxed);
    }

    fn words(&self) -> &'static Words {
        let address = match self.libc.load(Ordering::Relaxed) {
            0 => self.own.view().address(0usize),
            address => address,
        };
        // SAFETY: 16 of the 64 bytes that are ours for good, or those of `move_to`'s promise; all are atomics, of which
        // `own` makes no other use.
        unsafe { &*(address as *const Words) }
    }

    /// Takes the mutex, again if this thread has it.
    pub fn lock(&'static self) -> Guard {
        self.acquire();
        Guard(self)
    }

    /// As [`Mutex::lock`], without a guard: for fork, whose two halves release it.
    #[inline(never)]
    pub fn acquire(&self) {
        let words = self.words();
        let me = thread_id();
        if words.owner.load(Ordering::Relaxed) == me {
            change(&words.count, 1);
            return;
        }
        futex::lock(&words.lock);
        words.count.store(1, Ordering::Relaxed);
        words.owner.store(me, Ordering::Relaxed);
        change(&words.users, 1);
    }

    /// Gives it back once.
    #[inline(never)]
    pub fn release(&self) {
        let words = self.words();
        if change(&words.count, -1) > 0 {
            return;
        }
        words.owner.store(0, Ordering::Relaxed);
        change(&words.users, -1);
        futex::unlock(&words.lock);
    }

    /// Makes it free, whoever had it: in the child of fork, where nobody else is left.
    #[inline(never)]
    pub fn reset(&self) {
        let words = self.words();
        for word in [&words.count, &words.owner, &words.users, &words.lock] {
            word.store(0, Ordering::Relaxed);
        }
    }

    /// How many times this thread, which has it, took it.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.words().count.load(Ordering::Relaxed)
    }

    /// Whether this thread has it.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.words().owner.load(Ordering::Relaxed) == thread_id()
    }
}

/// Changes a word that only the mutex's owner writes; its new value.
pub(crate) fn change(word: &AtomicU32, by: i32) -> u32 {
    let value = word.load(Ordering::Relaxed).wrapping_add_signed(by);
    word.store(value, Ordering::Relaxed);
    value
}
