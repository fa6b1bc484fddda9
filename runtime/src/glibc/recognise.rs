//! Which glibc a mapped libc.so.6 is, by facts it carries; read as bytes, nothing of it is run.
//!
//! The version alone is not enough: release branches change layouts. All facts must agree with one
//! table, or the program is refused with what was found. The build id of a known build stands for all of them.

use super::named;
use super::tables::ALL;
use crate::arch;
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::object::Object;
use ld_rs_plan::elf::{LE, Memory, Part, Sym, note};
use ld_rs_plan::error::{Cause, Error};

/// A libc.so.6 as recognition sees it.
struct Subject<'a> {
    object: &'a Object,
    parts: Vec<Part<'static>>,
}

impl Subject<'_> {
    fn symbol(&self, name: &[u8]) -> Option<&Sym> {
        named(self.object, name)
    }

    fn bytes(&self, vaddr: u64) -> Option<&'static [u8]> {
        Memory::new(&self.parts).tail(vaddr)
    }

    /// The offset in a `_thread_db_*` descriptor: {bits, elements, offset}.
    fn descriptor(&self, name: &[u8]) -> Option<usize> {
        let bytes = self.bytes(self.symbol(name)?.st_value.get(LE))?;
        Some(u32::from_le_bytes(bytes.get(8..12)?.try_into().ok()?) as usize)
    }

    /// The number that `_thread_db_sizeof_pthread` holds.
    fn size_of_pthread(&self) -> Option<usize> {
        let bytes = self.bytes(self.symbol(b"_thread_db_sizeof_pthread")?.st_value.get(LE))?;
        Some(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize)
    }

    /// The string that `gnu_get_libc_version` returns.
    fn version(&self) -> Option<&'static [u8]> {
        let start = self.symbol(b"gnu_get_libc_version")?.st_value.get(LE);
        let text = self.bytes(start.wrapping_add_signed(arch::returned(self.bytes(start)?)?))?;
        text.split(|byte| *byte == 0).next().filter(|version| version.len() < 16)
    }

    /// Where in `_rtld_global_ro` the pointer is that `_dl_find_object` jumps through.
    fn find_object(&self) -> Option<usize> {
        let symbol = self.symbol(b"_dl_find_object")?;
        Some(arch::jumped_through(self.bytes(symbol.st_value.get(LE))?)? as usize)
    }

    /// Whether it has this build id.
    fn is_build(&self, build_id: &[u8]) -> bool {
        let memory = Memory::new(&self.parts);
        let mut notes = self.object.headers.notes.iter().filter_map(|range| memory.bytes(range.vaddr, range.size));
        notes.find_map(note::build_id) == Some(build_id)
    }
}

/// A libc that is known.
pub struct Known {
    /// The place of its table in [`ALL`].
    pub table: usize,
    /// Whether it is the very build that the table is of.
    pub is_build: bool,
}

/// Which table is for `libc`, or an error with the facts found.
pub fn recognise(libc: &Object) -> Result<Known, Error> {
    let subject = Subject { object: libc, parts: libc.image.parts(&libc.headers) };
    let version = subject.version();
    let found = [
        ("sizeof(struct pthread)", subject.size_of_pthread()),
        ("start_routine", subject.descriptor(b"_thread_db_pthread_start_routine")),
        ("_dl_stack_user", subject.descriptor(b"_thread_db_rtld_global__dl_stack_user")),
        ("l_tls_modid", subject.descriptor(b"_thread_db_link_map_l_tls_modid")),
        ("_dl_find_object", subject.find_object()),
    ];
    let defined = &libc.dynamic.versions.defined;
    let table = ALL.iter().position(|table| {
        let facts = &table.facts;
        // 2.31 keeps its descriptors in libpthread: its libc.so.6 has none to compare.
        let in_libc = facts.carrier.bytes() == b"libc.so.6";
        let expected =
            [facts.sizeof_pthread, facts.pthread_start_routine, facts.stack_user, facts.l_tls_modid, facts.find_object];
        version == Some(table.version.bytes())
            && found
                .iter()
                .zip(expected)
                .all(|((_, found), expected)| *found == if in_libc { expected.map(usize::from) } else { None })
            && facts.abi.iter().all(|name| defined.iter().any(|version| version.name == name.bytes()))
    });
    let known = table.map(|table| Known { table, is_build: subject.is_build(&ALL[table].build_id) });
    known.ok_or_else(|| {
        let mut error = Error::new(&libc.name, Cause::Plain("this build of glibc is not known to ld-rs"));
        let shown = ld_rs_plan::error::Text(version.unwrap_or(b"none"));
        error = error.note(format!("found version {shown}").as_bytes());
        for (name, value) in found {
            error = error.note(
                match value {
                    Some(value) => format!("found {name} at {value}"),
                    None => format!("found no {name}"),
                }
                .as_bytes(),
            );
        }
        for table in &ALL {
            error = error.note(&[b"known: ", table.version.bytes(), b" (", table.source.bytes(), b")"].concat());
        }
        error.note(b"runtime/layouts/README.md tells how to add a table")
    })
}
