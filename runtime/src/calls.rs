//! What threads are calling of objects, as data: constructors when an object comes, destructors when it goes or the process
//! ends. Between two functions a thread's progress stands here and not in a frame of ours, so that a function may leave by
//! longjmp, an exception, or the end of its thread: whoever finds that takes the entry out (`init::leave`).

use alloc::vec::Vec;

/// What is called of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// DT_PREINIT_ARRAY of the program.
    Preinit,
    /// Constructors: of start-up, or of dlopen.
    Construct,
    /// Destructors of what dlclose lets go.
    Close,
    /// Destructors at the end of the process.
    Exit,
}

/// What one call of dlopen, dlclose, start-up or exit has to do.
pub struct Call {
    /// Id of the thread.
    pub thread: u32,
    /// Stack pointer of the frame that calls.
    pub frame: u64,
    /// What is called.
    pub work: Work,
    /// The objects, in order.
    pub objects: Vec<usize>,
    /// Whose turn it is: a position in the list.
    pub at: usize,
    /// How many of that object's functions were called; `None` before it is known whether any are due.
    pub step: Option<usize>,
    /// How long forks of other threads still wait for it, in nanoseconds.
    pub patience: u64,
}

impl Call {
    /// How long forks wait for a function, in nanoseconds: long enough for it to leave a critical section of the libc. What
    /// counts is the time that its thread sleeps or computes, not the time that it waits for a processor.
    const PATIENCE: u64 = 100_000_000;

    /// Nothing is called yet.
    #[must_use]
    pub fn new(thread: u32, frame: u64, work: Work, objects: Vec<usize>) -> Self {
        Self { thread, frame, work, objects, at: 0, step: None, patience: Self::PATIENCE }
    }

    /// The object whose turn it is.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.objects.get(self.at).copied()
    }

    /// The objects that must stay: those that are not through, and all that are to go together.
    #[must_use]
    pub fn kept(&self) -> &[usize] {
        let from = if self.work == Work::Close { 0 } else { self.at };
        self.objects.get(from..).unwrap_or_default()
    }
}
