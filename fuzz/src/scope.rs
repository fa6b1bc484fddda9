//! Scopes of generated objects: what they are as plain data, drawn from bytes, and the files a linker would write for them.
//!
//! The target `bindings` and the tests of resolution (loader/plan/tests/resolve.rs, which includes this file) begin with
//! these; [`super::model`] says what they bind to. Nothing here uses plan.

/// One entry of .dynsym.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// STB_*.
    pub bind: u8,
    /// STT_*.
    pub kind: u8,
    /// STV_*.
    pub visibility: u8,
    /// st_shndx: 0 undefined, 0xfff1 absolute.
    pub shndx: u16,
    /// st_value.
    pub value: u64,
    /// The entry of .gnu.version, VERSYM_HIDDEN included.
    pub version: u16,
    /// Whether the hash tables hold it.
    pub listed: bool,
}

/// One relocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// R_X86_64_*.
    pub kind: u32,
    /// The symbol's index.
    pub symbol: u32,
    /// Whether its place is a slot behind DT_PLTGOT's three words.
    pub slot: bool,
}

/// What DT_PLTGOT says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Got {
    /// A table in a segment that stays writable.
    #[default]
    Sound,
    /// There is no DT_PLTGOT.
    Absent,
    /// A place in the segment of the tables, which is not writable.
    ReadOnly,
    /// A table in PT_GNU_RELRO.
    Relro,
}

/// One object.
#[derive(Clone, Debug, Default)]
pub struct Object {
    /// DT_SONAME.
    pub name: String,
    /// The first is the empty one. [`Object::sort`] puts those last that DT_GNU_HASH holds.
    pub symbols: Vec<Symbol>,
    /// DT_RELA.
    pub rela: Vec<Relocation>,
    /// DT_RELACOUNT, true or not.
    pub relative: u64,
    /// DT_JMPREL.
    pub plt: Vec<Relocation>,
    /// Buckets of DT_GNU_HASH; 0 where there is no such table.
    pub gnu_buckets: u32,
    /// Words of its bloom filter, a power of two.
    pub bloom_words: u32,
    /// Buckets of DT_HASH; 0 where there is no such table.
    pub sysv_buckets: u32,
    /// Whether there is a DT_VERSYM.
    pub versym: bool,
    /// vd_ndx, name, VER_FLG_BASE.
    pub defined: Vec<(u16, String, bool)>,
    /// vna_other, name.
    pub needed: Vec<(u16, String)>,
    /// DT_SYMBOLIC.
    pub symbolic: bool,
    /// DT_BIND_NOW.
    pub bind_now: bool,
    /// Where the PLT's slots are.
    pub got: Got,
}

/// A process: the objects of its start, then those of one dlopen.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// All objects, by number.
    pub objects: Vec<Object>,
    /// How many are there at the start.
    pub first: usize,
    /// RTLD_DEEPBIND.
    pub deep: bool,
    /// As `lazy` of plan's scope: a missing function is an error only when called.
    pub lazy: bool,
    /// As `postpone` there: so many PLT slots may wait for their first call.
    pub postpone: Option<usize>,
    /// Bytes of the files that are changed after writing: object, place and what is exclusive-ored.
    pub damage: Vec<(usize, usize, u8)>,
}

/// What is resolved together, and where: the numbers, and the parts of the scope.
pub type Phase = (Vec<usize>, [Vec<usize>; 2]);

impl Scope {
    /// The start, and the dlopen if there is one.
    pub fn phases(&self) -> Vec<Phase> {
        let (start, opened): (Vec<usize>, Vec<usize>) =
            (0..self.objects.len()).partition(|number| *number < self.first);
        let mut phases = vec![(start.clone(), [start.clone(), Vec::new()])];
        if !opened.is_empty() {
            phases.push((opened.clone(), if self.deep { [opened, start] } else { [start, opened] }));
        }
        phases
    }
}

/// Bytes to draw from; zeroes at the end.
struct Draw<'a>(&'a [u8]);

impl Draw<'_> {
    fn byte(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[usize::from(self.byte()) % list.len()]
    }
}

/// The names: the first pair has one hash, and so has the second, which differs from the third in the lowest bit only.
const NAMES: [&str; 12] =
    ["ab", "bA", "aa", "b@", "ac", "bB", "f", "g", "data", "g2", "a_rather_long_name_of_a_symbol", ""];
const VERSIONS: [&str; 3] = ["V_1", "V_2", "V_3"];
/// Relocations that name a symbol more often than the others.
const KINDS: [u32; 24] = [1, 6, 6, 6, 6, 7, 1, 5, 5, 16, 17, 18, 36, 8, 37, 0, 2, 10, 11, 24, 32, 33, 99, 9];

/// The scope that `bytes` stand for: every one stands for some.
pub fn draw(bytes: &[u8]) -> Scope {
    let mut draw = Draw(bytes);
    let (flags, counts) = (draw.byte(), draw.byte());
    let mut scope = Scope {
        lazy: flags & 1 != 0,
        deep: flags & 2 != 0,
        postpone: [None, Some(1), Some(3), Some(64)][usize::from(flags >> 2 & 3)],
        ..Scope::default()
    };
    // So many relocations that the table of references is a large one, or just more than a batch.
    let repeated = [1, 1, 9, 300][usize::from(flags >> 4 & 3)];
    let objects = usize::from(counts & 7).max(1);
    scope.first = if flags & 0x40 != 0 { objects } else { usize::from(counts >> 3 & 7).clamp(1, objects) };
    for _ in 0..if flags & 0x80 != 0 { counts >> 6 } else { 0 } {
        let object = usize::from(draw.byte()) % objects;
        scope.damage.push((object, usize::from(draw.byte()) << 8 | usize::from(draw.byte()), draw.byte()));
    }
    for number in 0..objects {
        let mut object = draw_object(&mut draw);
        object.name = format!("lib{number}.so");
        let rela = object.rela.clone();
        while number == 0 && object.rela.len() < (rela.len() * repeated).min(5000) {
            object.rela.extend_from_slice(&rela);
        }
        scope.objects.push(object);
    }
    scope
}

fn draw_object(draw: &mut Draw<'_>) -> Object {
    let (flags, counts) = (draw.byte(), draw.byte());
    let mut object = Object {
        gnu_buckets: if flags & 3 == 1 || flags & 7 == 7 { 0 } else { u32::from(counts & 3) + 1 },
        sysv_buckets: if matches!(flags & 7, 1 | 2 | 5) { u32::from(counts & 3) + 1 } else { 0 },
        bloom_words: 1 << (flags >> 2 & 1),
        versym: flags & 8 != 0,
        symbolic: flags & 16 != 0,
        bind_now: flags & 32 != 0,
        got: [Got::Sound, Got::Absent, Got::ReadOnly, Got::Relro][usize::from(flags >> 6)],
        symbols: vec![Symbol::default()],
        ..Object::default()
    };
    let version = |draw: &mut Draw<'_>| draw.one_of(&VERSIONS).to_string();
    for _ in 0..counts >> 2 & 3 {
        let byte = draw.byte();
        object.defined.push((u16::from(byte & 7), version(draw), byte & 0x80 != 0));
    }
    for _ in 0..counts >> 4 & 3 {
        let byte = draw.byte();
        object.needed.push((u16::from(byte & 7) | u16::from(byte & 0x80) << 8, version(draw)));
    }
    let wide = counts & 0x80 != 0;
    for _ in 0..draw.byte() % 48 {
        let (name, state, marks, versym) = (draw.byte(), draw.byte(), draw.byte(), draw.byte());
        let plain = NAMES[usize::from(name & 0x7f) % NAMES.len()];
        // Defined; a reference; a PLT entry; absolute; without a value.
        let (shndx, value) =
            [(5, 0x40), (5, 0x40), (0, 0), (0, 0), (0, 0x40), (0xfff1, 0), (5, 0), (5, 0x48)][usize::from(state & 7)];
        object.symbols.push(Symbol {
            name: if wide { format!("{plain}{name}") } else { plain.to_string() },
            bind: [1, 1, 1, 2, 2, 10, 10, 0][usize::from(state >> 3 & 7)],
            visibility: [0, 0, 3, 2][usize::from(state >> 6)] & if marks & 0x80 != 0 { 3 } else { 0 },
            kind: [2, 1, 0, 6, 10, 5, 3, 4][usize::from(if marks & 0x40 != 0 { marks & 7 } else { marks & 1 })],
            shndx,
            value,
            version: u16::from(versym & 7) | if versym & 0xc0 == 0xc0 { 0x8000 } else { 0 },
            // What is not defined stands in DT_HASH but hardly in DT_GNU_HASH.
            listed: (marks >> 3 & 7 != 7) == (shndx != 0 || value != 0 || object.gnu_buckets == 0),
        });
    }
    object.sort();
    let count = object.symbols.len() as u32;
    let relocation = |draw: &mut Draw<'_>, kinds: &[u32]| {
        let (kind, symbol) = (draw.byte(), draw.byte());
        let kind = kinds[usize::from(kind & 0x7f) % kinds.len()];
        Relocation { kind, symbol: u32::from(symbol) % count, slot: true }
    };
    let relatives = draw.byte();
    object.relative = u64::from(relatives >> 6);
    for _ in 0..relatives % 64 {
        object.rela.push(relocation(draw, &KINDS));
    }
    let slots = draw.byte();
    for _ in 0..slots % 32 {
        object.plt.push(relocation(draw, if slots & 0x80 == 0 { &[7] } else { &[7, 7, 7, 37, 36, 6] }));
    }
    if slots & 0x40 != 0
        && let Some(last) = object.plt.last_mut()
    {
        last.slot = false;
    }
    object
}

/// The hash of DT_GNU_HASH.
pub fn gnu_hash(name: &str) -> u32 {
    name.bytes().fold(5381, |hash, byte| hash.wrapping_mul(33).wrapping_add(byte.into()))
}

/// The hash of DT_HASH and of versions.
pub fn sysv_hash(name: &str) -> u32 {
    name.bytes().fold(0, |hash: u32, byte| {
        let hash = (hash << 4).wrapping_add(byte.into());
        (hash ^ (hash >> 24 & 0xf0)) & 0x0fff_ffff
    })
}

/// Bytes that grow, in little endian.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn words(&mut self, width: usize, values: &[u64]) -> &mut Self {
        for value in values {
            self.0.extend(&value.to_le_bytes()[..width]);
        }
        self
    }

    fn at(&self) -> u64 {
        self.0.len() as u64
    }
}

/// DT_STRTAB.
struct Strings(Vec<u8>);

impl Strings {
    fn offset(&mut self, name: &str) -> u64 {
        let name = [name.as_bytes(), b"\0"].concat();
        let known = self.0.windows(name.len()).position(|known| known == name);
        known.unwrap_or_else(|| {
            self.0.extend(&name);
            self.0.len() - name.len()
        }) as u64
    }
}

/// How far the second segment lies behind its place in the file; a multiple of a page.
const APART: u64 = 0x1_0000;
/// Bytes of the second segment.
const WRITABLE: u64 = 0x4000;

impl Object {
    /// Symbols that DT_GNU_HASH holds come last, by bucket.
    pub fn sort(&mut self) {
        let buckets = self.gnu_buckets;
        if buckets > 0 {
            self.symbols[1..].sort_by_key(|symbol| symbol.listed.then(|| gnu_hash(&symbol.name) % buckets));
        }
    }

    /// The file: headers and tables in a segment that is read only; the dynamic section and the GOT in one that is
    /// written to.
    pub fn file(&self) -> Vec<u8> {
        let mut strings = Strings(vec![0]);
        let names: Vec<u64> = self.symbols.iter().map(|symbol| strings.offset(&symbol.name)).collect();
        let own = strings.offset(&self.name);
        let versions = self.defined.iter().map(|defined| &defined.1).chain(self.needed.iter().map(|needed| &needed.1));
        let versions: Vec<u64> = versions.map(|name| strings.offset(name)).collect();
        let (defined, needed) = versions.split_at(self.defined.len());

        let relro = self.got == Got::Relro;
        let mut out = Out(vec![0; 64 + 56 * if relro { 4 } else { 3 }]);
        let mut tags: Vec<(u64, u64)> = vec![(14, own), (6, out.at()), (11, 24)];
        for (symbol, name) in self.symbols.iter().zip(&names) {
            out.words(4, &[*name]).words(1, &[u64::from(symbol.bind << 4 | symbol.kind), symbol.visibility.into()]);
            out.words(2, &[symbol.shndx.into()]).words(8, &[symbol.value, 8]);
        }
        tags.extend([(5, out.at()), (10, strings.0.len() as u64)]);
        out.0.extend(&strings.0);
        if self.gnu_buckets > 0 {
            tags.push((0x6fff_fef5, out.at()));
            self.gnu_table(&mut out);
        }
        if self.sysv_buckets > 0 {
            tags.push((4, out.at()));
            self.sysv_table(&mut out);
        }
        if self.versym {
            tags.push((0x6fff_fff0, out.at()));
            out.words(2, &self.symbols.iter().map(|symbol| symbol.version.into()).collect::<Vec<_>>());
        }
        if let Some(last) = needed.len().checked_sub(1) {
            tags.extend([(0x6fff_fffe, out.at()), (0x6fff_ffff, 1)]);
            out.words(2, &[1, needed.len() as u64]).words(4, &[own, 16, 0]);
            for (at, ((index, name), offset)) in self.needed.iter().zip(needed).enumerate() {
                out.words(4, &[sysv_hash(name).into()]).words(2, &[0, (*index).into()]);
                out.words(4, &[*offset, if at == last { 0 } else { 16 }]);
            }
        }
        if let Some(last) = defined.len().checked_sub(1) {
            tags.extend([(0x6fff_fffc, out.at()), (0x6fff_fffd, defined.len() as u64)]);
            for (at, ((index, name, base), offset)) in self.defined.iter().zip(defined).enumerate() {
                out.words(2, &[1, (*base).into(), (*index).into(), 1]).words(4, &[sysv_hash(name).into(), 20]);
                out.words(4, &[if at == last { 0 } else { 28 }, *offset, 0]);
            }
        }
        // The second segment begins behind the relocations; its first KiB is the dynamic section.
        let data = out.at() + 24 * (self.rela.len() + self.plt.len()) as u64 + APART;
        let got = data + 0x400;
        tags.extend([(7, out.at()), (8, 24 * self.rela.len() as u64), (9, 24), (0x6fff_fff9, self.relative)]);
        for (tables, tags_of) in [(&self.rela, None), (&self.plt, Some(23))] {
            tags.extend(tags_of.into_iter().flat_map(|tag| [(tag, out.at()), (2, 24 * tables.len() as u64), (20, 7)]));
            for (at, relocation) in tables.iter().enumerate() {
                let place = if relocation.slot { got + 24 + at as u64 % 1024 * 8 } else { 16 };
                out.words(8, &[place, u64::from(relocation.symbol) << 32 | u64::from(relocation.kind), 0]);
            }
        }
        match self.got {
            Got::Absent => {}
            Got::ReadOnly => tags.push((3, 0x40)),
            Got::Sound | Got::Relro => tags.push((3, got)),
        }
        tags.extend([(16, 0)].into_iter().filter(|_| self.symbolic));
        tags.extend([(24, 0)].into_iter().filter(|_| self.bind_now));
        tags.push((0, 0));
        let tables = out.at();
        for (tag, value) in tags {
            out.words(8, &[tag, value]);
        }
        let size = out.at() - tables;
        self.headers(&mut out, tables, size, relro);
        out.0
    }

    fn headers(&self, file: &mut Out, tables: u64, size: u64, relro: bool) {
        let data = tables + APART;
        // PT_GNU_RELRO ends with the page of the last slot.
        let end = (data + 0x400 + 24 + 8 * 1024).next_multiple_of(4096);
        let mut out = Out(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec());
        out.words(2, &[3, 62]).words(4, &[1]).words(8, &[0, 64, 0]).words(4, &[0]);
        out.words(2, &[64, 56, if relro { 4 } else { 3 }, 64, 0, 0]);
        // Type and flags; offset, address, size in the file, size in memory, alignment.
        for [kind, flags, offset, vaddr, filesz, memsz, align] in [
            [1, 5, 0, 0, tables, tables, 0x1000],
            [1, 6, tables, data, size, WRITABLE, 0x1000],
            [2, 6, tables, data, size, size, 8],
            [0x6474_e552, 4, tables, data, size, end - data, 1],
        ] {
            if relro || kind != 0x6474_e552 {
                out.words(4, &[kind, flags]).words(8, &[offset, vaddr, vaddr, filesz, memsz, align]);
            }
        }
        file.0[..out.0.len()].copy_from_slice(&out.0);
    }

    fn gnu_table(&self, out: &mut Out) {
        const SHIFT: u32 = 6;
        let base = self.symbols.iter().skip(1).position(|symbol| symbol.listed).map_or(self.symbols.len(), |at| at + 1);
        let hashes: Vec<u32> = self.symbols[base..].iter().map(|symbol| gnu_hash(&symbol.name)).collect();
        let mut bloom = vec![0u64; self.bloom_words as usize];
        let mut buckets = vec![0u64; self.gnu_buckets as usize];
        for (at, hash) in hashes.iter().enumerate() {
            bloom[*hash as usize / 64 % self.bloom_words as usize] |= 1 << (hash % 64) | 1 << ((hash >> SHIFT) % 64);
            let bucket = &mut buckets[(hash % self.gnu_buckets) as usize];
            *bucket = if *bucket == 0 { (base + at) as u64 } else { *bucket };
        }
        out.words(4, &[self.gnu_buckets.into(), base as u64, self.bloom_words.into(), SHIFT.into()]);
        out.words(8, &bloom).words(4, &buckets);
        for (at, hash) in hashes.iter().enumerate() {
            let ends = hashes.get(at + 1).is_none_or(|next| next % self.gnu_buckets != hash % self.gnu_buckets);
            out.words(4, &[u64::from(hash & !1) | u64::from(ends)]);
        }
    }

    /// As GNU ld: what comes later stands first in its chain.
    fn sysv_table(&self, out: &mut Out) {
        let mut buckets = vec![0u64; self.sysv_buckets as usize];
        let mut chains = vec![0u64; self.symbols.len()];
        for (index, symbol) in self.symbols.iter().enumerate().skip(1).filter(|(_, symbol)| symbol.listed) {
            let bucket = &mut buckets[(sysv_hash(&symbol.name) % self.sysv_buckets) as usize];
            chains[index] = std::mem::replace(bucket, index as u64);
        }
        out.words(4, &[self.sysv_buckets.into(), chains.len() as u64]).words(4, &buckets).words(4, &chains);
    }
}
