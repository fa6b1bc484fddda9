//! What the references of a [`Scope`](super::scope::Scope) bind to, the naive way: by glibc's rules (elf/dl-lookup.c,
//! elf/do-rel.h of 2.36), over the description of the objects and not over their files. Nothing here uses plan.
//!
//! ld-rs differs from glibc where glibc's answer is of no use, and so does the model:
//! * a COPY never takes an undefined symbol for an answer, and skips the object that asks, which is the program;
//! * an undefined symbol of TLS is never an answer;
//! * an undefined symbol of other visibility than the default is looked up like any other;
//! * a local or hidden definition does not hide a later one of the same name and version in its object;
//! * a protected definition binds to itself, even where the program has a PLT entry of that name.

use super::scope::{Got, Object, Relocation, Scope, Symbol};
use std::collections::BTreeMap;

/// What a relocation binds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A symbol, by the object's number and its index.
    To(usize, u32),
    /// Nothing: 0.
    Zero,
    /// Nothing as yet.
    WhenCalled,
}

/// How a relocation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// For an address, to which a PLT entry is an answer.
    Address,
    /// For a function to call.
    Call,
    /// For the data of another object.
    Copy,
    /// Of TLS, a descriptor included.
    Tls,
}

/// The bindings of one object.
#[derive(Debug, Default)]
pub struct Bindings {
    /// The object's number.
    pub object: usize,
    /// For each relocation that names a symbol: those of DT_RELA, then those of DT_JMPREL.
    pub bound: Vec<Bound>,
    /// Whether those of DT_JMPREL are left out until they are called.
    pub postponed: bool,
}

/// A symbol that nobody defines: object that asks, name, version.
pub type Undefined = (String, String, Option<String>);

/// The state of a process.
pub struct Model<'s> {
    scope: &'s Scope,
    /// The one definition of each unique symbol.
    pub uniques: BTreeMap<String, (usize, u32)>,
    /// What is an error, in glibc's order.
    pub undefined: Vec<Undefined>,
}

/// How a relocation asks for its symbol, if it asks for one (psABI table 4.9).
pub fn asks(relocation: &Relocation) -> Option<Asks> {
    let asks = match relocation.kind {
        // 64, PC32, GLOB_DAT, 32, 32S, PC64, SIZE32, SIZE64.
        1 | 2 | 6 | 10 | 11 | 24 | 32 | 33 => Asks::Address,
        7 => Asks::Call,
        5 => Asks::Copy,
        // DTPMOD64, DTPOFF64, TPOFF64, TLSDESC.
        16 | 17 | 18 | 36 => Asks::Tls,
        _ => return None,
    };
    (relocation.symbol != 0).then_some(asks)
}

/// The version with index `entry` of .gnu.version: its name, and whether it was marked hidden as a need.
fn version(object: &Object, entry: u16) -> Option<(&str, bool)> {
    let index = entry & 0x7fff;
    let defined = object.defined.iter().rev().find(|(known, _, base)| *known == index && !base);
    let needed = || object.needed.iter().rev().find(|(known, _)| known & 0x7fff == index);
    defined
        .map(|(_, name, _)| (&name[..], false))
        .or_else(|| needed().map(|(own, name)| (&name[..], own & 0x8000 != 0)))
}

/// The version that symbol `index` of `object` asks for.
fn wanted(object: &Object, index: u32) -> Option<(&str, bool)> {
    if object.versym { version(object, object.symbols[index as usize].version) } else { None }
}

/// `do_lookup_x` in one object.
fn lookup(object: &Object, name: &str, wanted: Option<(&str, bool)>, asks: Asks) -> Option<u32> {
    let mut candidates: Vec<usize> = (1..object.symbols.len()).filter(|at| object.symbols[*at].listed).collect();
    if object.gnu_buckets == 0 {
        candidates.reverse();
        if object.sysv_buckets == 0 {
            return None;
        }
    }
    let visible = |symbol: &Symbol| matches!(symbol.bind, 1 | 2 | 10) && !matches!(symbol.visibility, 1 | 2);
    let mut versioned = Vec::new();
    for at in candidates {
        let symbol = &object.symbols[at];
        // check_match
        let no_value = symbol.value == 0 && symbol.shndx != 0xfff1 && symbol.kind != 6;
        let undefined = symbol.shndx == 0 && (asks != Asks::Address || symbol.kind == 6);
        if no_value || undefined || !matches!(symbol.kind, 0 | 1 | 2 | 5 | 6 | 10) || symbol.name != name {
            continue;
        }
        if object.versym {
            let (own, hidden) = (version(object, symbol.version), symbol.version & 0x8000 != 0);
            let another = |wanted| own.is_none_or(|(own, _)| own != wanted);
            match wanted {
                Some((wanted, exactly)) if another(wanted) && (exactly || own.is_some() || hidden) => continue,
                None if symbol.version & 0x7fff >= 3 => {
                    if !hidden {
                        versioned.push(at);
                    }
                    continue;
                }
                _ => {}
            }
        }
        if visible(symbol) {
            return Some(at as u32);
        }
    }
    // The only one of its name, though not the oldest.
    let [at] = versioned[..] else { return None };
    visible(&object.symbols[at]).then_some(at as u32)
}

impl<'s> Model<'s> {
    /// A process in which nothing is bound yet.
    pub fn new(scope: &'s Scope) -> Self {
        Self { scope, uniques: BTreeMap::new(), undefined: Vec::new() }
    }

    fn symbol(&self, (object, symbol): (usize, u32)) -> &'s Symbol {
        &self.scope.objects[object].symbols[symbol as usize]
    }

    /// What symbol `index` of object `asker` means, before unique symbols are made one.
    pub fn means(&self, parts: &[Vec<usize>; 2], asker: usize, index: u32, asks: Asks) -> Option<(usize, u32)> {
        let object = &self.scope.objects[asker];
        let symbol = self.symbol((asker, index));
        let itself = symbol.bind == 0 || symbol.shndx != 0 && symbol.visibility != 0;
        if itself && asks != Asks::Copy {
            return Some((asker, index));
        }
        let first = (object.symbolic && asks != Asks::Copy).then_some(&asker);
        let scope = first.into_iter().chain(&parts[0]).chain(&parts[1]);
        let mut asked = scope.filter(|number| asks != Asks::Copy || **number != asker);
        asked.find_map(|number| {
            let found = lookup(&self.scope.objects[*number], &symbol.name, wanted(object, index), asks)?;
            Some((*number, found))
        })
    }

    fn bind(&mut self, parts: &[Vec<usize>; 2], asker: usize, relocation: &Relocation, asks: Asks) -> Bound {
        let (object, index) = (&self.scope.objects[asker], relocation.symbol);
        let own = self.symbol((asker, index));
        let Some(found) = self.means(parts, asker, index, asks) else {
            return match () {
                () if own.bind == 2 => Bound::Zero,
                () if asks == Asks::Call && self.scope.lazy && !object.bind_now => Bound::WhenCalled,
                () => {
                    let version = wanted(object, index).map(|(name, _)| name.to_string());
                    self.undefined.push((object.name.clone(), own.name.clone(), version));
                    Bound::Zero
                }
            };
        };
        // A local or protected symbol means itself without a look-up.
        let itself = found == (asker, index) && own.visibility != 0;
        if self.symbol(found).bind != 10 || itself {
            return Bound::To(found.0, found.1);
        }
        // do_lookup_unique: what is copied to is the one from then on.
        let new = if asks == Asks::Copy { (asker, index) } else { found };
        let one = *self.uniques.entry(own.name.clone()).or_insert(new);
        let (object, symbol) = if asks == Asks::Copy { found } else { one };
        Bound::To(object, symbol)
    }

    /// Whether the functions of `object` may wait for their first call.
    fn postpones(&self, object: &Object) -> bool {
        let stays_writable = object.got == Got::Sound;
        let waits = |slot: &Relocation| slot.kind == 7 && slot.symbol != 0 && slot.slot && stays_writable;
        let many = self.scope.postpone.is_some_and(|fewest| object.plt.len() >= fewest);
        let may = self.scope.lazy && !object.bind_now && !matches!(object.got, Got::Absent | Got::ReadOnly);
        // IRELATIVE never waits, and is not in the way.
        may && many && object.plt.iter().all(|slot| slot.kind == 37 || waits(slot))
    }

    /// Binds the objects `numbers`, the last first, as glibc relocates.
    pub fn resolve(&mut self, numbers: &[usize], parts: &[Vec<usize>; 2]) -> Vec<Bindings> {
        let mut all = Vec::new();
        for number in numbers.iter().rev() {
            let object = &self.scope.objects[*number];
            let postponed = self.postpones(object);
            let rest = object.rela.get(object.relative as usize..).unwrap_or_default();
            let plt = if postponed { &[][..] } else { &object.plt };
            let mut bindings = Bindings { object: *number, postponed, ..Bindings::default() };
            let mut told = Vec::new();
            for relocation in rest.iter().chain(plt) {
                let Some(asks) = asks(relocation) else { continue };
                let count = self.undefined.len();
                bindings.bound.push(self.bind(parts, *number, relocation, asks));
                // Once for each symbol.
                if self.undefined.len() > count {
                    if told.contains(&relocation.symbol) {
                        self.undefined.pop();
                    }
                    told.push(relocation.symbol);
                }
            }
            all.push(bindings);
        }
        all.reverse();
        all
    }
}
