//! GLIBC_TUNABLES and the variables of old that stand for some of them: libc asks its loader for their
//! values, by numbers that every build deals out anew.
//!
//! So a number means something only where the libc's build id is that of the table it stands in; for
//! any other libc every tunable has its default. Read once at start, by [`read`]; `exports.rs` answers libc.

use super::layout::{Kind, Layout, Tunable};
use super::tables::{ALL, TUNABLES};
use core::ffi::c_void;
use core::sync::atomic::{AtomicI64, AtomicPtr, AtomicU64, Ordering};
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::{Memory, note};
use ld_rs_plan::tunables;

/// Room for the tunables of all versions, each distinct declaration once: a bit each in [`SET`].
const ROOM: usize = 32;
/// A version that does not have this tunable.
const ABSENT: u8 = u8::MAX;

/// All versions' tables in one: mostly they declare the same under other numbers.
struct Union {
    declared: [Tunable; ROOM],
    count: usize,
    /// By version and position in `declared`.
    ids: [[u8; ROOM]; TUNABLES.len()],
}

static UNION: Union = unite();

const fn unite() -> Union {
    let mut union = Union { declared: [TUNABLES[0][0]; ROOM], count: 0, ids: [[ABSENT; ROOM]; TUNABLES.len()] };
    let mut version = 0;
    while version < TUNABLES.len() {
        let mut at = 0;
        while at < TUNABLES[version].len() {
            let tunable = TUNABLES[version][at];
            let mut position = 0;
            while position < union.count && !union.declared[position].declares_as(&tunable) {
                position += 1;
            }
            if position == union.count {
                union.declared[position] = tunable;
                union.count += 1;
            }
            union.ids[version][position] = tunable.id as u8;
            at += 1;
        }
        version += 1;
    }
    union
}

/// The numbers of the libc at hand; null while they are not certain.
static IDS: AtomicPtr<[u8; ROOM]> = AtomicPtr::new(core::ptr::null_mut());
/// Which tunables the user set, by position.
static SET: AtomicU64 = AtomicU64::new(0);
static VALUES: [AtomicI64; ROOM] = [const { AtomicI64::new(0) }; ROOM];

/// Takes what the environment says for `libc`, whose layout is `layout`.
pub(super) fn read(layout: &'static Layout, libc: &Object, environment: impl Iterator<Item = &'static [u8]>) {
    let Some(version) = ALL.iter().position(|table| core::ptr::eq(table, layout)) else { return };
    let Some(ids) = UNION.ids.get(version).filter(|_| is_build(libc, layout.build_id.bytes())) else { return };
    IDS.store(core::ptr::from_ref(ids).cast_mut(), Ordering::Relaxed);
    let ours = || UNION.declared.iter().zip(ids).enumerate().filter(|(_, (_, id))| **id != ABSENT);
    let mut main = None;
    for variable in environment {
        let Some((name, value)) = tunables::settings(variable).next() else { continue };
        if name == b"GLIBC_TUNABLES" {
            main = variable.get(name.len() + 1..);
            continue;
        }
        let alias = |tunable: &Tunable| tunable.env.is_some_and(|env| env.bytes() == name);
        if let Some((position, (tunable, _))) = ours().find(|(_, (tunable, _))| alias(tunable)) {
            set(position, tunable, value);
        }
    }
    // It counts more than the variables of old.
    for (name, value) in tunables::settings(main.unwrap_or_default()) {
        if let Some((position, (tunable, _))) = ours().find(|(_, (tunable, _))| tunable.name.bytes() == name) {
            set(position, tunable, value);
        }
    }
}

/// Whether `libc` has this build id, in hex.
fn is_build(libc: &Object, hex: &[u8]) -> bool {
    let parts = libc.image.parts(&libc.headers);
    let memory = Memory::new(&parts);
    let id = libc.headers.notes.iter().find_map(|range| note::build_id(memory.bytes(range.vaddr, range.size)?));
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    id.is_some_and(|id| {
        id.len() * 2 == hex.len()
            && id.iter().zip(hex.chunks_exact(2)).all(|(byte, two)| {
                matches!((digit(two[0]), digit(two[1])), (Some(high), Some(low)) if high << 4 | low == *byte)
            })
    })
}

/// A value outside the declared range is not taken.
fn set(position: usize, tunable: &Tunable, text: &[u8]) {
    let Some(value) = tunables::number(text).map(u64::cast_signed) else { return };
    let fits = match tunable.kind {
        Kind::Int32 => (tunable.min..=tunable.max).contains(&value),
        Kind::Size | Kind::Uint64 => {
            (tunable.min.cast_unsigned()..=tunable.max.cast_unsigned()).contains(&value.cast_unsigned())
        }
        Kind::String => false,
    };
    if fits {
        VALUES[position].store(value, Ordering::Relaxed);
        SET.fetch_or(1 << position, Ordering::Relaxed);
    }
}

/// A tunable, its value, and whether the user set it.
fn state(position: usize) -> (&'static Tunable, i64, bool) {
    let tunable = &UNION.declared[position];
    let is_set = SET.load(Ordering::Relaxed) & 1 << position != 0;
    (tunable, if is_set { VALUES[position].load(Ordering::Relaxed) } else { tunable.default }, is_set)
}

fn by_id(id: u32) -> Option<(&'static Tunable, i64, bool)> {
    // SAFETY: null or a table of `UNION`.
    let ids = unsafe { IDS.load(Ordering::Relaxed).as_ref() }?;
    ids.iter().position(|known| u32::from(*known) == id && *known != ABSENT).map(state)
}

/// The value of `name`, where this libc's loader has such a tunable and the user set it.
pub(super) fn value(name: &[u8]) -> Option<i64> {
    // SAFETY: null or a table of `UNION`.
    let ids = unsafe { IDS.load(Ordering::Relaxed).as_ref() }?;
    let known = |position: usize| ids[position] != ABSENT && UNION.declared[position].name.bytes() == name;
    let (_, value, is_set) = state((0..ROOM).find(|position| known(*position))?);
    is_set.then_some(value)
}

/// Whether the user set tunable `id`.
pub(super) fn is_set(id: u32) -> bool {
    by_id(id).is_some_and(|(_, _, is_set)| is_set)
}

/// Stores the value of tunable `id` and tells `callback` of one that the user set. Where the numbers are
/// not certain nothing is set: a call with a callback has its own default, one without wants an int.
///
/// # Safety
/// `place` is null or valid for the tunable's type; `callback` is null or takes a `tunable_val_t`.
pub(super) unsafe fn get(id: u32, place: *mut c_void, callback: *const c_void) {
    let known = by_id(id);
    if let Some((tunable, value, is_set)) = known {
        // SAFETY: the caller's promise.
        unsafe {
            match tunable.kind {
                _ if place.is_null() => {}
                Kind::Int32 => place.cast::<i32>().write(value as i32),
                Kind::Size | Kind::Uint64 => place.cast::<i64>().write(value),
                Kind::String => {}
            }
            if is_set && !callback.is_null() {
                // union tunable_val_t: a number, or from 2.39 on a text and its length.
                let value = [value, 0];
                core::mem::transmute::<*const c_void, extern "C" fn(*const [i64; 2])>(callback)(&raw const value);
            }
        }
    } else if callback.is_null() && !place.is_null() {
        // SAFETY: the caller's promise; an int in every such call of 2.31 to 2.43.
        unsafe { place.cast::<i32>().write(0) };
    }
}
