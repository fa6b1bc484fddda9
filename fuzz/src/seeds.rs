//! What fuzzing begins with: sound inputs of every kind, generated, so that the corpus is no set of opaque files.

/// The dictionary: words that mean something to one parser or the other.
pub const WORDS: [&[u8]; 26] = [
    b"$ORIGIN",
    b"${LIB}",
    b"$PLATFORM",
    b"include ",
    b"/lib",
    b":",
    b"--list\0",
    b"--tree=",
    b"--library-path\0",
    b"--argv0=",
    b"--json",
    b"--help",
    b"LD_PRELOAD=",
    b"LD_LIBRARY_PATH=",
    b"LD_DEBUG=all",
    b"GLIBC_TUNABLES=glibc.malloc.perturb=0x10",
    b"ldd\0-v\0",
    b"x86-64-v2",
    b"x86-64-v3",
    b"GLIBC_2.2.5\0",
    b"GNU\0",
    b"\x7fELF",
    b"glibc-ld.so.cache1.1",
    b"*?",
    b"../",
    b"\0",
];

/// The seeds of `target`.
#[must_use]
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "elf" => (0..16).map(file).collect(),
        "dynamic" => (0..16).map(|kind| section(kind, 0)).collect(),
        "cache" => (0..4).map(cache).collect(),
        "conf" => texts(&[
            "/lib\n# a\ninclude ld.so.conf.d/*.conf\n/usr/lib=libc6 # b",
            "*.conflibc.conf",
            "a*b?c*.da--b-c-.d",
        ]),
        "search" => texts(&[
            "\0/a:$ORIGIN/../lib:${LIB}:/b//",
            "\x01/a:$ORIGIN/x:/${PLATFORM}/b::c:/d/",
            "\x06;a;b:$LIBX:/:",
            "\x23x86-64-v3:x86-64-v2:mine",
        ]),
        "arguments" => texts(&[
            "ld-rs.so\0--argv0\0x\0--library-path=/a\0./p\0--list",
            "ld-rs.so\0--tree=3\0--json\0--color=never\0--sysroot\0/t\0./p",
            "ldd\0-v\0--func\0./p",
            "LD_LIBRARY_PATH=/a:/b\0LD_PRELOAD=a.so:b.so c.so\0LD_DEBUG=libs,files\0NO_COLOR=1",
            "GLIBC_TUNABLES=glibc.malloc.mxfast=0x20:glibc.malloc.check=-1:glibc.pthread.rseq=010",
        ]),
        // Loads, branches, stores, calls and vectors, as compilers write them.
        "uses" => vec![
            b"\x8b\x40\x18\x85\xc0\x74\x05\x48\x89\xc7\xeb\xf5\xff\xa0\x80\x02\0\0\xc3".to_vec(),
            b"\xc5\xfd\x74\x0f\x62\xf1\x7e\x48\x6f\x47\x01\x48\x8b\x1d\x01\0\0\0\xe8\0\0\0\0\x0f\x84\0\0\0\0".to_vec(),
        ],
        "bindings" => (0..48).map(scope).collect(),
        _ => (0..4u64)
            .map(|seed| (0..160).map(|at: u64| (at.wrapping_mul(37 + seed * 22) >> 1) as u8).collect())
            .collect(),
    }
}

/// What [`super::scope::draw`] draws a scope from: any bytes do, for they all mean something.
#[must_use]
pub fn scope(kind: u64) -> Vec<u8> {
    let mut state = kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes: Vec<u8> = (0..1200)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect();
    // Damage in one of three; many relocations in one of eight.
    let (damage, many) = (u8::from(kind.is_multiple_of(3)) << 7, u8::from(kind % 8 == 7) * 0x30);
    bytes[0] = bytes[0] & 0x4f | damage | many;
    bytes[1] |= 2;
    bytes
}

fn texts(list: &[&str]) -> Vec<Vec<u8>> {
    list.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Bytes that grow, in little endian.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn words<const N: usize>(&mut self, width: usize, values: [u64; N]) -> &mut Self {
        for value in values {
            self.0.extend(&value.to_le_bytes()[..width]);
        }
        self
    }

    fn align(&mut self, to: usize) -> u64 {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
        self.0.len() as u64
    }
}

/// Symbols of the generated objects: name's offset, version's index. The first is not there.
const NAMES: &[u8] = b"\0one\0two\0three\0libfuzz.so\0libc.so.6\0GLIBC_2.2.5\0FUZZ_1\0$ORIGIN/lib\0";

fn offset(name: &str) -> u64 {
    let name = [name.as_bytes(), b"\0"].concat();
    NAMES.windows(name.len()).position(|w| w == name).expect("a name of the table") as u64
}

/// A dynamic section and the tables it names, at address `base`. Bits of `kind`: 1 DT_HASH beside DT_GNU_HASH or, with 2,
/// alone; 4 versions; 8 relocations.
#[must_use]
pub fn section(kind: usize, base: u64) -> Vec<u8> {
    let room = 40 * 16;
    let mut out = Out(vec![0; room]);
    let mut tags: Vec<(u64, u64)> =
        vec![(1, offset("libc.so.6")), (14, offset("libfuzz.so")), (29, offset("$ORIGIN/lib"))];
    // Symbols: null, then three: undefined, function, TLS.
    let at = out.align(8);
    tags.extend([(6, base + at), (11, 24)]);
    out.words(8, [0; 3]);
    for (name, info, shndx, value) in [("one", 0x10, 0, 0), ("two", 0x12, 1, 16), ("three", 0x16, 1, 0)] {
        out.words(4, [offset(name)]).words(1, [info, 0]).words(2, [shndx]).words(8, [value, 8]);
    }
    let at = out.align(1);
    tags.extend([(5, base + at), (10, NAMES.len() as u64)]);
    out.0.extend(NAMES);
    if kind & 3 != 2 {
        let at = out.align(8);
        tags.push((0x6fff_fef5, base + at));
        let hashes = ["two", "three"].map(|name| u64::from(object::elf::gnu_hash(name.as_bytes())));
        // One bucket that begins at symbol 2, a filter that lets all pass.
        out.words(4, [1, 2, 1, 6]).words(8, [u64::MAX]).words(4, [2, hashes[0] & !1, hashes[1] | 1]);
    }
    if kind & 3 != 0 {
        let at = out.align(8);
        tags.push((4, base + at));
        out.words(4, [1, 4, 3, 0, 0, 1, 2]);
    }
    if kind & 4 != 0 {
        let at = out.align(8);
        tags.push((0x6fff_fff0, base + at));
        out.words(2, [0, 2, 3, 3]);
        let hash = |name: &str| u64::from(object::elf::hash(name.as_bytes()));
        let at = out.align(8);
        tags.extend([(0x6fff_fffe, base + at), (0x6fff_ffff, 1)]);
        out.words(2, [1, 1]).words(4, [offset("libc.so.6"), 16, 0]);
        out.words(4, [hash("GLIBC_2.2.5")]).words(2, [0, 2]).words(4, [offset("GLIBC_2.2.5"), 0]);
        let at = out.align(8);
        tags.extend([(0x6fff_fffc, base + at), (0x6fff_fffd, 2)]);
        out.words(2, [1, 1, 1, 1]).words(4, [hash("libfuzz.so"), 20, 28]).words(4, [offset("libfuzz.so"), 0]);
        out.words(2, [1, 0, 3, 1]).words(4, [hash("FUZZ_1"), 20, 0]).words(4, [offset("FUZZ_1"), 0]);
    }
    if kind & 8 != 0 {
        let at = out.align(8);
        tags.extend([(7, base + at), (8, 72), (9, 24), (0x6fff_fff9, 1)]);
        out.words(8, [base + 0x40, 8, 0x10, base + 0x48, 1 << 32 | 6, 0, base + 0x50, 3 << 32 | 18, 0]);
        let at = out.align(8);
        tags.extend([(23, base + at), (2, 24), (20, 7)]);
        out.words(8, [base + 0x58, 1 << 32 | 7, 0]);
        let at = out.align(8);
        tags.extend([(36, base + at), (35, 16), (37, 8), (25, base + 0x40), (27, 16), (30, 8)]);
        out.words(8, [base + 0x60, 0b101]);
    }
    tags.extend([(21, 0), (0x6fff_fffb, 1), (0, 0)]);
    for (at, (tag, value)) in tags.iter().enumerate() {
        out.0[at * 16..at * 16 + 8].copy_from_slice(&tag.to_le_bytes());
        out.0[at * 16 + 8..at * 16 + 16].copy_from_slice(&value.to_le_bytes());
    }
    if base == 0 {
        // The target takes the first half as data: all of it.
        let size = out.0.len();
        out.0.resize(size * 2, 0x90);
    }
    out.0
}

/// A whole file with a [`section`] of `kind`: headers and code, then data, TLS, notes, an interpreter.
#[must_use]
pub fn file(kind: usize) -> Vec<u8> {
    const DATA: u64 = 0x1000;
    let tables = section(kind, DATA);
    let size = tables.len() as u64;
    let mut out = Out::default();
    out.0.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    let phdrs: [[u64; 8]; 8] = [
        // type and flags, offset, vaddr, paddr, filesz, memsz, align
        [1, 5, 0, 0, 0, 0x400, 0x400, 0x1000],
        [1, 6, DATA, DATA, 0, size, size + 0x2000, 0x1000],
        [2, 6, DATA, DATA, 0, 40 * 16, 40 * 16, 8],
        [7, 4, DATA + 0x40, DATA + 0x40, 0, 8, 24, 16],
        [0x6474_e552, 4, DATA, DATA, 0, size, 0x1000, 1],
        [0x6474_e551, 6, 0, 0, 0, 0, 0, 16],
        [4, 4, 0x300, 0x300, 0, 36, 36, 4],
        [3, 4, 0x340, 0x340, 0, 12, 12, 1],
    ];
    out.words(2, [3, 62]).words(4, [1]).words(8, [0x380, 64, 0]).words(4, [0]);
    out.words(2, [64, 56, phdrs.len() as u64, 64, 0, 0]);
    for [kind, flags, offset, vaddr, _, filesz, memsz, align] in phdrs {
        out.words(4, [kind, flags]).words(8, [offset, vaddr, vaddr, filesz, memsz, align]);
    }
    out.0.resize(0x300, 0);
    out.words(4, [4, 20, 3]).0.extend(b"GNU\0aaaaaaaaaaaaaaaaaaaa");
    out.0.resize(0x340, 0);
    out.0.extend(b"./ld-rs.so\0\0");
    out.0.resize(DATA as usize, 0x90);
    out.0.extend(tables);
    out.0
}

/// ld.so.cache with two libraries, one of them in glibc-hwcaps; with bit 2 after a table of the old format.
#[must_use]
pub fn cache(kind: usize) -> Vec<u8> {
    let strings: [&[u8]; 5] = [b"libb.so\0", b"/lib/libb.so\0", b"liba.so\0", b"/lib/liba.so\0", b"x86-64-v2\0"];
    let hwcaps = kind & 1 != 0;
    let count = if hwcaps { 3 } else { 2 };
    let mut offsets = [0u64; 5];
    let mut at = 48 + count * 24;
    for (offset, string) in offsets.iter_mut().zip(strings) {
        *offset = at;
        at += string.len() as u64;
    }
    let extension = at.next_multiple_of(4);
    let mut out = Out::default();
    out.0.extend(b"glibc-ld.so.cache1.1");
    out.words(4, [count, at - 48 - count * 24])
        .words(1, [2, 0, 0, 0])
        .words(4, [if hwcaps { extension } else { 0 }, 0, 0, 0]);
    out.words(4, [0x303, offsets[0], offsets[1], 0]).words(8, [0]);
    if hwcaps {
        out.words(4, [0x303, offsets[2], offsets[3], 0]).words(8, [1 << 62]);
    }
    out.words(4, [0x303, offsets[2], offsets[3], 0]).words(8, [0]);
    for string in strings {
        out.0.extend(string);
    }
    if hwcaps {
        out.align(4);
        out.words(4, [0xeaa4_2174, 1, 1, 0, extension + 24, 4]).words(4, [offsets[4]]);
    }
    match kind & 2 {
        0 => out.0,
        _ => [&b"ld.so-1.7.0\0\0\0\0\0"[..], &out.0].concat(),
    }
}
