//! What is known of an object without its memory: what its file says, judged, and its place among the others.
//!
//! Made by loader when an object is taken in; resolution, search and order decide over these facts alone.

use crate::elf::Sym;
use crate::elf::dynamic::Dynamic;
use crate::elf::header::{Headers, Tls};
use crate::elf::lookup::Query;
use crate::errno::EACCES;
use crate::error::Cause;
use alloc::vec::Vec;

/// glibc's sentence where stacks do not become executable.
#[must_use]
pub const fn executable_stack(errno: i32) -> Cause {
    Cause::System("cannot enable executable stack as shared object requires", errno)
}

/// What an object is in the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// The program.
    Program,
    /// A shared object.
    Library,
    /// The kernel's shared object.
    Vdso,
    /// ld-rs itself.
    Loader,
    /// Nothing, or nothing any more: its number waits for another object.
    #[default]
    Gone,
}

/// TLS of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Module {
    /// Module id; 1 is the program if it has TLS.
    pub id: u64,
    /// What DTPMOD64 stores and `__tls_get_addr` takes: the id, where ld-rs keeps the threads' DTVs. Under a libc that keeps
    /// them itself see [`crate::tls::key`].
    pub key: u64,
    /// Static TLS: the block begins so many bytes from the thread pointer in every thread, below it if negative. `None`
    /// for an object whose block may be anywhere.
    pub distance: Option<i64>,
    /// PT_TLS.
    pub tls: Tls,
}

/// The facts of one object. Tables of its dynamic section live as long as `'a`.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// What it is.
    pub role: Role,
    /// The path it was found by; for messages and link maps.
    pub name: Vec<u8>,
    /// Its headers.
    pub headers: Headers,
    /// Its dynamic section.
    pub dynamic: Dynamic<'a>,
    /// Numbers of the objects it needs, in DT_NEEDED order, and of its filtees.
    pub needed: Vec<usize>,
    /// Which of `needed` are searched before it (DT_FILTER, DT_AUXILIARY).
    pub filtees: Vec<usize>,
    /// The object that asked for it first.
    pub needed_by: Option<usize>,
    /// Its TLS module, once assigned.
    pub module: Option<Module>,
    /// A libc that is its own loader: it relocates and protects itself, and old names stand for its own.
    pub is_own_loader: bool,
    /// Built for musl in a process with glibc: by this name it needs musl's libc ([`crate::other_libc`]).
    pub needs_musl: Option<&'a [u8]>,
}

impl<'a> Facts<'a> {
    /// The facts of an object that was just taken in.
    #[must_use]
    pub const fn new(role: Role, name: Vec<u8>, headers: Headers, dynamic: Dynamic<'a>) -> Self {
        Self {
            role,
            name,
            headers,
            dynamic,
            needed: Vec::new(),
            filtees: Vec::new(),
            needed_by: None,
            module: None,
            is_own_loader: false,
            needs_musl: None,
        }
    }

    /// DT_SONAME, or the last part of the path.
    #[must_use]
    pub fn soname(&self) -> &[u8] {
        self.dynamic.soname.unwrap_or_else(|| self.name.rsplit(|byte| *byte == b'/').next().unwrap_or(&self.name))
    }

    /// Whether it defines `name`, in whatever default version.
    #[must_use]
    pub fn defines(&self, name: &[u8]) -> bool {
        self.dynamic.find(&Query::new(name, None)).is_some()
    }

    /// The symbol that answers `query` in this object.
    #[must_use]
    pub fn find(&self, query: &Query<'_>) -> Option<&'a Sym> {
        self.dynamic.symbols.get(self.dynamic.find(query)? as usize)
    }

    /// What makes a process easier to attack, in words, with what is said where it is refused. The guest's own loader does it
    /// and so does ld-rs; `--check` and LD_DEBUG tell of it, and LD_RS_STRICT refuses it.
    pub fn weaknesses(&self) -> impl Iterator<Item = (&'static str, Cause)> {
        let code = self.headers.segments.iter().any(|segment| segment.write && segment.execute);
        let text = Cause::Plain("cannot relocate read-only segments (text relocations)");
        let all = [
            (code, "writable and executable segment", Cause::Plain("segment is both writable and executable")),
            (self.dynamic.text_relocations, "text relocations", text),
            (self.headers.executable_stack, "executable stack", executable_stack(EACCES)),
        ];
        all.into_iter().filter_map(|(is, what, cause)| is.then_some((what, cause)))
    }

    /// Whether it is relocated by us: the vdso needs nothing, and ld-rs relocated itself.
    #[must_use]
    pub const fn is_relocated(&self) -> bool {
        matches!(self.role, Role::Program | Role::Library) && !self.is_own_loader
    }
}
