//! Which glibc a mapped libc.so.6 is, by facts it carries; read as bytes, nothing of it is run.
//!
//! The version alone is not enough: release branches change layouts. All facts must agree with one
//! table, or the program is refused with what was found. Of a build that no table is of, its code and its own loader's file
//! are judged as well (`proof.rs`).

use super::layout::Layout;
use super::tables::ALL;
use super::{named, proof};
use crate::arch;
use alloc::format;
use alloc::vec::Vec;
use ld_rs_loader::object::{Object, Objects};
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

    /// Word `index` of a `_thread_db_*` object: a number, or a descriptor {bits, elements, offset}.
    fn word(&self, name: &[u8], index: usize) -> Option<usize> {
        let (words, _) = self.bytes(self.symbol(name)?.st_value.get(LE))?.as_chunks();
        Some(u32::from_le_bytes(*words.get(index)?) as usize)
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

/// Which table is for object `number`, by its place in [`ALL`], and whether that is the very build that the table is of; or an
/// error with the facts found.
pub fn recognise(objects: &Objects, number: usize) -> Result<(usize, bool), Error> {
    let libc = &objects[number];
    let subject = Subject { object: libc, parts: libc.image.parts(&libc.headers) };
    let version = subject.version();
    let found = [
        ("sizeof(struct pthread)", subject.word(b"_thread_db_sizeof_pthread", 0)),
        ("start_routine", subject.word(b"_thread_db_pthread_start_routine", 2)),
        ("_dl_stack_user", subject.word(b"_thread_db_rtld_global__dl_stack_user", 2)),
        ("l_tls_modid", subject.word(b"_thread_db_link_map_l_tls_modid", 2)),
        ("_dl_find_object", subject.find_object()),
    ];
    let defined = &libc.dynamic.versions.defined;
    let agrees = |table: &(usize, &Layout)| {
        let (_, Layout { facts, version: known, .. }) = table;
        // 2.31 keeps its descriptors in libpthread: its libc.so.6 has none to compare.
        let in_libc = *facts.carrier == *b"libc.so.6";
        let expected =
            [facts.sizeof_pthread, facts.pthread_start_routine, facts.stack_user, facts.l_tls_modid, facts.find_object];
        version == Some(known)
            && found
                .iter()
                .zip(expected)
                .all(|((_, found), expected)| *found == if in_libc { expected.map(usize::from) } else { None })
            && facts.abi.iter().all(|name| defined.iter().any(|version| *version.name == **name))
    };
    let candidates: Vec<_> = ALL.iter().enumerate().filter(agrees).collect();
    if let Some((table, _)) = candidates.iter().find(|(_, layout)| subject.is_build(&layout.build_id)) {
        return Ok((*table, true));
    }
    let proof = proof::of(objects, number, &candidates);
    proof.map(|table| (table, false)).map_err(|failures| {
        let mut error = Error::new(&libc.name, Cause::Plain("this build of glibc is not known to ld-rs"));
        let shown = ld_rs_plan::error::Text(version.unwrap_or(b"none"));
        error = error.note(format!("found version {shown}").as_bytes());
        for (name, value) in found {
            let fact = value.map_or_else(|| format!("found no {name}"), |value| format!("found {name} at {value}"));
            error = error.note(fact.as_bytes());
        }
        for failure in failures {
            error = error.note(failure.as_bytes());
        }
        for table in &ALL {
            error = error.note(&[b"known: ", &*table.version, b" (", &table.source, b")"].concat());
        }
        error.note(b"runtime/layouts/README.md tells how to add a table")
    })
}
