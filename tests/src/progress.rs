//! One line on standard error that says how far a long run is, and about how long the rest takes.
//!
//! Written anew each time, and only where standard error is a terminal. Used by the long make targets: bench, soak, stress.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// A terminal's line must not wrap, or it could not be written anew.
const COLUMNS: usize = 79;

/// How far a run of a known number of steps is.
pub struct Progress {
    begun: Instant,
    total: u64,
    seen: bool,
}

impl Progress {
    /// A run of `total` steps that begins now.
    #[must_use]
    pub fn new(total: u64) -> Progress {
        let seen = stderr().is_terminal() && std::env::var_os("TERM").is_some_and(|name| name != "dumb");
        Progress { begun: Instant::now(), total, seen }
    }

    /// For callers who want nothing to be shown.
    #[must_use]
    pub fn none() -> Progress {
        Progress { begun: Instant::now(), total: 0, seen: false }
    }

    /// Whether somebody sees it.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.seen
    }

    /// Says that `done` steps are done, and what is done now.
    pub fn show(&self, done: u64, what: &str) {
        if self.seen {
            let line = line(done, self.total, self.begun.elapsed(), what);
            let _ = stderr().write_all(format!("\r\x1b[K{line}").as_bytes());
        }
    }

    /// Takes the line away, before other lines are written and at the end.
    pub fn clear(&self) {
        if self.seen {
            let _ = stderr().write_all(b"\r\x1b[K");
        }
    }
}

fn line(done: u64, total: u64, elapsed: Duration, what: &str) -> String {
    let mut line = format!("{what}: {done} of {total}");
    match (elapsed.as_secs() * total.saturating_sub(done)).checked_div(done) {
        None => {}
        Some(left @ 0..60) => line += &format!(", about {left} s left"),
        Some(left) => line += &format!(", about {} min left", left.div_ceil(60)),
    }
    line.chars().take(COLUMNS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_a_step_as_what_is_done() {
        let seconds = Duration::from_secs;
        assert_eq!(line(0, 40, seconds(0), "ls"), "ls: 0 of 40");
        assert_eq!(line(30, 40, seconds(90), "ls"), "ls: 30 of 40, about 30 s left");
        assert_eq!(line(10, 40, seconds(90), "ls"), "ls: 10 of 40, about 5 min left");
        assert_eq!(line(50, 40, seconds(90), "ls"), "ls: 50 of 40, about 0 s left");
        assert_eq!(line(1, 40, seconds(90), &"é".repeat(100)).chars().count(), COLUMNS);
    }
}
