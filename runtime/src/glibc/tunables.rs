//! GLIBC_TUNABLES and the variables of old that stand for some of them: libc asks its loader for their
//! values, by numbers that every build deals out anew.
//!
//! So a number means something only where the libc's build id is that of the table it stands in, or where the
//! libc's own loader of the same build lies beside it and tells its numbers; for any other libc every tunable has
//! its default. Read once at start; `exports.rs` answers libc.

use super::layout::{ABSENT, Kind, Tunable};
use super::tables::tunables::{DECLARED, IDS};
use alloc::boxed::Box;
use core::cell::OnceCell;
use core::ffi::c_void;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicI64, AtomicPtr, AtomicU64, Ordering};
use ld_rs_loader::object::Object;
use ld_rs_loader::sys;
use ld_rs_plan::arch::GLIBC_LOADER_NAME;
use ld_rs_plan::{search, tunables};

/// The tunables of all versions, a bit each in [`Tunables::set`].
const ROOM: usize = DECLARED.len();
const _: () = assert!(ROOM <= u64::BITS as usize);
/// The largest file that is read as the libc's loader, in bytes.
const MAX_LOADER: u64 = 4 << 20;
/// How the variables begin that are read here: GLIBC_TUNABLES and MALLOC_ of old.
pub(super) const INITIALS: &[u8] = b"GM";
/// The default of glibc.gmon.maxarcs.
const MOST_ARCS: i32 = 1 << 20;

/// What the user set, by place in [`DECLARED`].
pub(super) struct Tunables {
    /// The numbers in the table of its version.
    of_table: &'static [u8; ROOM],
    /// The numbers of the libc at hand, or null as long as they are not certain.
    ids: AtomicPtr<[u8; ROOM]>,
    /// Which tunables the user set.
    set: AtomicU64,
    values: [AtomicI64; ROOM],
}

impl Tunables {
    /// Those of a libc whose table is number `table`; `is_build`: the very build that the table is of.
    pub(super) fn new(table: usize, is_build: bool) -> Self {
        let of_table = &IDS[table];
        let ids = if is_build { core::ptr::from_ref(of_table).cast_mut() } else { null_mut() };
        let values = const { [const { AtomicI64::new(0) }; ROOM] };
        Self { of_table, ids: AtomicPtr::new(ids), set: AtomicU64::new(0), values }
    }

    /// Takes what `environment`, the variables with [`INITIALS`], says for `libc`, and tells the value of GLIBC_TUNABLES. Where it says nothing, no page of
    /// the tables is touched.
    pub(super) fn read(
        &self,
        libc: &Object,
        environment: impl Iterator<Item = &'static [u8]>,
    ) -> Option<&'static [u8]> {
        // The numbers, once they are asked for.
        let known = OnceCell::new();
        let ids = || *known.get_or_init(|| self.ids().or_else(|| self.learn(libc)));
        let mut main = None;
        for variable in environment {
            let Some((name, value)) = tunables::settings(variable).next() else { continue };
            if name == b"GLIBC_TUNABLES" {
                main = variable.get(name.len() + 1..);
            } else if name.starts_with(b"MALLOC_") {
                self.choose(ids(), value, |tunable| tunable.env.is_some_and(|env| *env == *name));
            }
        }
        // It counts more than the variables of old.
        for (name, value) in tunables::settings(main.unwrap_or_default()) {
            self.choose(ids(), value, |tunable| *tunable.name == *name);
        }
        main
    }

    /// Sets the tunable that `is_meant`, where this libc has it.
    fn choose(&self, ids: Option<&[u8; ROOM]>, value: &[u8], is_meant: impl Fn(&Tunable) -> bool) {
        let mut known =
            DECLARED.iter().zip(ids.into_iter().flatten()).enumerate().filter(|(_, (_, id))| **id != ABSENT);
        if let Some((position, (tunable, _))) = known.find(|(_, (tunable, _))| is_meant(tunable)) {
            self.set(position, tunable, value);
        }
    }

    /// The numbers of the libc at hand, if they are certain.
    fn ids(&self) -> Option<&'static [u8; ROOM]> {
        // SAFETY: null, a row of `IDS`, or what `learn` leaked.
        unsafe { self.ids.load(Ordering::Relaxed).as_ref() }
    }

    /// The numbers of a build that no table is of, from the list that its own loader carries. Asked for at start and
    /// only if something is set: later the program may not want files opened.
    fn learn(&self, libc: &Object) -> Option<&'static [u8; ROOM]> {
        let ids = Box::leak(Box::new(told_by_its_loader(libc, *self.of_table)?));
        self.ids.store(ids, Ordering::Relaxed);
        Some(ids)
    }

    /// A value outside the declared range is not taken.
    fn set(&self, position: usize, tunable: &Tunable, text: &[u8]) {
        let Some(value) = tunables::number(text).map(u64::cast_signed) else { return };
        let fits = match tunable.kind {
            Kind::Int32 => (tunable.min..=tunable.max).contains(&value),
            Kind::Size => (tunable.min.cast_unsigned()..=tunable.max.cast_unsigned()).contains(&value.cast_unsigned()),
        };
        if fits {
            self.values[position].store(value, Ordering::Relaxed);
            self.set.fetch_or(1 << position, Ordering::Relaxed);
        }
    }

    /// A tunable, its value, and whether the user set it.
    fn state(&self, position: usize) -> (&'static Tunable, i64, bool) {
        let tunable = &DECLARED[position];
        let is_set = self.set.load(Ordering::Relaxed) & 1 << position != 0;
        (tunable, if is_set { self.values[position].load(Ordering::Relaxed) } else { tunable.default }, is_set)
    }

    fn by_id(&self, id: u32) -> Option<(&'static Tunable, i64, bool)> {
        let known = self.ids()?.iter().position(|known| u32::from(*known) == id && *known != ABSENT)?;
        Some(self.state(known))
    }

    fn nothing_is_set(&self) -> bool {
        self.set.load(Ordering::Relaxed) == 0
    }

    /// The value of `name`, where this libc's loader has such a tunable and the user set it.
    pub(super) fn value(&self, name: &[u8]) -> Option<i64> {
        if self.nothing_is_set() {
            return None;
        }
        let ids = self.ids()?;
        let known = |position: usize| ids[position] != ABSENT && *DECLARED[position].name == *name;
        let (_, value, is_set) = self.state((0..ROOM).find(|position| known(*position))?);
        is_set.then_some(value)
    }

    /// Whether the user set tunable `id`.
    pub(super) fn is_set(&self, id: u32) -> bool {
        !self.nothing_is_set() && self.by_id(id).is_some_and(|(_, _, is_set)| is_set)
    }

    /// Stores the value of tunable `id` and tells `callback` of one that the user set. Where the numbers are
    /// not certain nothing is set: a call with a callback has its own default. Of those without (2.31 to 2.43) gmon
    /// asks for the arcs it may have, and malloc and thread stacks whether `decorate_maps` is 1.
    ///
    /// # Safety
    /// `place` is null or valid for the tunable's type; `callback` is null or takes a `tunable_val_t`.
    pub(super) unsafe fn get(&self, id: u32, place: *mut c_void, callback: *const c_void) {
        // Nothing is set: a caller with a callback has its own default.
        if !callback.is_null() && self.nothing_is_set() {
            return;
        }
        if let Some((tunable, value, is_set)) = self.by_id(id) {
            // SAFETY: the caller's promise.
            unsafe {
                match tunable.kind {
                    _ if place.is_null() => {}
                    Kind::Int32 => place.cast::<i32>().write(value as i32),
                    Kind::Size => place.cast::<i64>().write(value),
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
}

/// `ids`, those in the table of the version, as the loader beside `libc` has them.
fn told_by_its_loader(libc: &Object, mut ids: [u8; ROOM]) -> Option<[u8; ROOM]> {
    let path = search::join(search::directory_of(&libc.name), GLIBC_LOADER_NAME)?;
    let file = sys::open(&path).ok()?;
    let size = sys::stat(&file).ok().filter(|facts| facts.regular && facts.size <= MAX_LOADER)?.size;
    let file = sys::read_vec(&file, usize::try_from(size).ok()?, 0).ok()?;
    let parts = libc.image.parts(&libc.headers);
    let build = parts.iter().find_map(|part| tunables::build(part.bytes, b"GNU C Library ("))?;
    let list = tunables::List::find(&file).filter(|_| tunables::build(&file, b"ld.so (") == Some(build))?;
    for (id, tunable) in ids.iter_mut().zip(&DECLARED).filter(|(id, _)| **id != ABSENT) {
        *id = u8::try_from(list.id(&tunable.name)?).ok()?;
    }
    Some(ids)
}
