//! GLIBC_TUNABLES and the variables of old that stand for some of them: libc asks its loader for their
//! values, by numbers that every build deals out anew.
//!
//! So a number means something only where the libc's build id is that of the table it stands in, or where the
//! libc's own loader of the same build lies beside it and tells its numbers; for any other libc every tunable has
//! its default. Read once at start, by [`read`]; `exports.rs` answers libc.

use super::layout::{Kind, Layout, Tunable};
use super::tables::{ALL, TUNABLES};
use alloc::boxed::Box;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU64, Ordering};
use ld_rs_loader::object::Object;
use ld_rs_loader::sys;
use ld_rs_plan::elf::{Memory, note};
use ld_rs_plan::{search, tunables};

/// Room for the tunables of all versions, each distinct declaration once: a bit each in [`SET`].
const ROOM: usize = 32;
/// A version that does not have this tunable.
const ABSENT: u8 = u8::MAX;
/// The largest file that is read as the libc's loader, in bytes.
const MAX_LOADER: u64 = 4 << 20;
/// The default of glibc.gmon.maxarcs.
const MOST_ARCS: i32 = 1 << 20;

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

/// The numbers of the libc at hand, once they were asked for and are certain.
static IDS: AtomicPtr<[u8; ROOM]> = AtomicPtr::new(null_mut());
/// That libc and its layout.
static LIBC: AtomicPtr<Object> = AtomicPtr::new(null_mut());
static LAYOUT: AtomicPtr<Layout> = AtomicPtr::new(null_mut());
/// Which tunables the user set, by position.
static SET: AtomicU64 = AtomicU64::new(0);
static VALUES: [AtomicI64; ROOM] = [const { AtomicI64::new(0) }; ROOM];

/// Takes what the environment says for `libc`, an object of start-up whose layout is `layout`. Where it
/// says nothing, no page of the tables is touched.
pub(super) fn read(layout: &'static Layout, libc: &Object, environment: impl Iterator<Item = &'static [u8]>) {
    LIBC.store(core::ptr::from_ref(libc).cast_mut(), Ordering::Relaxed);
    LAYOUT.store(core::ptr::from_ref(layout).cast_mut(), Ordering::Relaxed);
    let mut main = None;
    for variable in environment.filter(|variable| matches!(variable.first(), Some(b'G' | b'M'))) {
        let Some((name, value)) = tunables::settings(variable).next() else { continue };
        if name == b"GLIBC_TUNABLES" {
            main = variable.get(name.len() + 1..);
        } else if name.starts_with(b"MALLOC_") {
            choose(value, |tunable| tunable.env.is_some_and(|env| env.bytes() == name));
        }
    }
    // It counts more than the variables of old.
    for (name, value) in tunables::settings(main.unwrap_or_default()) {
        choose(value, |tunable| tunable.name.bytes() == name);
    }
}

/// Sets the tunable that `is_meant`, where this libc has it.
fn choose(value: &[u8], is_meant: impl Fn(&Tunable) -> bool) {
    let Some(ids) = ids().or_else(learn) else { return };
    let mut known = UNION.declared.iter().zip(ids).enumerate().filter(|(_, (_, id))| **id != ABSENT);
    if let Some((position, (tunable, _))) = known.find(|(_, (tunable, _))| is_meant(tunable)) {
        set(position, tunable, value);
    }
}

/// The numbers of the libc at hand, if they are certain.
fn ids() -> Option<&'static [u8; ROOM]> {
    // SAFETY: null or a table of `UNION`.
    if let Some(ids) = unsafe { IDS.load(Ordering::Relaxed).as_ref() } {
        return Some(ids);
    }
    let (libc, layout, of_table) = subject()?;
    let ids = Some(of_table).filter(|_| is_build(libc, layout.build_id.bytes()))?;
    IDS.store(core::ptr::from_ref(ids).cast_mut(), Ordering::Relaxed);
    Some(ids)
}

/// The libc at hand, its layout, and the numbers in the table of its version.
fn subject() -> Option<(&'static Object, &'static Layout, &'static [u8; ROOM])> {
    // SAFETY: null or what `read` got: an object of start-up, which stays, and a table.
    let (libc, layout) = unsafe { (LIBC.load(Ordering::Relaxed).as_ref()?, LAYOUT.load(Ordering::Relaxed).as_ref()?) };
    let version = ALL.iter().position(|table| core::ptr::eq(table, layout))?;
    Some((libc, layout, UNION.ids.get(version)?))
}

/// The numbers of a build that no table is of, from the list that its own loader carries. Asked for once, at start and
/// only if something is set: later the program may not want files opened.
fn learn() -> Option<&'static [u8; ROOM]> {
    static ASKED: AtomicBool = AtomicBool::new(false);
    if ASKED.swap(true, Ordering::Relaxed) {
        return None;
    }
    let (libc, _, of_table) = subject()?;
    let ids = Box::leak(Box::new(told_by_its_loader(libc, *of_table)?));
    IDS.store(ids, Ordering::Relaxed);
    Some(ids)
}

/// `ids`, those in the table of the version, as the loader beside `libc` has them.
fn told_by_its_loader(libc: &Object, mut ids: [u8; ROOM]) -> Option<[u8; ROOM]> {
    let path = search::join(search::directory_of(&libc.name), b"ld-linux-x86-64.so.2")?;
    let file = sys::open(&path).ok()?;
    let size = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size <= MAX_LOADER)?.size;
    let file = sys::read_vec(&file, usize::try_from(size).ok()?, 0).ok()?;
    let parts = libc.image.parts(&libc.headers);
    let build = parts.iter().find_map(|part| tunables::build(part.bytes, b"GNU C Library ("))?;
    let list = tunables::List::find(&file).filter(|_| tunables::build(&file, b"ld.so (") == Some(build))?;
    for (id, tunable) in ids.iter_mut().zip(&UNION.declared).filter(|(id, _)| **id != ABSENT) {
        *id = u8::try_from(list.id(tunable.name.bytes())?).ok()?;
    }
    Some(ids)
}

/// Whether `libc` has this build id, in hex.
fn is_build(libc: &Object, hex: &[u8]) -> bool {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let parts = libc.image.parts(&libc.headers);
    let memory = Memory::new(&parts);
    let id = libc.headers.notes.iter().find_map(|range| note::build_id(memory.bytes(range.vaddr, range.size)?));
    let digits = id.into_iter().flatten().flat_map(|byte| [byte >> 4, byte & 15]);
    hex.iter().copied().eq(digits.map(|digit| DIGITS[usize::from(digit)]))
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
    ids()?.iter().position(|known| u32::from(*known) == id && *known != ABSENT).map(state)
}

/// The value of `name`, where this libc's loader has such a tunable and the user set it.
pub(super) fn value(name: &[u8]) -> Option<i64> {
    if SET.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let ids = ids()?;
    let known = |position: usize| ids[position] != ABSENT && UNION.declared[position].name.bytes() == name;
    let (_, value, is_set) = state((0..ROOM).find(|position| known(*position))?);
    is_set.then_some(value)
}

/// Whether the user set tunable `id`.
pub(super) fn is_set(id: u32) -> bool {
    SET.load(Ordering::Relaxed) != 0 && by_id(id).is_some_and(|(_, _, is_set)| is_set)
}

/// Stores the value of tunable `id` and tells `callback` of one that the user set. Where the numbers are
/// not certain nothing is set: a call with a callback has its own default. Of those without (2.31 to 2.43) gmon
/// asks for the arcs it may have, and malloc and thread stacks whether `decorate_maps` is 1.
///
/// # Safety
/// `place` is null or valid for the tunable's type; `callback` is null or takes a `tunable_val_t`.
pub(super) unsafe fn get(id: u32, place: *mut c_void, callback: *const c_void) {
    // Nothing is set: a caller with a callback has its own default.
    if !callback.is_null() && SET.load(Ordering::Relaxed) == 0 {
        return;
    }
    if let Some((tunable, value, is_set)) = by_id(id) {
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
        // SAFETY: the caller's promise; an int in every such call.
        unsafe { place.cast::<i32>().write(MOST_ARCS) };
    }
}
