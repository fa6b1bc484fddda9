//! fork copies one thread only: our locks are taken before and given back after, in their order (see `lock`), so that no
//! table is half changed in the child.
//!
//! A libc registers these three with its own atfork.

use crate::{init, lock, tls};
use core::sync::atomic::{AtomicU32, Ordering};
use ld_rs_loader::heap;

/// Thread id of whoever forks, as it was in the parent.
static FORKER: AtomicU32 = AtomicU32::new(0);

/// Before the fork: nobody else is inside of anything from here on.
pub extern "C" fn before() {
    lock::LOAD.acquire();
    init::settle_before_fork();
    FORKER.store(lock::thread_id(), Ordering::Relaxed);
    lock::WRITE.acquire();
    tls::registry_lock().acquire();
    heap::hold();
}

/// In the parent: all goes on.
pub extern "C" fn after_in_parent() {
    heap::let_go();
    tls::registry_lock().release();
    lock::WRITE.release();
    lock::LOAD.release();
}

/// In the child, which is one thread: locks are free. A libc whose words they are may have made them so already; the thread
/// id in them would be the parent's anyway.
pub extern "C" fn after_in_child() {
    heap::let_go();
    tls::after_fork_in_child();
    lock::WRITE.reset();
    lock::LOAD.reset();
    init::after_fork_in_child(FORKER.load(Ordering::Relaxed));
}
