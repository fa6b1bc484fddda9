//! The loader's locks: recursive mutexes in glibc's own words and protocol (`nptl/pthread_mutex_lock.c`,
//! `lowlevellock.h`), so that a libc's dl_iterate_phdr and ours exclude each other and fork's reset
//! of them in the child is a reset of ours. Without a libc the same words lie in memory of ours.
//!
//! Order: [`LOAD`] (who may change the tables), then [`WRITE`] (the list of link maps), then the
//! thread registry (`tls`), then dlerror's list, then the heap.

use crate::area::Area;
use core::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use ld_rs_loader::{arch, sys};
use linux_raw_sys::general as nr;

const FUTEX_WAIT_PRIVATE: usize = 128;
const FUTEX_WAKE_PRIVATE: usize = 129;

/// The first words of a pthread mutex.
#[repr(C)]
struct Words {
    /// 0 free, 1 taken, 2 taken with waiters.
    lock: AtomicU32,
    count: AtomicU32,
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
pub fn set_thread_id_offset(offset: usize) {
    THREAD_ID.store(offset, Ordering::Relaxed);
}

/// This thread's kernel id.
#[must_use]
pub fn thread_id() -> u32 {
    match THREAD_ID.load(Ordering::Relaxed) {
        // SAFETY: gettid takes nothing.
        usize::MAX => unsafe { sys::syscall(nr::__NR_gettid as usize, [0; 4]) as u32 },
        // SAFETY: the libc's thread control block is at the thread pointer; its layout was recognised.
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

    /// Moves the mutex to a libc's words at `address`, 40 bytes. Before there is a second thread.
    pub fn move_to(&self, address: u64) {
        self.libc.store(address, Ordering::Relaxed);
    }

    fn words(&self) -> &'static Words {
        let address = match self.libc.load(Ordering::Relaxed) {
            0 => self.own.view().address(0usize),
            address => address,
        };
        // SAFETY: static memory of at least 40 bytes, aligned to 8, used as these words by everybody.
        unsafe { &*(address as *const Words) }
    }

    /// Takes the mutex, again if this thread has it.
    pub fn lock(&'static self) -> Guard {
        self.acquire();
        Guard(self)
    }

    /// As [`Mutex::lock`], without a guard: for fork, whose two halves release it.
    pub fn acquire(&self) {
        let words = self.words();
        let me = thread_id();
        if words.owner.load(Ordering::Relaxed) == me {
            change(&words.count, 1);
            return;
        }
        if words.lock.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            while words.lock.swap(2, Ordering::Acquire) != 0 {
                futex(&words.lock, FUTEX_WAIT_PRIVATE, 2);
            }
        }
        words.count.store(1, Ordering::Relaxed);
        words.owner.store(me, Ordering::Relaxed);
        change(&words.users, 1);
    }

    /// Gives it back once.
    pub fn release(&self) {
        let words = self.words();
        if change(&words.count, -1) > 0 {
            return;
        }
        words.owner.store(0, Ordering::Relaxed);
        change(&words.users, -1);
        if words.lock.swap(0, Ordering::Release) > 1 {
            futex(&words.lock, FUTEX_WAKE_PRIVATE, 1);
        }
    }

    /// Makes it free, whoever had it: in the child of fork, where nobody else is left.
    pub fn reset(&self) {
        let words = self.words();
        for word in [&words.count, &words.owner, &words.users, &words.lock] {
            word.store(0, Ordering::Relaxed);
        }
    }

    /// Whether this thread has it.
    #[must_use]
    pub fn is_mine(&self) -> bool {
        self.words().owner.load(Ordering::Relaxed) == thread_id()
    }
}

/// Changes a word that only the mutex's owner writes; its new value.
fn change(word: &AtomicU32, by: i32) -> u32 {
    let value = word.load(Ordering::Relaxed).wrapping_add_signed(by);
    word.store(value, Ordering::Relaxed);
    value
}

/// Waits while `word` is `value`, or wakes `value` waiters.
pub fn futex(word: &AtomicU32, operation: usize, value: usize) {
    // SAFETY: the word is static memory; a null timeout waits for ever.
    unsafe { sys::syscall(nr::__NR_futex as usize, [word.as_ptr() as usize, operation, value, 0]) };
}

/// Waits until `word` is no longer `value`.
pub fn wait(word: &AtomicU32, value: u32) {
    futex(word, FUTEX_WAIT_PRIVATE, value as usize);
}

/// As [`wait`], but no longer than `nanoseconds` (below a second).
pub fn wait_for(word: &AtomicU32, value: u32, nanoseconds: u64) {
    let timeout = [0u64, nanoseconds];
    let arguments = [word.as_ptr() as usize, FUTEX_WAIT_PRIVATE, value as usize, timeout.as_ptr() as usize];
    // SAFETY: the word is static memory, the timeout a struct timespec.
    unsafe { sys::syscall(nr::__NR_futex as usize, arguments) };
}

/// CLOCK_MONOTONIC in nanoseconds.
#[must_use]
pub fn now() -> u64 {
    const CLOCK_MONOTONIC: usize = 1;
    let mut time = [0u64; 2];
    // SAFETY: a struct timespec.
    unsafe { sys::syscall(nr::__NR_clock_gettime as usize, [CLOCK_MONOTONIC, time.as_mut_ptr() as usize, 0, 0]) };
    time[0].wrapping_mul(1_000_000_000).wrapping_add(time[1])
}

/// Wakes everybody who waits at `word`.
pub fn wake_all(word: &AtomicU32) {
    futex(word, FUTEX_WAKE_PRIVATE, i32::MAX as usize);
}
