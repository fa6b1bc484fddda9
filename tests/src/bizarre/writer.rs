//! A small ELF writer: chunks of bytes that know each other by name are put into segments, and what depends on addresses
//! is filled in afterwards. Where segments lie, in memory and in the file, is told by a [`Layout`].

use std::collections::HashMap;

/// What a chunk needs of its segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// To be read.
    Read,
    /// To be run.
    Execute,
    /// To be written.
    Write,
}

/// Where something lies: a chunk's name and an offset in it.
pub type Place = (&'static str, u64);

/// Bytes that stay together.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Chunk {
    pub name: &'static str,
    pub need: Need,
    pub align: u64,
    pub bytes: Vec<u8>,
}

/// A PT_LOAD.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Load {
    pub flags: u32,
    /// Names of its chunks in order.
    pub chunks: Vec<&'static str>,
    /// Bytes of zeroes behind them.
    pub bss: u64,
    /// Pages left out before it.
    pub gap: u64,
    pub align: u64,
    /// Where in its first page it begins, if it has bytes of the file.
    pub skew: u64,
    /// Where p_offset points for one without bytes in the file.
    pub odd_offset: u64,
}

/// Another program header.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Header {
    pub kind: u32,
    pub flags: u32,
    /// Of the range that is meant: a chunk, or numbers as they are.
    pub at: Result<Place, u64>,
    pub filesz: u64,
    pub memsz: u64,
    pub align: u64,
}

/// The whole of it.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Layout {
    pub loads: Vec<Load>,
    pub headers: Vec<Header>,
    /// The order in which segments lie in the file.
    pub file_order: Vec<usize>,
    /// The first address.
    pub start: u64,
    /// Program headers behind everything else, where no segment holds them.
    pub headers_last: bool,
    /// EI_OSABI, EI_ABIVERSION.
    pub abi: (u8, u8),
    pub entry: u64,
    pub flags: u32,
    pub sections: (u64, u16),
}

/// The chunk of ELF header and program headers: if there, it stands first in the load that is first in memory and file.
pub const HEADERS: &str = "headers";
/// A page.
pub const PAGE: u64 = 4096;

/// Addresses and offsets of the chunks.
pub struct Placed {
    /// By name: address, offset in the file.
    places: HashMap<&'static str, (u64, u64)>,
    /// By number of PT_LOAD: address, offset, size in the file.
    loads: Vec<(u64, u64, u64)>,
    size: u64,
    phoff: u64,
}

impl Placed {
    /// Decides where everything lies.
    pub fn new(layout: &Layout, chunks: &[Chunk]) -> Placed {
        let of = |name: &str| chunks.iter().find(|chunk| chunk.name == name).expect("a chunk");
        let count = (layout.loads.len() + layout.headers.len()) as u64;
        let (mut vaddr, mut loads, mut places) = (layout.start, Vec::new(), HashMap::new());
        for load in &layout.loads {
            let begin = vaddr + load.gap * PAGE + if load.chunks.is_empty() { 0 } else { load.skew };
            let mut end = begin;
            for name in &load.chunks {
                let chunk = of(name);
                end = end.next_multiple_of(chunk.align);
                places.insert(chunk.name, (end, end - begin));
                end += chunk.bytes.len() as u64;
            }
            loads.push((begin, 0, end - begin));
            vaddr = (end + load.bss).next_multiple_of(PAGE);
        }
        let mut offset = 64 + if layout.headers_last { 0 } else { 56 * count };
        for number in &layout.file_order {
            let (vaddr, at, size) = &mut loads[*number];
            if *size == 0 {
                *at = layout.loads[*number].odd_offset + *vaddr % PAGE;
                continue;
            }
            // ELF header and program headers are the beginning of the file.
            let first = layout.loads[*number].chunks.first() == Some(&HEADERS);
            offset += if first { 0 } else { (*vaddr % PAGE + PAGE - offset % PAGE) % PAGE };
            offset = if first { 0 } else { offset };
            *at = offset;
            offset += *size;
        }
        for (load, (_, at, _)) in layout.loads.iter().zip(&loads) {
            for name in &load.chunks {
                places.get_mut(name).expect("placed above").1 += at;
            }
        }
        let phoff = if layout.headers_last { offset.next_multiple_of(8) } else { 64 };
        let size = if layout.headers_last { phoff + 56 * count } else { offset };
        Placed { places, loads, size, phoff }
    }

    /// The address of `place`.
    pub fn address(&self, place: Place) -> u64 {
        self.places[place.0].0 + place.1
    }

    /// The file, with the program headers in the order that `order` gives; PT_LOADs keep theirs.
    pub fn write(&self, layout: &Layout, chunks: &[Chunk], order: &[usize]) -> Vec<u8> {
        let mut file = vec![0u8; self.size as usize];
        let mut put = |at: u64, bytes: &[u8]| file[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        put(0, &[0x7f, b'E', b'L', b'F', 2, 1, 1, layout.abi.0, layout.abi.1]);
        let count = (layout.loads.len() + layout.headers.len()) as u64;
        put(16, &[3, 0, 62, 0, 1, 0, 0, 0]);
        for (at, word) in [(24, layout.entry), (32, self.phoff), (40, layout.sections.0)] {
            put(at, &word.to_le_bytes());
        }
        put(48, &layout.flags.to_le_bytes());
        for (at, half) in [(52, 64), (54, 56), (56, count as u16), (58, 64), (60, layout.sections.1), (62, 0)] {
            put(at, &u16::to_le_bytes(half));
        }
        for chunk in chunks.iter().filter(|chunk| chunk.name != HEADERS) {
            if let Some((_, offset)) = self.places.get(chunk.name) {
                put(*offset, &chunk.bytes);
            }
        }
        let mut table: Vec<[u64; 7]> = Vec::new();
        for (load, (vaddr, offset, filesz)) in layout.loads.iter().zip(&self.loads) {
            let kind = 1 | u64::from(load.flags) << 32;
            table.push([kind, *offset, *vaddr, *vaddr, *filesz, filesz + load.bss, load.align]);
        }
        for header in &layout.headers {
            let (vaddr, offset) = match header.at {
                Ok((name, into)) => (self.places[name].0 + into, self.places[name].1 + into),
                Err(number) => (number, number),
            };
            let kind = u64::from(header.kind) | u64::from(header.flags) << 32;
            table.push([kind, offset, vaddr, vaddr, header.filesz, header.memsz, header.align]);
        }
        // The places of PT_LOADs among the others are shuffled, not their order.
        let mut loads = 0..layout.loads.len();
        for (slot, number) in order.iter().enumerate() {
            let number = if *number < layout.loads.len() { loads.next().expect("as many") } else { *number };
            let words: Vec<u8> = table[number].iter().flat_map(|word| word.to_le_bytes()).collect();
            put(self.phoff + 56 * slot as u64, &words);
        }
        file
    }
}
