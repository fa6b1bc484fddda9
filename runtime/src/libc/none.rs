//! No libc: the program brings its own start-up code, and ld-rs the thread-local storage.

use super::Libc;
use crate::tls::ThreadHooks;
use ld_rs_loader::object::Object;
use ld_rs_plan::error::Cause;
use ld_rs_plan::libc::Kind;

/// The contract of a program without a libc.
pub struct Bare;

impl ThreadHooks for Bare {}

impl Libc for Bare {
    fn refusal(&self, object: &Object) -> Option<Cause> {
        let libc = Kind::Glibc.has_name(object.soname())
            || object.defines(b"_dlstart") && Kind::Musl.has_name(object.soname());
        libc.then_some(Cause::Plain("a libc cannot join a process that was started without it"))
    }
}
