//! What a libc asks of its loader, as one small trait. Chosen once from what the program loaded; no
//! other room asks which libc it is.

use crate::debugger::{LinkMap, PUBLIC_SIZE};
use crate::process::Process;
use crate::tls::{BARE_TCB, Blueprint};
use alloc::boxed::Box;
use alloc::vec::Vec;
use ld_rs_loader::object::{Object, Objects};
use ld_rs_loader::search;
use ld_rs_loader::stack::{Auxv, Stack};
use ld_rs_plan::error::{Cause, Error};
use ld_rs_plan::libc::Kind;

/// Everything that is known when the libc's tables are filled: objects are mapped and their TLS is
/// laid out, nothing is relocated.
pub struct Setup<'a> {
    /// All objects, with their link maps.
    pub process: &'a Process,
    /// The layout of static TLS.
    pub blueprint: &'a Blueprint,
    /// Arguments and environment.
    pub stack: &'a Stack,
    /// The auxiliary vector.
    pub auxv: &'a Auxv,
    /// AT_SECURE or its like.
    pub secure: bool,
}

/// One libc's contract.
pub trait Libc {
    /// Bytes of the thread control block, from the thread pointer on.
    fn tcb_size(&self) -> u64 {
        BARE_TCB
    }
    /// Bytes of a link map.
    fn link_map_size(&self) -> usize {
        PUBLIC_SIZE
    }
    /// Whether objects of this soname may come by dlopen: a second libc may not.
    fn admits(&self, soname: &[u8]) -> bool {
        soname != b"libc.so.6"
    }
    /// Fills the tables that the libc reads from its first relocation on.
    fn prepare(&self, _setup: &Setup<'_>) {}
    /// Makes the first thread, whose pointer is set, what the libc expects of it.
    fn adopt_thread(&self, _tp: u64) {}
    /// Last step before constructors: everything is relocated, TLS images are in place.
    fn start(&self, _process: &Process) {}
    /// Fills the libc's part of an object's link map. Returns what the link map points into, to be
    /// kept as long as it.
    fn fill_link_map(&self, _object: &Object, _map: *mut LinkMap) -> Vec<[u64; 2]> {
        Vec::new()
    }
    /// These objects came, and stand in the chain of link maps.
    fn objects_came(&self, _process: &Process, _numbers: &[usize]) {}
    /// `count` objects, with these TLS modules, left the chain of link maps.
    fn objects_went(&self, _count: usize, _modules: &[u64]) {}
    /// Sets this thread's errno: a libc reads it when a service of ours fails.
    fn set_errno(&self, _errno: i32) {}
    /// Comes once, before the process has a second thread; no lock is held.
    fn before_threads(&self) {}
    /// Whether thread-exit destructors of the object are due, so that it must stay.
    fn is_pinned(&self, _map: *mut LinkMap) -> bool {
        false
    }
}

/// No libc: the program brings its own start-up code.
struct Bare;
impl Libc for Bare {}

/// Chooses the contract for what is loaded.
pub fn choose(objects: &Objects) -> Result<Box<dyn Libc>, Error> {
    match search::libc(objects) {
        (Kind::Glibc, Some(number)) => crate::glibc::choose(&objects.list[number]),
        (Kind::Musl, Some(number)) => {
            let sentence = "musl's libc cannot be served yet: start the program with its own linker";
            Err(Error::new(&objects.list[number].name, Cause::Plain(sentence)))
        }
        _ => Ok(Box::new(Bare)),
    }
}
