//! The two protocols by which dlopen changes what other threads read without a lock, explored by
//! loom: all interleavings (up to a number of preemptions) and all values that the memory model lets
//! a load see. The protocols are the loader's own source files, compiled here with loom's atomics.
//!
//! A model that cannot fail proves nothing: each ordering in those files is weakened in turn, and the
//! model must find the harm.
#![allow(missing_docs, dead_code)]

extern crate alloc;

#[path = "orderings/atomics.rs"]
mod atomics;
#[path = "../../runtime/src/tls/dtv.rs"]
mod dtv;
#[path = "../../runtime/src/ranges.rs"]
mod ranges;

use atomics::{AtomicPtr, AtomicU32, Site, weaken};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use ranges::{Entry, List, Ranges};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// One exploration at a time: which ordering is weakened is known to the whole process.
static ONE: Mutex<()> = Mutex::new(());

fn explore(model: fn()) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_duration = Some(std::time::Duration::from_secs(20));
    builder.check(model);
}

/// Explores `models` as they are.
fn hold(models: &[fn()]) {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    weaken(None);
    models.iter().for_each(|model| explore(*model));
}

/// Weakens each ordering that is met in `models` in turn; one of them must fail each time.
fn fail_when_weakened(models: &[fn()]) {
    let _alone = ONE.lock().unwrap_or_else(|e| e.into_inner());
    weaken(None);
    models.iter().for_each(|model| explore(*model));
    let sites = weaken(None);
    assert!(sites.len() > 3, "{sites:?}");
    let survives = |site: &Site| {
        weaken(Some(*site));
        models.iter().all(|model| catch_unwind(AssertUnwindSafe(|| explore(*model))).is_ok())
    };
    let survived: BTreeSet<Site> = sites.into_iter().filter(survives).collect();
    weaken(None);
    assert!(survived.is_empty(), "nothing is wrong when these orderings are weakened: {survived:?}");
}

fn object(number: u64) -> Entry {
    let start = number * 0x1000;
    Entry { start, end: start + 0x800, link_map: number + 100, eh_frame_hdr: number + 200, number }
}

/// Objects come and go below and above one that stays: a search for it finds it, whole, each time.
fn an_object_that_stays_is_always_found() {
    let ranges = Arc::new(Ranges::empty());
    let mut list = List::default();
    list.insert(object(5));
    list.publish(&ranges);
    let reader = thread::spawn({
        let ranges = ranges.clone();
        move || {
            let hint = AtomicU32::new(0);
            assert_eq!(ranges.find(object(5).start + 1, &hint), Some(object(5)));
        }
    });
    list.insert(object(7));
    list.publish(&ranges);
    list.remove(object(7).start);
    list.insert(object(8));
    list.publish(&ranges);
    reader.join().unwrap();
}

/// A reader that begins before there is any table, and is overtaken twice, finds nothing or an entry.
fn the_first_tables_are_whole() {
    let ranges = Arc::new(Ranges::empty());
    let reader = thread::spawn({
        let ranges = ranges.clone();
        move || {
            let found = ranges.find(object(5).start + 1, &AtomicU32::new(0));
            assert!(found.is_none() || found == Some(object(5)));
        }
    });
    let mut list = List::default();
    list.insert(object(5));
    list.publish(&ranges);
    list.insert(object(4));
    list.publish(&ranges);
    reader.join().unwrap();
}

/// An object goes and another comes in its place, and in its slot: a reader finds one of the two, whole, or nothing.
fn a_slot_that_is_used_again_is_whole() {
    let ranges = Arc::new(Ranges::empty());
    let (first, second) = (object(7), Entry { link_map: 1, eh_frame_hdr: 2, number: 3, ..object(7) });
    let mut list = List::default();
    list.insert(first);
    list.publish(&ranges);
    let reader = thread::spawn({
        let ranges = ranges.clone();
        move || {
            let found = ranges.find(first.start, &AtomicU32::new(0));
            assert!(found.is_none() || found == Some(first) || found == Some(second), "{found:?}");
        }
    });
    list.remove(first.start);
    list.publish(&ranges);
    list.insert(second);
    list.publish(&ranges);
    reader.join().unwrap();
}

/// Objects go and nothing comes: the one behind them moves up, and is found.
fn an_object_that_moves_up_is_found() {
    let ranges = Arc::new(Ranges::empty());
    let mut list = List::default();
    list.insert(object(7));
    list.insert(object(6));
    list.insert(object(5));
    list.publish(&ranges);
    let reader = thread::spawn({
        let ranges = ranges.clone();
        move || assert_eq!(ranges.find(object(5).start, &AtomicU32::new(0)), Some(object(5)))
    });
    list.publish(&ranges);
    // More than half are gone: no place is left empty.
    list.remove(object(7).start);
    list.remove(object(6).start);
    list.publish(&ranges);
    reader.join().unwrap();
}

const RANGES: [fn(); 4] = [
    an_object_that_stays_is_always_found,
    the_first_tables_are_whole,
    a_slot_that_is_used_again_is_whole,
    an_object_that_moves_up_is_found,
];

#[test]
fn ranges_hold() {
    hold(&RANGES);
}

#[test]
fn ranges_fail_when_an_ordering_is_weakened() {
    fail_when_weakened(&RANGES);
}

/// What the program itself reaches through an address in a DTV.
struct Block {
    number: u64,
    image: UnsafeCell<u64>,
}

fn block(number: u64) -> u64 {
    Box::into_raw(Box::new(Block { number, image: UnsafeCell::new(0) })) as u64
}

fn touch(address: u64) -> (u64, u64) {
    // SAFETY: made by `block` and leaked.
    let block = unsafe { &*(address as *const Block) };
    // SAFETY: loom complains if somebody may be writing.
    (block.number, block.image.with(|image| unsafe { *image }))
}

/// Leaked, as a thread's DTVs are until it ends.
fn dtv_for(capacity: u64) -> *mut dtv::Entry {
    let entry = || dtv::Entry { value: atomics::AtomicU64::new(7), to_free: atomics::AtomicU64::new(7) };
    let entries: Vec<dtv::Entry> = (0..dtv::size(capacity)).map(|_| entry()).collect();
    // SAFETY: as many entries as are wanted.
    unsafe { dtv::make(Vec::leak(entries).as_mut_ptr(), capacity) }
}

/// dlopen gives a running thread its second module, for which its DTV has no room, while the thread
/// uses the first and looks whether the second is there.
fn a_thread_reads_while_its_dtv_is_replaced() {
    let place = Arc::new(AtomicPtr::new(dtv_for(1)));
    // SAFETY: a DTV with room for one module.
    unsafe { dtv::enter(&place, 1, block(1), 0) };
    let thread = thread::spawn({
        let place = place.clone();
        move || {
            // SAFETY: there is always a DTV.
            let (first, second) = unsafe { (dtv::block(&place, 1), dtv::block(&place, 2)) };
            assert_eq!(touch(first.expect("the first module is never lost")), (1, 0));
            if let Some(second) = second {
                assert_eq!(touch(second), (2, 55), "the block is seen before its image");
            }
        }
    });
    // SAFETY: the new DTV is larger; then there is room for module 2.
    unsafe {
        dtv::replace(&place, dtv_for(2));
        let second = block(2);
        (*(second as *const Block)).image.with_mut(|image| *image = 55);
        dtv::enter(&place, 2, second, 0);
        assert_eq!(dtv::capacity(&place), 2);
    }
    thread.join().unwrap();
}

#[test]
fn dtvs_hold() {
    hold(&[a_thread_reads_while_its_dtv_is_replaced]);
}

#[test]
fn dtvs_fail_when_an_ordering_is_weakened() {
    fail_when_weakened(&[a_thread_reads_while_its_dtv_is_replaced]);
}
