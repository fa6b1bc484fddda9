//! A cdylib: a thread-local with a destructor, a panic caught inside.
use std::cell::RefCell;

thread_local!(static CALLS: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) });

#[unsafe(no_mangle)]
pub extern "C" fn run() {
    let calls = CALLS.with_borrow_mut(|calls| {
        calls.push(1);
        calls.len()
    });
    std::panic::set_hook(Box::new(|_| {}));
    let caught = std::panic::catch_unwind(|| std::panic::panic_any(7u32));
    let caught = caught.unwrap_err().downcast::<u32>().unwrap();
    println!("{calls} of thread, caught {caught}");
}
