//! `--stats` and `LD_DEBUG=statistics`: what starting cost, told at hand-over.
//!
//! Marks are set between the stages of `main.rs`; off, a mark costs one test. Everything else is
//! counted from the tables once the program is ready.

use crate::object::{Module, Object, Objects, Role};
use crate::{arch::cycles, debug, heap, page, sys};
use alloc::{format, vec, vec::Vec};
use core::fmt::Write;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use ld_rs_plan::elf::{LE, Xword};
use ld_rs_plan::{arch, debug::STATISTICS, error::Text, json::Json, names::Index, resolve::symbol_of};
use object::elf::{self, RelocationType};

/// The stages, each named where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The program and what it needs are found and mapped.
    Discover,
    /// TLS is placed, the libc's tables are filled.
    Prepare,
    /// References are looked up.
    Resolve,
    /// Words are stored.
    Relocate,
    /// TLS images are copied, RELRO is protected.
    Protect,
    /// Constructors run.
    Construct,
    /// The program begins.
    End,
}

const NAMES: [&str; 6] = ["discover", "prepare", "resolve", "relocate", "protect", "construct"];
const PHASES: usize = NAMES.len() + 1;

static WANTED: AtomicU32 = AtomicU32::new(0);
const TEXT: u32 = 1;
const JSON: u32 = 2;

/// Nanoseconds, cycles and system calls at the beginning of a phase.
struct Mark([AtomicU64; 3]);
static MARKS: [Mark; PHASES] = [const { Mark([const { AtomicU64::new(0) }; 3]) }; PHASES];

/// Sets what is wanted.
pub fn want(stats: bool, json: bool) {
    let wanted = if stats && json { JSON } else { u32::from(stats) * TEXT };
    if wanted != 0 {
        WANTED.store(wanted, Ordering::Relaxed);
    }
}

/// A phase begins.
#[inline]
pub fn mark(phase: Phase) {
    if WANTED.load(Ordering::Relaxed) != 0 || debug::on(STATISTICS) {
        store(phase);
    }
}

#[cold]
fn store(phase: Phase) {
    let values = [sys::now(), cycles(), sys::calls().into()];
    for (place, value) in MARKS[phase as usize].0.iter().zip(values) {
        place.store(value, Ordering::Relaxed);
    }
}

/// What passed from the beginning of `from` to that of `to`: nanoseconds, cycles, system calls.
fn between(from: usize, to: usize) -> [u64; 3] {
    let values = |phase: usize| MARKS[phase].0.each_ref().map(|value| value.load(Ordering::Relaxed));
    let (from, to) = (values(from), values(to));
    core::array::from_fn(|at| to[at].saturating_sub(from[at]))
}

/// Each phase's name and what passed in it.
fn phases() -> impl Iterator<Item = (&'static str, [u64; 3])> {
    NAMES.iter().enumerate().map(|(at, name)| (*name, between(at, at + 1)))
}

/// Counts over all objects that were relocated.
#[derive(Default)]
struct Counts {
    objects: u64,
    mapped: u64,
    /// By type, DT_RELR's words as RELATIVE.
    kinds: Vec<u64>,
    relr: u64,
    /// Relocations that name a symbol, and different references among them.
    symbolic: u64,
    distinct: u64,
}

impl Counts {
    fn new(objects: &Objects) -> Self {
        let mut counts = Self { kinds: vec![0; 64], ..Self::default() };
        let mut index = Index::default();
        let mut known: Vec<(&[u8], &[u8])> = Vec::new();
        for object in objects.list.iter().filter(|object| matches!(object.role, Role::Program | Role::Library)) {
            counts.objects += 1;
            counts.mapped += object.headers.span.size;
            let dynamic = &object.dynamic;
            counts.relr += relative_words(dynamic.relr);
            for rela in dynamic.rela.iter().chain(dynamic.plt) {
                if let Some(count) = counts.kinds.get_mut(rela.r_type(LE, false).0 as usize) {
                    *count += 1;
                }
                let Some((number, _)) = symbol_of(rela) else { continue };
                counts.symbolic += 1;
                let Some(name) = dynamic.symbols.get(number as usize).and_then(|s| dynamic.symbol_name(s)) else {
                    continue;
                };
                let version = dynamic.versions.wanted(number).map_or(&b""[..], |version| version.name);
                let hash = elf::gnu_hash(name);
                if !index.candidates(hash).any(|at| known.get(at as usize) == Some(&(name, version))) {
                    index.insert(hash, known.len() as u32);
                    known.push((name, version));
                }
            }
        }
        counts.distinct = known.len() as u64;
        counts
    }

    fn all(&self) -> u64 {
        self.kinds.iter().sum::<u64>() + self.relr
    }

    /// Types that occur, by name.
    fn by_kind(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counted = self.kinds.iter().zip(0u32..).filter(|(count, _)| **count > 0);
        let named = counted.map(|(count, kind)| (arch::name(RelocationType(kind)).unwrap_or("other"), *count));
        named.chain((self.relr > 0).then_some(("RELR", self.relr)))
    }
}

/// How many words DT_RELR names.
fn relative_words(relr: &[Xword]) -> u64 {
    let words = relr.iter().map(|entry| entry.get(LE));
    words.map(|entry| if entry & 1 == 0 { 1 } else { u64::from(entry.count_ones()) - 1 }).sum()
}

/// The program is ready: tells what is wanted.
pub fn report(program: &[u8], objects: &Objects) {
    let wanted = WANTED.load(Ordering::Relaxed);
    if wanted == 0 && !debug::on(STATISTICS) {
        return;
    }
    store(Phase::End);
    let (memory, counts) = (heap::in_use() as u64, Counts::new(objects));
    if debug::on(STATISTICS) {
        as_glibc(&counts);
    }
    match wanted {
        TEXT => text(program, objects, &counts, memory),
        JSON => json(program, objects, &counts, memory),
        _ => {}
    }
}

fn modules(objects: &Objects) -> impl Iterator<Item = (&Object, &Module)> {
    objects.list.iter().filter_map(|object| Some((&**object, object.module.as_ref()?)))
}

fn text(program: &[u8], objects: &Objects, counts: &Counts, memory: u64) {
    let mut page = page::line(format_args!("ld-rs: starting {}", Text(program)));
    for (name, [time, _, calls]) in phases().chain([("all", between(0, NAMES.len()))]) {
        let _ = writeln!(page, "  {name:<10}{:>9} us {calls:>6} system calls", time / 1000);
    }
    let _ = writeln!(page, "  {} objects, {} bytes mapped", counts.objects, counts.mapped);
    let _ = write!(page, "  {} relocations:", counts.all());
    for (name, count) in counts.by_kind() {
        let _ = write!(page, " {name} {count}");
    }
    let _ = writeln!(page, "\n  {} symbols looked up, {} different", counts.symbolic, counts.distinct);
    let (object, relocation) = (memory / counts.objects.max(1), memory * 100 / counts.all().max(1));
    let (bytes, hundredths) = (relocation / 100, relocation % 100);
    let _ = write!(page, "  {memory} bytes of the loader's own: {object} an object, ");
    let _ = writeln!(page, "{bytes}.{hundredths:02} a relocation");
    for (object, module) in modules(objects) {
        let _ = write!(page, "  TLS module {}: {}, ", module.id, debug::tls_place(module));
        let _ = writeln!(page, "{}", Text(&object.name));
    }
    page.write(2);
}

fn json(program: &[u8], objects: &Objects, counts: &Counts, memory: u64) {
    let mut json = Json::default();
    json.open(b'{').key("schema").number(ld_rs_plan::json::SCHEMA).key("command").text("stats");
    json.key("file").string(program).key("phases").list(phases(), |json, (name, [time, cycles, calls])| {
        json.open(b'{').key("name").text(name).key("nanoseconds").number(time);
        json.key("cycles").number(cycles).key("system_calls").number(calls).close(b'}');
    });
    json.key("objects").number(counts.objects).key("bytes_mapped").number(counts.mapped);
    json.key("relocations").open(b'{');
    for (name, count) in counts.by_kind() {
        json.key(name).number(count);
    }
    json.close(b'}').key("symbols").number(counts.symbolic).key("different_symbols").number(counts.distinct);
    json.key("loader_memory").number(memory).key("tls").list(modules(objects), |json, (object, module)| {
        json.open(b'{').key("module").number(module.id).key("path").string(&object.name);
        json.key("size").number(module.tls.memsz).key("align").number(module.tls.align);
        json.key("offset").or_null(module.distance.map(i64::unsigned_abs), Json::number).close(b'}');
    });
    sys::write_all(2, &json.end());
}

/// glibc's lines. What it reads again from its look-up cache we look up once: the repetitions.
fn as_glibc(counts: &Counts) {
    let [_, all, _] = between(0, NAMES.len());
    let part = |phases: &[Phase]| {
        let cycles: u64 = phases.iter().map(|phase| between(*phase as usize, *phase as usize + 1)[1]).sum();
        let share = cycles.saturating_mul(1000) / all.max(1);
        format!("{cycles} cycles ({}.{}%)", share / 10, share % 10)
    };
    let relative = counts.kinds.get(arch::RELATIVE.0 as usize).copied().unwrap_or(0) + counts.relr;
    debug::gap();
    debug::line(format_args!("runtime linker statistics:"));
    debug::line(format_args!("  total startup time in dynamic loader: {all} cycles"));
    let relocation = part(&[Phase::Resolve, Phase::Relocate]);
    debug::line(format_args!("            time needed for relocation: {relocation}"));
    debug::line(format_args!("                 number of relocations: {}", counts.symbolic));
    debug::line(format_args!("      number of relocations from cache: {}", counts.symbolic - counts.distinct));
    debug::line(format_args!("        number of relative relocations: {relative}"));
    debug::line(format_args!("           time needed to load objects: {}", part(&[Phase::Discover])));
}
