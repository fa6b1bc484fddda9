//! Mutates and runs, deterministic by seed: what shows something new is kept and mutated on. A panic, a run of more than a
//! second, memory beyond all proportion to the input are findings; the input is left in a file.

use crate::{TARGETS, Target, seeds};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Inputs do not grow beyond this.
const LONGEST: usize = 16 << 10;
/// A run may hold this much, and [`PER_BYTE`] for each byte of its input. The least is what a table of 2^15 versions takes: their indices have 15 bits and nothing says how many there are.
const LEAST: usize = 3 << 20;
const PER_BYTE: usize = 64;

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
    static MOST: Cell<usize> = const { Cell::new(0) };
    /// How many allocations are left before one is refused; beyond reach otherwise.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Counts what a thread holds, and refuses what [`refusing`] says.
pub struct Counting;

/// Runs `action` with its allocation number `nth`, from 0 on, refused; whether there was one.
pub fn refusing<T>(nth: usize, action: impl FnOnce() -> T) -> (T, bool) {
    LEFT.set(nth);
    let result = action();
    (result, LEFT.replace(usize::MAX) > nth)
}

/// Whether the allocation that is to be made now is the one to refuse. The count then goes round, and none is.
fn is_refused() -> bool {
    let left = LEFT
        .try_with(|left| if left.get() == usize::MAX { usize::MAX } else { left.replace(left.get().wrapping_sub(1)) });
    left == Ok(0)
}

fn change(by: isize) {
    // A thread that ends frees when its counters are gone.
    let _ = HELD.try_with(|held| {
        held.set(held.get().wrapping_add_signed(by));
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get().min(isize::MAX as usize))));
    });
}

// SAFETY: System does the work; the counters change nothing of it, and null is the answer that there is no memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_refused() {
            return std::ptr::null_mut();
        }
        change(layout.size() as isize);
        // SAFETY: the caller's promise is System's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        change(-(layout.size() as isize));
        // SAFETY: the caller's promise is System's.
        unsafe { System.dealloc(place, layout) }
    }
}

/// xorshift64*.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() >> 16) as usize % end }
    }
}

/// What a batch did.
#[derive(Default, Debug)]
pub struct Done {
    /// Executions.
    pub runs: u64,
    /// Inputs kept because they showed something new.
    pub kept: usize,
    /// Findings: what, and the file with the input.
    pub findings: Vec<(String, PathBuf)>,
}

/// Runs the target `name` on its seeds and their mutants until `runs` or `time` is reached. Inputs of findings go to `folder`.
///
/// # Panics
/// When `name` is no target, or a finding cannot be written.
#[must_use]
pub fn batch(name: &str, seed: u64, runs: u64, time: Duration, folder: &Path) -> Done {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target's name");
    let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (mut corpus, mut seen, mut done) = (seeds::of(name), HashSet::new(), Done::default());
    let (start, sown) = (Instant::now(), corpus.len() as u64);
    while done.runs < runs && (done.runs % 256 != 0 || start.elapsed() < time) {
        let input = match corpus.get(done.runs as usize).filter(|_| done.runs < sown) {
            Some(input) => input.clone(),
            None => mutate(&corpus, &mut rng),
        };
        done.runs += 1;
        match judge(*target, &input) {
            Ok(facts) => {
                let known = seen.len();
                seen.extend(facts);
                if seen.len() > known && done.runs > sown {
                    corpus.push(input);
                }
            }
            Err(finding) => {
                fs::create_dir_all(folder).expect("folder for findings");
                let file = folder.join(format!("{name}-{seed}-{}", done.runs));
                fs::write(&file, &input).expect("finding");
                done.findings.push((finding, file));
                if done.findings.len() == 10 {
                    break;
                }
            }
        }
    }
    done.kept = corpus.len();
    done
}

thread_local! {
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Panics are told by [`judge`], not on standard error.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let said = info.payload_as_str().unwrap_or("panic");
        SAID.with(|text| *text.borrow_mut() = format!("{said}, {place}"));
    }));
}

/// Runs `target` on `input`: what was seen, or what is wrong.
///
/// # Errors
/// A panic with its place, a run of more than a second, too much memory.
pub fn judge(target: Target, input: &[u8]) -> Result<Vec<u64>, String> {
    let (before, room) = (HELD.with(Cell::get), LEAST + PER_BYTE * input.len());
    // A machine that stalls is no finding: what is slow is slow three times.
    let mut took = Duration::ZERO;
    for _ in 0..3 {
        MOST.with(|most| most.set(before));
        let start = Instant::now();
        let seen = catch_unwind(AssertUnwindSafe(|| target(input)));
        took = start.elapsed();
        let seen = seen.map_err(|_| SAID.with(|text| text.borrow().clone()))?;
        let held = MOST.with(Cell::get) - before;
        if held > room {
            return Err(format!("{held} bytes of memory for an input of {}", input.len()));
        }
        if took < Duration::from_secs(1) {
            return Ok(seen);
        }
    }
    Err(format!("{took:?} for {} bytes", input.len()))
}

/// Numbers that are limits somewhere.
const NUMBERS: [u64; 20] = [
    0,
    1,
    2,
    7,
    8,
    16,
    24,
    56,
    64,
    0xfff,
    0x1000,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_f000,
    u64::MAX,
];

fn mutate(corpus: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    // Half of the time something new, otherwise anything.
    let recent = corpus.len().min(64);
    let from = if rng.next() & 1 == 0 { corpus.len() - 1 - rng.below(recent) } else { rng.below(corpus.len()) };
    let mut bytes = corpus[from].clone();
    for _ in 0..1 << rng.below(4) {
        let at = rng.below(bytes.len());
        let len = bytes.len();
        match rng.below(12) {
            0 if len > 0 => bytes[at] ^= 1 << rng.below(8),
            1 if len > 0 => bytes[at] = rng.next() as u8,
            // A field becomes a limit, or a little more or less.
            2..=5 => {
                let width = 1 << rng.below(4);
                let at = at / width * width;
                let Some(field) = bytes.get_mut(at..at + width) else { continue };
                let mut old = [0; 8];
                old[..width].copy_from_slice(field);
                let new = match rng.below(3) {
                    0 => NUMBERS[rng.below(NUMBERS.len())],
                    1 => u64::from_le_bytes(old).wrapping_add(rng.next() % 65).wrapping_sub(32),
                    _ => len as u64 + rng.next() % 17 - 8.min(len as u64),
                };
                field.copy_from_slice(&new.to_le_bytes()[..width]);
            }
            6 => {
                // One place's bytes at another: entries repeat, pointers point elsewhere.
                let (to, count) = (rng.below(len), 1 << rng.below(6));
                let part: Vec<u8> = bytes.iter().skip(at).take(count).copied().collect();
                let end = (to + part.len()).min(len);
                bytes[to..end].copy_from_slice(&part[..end - to]);
            }
            7 => _ = bytes.drain(at..(at + (1 << rng.below(8))).min(len)),
            8 => {
                let word = seeds::WORDS[rng.below(seeds::WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            9 if rng.below(4) == 0 => bytes.truncate(at),
            10 => {
                let other = &corpus[rng.below(corpus.len())];
                let (cut, count) = (rng.below(other.len()), 1 << rng.below(10));
                let part: Vec<u8> = other.iter().skip(cut).take(count).copied().collect();
                let end = (at + part.len()).min(len);
                bytes.splice(at..if rng.next() & 1 == 0 { at } else { end }, part);
            }
            _ if len >= 16 => {
                // Two entries of a table change places.
                let (one, other) = (at / 8 * 8, rng.below(len) / 8 * 8);
                if one + 8 <= len && other + 8 <= len {
                    for byte in 0..8 {
                        bytes.swap(one + byte, other + byte);
                    }
                }
            }
            _ => {}
        }
    }
    bytes.truncate(LONGEST);
    bytes
}
