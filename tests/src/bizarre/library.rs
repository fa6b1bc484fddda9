//! What a bizarre library holds: functions, data, thread-local data, symbols of every kind, relocations, versions and
//! dynamic tags, drawn by a number. All of it is lawful, or glibc takes it as if it were.

use super::writer::Place;
use crate::mutants::Rng;
use std::collections::BTreeSet;

/// A symbol; its place in .dynsym is decided by the hash tables.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) info: u8,
    pub(super) other: u8,
    pub(super) section: u16,
    pub(super) value: Result<Place, u64>,
    pub(super) size: u64,
    pub(super) version: u16,
    /// What the driver does with its address: 1 calls it, 2 reads a number.
    pub(super) how: u8,
    pub(super) hashed: bool,
}

/// A relocation; `symbol` is an index into [`Maker::symbols`] as drawn.
pub(super) struct Rela {
    pub(super) place: Place,
    pub(super) kind: u32,
    pub(super) symbol: Option<usize>,
    pub(super) addend: Result<Place, u64>,
}

const STB_LOCAL: u8 = 0;
const STB_GLOBAL: u8 = 1;
const STB_WEAK: u8 = 2;
const STT_OBJECT: u8 = 1;
const STT_FUNC: u8 = 2;
const STT_TLS: u8 = 6;
const STT_GNU_IFUNC: u8 = 10;
const ABS: u16 = 0xfff1;

const R_64: u32 = 1;
const R_PC32: u32 = 2;
const R_GLOB_DAT: u32 = 6;
const R_JUMP_SLOT: u32 = 7;
const R_RELATIVE: u32 = 8;
const R_DTPMOD64: u32 = 16;
const R_DTPOFF64: u32 = 17;
const R_TPOFF64: u32 = 18;
const R_SIZE64: u32 = 33;
const R_TLSDESC: u32 = 36;
const R_IRELATIVE: u32 = 37;

/// A library, and what the driver is to ask of it.
pub struct Library {
    /// The file.
    pub bytes: Vec<u8>,
    /// `S` and `V` lines of the driver.
    pub asks: String,
    /// RTLD_* for dlopen.
    pub mode: u32,
    /// What is odd about it.
    pub features: BTreeSet<String>,
}

/// A library being made.
pub(super) struct Maker {
    pub(super) rng: Rng,
    pub(super) features: BTreeSet<String>,
    pub(super) code: Vec<u8>,
    /// Where the code wants the distance to a place.
    pub(super) distances: Vec<(usize, Place)>,
    pub(super) data: Vec<u8>,
    pub(super) got: Vec<u8>,
    pub(super) symbols: Vec<Symbol>,
    pub(super) relas: Vec<Rela>,
    pub(super) plt: Vec<Rela>,
    /// Words that hold the address of a place, by DT_RELR.
    pub(super) relr: Vec<(Place, Place)>,
    /// PT_TLS: bytes of the image, of the block, alignment.
    pub(super) tls: Option<(u64, u64, u64)>,
    pub(super) strings: Vec<u8>,
    pub(super) versions: u16,
    /// RTLD_* for dlopen.
    pub(super) mode: u32,
}

impl Library {
    /// The library of this number.
    pub fn make(number: u64) -> Library {
        let mut rng = Rng::new(number ^ 0xb12a_44e0);
        let versions = if rng.one_in(3) { 2 + rng.below(3) as u16 } else { 0 };
        let mode = *rng.of(&[1, 2, 2, 0x101, 0x102, 0x1002]);
        let mut maker = Maker {
            rng,
            features: BTreeSet::new(),
            code: Vec::new(),
            distances: Vec::new(),
            data: Vec::new(),
            got: vec![0; 24],
            symbols: Vec::new(),
            relas: Vec::new(),
            plt: Vec::new(),
            relr: Vec::new(),
            tls: None,
            strings: vec![0],
            versions,
            mode,
        };
        maker.functions();
        maker.ifuncs();
        maker.thread_local();
        maker.odd_symbols();
        maker.odd_relocations();
        maker.finish()
    }
}

impl Maker {
    pub(super) fn feature(&mut self, name: &str) {
        self.features.insert(name.to_string());
    }

    /// True once in `n`, and then `name` is a feature.
    pub(super) fn odd(&mut self, n: u64, name: &str) -> bool {
        let yes = self.rng.one_in(n);
        if yes {
            self.feature(name);
        }
        yes
    }

    /// A function: the code's place. `bytes` end with what wants the distance to `target`, if there is one.
    fn function(&mut self, parts: &[(&[u8], Option<Place>)]) -> Place {
        let start = self.code.len() as u64;
        for (bytes, target) in parts {
            self.code.extend(*bytes);
            if let Some(target) = target {
                self.distances.push((self.code.len(), *target));
                self.code.extend([0; 4]);
            }
        }
        self.code.resize(self.code.len().next_multiple_of(16), 0xcc);
        ("code", start)
    }

    /// A function that returns `number`.
    fn returns(&mut self, number: u32) -> Place {
        let [a, b, c, d] = number.to_le_bytes();
        self.function(&[(&[0xb8, a, b, c, d, 0xc3], None)])
    }

    /// A word of the GOT.
    fn slot(&mut self, words: usize) -> Place {
        self.got.resize(self.got.len() + 8 * words, 0);
        ("got", (self.got.len() - 8 * words) as u64)
    }

    fn symbol(&mut self, name: &str, kind: u8, bind: u8, value: Result<Place, u64>, section: u16) -> usize {
        let defined = section != 0;
        let version = if defined && self.versions > 0 { *self.rng.of(&[1, 2, self.versions]) } else { 1 };
        let size = *self.rng.of(&[0, 1, 4, 8]);
        let symbol = Symbol {
            name: name.into(),
            info: bind << 4 | kind,
            other: 0,
            section,
            value,
            size,
            version,
            how: 0,
            hashed: defined && bind != STB_LOCAL,
        };
        self.symbols.push(symbol);
        self.symbols.len() - 1
    }

    fn undefined(&mut self, name: &str, bind: u8) -> usize {
        match self.symbols.iter().position(|symbol| symbol.section == 0 && symbol.name == name) {
            Some(known) => known,
            None => self.symbol(name, 0, bind, Err(0), 0),
        }
    }

    /// A slot of the GOT that leads to symbol `symbol`.
    fn leads_to(&mut self, symbol: usize) -> Place {
        let place = self.slot(1);
        // There is no PLT to lead a slot to until it is bound.
        let kind = *self.rng.of(&[R_GLOB_DAT, R_64, R_JUMP_SLOT][..if self.mode & 2 != 0 { 3 } else { 2 }]);
        let rela = Rela { place, kind, symbol: Some(symbol), addend: Err(0) };
        if kind == R_JUMP_SLOT {
            self.plt.push(rela)
        } else {
            self.relas.push(rela)
        }
        place
    }

    /// A function that notes `number`.
    pub(super) fn notes(&mut self, number: u8) -> Place {
        let note = self.undefined("note", STB_GLOBAL);
        let slot = self.leads_to(note);
        self.function(&[(&[0xbf, number, 0, 0, 0, 0xff, 0x25], Some(slot))])
    }

    /// Data, with a word that holds the address of `target`, relocated in one of the ways there are.
    fn pointer(&mut self, target: Place) -> Place {
        let place = ("data", self.data.len() as u64);
        self.data.extend([0; 8]);
        match self.rng.below(4) {
            0 => self.relr.push((place, target)),
            1 if target.0 != "tls" => {
                let local = self.symbol("", 0, STB_LOCAL, Ok(target), 5);
                self.relas.push(Rela { place, kind: R_64, symbol: Some(local), addend: Err(0) });
            }
            _ => self.relas.push(Rela { place, kind: R_RELATIVE, symbol: None, addend: Ok(target) }),
        }
        place
    }

    /// The functions that every library has some of.
    fn functions(&mut self) {
        for number in 0..1 + self.rng.below(6) {
            let place = self.returns(100 + number as u32);
            let (bind, kind) = (*self.rng.of(&[STB_GLOBAL, STB_WEAK]), *self.rng.of(&[0, STT_FUNC]));
            let symbol = self.symbol(&format!("f{number}"), kind, bind, Ok(place), 1);
            self.symbols[symbol].how = 1;
            self.symbols[symbol].other = *self.rng.of(&[0, 0, 0, 3]);
        }
        // What reads data by the GOT, of its own, of the program, of nobody.
        let datum = ("data", self.data.len() as u64);
        self.data.extend(u64::to_le_bytes(7 + self.rng.below(90)));
        let own = self.symbol("datum", STT_OBJECT, STB_GLOBAL, Ok(datum), 2);
        self.symbols[own].how = 2;
        self.symbols[own].other = *self.rng.of(&[0, 0, 1, 2, 3]);
        for (number, symbol) in [own, self.undefined("shared_datum", STB_GLOBAL)].into_iter().enumerate() {
            let slot = self.leads_to(symbol);
            let place = self.function(&[(&[0x48, 0x8b, 0x05], Some(slot)), (&[0x8b, 0x00, 0xc3], None)]);
            let reads = self.symbol(&format!("reads{number}"), STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[reads].how = 1;
        }
        if self.odd(3, "weak undefined") {
            let nobody = self.undefined("nobody_has_this", STB_WEAK);
            let slot = self.leads_to(nobody);
            let place = self.function(&[(&[0x48, 0x8b, 0x05], Some(slot)), (&[0xc3], None)]);
            let reads = self.symbol("reads_weak", STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[reads].how = 1;
        }
        let answer = self.undefined("answer", STB_GLOBAL);
        let slot = self.leads_to(answer);
        let place = self.function(&[(&[0xff, 0x25], Some(slot))]);
        let calls = self.symbol("calls", STT_FUNC, STB_GLOBAL, Ok(place), 1);
        self.symbols[calls].how = 1;
        // Through a pointer in data.
        let target = self.returns(55);
        let pointer = self.pointer(target);
        let place = self.function(&[(&[0xff, 0x25], Some(pointer))]);
        let through = self.symbol("through", STT_FUNC, STB_GLOBAL, Ok(place), 1);
        self.symbols[through].how = 1;
    }

    /// Functions that a resolver chooses, by relocation and by symbol.
    fn ifuncs(&mut self) {
        let target = self.returns(77);
        let resolver = self.function(&[(&[0x48, 0x8d, 0x05], Some(target)), (&[0xc3], None)]);
        if self.odd(4, "STT_GNU_IFUNC") {
            let bind = *self.rng.of(&[STB_GLOBAL, STB_WEAK]);
            let symbol = self.symbol("chosen", STT_GNU_IFUNC, bind, Ok(resolver), 1);
            self.symbols[symbol].how = 1;
            self.symbols[symbol].other = *self.rng.of(&[0, 3]);
            let slot = self.leads_to(symbol);
            let place = self.function(&[(&[0xff, 0x25], Some(slot))]);
            let calls = self.symbol("calls_chosen", STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[calls].how = 1;
        }
        if self.odd(4, "R_X86_64_IRELATIVE") {
            let place = self.slot(1);
            let rela = Rela { place, kind: R_IRELATIVE, symbol: None, addend: Ok(resolver) };
            if self.rng.one_in(2) {
                self.plt.push(rela)
            } else {
                self.relas.push(rela)
            }
            let place = self.function(&[(&[0xff, 0x25], Some(place))]);
            let calls = self.symbol("calls_irelative", STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[calls].how = 1;
        }
    }

    /// Thread-local data, reached in the three ways a library has.
    fn thread_local(&mut self) {
        if !self.odd(3, "PT_TLS") {
            return;
        }
        let align = *self.rng.of(&[1, 4, 8, 16, 64, 256, 4096]);
        let image = *self.rng.of(&[0, 8, 24]);
        let block = 16 + image + *self.rng.of(&[0, 8, 1000]);
        self.tls = Some((image, block, align));
        let bind = *self.rng.of(&[STB_GLOBAL, STB_GLOBAL, STB_WEAK]);
        let symbol = self.symbol("local_datum", STT_TLS, bind, Err(8 * self.rng.clone().below(2)), 3);
        self.symbols[symbol].how = 2;
        let ways = if align <= 16 { 3 } else { 2 };
        for way in 0..ways {
            if !self.rng.one_in(2) {
                continue;
            }
            let symbol = Some(symbol).filter(|_| way != 1 || self.rng.one_in(2));
            let rela = |place, kind| Rela { place, kind, symbol, addend: Err(0) };
            let place = match way {
                0 => {
                    self.feature("R_X86_64_DTPMOD64");
                    let pair = self.slot(2);
                    self.relas.push(rela(pair, R_DTPMOD64));
                    self.relas.push(rela(("got", pair.1 + 8), R_DTPOFF64));
                    let get = self.undefined("__tls_get_addr", STB_GLOBAL);
                    let get = self.leads_to(get);
                    let (call, end): (&[u8], &[u8]) = (&[0xff, 0x15], &[0x8b, 0x00, 0x48, 0x83, 0xc4, 8, 0xc3]);
                    let address: &[u8] = &[0x48, 0x83, 0xec, 8, 0x48, 0x8d, 0x3d];
                    self.function(&[(address, Some(pair)), (call, Some(get)), (end, None)])
                }
                1 => {
                    self.feature("R_X86_64_TLSDESC");
                    let pair = self.slot(2);
                    let rela = rela(pair, R_TLSDESC);
                    if self.rng.one_in(2) {
                        self.plt.push(rela)
                    } else {
                        self.relas.push(rela)
                    }
                    let end: &[u8] = &[0xff, 0x10, 0x64, 0x8b, 0x00, 0x48, 0x83, 0xc4, 8, 0xc3];
                    self.function(&[(&[0x48, 0x83, 0xec, 8, 0x48, 0x8d, 0x05], Some(pair)), (end, None)])
                }
                _ => {
                    self.feature("R_X86_64_TPOFF64");
                    let word = self.slot(1);
                    self.relas.push(rela(word, R_TPOFF64));
                    self.function(&[(&[0x48, 0x8b, 0x05], Some(word)), (&[0x64, 0x8b, 0x00, 0xc3], None)])
                }
            };
            let reads = self.symbol(&format!("local{way}"), STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[reads].how = 1;
        }
    }

    /// Symbols that nothing refers to.
    fn odd_symbols(&mut self) {
        let function = self.returns(300);
        for number in 0..self.rng.below(12) {
            let kind = *self.rng.of(&[0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15]);
            let bind = *self.rng.of(&[0, 1, 1, 1, 2, 3, 10, 11, 12, 13, 15]);
            let section = *self.rng.of(&[1, 1, 7, 0xff00, 0xff01, 0xff20, ABS, 0xfff2, 0xffff, 0]);
            let value = *self.rng.of(&[Ok(function), Ok(function), Err(0), Err(0x1234)]);
            let value = if section == ABS { Err(*self.rng.of(&[0, 0x1888])) } else { value };
            let name = match self.rng.below(8) {
                0 if number == 1 => "x".repeat(3000),
                1 => format!("\u{fc}ml\u{e4}ut{number}"),
                2 if number == 0 => "m".into(),
                _ => format!("odd{number}"),
            };
            let symbol = self.symbol(&name, kind, bind, value, section);
            self.symbols[symbol].other = *self.rng.of(&[0, 0, 1, 2, 3, 0x10, 0x60, 0xe2]);
            self.symbols[symbol].hashed |= section != 0 && self.rng.one_in(2);
            self.features.insert(format!("STT {kind}"));
            self.features.insert(format!("STB {bind}"));
            self.features.insert(format!("SHN {section:#x}"));
        }
    }

    /// Relocations that are seldom seen.
    fn odd_relocations(&mut self) {
        let datum = self.symbols.iter().position(|symbol| symbol.name == "datum").expect("made before");
        let place = |maker: &mut Maker| maker.slot(1);
        if self.odd(6, "R_X86_64_NONE") {
            self.relas.push(Rela { place: ("got", 0x1000_0000), kind: 0, symbol: None, addend: Err(3) });
        }
        if self.odd(6, "R_X86_64_SIZE64") {
            let place = place(self);
            self.relas.push(Rela { place, kind: R_SIZE64, symbol: Some(datum), addend: Err(2) });
            let place = self.function(&[(&[0x48, 0x8b, 0x05], Some(place)), (&[0xc3], None)]);
            let reads = self.symbol("size", STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[reads].how = 1;
        }
        if self.odd(6, "R_X86_64_PC32") {
            let local = self.symbol("", 0, STB_LOCAL, Ok(("code", 0)), 1);
            let place = place(self);
            self.relas.push(Rela { place, kind: R_PC32, symbol: Some(local), addend: Err(0) });
            let place = self.function(&[(&[0x8b, 0x05], Some(place)), (&[0xc3], None)]);
            let reads = self.symbol("distance", STT_FUNC, STB_GLOBAL, Ok(place), 1);
            self.symbols[reads].how = 1;
        }
        if self.odd(6, "R_X86_64_64 with addend") {
            let place = place(self);
            self.relas.push(Rela { place, kind: R_64, symbol: Some(datum), addend: Err(0u64.wrapping_sub(8)) });
        }
    }
}
