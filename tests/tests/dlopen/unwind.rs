// One of two Rust libraries for unwind.cc: panics leave it, C++ exceptions and the other's panics cross it, and it
// catches its own. Each has a standard library of its own inside.
use std::ffi::c_void;
use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::{AtomicI32, Ordering};

type Callback = extern "C-unwind" fn(*mut c_void);

static UNWOUND: AtomicI32 = AtomicI32::new(0);
static IN_CONSTRUCTOR: AtomicI32 = AtomicI32::new(0);

struct Guard;
impl Drop for Guard {
    fn drop(&mut self) {
        UNWOUND.fetch_add(1, Ordering::SeqCst);
    }
}

extern "C" fn constructor() {
    set_hook(Box::new(|_| ()));
    let caught = catch_unwind(|| {
        let _guard = Guard;
        panics(9);
    });
    IN_CONSTRUCTOR.store(*caught.unwrap_err().downcast::<i32>().unwrap(), Ordering::SeqCst);
    UNWOUND.store(0, Ordering::SeqCst);
}
#[used]
#[unsafe(link_section = ".init_array")]
static CONSTRUCTOR: extern "C" fn() = constructor;

#[unsafe(no_mangle)]
pub extern "C" fn in_constructor() -> i32 {
    IN_CONSTRUCTOR.load(Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub extern "C" fn unwound() -> i32 {
    UNWOUND.load(Ordering::SeqCst)
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn panics(number: i32) {
    std::panic::panic_any(number)
}

#[unsafe(no_mangle)]
pub extern "C-unwind" fn through(callback: Callback, arg: *mut c_void) {
    let _guard = Guard;
    callback(arg);
}

/// The number of a panic of this library's own that the callback lets out, or 0.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn catches(callback: Callback, arg: *mut c_void) -> i32 {
    match catch_unwind(|| callback(arg)) {
        Ok(()) => 0,
        Err(number) => *number.downcast::<i32>().unwrap(),
    }
}
