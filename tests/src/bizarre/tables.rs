//! The tables of a bizarre library and its dynamic section, and where all of it lies.

use super::library::{Library, Maker, Rela};
use super::writer::{Chunk, HEADERS, Header, Layout, Load, Need, Place, Placed};
use crate::mutants::elf::{dt, pt, reloc};

/// DT_HASH's function.
fn sysv_hash(name: &str) -> u32 {
    name.bytes().fold(0u32, |hash, byte| {
        let hash = (hash << 4).wrapping_add(byte.into());
        (hash ^ (hash & 0xf000_0000) >> 24) & 0x0fff_ffff
    })
}

/// DT_GNU_HASH's function.
fn gnu_hash(name: &str) -> u32 {
    name.bytes().fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(byte.into()))
}

fn words(list: &[u32]) -> Vec<u8> {
    list.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A tag of the dynamic section and its value: a place, or a number.
type Entry = (u64, Result<Place, u64>);

impl Maker {
    /// `text` in the string table, at times as the end of another one.
    fn string(&mut self, text: &str) -> u32 {
        let whole = [text.as_bytes(), &[0]].concat();
        let known = self.strings.windows(whole.len()).position(|window| window == whole);
        if let Some(known) = known.filter(|_| self.rng.one_in(2)) {
            return known as u32;
        }
        if self.rng.one_in(4) {
            self.strings.extend(b"pre");
        }
        self.strings.extend(&whole);
        (self.strings.len() - whole.len()) as u32
    }

    fn chunk(name: &'static str, need: Need, align: u64, bytes: Vec<u8>) -> Chunk {
        Chunk { name, need, align, bytes }
    }

    /// Puts the symbols in the order of .dynsym and makes the hash tables; the new index of each.
    fn order_symbols(&mut self, chunks: &mut Vec<Chunk>, entries: &mut Vec<Entry>) -> Vec<u32> {
        let kinds = self.rng.below(3); // both, DT_GNU_HASH alone, DT_HASH alone
        let buckets = 1 + self.rng.below(self.symbols.len() as u64 + 3) as u32;
        let mut order: Vec<usize> = (0..self.symbols.len()).collect();
        // Locals and undefined ones first, as link editors have it, then by bucket.
        order.sort_by_key(|at| {
            let symbol = &self.symbols[*at];
            (symbol.hashed, if symbol.hashed { gnu_hash(&symbol.name) % buckets } else { 0 })
        });
        let mut index = vec![0u32; order.len()];
        for (at, symbol) in order.iter().enumerate() {
            index[*symbol] = at as u32 + 1;
        }
        let base = order.iter().position(|at| self.symbols[*at].hashed).unwrap_or(order.len()) as u32 + 1;
        if kinds != 2 {
            self.feature("DT_GNU_HASH");
            let (bloom_words, shift) = (1 << self.rng.below(4), *self.rng.of(&[0, 5, 6, 31]));
            let mut bloom = vec![0u64; bloom_words];
            let (mut heads, mut chains) = (vec![0u32; buckets as usize], Vec::new());
            let hashed: Vec<u32> =
                order[base as usize - 1..].iter().map(|at| gnu_hash(&self.symbols[*at].name)).collect();
            for (at, hash) in hashed.iter().enumerate() {
                bloom[*hash as usize / 64 % bloom_words] |= 1 << (hash % 64) | 1 << ((hash >> shift) % 64);
                let head = &mut heads[(hash % buckets) as usize];
                *head = if *head == 0 { base + at as u32 } else { *head };
                let last = hashed.get(at + 1).is_none_or(|next| next % buckets != hash % buckets);
                chains.push(hash & !1 | u32::from(last));
            }
            let mut bytes = words(&[buckets, base, bloom_words as u32, shift]);
            bytes.extend(bloom.iter().flat_map(|word| word.to_le_bytes()));
            bytes.extend(words(&heads));
            bytes.extend(words(&chains));
            chunks.push(Self::chunk("gnu_hash", Need::Read, 8, bytes));
            entries.push((dt::GNU_HASH, Ok(("gnu_hash", 0))));
        }
        if kinds != 1 {
            self.feature("DT_HASH");
            let count = order.len() as u32 + 1;
            let buckets = *self.rng.of(&[1, 3, buckets]);
            let (mut heads, mut chains) = (vec![0u32; buckets as usize], vec![0u32; count as usize]);
            for (at, symbol) in order.iter().enumerate().filter(|(_, at)| self.symbols[**at].hashed) {
                let head = &mut heads[(sysv_hash(&self.symbols[*symbol].name) % buckets) as usize];
                chains[at + 1] = std::mem::replace(head, at as u32 + 1);
            }
            chunks.push(Self::chunk(
                "hash",
                Need::Read,
                8,
                [words(&[buckets, count]), words(&heads), words(&chains)].concat(),
            ));
            entries.push((dt::HASH, Ok(("hash", 0))));
        }
        self.symbols = order.into_iter().map(|at| self.symbols[at].clone()).collect();
        index
    }

    /// Version definitions V1 to Vn, and a need.
    fn version_tables(&mut self, chunks: &mut Vec<Chunk>, entries: &mut Vec<Entry>, needs_relr: bool) {
        let count = u32::from(self.versions);
        if count == 0 {
            return;
        }
        self.feature("DT_VERDEF");
        let mut bytes = Vec::new();
        for number in 1..=count {
            let name = if number == 1 { "libbizarre.so".to_string() } else { format!("V{number}") };
            let at = self.string(&name);
            bytes.extend([1, 0, u8::from(number == 1), 0, number as u8, 0, 1, 0]);
            bytes.extend(words(&[sysv_hash(&name), 20, if number == count { 0 } else { 28 }, at, 0]));
        }
        chunks.push(Self::chunk("verdef", Need::Read, 8, bytes));
        entries.push((dt::VERDEF, Ok(("verdef", 0))));
        let counted = *self.rng.of(&[count, count, 0, 77]);
        entries.push((dt::VERDEFNUM, Err(counted.into())));
        if needs_relr || self.odd(3, "DT_VERNEED") {
            let names = if needs_relr { vec!["GLIBC_2.2.5", "GLIBC_ABI_DT_RELR"] } else { vec!["GLIBC_2.2.5"] };
            let file = self.string("libc.so.6");
            let mut bytes = [&[1, 0, names.len() as u8, 0][..], &words(&[file, 16, 0])].concat();
            for (at, name) in names.iter().enumerate() {
                let next = if at + 1 == names.len() { 0 } else { 16 };
                let at = self.string(name);
                bytes.extend(words(&[sysv_hash(name), u32::from(20 + next as u16) << 16, at, next]));
            }
            chunks.push(Self::chunk("verneed", Need::Read, 8, bytes));
            entries.push((dt::VERNEED, Ok(("verneed", 0))));
            let counted = *self.rng.of(&[1, 1, 0, 9]);
            entries.push((dt::VERNEEDNUM, Err(counted)));
            let name = self.string("libc.so.6").into();
            entries.push((dt::NEEDED, Err(name)));
        }
        let versyms = self.symbols.iter().map(|symbol| if symbol.section == 0 { 1 } else { symbol.version });
        let bytes = std::iter::once(0).chain(versyms).flat_map(u16::to_le_bytes).collect();
        chunks.push(Self::chunk("versym", Need::Read, 2, bytes));
        entries.push((dt::VERSYM, Ok(("versym", 0))));
    }

    /// Tags that no look-up and no relocation needs. Long, with one paragraph a tag.
    fn odd_tags(&mut self, entries: &mut Vec<Entry>) {
        for _ in 0..self.rng.below(3) {
            let name = *self.rng.of(&["libdep.so", "libdep.so", "libother.so", "libc.so.6", "ld-linux-x86-64.so.2"]);
            let at = self.string(name).into();
            entries.push((dt::NEEDED, Err(at)));
        }
        for (tag, name) in [(dt::AUXILIARY, "DT_AUXILIARY"), (dt::FILTER, "DT_FILTER")] {
            if self.odd(6, name) {
                let names = ["libdep.so", "$ORIGIN/libother.so", "libnone.so", "./libdep.so"];
                let name = *self.rng.of(&names[..if tag == dt::AUXILIARY { 4 } else { 3 }]);
                let at = self.string(name).into();
                entries.push((tag, Err(at)));
            }
        }
        if self.odd(3, "DT_SONAME") {
            let long = "n".repeat(300);
            let name = *self.rng.of(&["libbizarre.so", "", "a b", "/no/such/file", "$ORIGIN/x", &long, "libc.so", "."]);
            let at = self.string(name).into();
            entries.push((dt::SONAME, Err(at)));
        }
        for (tag, name) in [(dt::RPATH, "DT_RPATH"), (dt::RUNPATH, "DT_RUNPATH")] {
            if self.odd(5, name) {
                let list = *self.rng.of(&["", ":", "/no/such/place:$ORIGIN", "$LIB:${PLATFORM}", "$ORIGIN/../.."]);
                let at = self.string(list).into();
                entries.push((tag, Err(at)));
            }
        }
        // DT_GNU_PRELINKED to DT_SYMINENT, DT_GNU_CONFLICT to DT_SYMINFO but for audit, of unknown ranges, and a few more.
        const TAGS: [u64; 26] = [
            0x6fff_fdf5,
            0x6fff_fdf6,
            0x6fff_fdf7,
            0x6fff_fdf8,
            0x6fff_fdf9,
            0x6fff_fdfa,
            0x6fff_fdfb,
            0x6fff_fdfc,
            0x6fff_fdfd,
            0x6fff_fdfe,
            0x6fff_fdff,
            0x6fff_fef6,
            0x6fff_fef7,
            0x6fff_fef8,
            0x6fff_fef9,
            0x6fff_fefa,
            0x6fff_fefd,
            0x6fff_fefe,
            0x6fff_feff,
            0x6000_000d,
            0x6fff_efff,
            0x7000_0003,
            31,
            34,
            0x1234_5678,
            21,
        ];
        for _ in 0..self.rng.below(6) {
            let (tag, value) = (*self.rng.of(&TAGS), *self.rng.of(&[0, 1, 0x1000, u64::MAX]));
            self.features.insert(format!("tag {tag:#x}"));
            entries.push((tag, Err(value)));
        }
        if self.odd(3, "DT_FLAGS") {
            entries.push((dt::FLAGS, Err(*self.rng.of(&[0, 1, 2, 8, 16, 0x1b, 0xffff_ffe0]))));
        }
        if self.odd(3, "DT_FLAGS_1") {
            // All but NOOPEN and PIE.
            let all = (1u64 << self.rng.below(33)) | (1 << self.rng.below(33));
            entries.push((dt::FLAGS_1, Err(all & !0x0800_0040)));
        }
        for (tag, name) in [(16, "DT_SYMBOLIC"), (24, "DT_BIND_NOW")] {
            if self.odd(6, name) {
                entries.push((tag, Err(0)));
            }
        }
        if self.odd(5, "DT_PREINIT_ARRAY") {
            entries.extend([(dt::PREINIT_ARRAY, Ok(("data", 0))), (dt::PREINIT_ARRAYSZ, Err(0))]);
        }
    }

    /// DT_INIT, DT_FINI and their arrays.
    fn constructors(&mut self, entries: &mut Vec<Entry>) {
        for (tag, name, number) in [(dt::INIT, "DT_INIT", 1), (dt::FINI, "DT_FINI", 9)] {
            if self.odd(3, name) {
                entries.push((tag, Ok(self.notes(number))));
            }
        }
        for (tag, size_tag, first) in [(dt::INIT_ARRAY, dt::INIT_ARRAYSZ, 10), (dt::FINI_ARRAY, dt::FINI_ARRAYSZ, 20)] {
            let count = self.rng.below(4) as u8;
            if count == 0 && self.odd(2, "empty function array") {
                entries.extend([(tag, *self.rng.of(&[Ok(("data", 0)), Err(0)])), (size_tag, Err(0))]);
                continue;
            }
            self.data.resize(self.data.len().next_multiple_of(8), 0);
            let functions: Vec<Place> = (0..count).map(|number| self.notes(first + number)).collect();
            let start = ("data", self.data.len() as u64);
            for function in functions {
                let place = ("data", self.data.len() as u64);
                self.data.extend([0; 8]);
                self.relas.push(Rela { place, kind: reloc::RELATIVE, symbol: None, addend: Ok(function) });
            }
            if count > 0 {
                entries.extend([(tag, Ok(start)), (size_tag, Err(8 * u64::from(count)))]);
            }
        }
    }

    /// Segments: which there are, what lies in each, and how they lie to each other. Long, with one draw after another.
    fn layout(&mut self, chunks: &mut Vec<Chunk>) -> Layout {
        let mut loads: Vec<Load> = Vec::new();
        let headers_last = self.odd(4, "program headers at the end");
        let with_headers = !headers_last && self.odd(2, "headers in a segment");
        let mut layout = Layout { headers_last, ..Layout::default() };
        for (need, flags) in [(Need::Read, 4), (Need::Execute, 5), (Need::Write, 6)] {
            for _ in 0..1 + self.rng.below(2) {
                let align = *self.rng.of(&[0x1000, 0x1000, 0x1000, 1, 0, 16, 3, 0x3000, 0x20_0000, 0x1_0000, 8]);
                let gap = *self.rng.of(&[0, 0, 0, 1, 16, 511]);
                let skew = *self.rng.of(&[0, 0, 8, 0x340, 0xff8]);
                let bss = if need == Need::Write { *self.rng.of(&[0, 0, 100, 5000]) } else { 0 };
                let execute = need == Need::Execute;
                let flags = if execute { *self.rng.of(&[5, 5, 5, 1 | 4]) } else { flags };
                loads.push(Load { flags, align, gap, skew, bss, ..Load::default() });
            }
        }
        // In any order in memory.
        for at in (1..loads.len()).rev() {
            loads.swap(at, self.rng.below(at as u64 + 1) as usize);
        }
        for chunk in chunks.iter() {
            let fits = |load: &&mut Load| match chunk.need {
                Need::Execute => load.flags & 1 != 0,
                Need::Write => load.flags & 2 != 0,
                // Tables may lie anywhere; mostly they are read-only.
                Need::Read => true,
            };
            let mut fitting: Vec<&mut Load> = loads.iter_mut().filter(fits).collect();
            let at = self.rng.below(fitting.len() as u64) as usize;
            fitting[at].chunks.push(chunk.name);
        }
        for load in &loads {
            for name in load.chunks.iter().filter(|_| load.flags & 2 != 0) {
                self.features.insert(format!("{name} writable"));
            }
        }
        if self.odd(4, "bss alone") {
            let odd_offset = *self.rng.of(&[0, 0x1000, 0x100_0000, 0x7fff_ffff_f000]);
            let bss = *self.rng.of(&[0, 1, 4096, 70_000]);
            let at = self.rng.below(loads.len() as u64 + 1) as usize;
            loads.insert(at, Load { flags: 6, bss, align: 0x1000, odd_offset, ..Load::default() });
        }
        loads.retain(|load| !load.chunks.is_empty() || load.bss > 0 || load.odd_offset > 0);
        layout.file_order = (0..loads.len()).collect();
        if with_headers {
            loads[0].skew = 0;
        } else {
            for at in (1..loads.len()).rev() {
                layout.file_order.swap(at, self.rng.below(at as u64 + 1) as usize);
            }
        }
        // Of a table at address 0 glibc thinks that there is none.
        layout.start = *self.rng.of(&[if with_headers { 0 } else { 0x2000 }, 0x1000, 0x10_0000, 0x4000_0000]);
        layout.loads = loads;
        layout.abi = *self.rng.of(&[(0, 0), (0, 0), (3, 0), (3, 1), (3, 3)]);
        layout.entry = *self.rng.of(&[0, 0, 0x40, u64::MAX]);
        layout.flags = *self.rng.of(&[0, 0, 0xffff_ffff]);
        layout.sections = *self.rng.of(&[(0, 0), (0, 0), (0x40, 3), (0xffff_ffff_0000, 0xfff0)]);
        self.other_headers(&mut layout, chunks);
        if with_headers {
            let count = layout.loads.len() + layout.headers.len();
            chunks.push(Self::chunk(HEADERS, Need::Read, 1, vec![0; 64 + 56 * count]));
            layout.loads[0].chunks.insert(0, HEADERS);
        }
        layout
    }

    /// Headers beside PT_LOAD.
    fn other_headers(&mut self, layout: &mut Layout, chunks: &[Chunk]) {
        let size =
            |name: &str| chunks.iter().find(|chunk| chunk.name == name).map_or(0, |chunk| chunk.bytes.len() as u64);
        let plain = |kind, at, size| Header { kind, flags: 4, at, filesz: size, memsz: size, align: 8 };
        let dynamic = plain(pt::DYNAMIC, Ok(("dynamic", 0)), size("dynamic"));
        // By these flags glibc knows whether it may write there.
        let writable = layout.loads.iter().any(|load| load.flags & 2 != 0 && load.chunks.contains(&"dynamic"));
        let flags = if writable { *self.rng.of(&[6, 6, 4, 7]) } else { 4 };
        layout.headers.push(Header { flags, ..dynamic.clone() });
        if self.odd(8, "PT_DYNAMIC twice") {
            layout.headers.push(Header { flags, ..dynamic });
        }
        if let Some((image, block, align)) = self.tls {
            let at = Ok(("tls", 0));
            layout.headers.push(Header { kind: pt::TLS, flags: 4, at, filesz: image, memsz: block, align });
        } else if self.odd(6, "PT_TLS of nothing") {
            layout.headers.push(Header { align: 3, ..plain(pt::TLS, Err(0x99), 0) });
        }
        layout.headers.push(Header { flags: 6, ..plain(pt::GNU_STACK, Err(0), 0) });
        let odd = [
            (pt::NULL, Err(u64::MAX), 9),
            (5, Err(0x7000_0000_0000), 77),
            (pt::NOTE, Err(0), 0),
            (pt::GNU_EH_FRAME, Err(0x6000_0000), 64),
            (pt::INTERP, Ok(("strings", 0)), 1),
            (0x6123_4567, Err(1), 1),
            (0x7000_0000, Err(2), 2),
            (0x6fff_fffa, Ok(("data", 0)), 8),
            (pt::GNU_PROPERTY, Err(0), 0),
        ];
        for (kind, at, size) in odd {
            if self.rng.one_in(6) {
                self.features.insert(format!("p_type {kind:#x}"));
                layout.headers.push(plain(kind, at, size));
            }
        }
        // The first page of a segment, which then holds nothing to be written by code.
        if self.odd(6, "PT_GNU_RELRO of part of a page") {
            layout.headers.push(plain(pt::GNU_RELRO, Ok(("data", 0)), 8));
        }
    }

    /// Puts everything together. Long, for the order of the steps is seen in one place.
    pub(super) fn finish(mut self) -> Library {
        let (mut chunks, mut entries): (Vec<Chunk>, Vec<Entry>) = (Vec::new(), Vec::new());
        self.constructors(&mut entries);
        let index = self.order_symbols(&mut chunks, &mut entries);
        // glibc wants the need of a version, where there are any, that says that DT_RELR is known.
        let needs_relr = !self.relr.is_empty() && self.versions > 0;
        self.version_tables(&mut chunks, &mut entries, needs_relr);
        self.odd_tags(&mut entries);
        let names: Vec<u32> = self.symbols.clone().iter().map(|symbol| self.string(&symbol.name)).collect();
        if self.rng.one_in(2) {
            self.strings.extend(b"left over\0");
        }
        entries.extend([(dt::STRTAB, Ok(("strings", 0))), (dt::STRSZ, Err(self.strings.len() as u64))]);
        entries.extend([(dt::SYMTAB, Ok(("symbols", 0))), (dt::SYMENT, Err(24))]);
        let relative = |rela: &Rela| rela.kind == reloc::RELATIVE;
        if self.rng.one_in(2) {
            self.relas.sort_by_key(|rela| !relative(rela));
            let count = self.relas.iter().filter(|rela| relative(rela)).count() as u64;
            if self.odd(2, "DT_RELACOUNT") {
                entries.push((dt::RELACOUNT, Err(count - count.min(self.rng.below(2)))));
            }
        }
        for (relas, name, tags) in
            [(&self.relas, "rela", [dt::RELA, dt::RELASZ]), (&self.plt, "plt", [dt::JMPREL, dt::PLTRELSZ])]
        {
            chunks.push(Self::chunk(name, Need::Read, 8, vec![0; 24 * relas.len()]));
            if !relas.is_empty() || name == "rela" {
                entries.extend([(tags[0], Ok((name, 0))), (tags[1], Err(24 * relas.len() as u64))]);
                entries.push(if name == "rela" { (dt::RELAENT, Err(24)) } else { (dt::PLTREL, Err(dt::RELA)) });
            }
        }
        if !self.plt.is_empty() {
            entries.push((dt::PLTGOT, Ok(("got", 0))));
        }
        if !self.relr.is_empty() {
            self.feature("DT_RELR");
            chunks.push(Self::chunk("relr", Need::Read, 8, vec![0; 8 * self.relr.len()]));
            let size = 8 * self.relr.len() as u64;
            entries.extend([(dt::RELR, Ok(("relr", 0))), (dt::RELRSZ, Err(size)), (dt::RELRENT, Err(8))]);
        }
        for at in (1..entries.len()).rev() {
            entries.swap(at, self.rng.below(at as u64 + 1) as usize);
        }
        let null = !self.odd(6, "no DT_NULL");
        let dynamic_size = 16 * (entries.len() + usize::from(null));
        chunks.push(Self::chunk("symbols", Need::Read, 8, vec![0; 24 * (self.symbols.len() + 1)]));
        chunks.push(Self::chunk("strings", Need::Read, 1, self.strings.clone()));
        chunks.push(Self::chunk("code", Need::Execute, 16, self.code.clone()));
        chunks.push(Self::chunk("data", Need::Write, 8, self.data.clone()));
        chunks.push(Self::chunk("got", Need::Write, 8, self.got.clone()));
        if let Some((image, _, align)) = self.tls {
            let bytes = (0..image).map(|at| (at as u8).wrapping_mul(3) + 1).collect();
            chunks.push(Self::chunk("tls", Need::Read, align.min(64), bytes));
        }
        // Without DT_NULL zeroes must follow: it is the last of its segment, with bss behind it.
        let need = if null && self.rng.one_in(3) { Need::Read } else { Need::Write };
        chunks.push(Self::chunk("dynamic", need, 8, vec![0; dynamic_size]));
        let mut layout = self.layout(&mut chunks);
        if !null {
            let load =
                layout.loads.iter_mut().find(|load| load.chunks.contains(&"dynamic")).expect("it lies somewhere");
            load.chunks.retain(|name| *name != "dynamic");
            load.chunks.push("dynamic");
            load.bss += 64;
        }
        let placed = Placed::new(&layout, &chunks);
        self.fill(&mut chunks, &placed, &entries, &names, &index);
        let mut order: Vec<usize> = (0..layout.loads.len() + layout.headers.len()).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, self.rng.below(at as u64 + 1) as usize);
        }
        let mut asks = String::from("S dep 2\nS other 2\n");
        for symbol in self.symbols.iter().filter(|symbol| !symbol.name.is_empty()) {
            asks += &format!("S {} {}\n", symbol.name, symbol.how);
            if self.versions > 0 && self.rng.one_in(3) {
                asks += &format!("V {} V{}\n", symbol.name, 2 + self.rng.below(3));
            }
        }
        Library { bytes: placed.write(&layout, &chunks, &order), asks, mode: self.mode, features: self.features }
    }

    /// Fills in what depends on addresses.
    fn fill(&self, chunks: &mut [Chunk], placed: &Placed, entries: &[Entry], names: &[u32], index: &[u32]) {
        let value = |value: Result<Place, u64>| value.map_or_else(|number| number, |place| placed.address(place));
        let mut of: std::collections::HashMap<&str, &mut Vec<u8>> =
            chunks.iter_mut().map(|chunk| (chunk.name, &mut chunk.bytes)).collect();
        let mut put = |name: &str, at: u64, bytes: &[u8]| {
            of.get_mut(name).expect("a chunk")[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        };
        for (at, target) in &self.distances {
            let distance = placed.address(*target).wrapping_sub(placed.address(("code", *at as u64 + 4)));
            put("code", *at as u64, &(distance as u32).to_le_bytes());
        }
        for (at, (symbol, name)) in self.symbols.iter().zip(names).enumerate() {
            let mut bytes = name.to_le_bytes().to_vec();
            bytes.extend([symbol.info, symbol.other]);
            bytes.extend(symbol.section.to_le_bytes());
            bytes.extend(value(symbol.value).to_le_bytes());
            bytes.extend(symbol.size.to_le_bytes());
            put("symbols", 24 * (at as u64 + 1), &bytes);
        }
        for (name, relas) in [("rela", &self.relas), ("plt", &self.plt)] {
            for (at, rela) in relas.iter().enumerate() {
                let symbol = rela.symbol.map_or(0, |symbol| index[symbol]);
                let info = u64::from(symbol) << 32 | u64::from(rela.kind);
                let words = [placed.address(rela.place), info, value(rela.addend)];
                let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
                put(name, 24 * at as u64, &bytes);
            }
        }
        let mut relr: Vec<(Place, Place)> = self.relr.clone();
        relr.sort_by_key(|(place, _)| placed.address(*place));
        for (at, (place, target)) in relr.iter().enumerate() {
            put("relr", 8 * at as u64, &placed.address(*place).to_le_bytes());
            put(place.0, place.1, &placed.address(*target).to_le_bytes());
        }
        for (at, (tag, entry)) in entries.iter().enumerate() {
            put("dynamic", 16 * at as u64, &tag.to_le_bytes());
            put("dynamic", 16 * at as u64 + 8, &value(*entry).to_le_bytes());
        }
    }
}
