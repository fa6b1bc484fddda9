//! Threads, channels, thread locals with destructors, a caught panic: what Rust's std asks of a loader.
use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;

struct Noisy(u32);
impl Drop for Noisy {
    fn drop(&mut self) {
        assert!(self.0 > 0);
    }
}

thread_local!(static SEEN: RefCell<Vec<Noisy>> = const { RefCell::new(Vec::new()) });

fn main() {
    let (tx, rx) = mpsc::channel();
    let threads: Vec<_> = (1..=8u32)
        .map(|n| {
            let tx = tx.clone();
            thread::spawn(move || {
                for _ in 0..100 {
                    SEEN.with_borrow_mut(|seen| seen.push(Noisy(n)));
                }
                SEEN.with_borrow(|seen| tx.send(seen.iter().map(|x| x.0).sum::<u32>()).unwrap());
            })
        })
        .collect();
    drop(tx);
    for thread in threads {
        thread.join().unwrap();
    }
    let mut sums: Vec<_> = rx.iter().collect();
    sums.sort();
    println!("{sums:?}");
    let panicked = thread::spawn(|| std::panic::resume_unwind(Box::new("carried"))).join();
    println!("{:?}", panicked.unwrap_err().downcast_ref::<&str>());
    println!("{:?}", std::env::args().skip(1).collect::<Vec<_>>());
}
