//! What relocations bind to, as data, and the one iterator that pairs it with the relocations.
//!
//! Made by resolution; relocation, LD_DEBUG, `--check` and dlopen's count of holds read it.

use crate::arch;
use crate::elf::dynamic::Dynamic;
use crate::elf::{LE, Rela, Sym};
use crate::facts::Facts;
use crate::reloc::Class;
use alloc::vec::Vec;
use core::ops::Range;
use core::slice;

/// What one symbolic relocation binds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// A symbol of an object's table.
    Symbol {
        /// The object's number.
        object: usize,
        /// The symbol's index.
        symbol: u32,
    },
    /// Nothing, and its value is 0: an undefined weak reference, or one for which there is an error.
    Undefined,
    /// An undefined function that is an error only when it is called: its symbol in the object that refers to it.
    WhenCalled {
        /// The symbol's index.
        symbol: u32,
    },
}

/// A [`Binding`] in eight bytes, of which a large program has millions; and what it is before the scope was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// The number of the defining object, or one of the marks below, which no object's number reaches.
    object: u32,
    symbol: u32,
}

const UNDEFINED: u32 = u32::MAX;
const WHEN_CALLED: u32 = u32::MAX - 1;
const OPEN: u32 = u32::MAX - 2;
const MISSING: u32 = u32::MAX - 3;

impl Packed {
    pub(super) const UNDEFINED: Self = Self { object: UNDEFINED, symbol: 0 };
    /// Nothing was found, which is an error, a stub or 0.
    pub(super) const MISSING: Self = Self { object: MISSING, symbol: 0 };

    /// A binding to `symbol` of `object`.
    #[must_use]
    pub const fn symbol(object: usize, symbol: u32) -> Self {
        Self { object: object as u32, symbol }
    }

    pub(super) const fn when_called(symbol: u32) -> Self {
        Self { object: WHEN_CALLED, symbol }
    }

    /// The scope is still to be asked for reference number `reference`.
    pub(super) const fn open(reference: u32) -> Self {
        Self { object: OPEN, symbol: reference }
    }

    /// The number of the reference that is still to be asked for.
    #[inline]
    pub(super) const fn reference(self) -> Option<u32> {
        if self.object == OPEN { Some(self.symbol) } else { None }
    }

    pub(super) const fn is_missing(self) -> bool {
        self.object == MISSING
    }

    /// What it means.
    #[inline]
    #[must_use]
    pub const fn binding(self) -> Binding {
        match self.object {
            UNDEFINED | OPEN | MISSING => Binding::Undefined,
            WHEN_CALLED => Binding::WhenCalled { symbol: self.symbol },
            object => Binding::Symbol { object: object as usize, symbol: self.symbol },
        }
    }

    /// Number of the object and index of the symbol that it is to, if it is to one.
    #[inline]
    #[must_use]
    pub const fn place(self) -> Option<(usize, u32)> {
        if self.object < MISSING { Some((self.object as usize, self.symbol)) } else { None }
    }
}

/// The object and symbol that `binding` is to, if it is to one.
#[must_use]
pub fn definition<'f, 'a>(objects: &[&'f Facts<'a>], binding: Packed) -> Option<(&'f Facts<'a>, &'a Sym)> {
    let (object, symbol) = binding.place()?;
    let object = objects.get(object)?;
    Some((object, object.dynamic.symbols.get(symbol as usize)?))
}

/// Symbol index and class of a relocation that a binding is made for.
#[inline]
#[must_use]
pub fn symbol_of(rela: &Rela) -> Option<(u32, Class)> {
    let symbol = rela.r_sym(LE, false);
    let class = arch::class(rela.r_type(LE, false))?;
    (symbol != 0 && !matches!(class, Class::None | Class::Relative | Class::Irelative)).then_some((symbol, class))
}

/// Where the bindings of one object are in [`Bindings`].
pub(super) struct Part {
    pub object: usize,
    /// One entry for each symbolic relocation of DT_RELA.
    pub rela: Range<usize>,
    /// The same of DT_JMPREL; `None` where all its functions are looked up when they are first called.
    pub plt: Option<Range<usize>>,
    /// Whether a function is an error only when it is called.
    pub when_called: bool,
}

impl Part {
    /// Symbol index and class of each relocation that has a binding, in their order.
    pub fn symbolic<'a>(&self, dynamic: &Dynamic<'a>) -> impl Iterator<Item = (u32, Class)> + use<'a> {
        let plt = if self.plt.is_some() { dynamic.plt } else { &[] };
        dynamic.relative_and_rest().1.iter().chain(plt).filter_map(symbol_of)
    }
}

/// The bindings of objects that were resolved together.
#[derive(Default)]
pub struct Bindings {
    pub(super) list: Vec<Packed>,
    pub(super) parts: Vec<Part>,
}

impl Bindings {
    /// The bindings of each object, in load order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = OfObject<'_>> {
        self.parts.iter().map(|part| OfObject {
            object: part.object,
            rela: self.list.get(part.rela.clone()).unwrap_or_default(),
            plt: part.plt.clone().map(|plt| self.list.get(plt).unwrap_or_default()),
            when_called: part.when_called,
        })
    }
}

/// The bindings of one object.
#[derive(Clone, Copy)]
pub struct OfObject<'b> {
    /// The object's number.
    pub object: usize,
    rela: &'b [Packed],
    plt: Option<&'b [Packed]>,
    when_called: bool,
}

impl<'b> OfObject<'b> {
    /// Whether the functions of DT_JMPREL wait for their first call.
    #[must_use]
    pub const fn is_postponed(&self) -> bool {
        self.plt.is_none()
    }

    /// Whether some function is looked up when it is called, so that the PLT has to lead to the binder.
    #[must_use]
    pub const fn needs_binder(&self) -> bool {
        self.plt.is_none() || self.when_called
    }

    /// All bindings there are.
    pub fn all(&self) -> impl Iterator<Item = Packed> + use<'b> {
        self.rela.iter().chain(self.plt.unwrap_or_default()).copied()
    }

    /// DT_RELA behind its relative part, each relocation with its binding.
    #[must_use]
    pub fn rela<'a>(&self, dynamic: &Dynamic<'a>) -> Pairs<'a, 'b> {
        Pairs { relocations: dynamic.relative_and_rest().1.iter(), plt: None, bindings: self.rela.iter() }
    }

    /// DT_JMPREL, each relocation with its binding; nothing where it is postponed.
    #[must_use]
    pub fn plt<'a>(&self, dynamic: &Dynamic<'a>) -> Pairs<'a, 'b> {
        let relocations = if self.is_postponed() { &[] } else { dynamic.plt };
        Pairs { relocations: relocations.iter(), plt: None, bindings: self.plt.unwrap_or_default().iter() }
    }

    /// Both, one after the other.
    #[must_use]
    pub fn pairs<'a>(&self, dynamic: &Dynamic<'a>) -> Pairs<'a, 'b> {
        Pairs {
            plt: Some((dynamic.plt, self.plt.unwrap_or_default())).filter(|_| self.plt.is_some()),
            ..self.rela(dynamic)
        }
    }
}

/// A relocation; and where it names a symbol, the symbol's index, the relocation's class and the binding.
pub type Pair<'a> = (&'a Rela, Option<(u32, Class, Packed)>);

/// Relocations of a table with their bindings, of which only symbolic ones have one.
pub struct Pairs<'a, 'b> {
    relocations: slice::Iter<'a, Rela>,
    /// The table that comes next.
    plt: Option<(&'a [Rela], &'b [Packed])>,
    bindings: slice::Iter<'b, Packed>,
}

impl Pairs<'_, '_> {
    /// The binding `count` places behind the next one, for whoever wants to have its symbol near in time.
    #[inline]
    #[must_use]
    pub fn ahead(&self, count: usize) -> Option<Packed> {
        self.bindings.as_slice().get(count).copied()
    }
}

impl<'a> Iterator for Pairs<'a, '_> {
    type Item = Pair<'a>;

    #[inline]
    fn next(&mut self) -> Option<Pair<'a>> {
        let rela = match self.relocations.next() {
            Some(rela) => rela,
            None => {
                let (relocations, bindings) = self.plt.take()?;
                (self.relocations, self.bindings) = (relocations.iter(), bindings.iter());
                self.relocations.next()?
            }
        };
        let symbolic = symbol_of(rela).map(|(symbol, class)| {
            // There is one for each, since resolution went over the same relocations by the same rule.
            (symbol, class, self.bindings.next().copied().unwrap_or(Packed::UNDEFINED))
        });
        Some((rela, symbolic))
    }
}
