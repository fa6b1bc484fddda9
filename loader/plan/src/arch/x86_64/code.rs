//! Machine code as far as it tells where an address goes: an instruction's length, the word of memory it uses, the registers
//! it changes, and what comes next.
//!
//! [`crate::uses`] follows code by this. What an instruction does to flags and vectors is nothing here; where it is not
//! certain whether a register changes, it does.

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// Its bytes.
    pub length: usize,
    /// The word of memory that it uses or takes the address of: base register and displacement.
    pub memory: Option<(u8, i32)>,
    /// The register that is loaded with a word of memory, and the distance of that word from the instruction's end.
    pub loaded: Option<(u8, i32)>,
    /// The register that gets what another one has: to, from.
    pub copied: Option<(u8, u8)>,
    /// The registers that have another value afterwards, a bit each.
    pub changed: u16,
    /// Where it goes on.
    pub next: Next,
}

/// Where code goes on. Distances are from the instruction's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At the next instruction.
    Following,
    /// There, or at so many bytes from it.
    Either(i32),
    /// So many bytes from it.
    Jump(i32),
    /// At the next instruction, if ever a function returns.
    Call,
    /// Nowhere that can be told.
    Nowhere,
}

/// What a function may change: rax, rcx, rdx, rsi, rdi, r8 to r11.
const NOT_KEPT: u16 = 0x0fc7;
/// rax.
const RAX: u16 = 1;
/// rax and rdx.
const RAX_RDX: u16 = 5;
/// rax, rcx, rdx and rbx.
const RAX_TO_RBX: u16 = 0xf;
/// What string instructions use: rax, rcx, rsi and rdi.
const STRING: u16 = 0xc3;

/// What is left to read.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// A signed number of 1 or 4 bytes.
    fn number(&mut self, size: usize) -> Option<i32> {
        let (bytes, rest) = self.rest.split_at_checked(size)?;
        self.rest = rest;
        match *bytes {
            [byte] => Some(i32::from(byte.cast_signed())),
            [a, b, c, d] => Some(i32::from_le_bytes([a, b, c, d])),
            _ => None,
        }
    }

    fn skip(&mut self, size: usize) -> Option<()> {
        self.rest = self.rest.get(size..)?;
        Some(())
    }
}

/// The operands that a ModRM byte names.
struct Operands {
    /// The register operand.
    register: u8,
    /// Bits 3 to 5 of ModRM, which may be a part of the opcode.
    digit: u8,
    /// The other operand, where it is a register.
    other: Option<u8>,
    /// Where it is memory with a base register.
    memory: Option<(u8, i32)>,
    /// Where it is memory at a distance from the instruction's end.
    near: Option<i32>,
}

impl Operands {
    /// `rex`: the bits R (4), X (2) and B (1).
    fn read(reader: &mut Reader<'_>, rex: u8) -> Option<Self> {
        let modrm = reader.byte()?;
        let (mode, digit, low) = (modrm >> 6, modrm >> 3 & 7, modrm & 7);
        let (high_register, high_base) = ((rex & 4) << 1, (rex & 1) << 3);
        let mut operands = Self { register: digit | high_register, digit, other: None, memory: None, near: None };
        if mode == 3 {
            operands.other = Some(low | high_base);
            return Some(operands);
        }
        let base = if low == 4 { reader.byte()? & 7 } else { low };
        match (mode, low, base) {
            (0, 5, _) => operands.near = Some(reader.number(4)?),
            (0, _, 5) => reader.skip(4)?,
            (0, ..) => operands.memory = Some((base | high_base, 0)),
            (1, ..) => operands.memory = Some((base | high_base, reader.number(1)?)),
            _ => operands.memory = Some((base | high_base, reader.number(4)?)),
        }
        Some(operands)
    }

    /// The register operand and the other one, as bits.
    fn bits(&self) -> (u16, u16) {
        (bit(self.register), self.other.map_or(0, bit))
    }
}

const fn bit(register: u8) -> u16 {
    1u16.wrapping_shl(register as u32)
}

/// The first instruction of `code`; `None` where there is none.
#[must_use]
pub fn instruction(code: &[u8]) -> Option<Instruction> {
    let mut reader = Reader { rest: code.get(..code.len().min(15))? };
    let whole = reader.rest.len();
    let (mut short, mut segment) = (false, false);
    let mut opcode = reader.byte()?;
    while let 0x66 | 0xf0 | 0xf2 | 0xf3 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64 | 0x65 | 0x67 = opcode {
        short |= opcode == 0x66;
        segment |= matches!(opcode, 0x64 | 0x65 | 0x67);
        opcode = reader.byte()?;
    }
    let mut rex = 0;
    while let 0x40..=0x4f = opcode {
        rex = opcode & 0xf;
        opcode = reader.byte()?;
    }
    let sizes = Sizes { rex, word: if short { 2 } else { 4 } };
    let mut found = match opcode {
        0x0f => two_bytes(&mut reader, sizes)?,
        0xc4 | 0xc5 | 0x62 => vectors(&mut reader, opcode)?,
        _ => one_byte(&mut reader, opcode, sizes)?,
    };
    if segment {
        found.memory = None;
    }
    found.length = whole.checked_sub(reader.rest.len())?;
    Some(found)
}

/// What prefixes say of sizes.
#[derive(Clone, Copy)]
struct Sizes {
    /// W (8), R (4), X (2), B (1).
    rex: u8,
    /// Bytes of an immediate operand of operand size.
    word: usize,
}

/// An instruction that goes on behind itself.
const fn plain(changed: u16) -> Instruction {
    Instruction { length: 0, memory: None, loaded: None, copied: None, changed, next: Next::Following }
}

/// One that changes nothing and goes elsewhere.
const fn going(next: Next, changed: u16) -> Instruction {
    Instruction { next, ..plain(changed) }
}

fn one_byte(reader: &mut Reader<'_>, opcode: u8, sizes: Sizes) -> Option<Instruction> {
    let low = opcode & 7 | (sizes.rex & 1) << 3;
    // Those without ModRM.
    match opcode {
        0x00..=0x3f if opcode & 7 == 4 => return reader.skip(1).map(|()| plain(RAX)),
        0x00..=0x3f if opcode & 7 == 5 => return reader.skip(sizes.word).map(|()| plain(RAX)),
        0x00..=0x3f if opcode & 7 > 5 => return None,
        0x50..=0x57 | 0x90 | 0x9b..=0x9e | 0xf5 | 0xf8..=0xfd => return Some(plain(0)),
        0x58..=0x5f => return Some(plain(bit(low))),
        0x91..=0x97 => return Some(plain(RAX | bit(low))),
        0x98 | 0x99 | 0x9f => return Some(plain(RAX_RDX)),
        0x68 => return reader.skip(4).map(|()| plain(0)),
        0x6a | 0xa8 => return reader.skip(1).map(|()| plain(0)),
        0xa9 => return reader.skip(sizes.word).map(|()| plain(0)),
        0x6c..=0x6f | 0xa4..=0xa7 | 0xaa..=0xaf => return Some(plain(STRING)),
        0x70..=0x7f | 0xe0..=0xe3 => return Some(going(Next::Either(reader.number(1)?), 0)),
        0xa0..=0xa3 => return reader.skip(8).map(|()| plain(RAX)),
        0xb0..=0xb7 => return reader.skip(1).map(|()| plain(bit(low))),
        0xb8..=0xbf => return reader.skip(if sizes.rex & 8 != 0 { 8 } else { sizes.word }).map(|()| plain(bit(low))),
        0xc2 | 0xc3 | 0xca..=0xcc | 0xcf | 0xf4 => return Some(going(Next::Nowhere, 0)),
        0xc8 => return reader.skip(3).map(|()| plain(bit(5))),
        0xc9 => return Some(plain(bit(5))),
        0xe8 => return reader.skip(4).map(|()| going(Next::Call, NOT_KEPT)),
        0xe9 => return Some(going(Next::Jump(reader.number(4)?), 0)),
        0xeb => return Some(going(Next::Jump(reader.number(1)?), 0)),
        _ => {}
    }
    let operands = Operands::read(reader, sizes.rex)?;
    let (register, other) = operands.bits();
    let digit = operands.digit;
    let mut found = plain(match opcode {
        0x38..=0x3b | 0x84 | 0x85 | 0xd8..=0xde => 0,
        0x00..=0x3f if opcode & 2 == 0 => other,
        0x00..=0x3f | 0x63 | 0x69 | 0x6b | 0x8a | 0x8b | 0x8d => register,
        0x80..=0x83 if digit == 7 => 0,
        0x80..=0x83 | 0x88 | 0x89 | 0x8c | 0x8f | 0xc0 | 0xc1 | 0xc6 | 0xc7 | 0xd0..=0xd3 => other,
        0x86 | 0x87 => register | other,
        0xdf => RAX,
        0xf6 | 0xf7 => match digit {
            0 | 1 => 0,
            2 | 3 => other,
            _ => RAX_RDX,
        },
        0xfe | 0xff => match digit {
            0 | 1 => other,
            2 | 3 => NOT_KEPT,
            _ => 0,
        },
        _ => return None,
    });
    match (opcode, digit) {
        (0x6b | 0x80 | 0x82 | 0x83 | 0xc0 | 0xc1 | 0xc6, _) | (0xf6, 0 | 1) => reader.skip(1)?,
        (0x69 | 0x81 | 0xc7, _) | (0xf7, 0 | 1) => reader.skip(sizes.word)?,
        (0xff, 2 | 3) => found.next = Next::Call,
        (0xff, 4 | 5) => found.next = Next::Nowhere,
        (0x8b, _) if sizes.rex & 8 != 0 => {
            found.loaded = operands.near.map(|distance| (operands.register, distance));
            found.copied = operands.other.map(|from| (operands.register, from));
        }
        (0x89, _) if sizes.rex & 8 != 0 => found.copied = operands.other.map(|to| (to, operands.register)),
        _ => {}
    }
    found.memory = operands.memory;
    Some(found)
}

fn two_bytes(reader: &mut Reader<'_>, sizes: Sizes) -> Option<Instruction> {
    let opcode = reader.byte()?;
    let low = opcode & 7 | (sizes.rex & 1) << 3;
    match opcode {
        0x38 | 0x3a => {
            let third = reader.byte()?;
            let operands = Operands::read(reader, sizes.rex)?;
            let (register, other) = operands.bits();
            let changed = match (opcode, third) {
                (0x38, 0xf0..=0xff) => register | other,
                (0x3a, 0x14..=0x17) => other,
                _ => 0,
            };
            if opcode == 0x3a {
                reader.skip(1)?;
            }
            return Some(Instruction { memory: operands.memory, ..plain(changed) });
        }
        0x05 | 0x34 => return Some(plain(NOT_KEPT)),
        0x0b => return Some(going(Next::Nowhere, 0)),
        0x06..=0x09 | 0x0e | 0x30 | 0x77 => return Some(plain(0)),
        0x31..=0x33 => return Some(plain(RAX_RDX)),
        0x80..=0x8f => return Some(going(Next::Either(reader.number(4)?), 0)),
        0xa0 | 0xa8 => return Some(plain(0)),
        0xa1 | 0xa2 | 0xa9 => return Some(plain(RAX_TO_RBX)),
        0xc8..=0xcf => return Some(plain(bit(low))),
        0x0a | 0x0c | 0x0f | 0x24..=0x27 | 0x35..=0x3f | 0xaa | 0xff => return None,
        _ => {}
    }
    let operands = Operands::read(reader, sizes.rex)?;
    let (register, other) = operands.bits();
    let changed = match opcode {
        0x01 => RAX_TO_RBX | other,
        0x40..=0x4f | 0x2c | 0x2d | 0x50 | 0xaf | 0xb6..=0xb8 | 0xbc..=0xbf | 0xc5 | 0xd7 | 0x02 | 0x03 => register,
        0x00 | 0x7e | 0x90..=0x9f | 0xa4 | 0xa5 | 0xab..=0xad | 0xae | 0xb3 | 0xbb | 0xba => other,
        0xb0 | 0xb1 => RAX | other,
        0xc0 | 0xc1 => register | other,
        0xc7 => RAX_RDX | other,
        _ => 0,
    };
    if matches!(opcode, 0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6) {
        reader.skip(1)?;
    }
    Some(Instruction { memory: operands.memory, ..plain(changed) })
}

/// Those with a VEX or EVEX prefix.
fn vectors(reader: &mut Reader<'_>, prefix: u8) -> Option<Instruction> {
    let first = reader.byte()?;
    // The bits R, X and B are inverted; a VEX prefix of two bytes has R alone.
    let (map, second) = match prefix {
        0xc5 => (1, first),
        _ => (first & 7, reader.byte()?),
    };
    let rex = if prefix == 0xc5 { !first >> 5 & 4 } else { !first >> 5 & 7 };
    if prefix == 0x62 {
        reader.skip(1)?;
    }
    let opcode = reader.byte()?;
    if (map, opcode) == (1, 0x77) {
        return Some(plain(0));
    }
    let operands = Operands::read(reader, rex)?;
    let (register, other) = operands.bits();
    let changed = match (map, opcode) {
        (2, 0xf0..=0xff) | (3, 0xf0) => register | other | bit(!second >> 3 & 0xf),
        (1, 0x2c | 0x2d | 0x50 | 0x7e | 0x92 | 0x93 | 0xc5 | 0xd7) | (3, 0x14..=0x17) | (5 | 6, _) => register | other,
        (1..=3, _) => 0,
        _ => return None,
    };
    if map == 3 || map == 1 && matches!(opcode, 0x70..=0x73 | 0xc2 | 0xc4..=0xc6) {
        reader.skip(1)?;
    }
    // A displacement of one byte is scaled in EVEX by what the instruction takes: not told.
    let memory = operands.memory.filter(|_| prefix != 0x62);
    Some(Instruction { memory, ..plain(changed) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn instructions() {
        let of = |code: &[u8]| instruction(code).unwrap();
        // mov 0x2f00(%rip),%r12
        let load = of(&[0x4c, 0x8b, 0x25, 0, 0x2f, 0, 0]);
        assert_eq!((load.length, load.loaded, load.changed), (7, Some((12, 0x2f00)), 1 << 12));
        // mov 0xa08(%r12,%rax,8),%rdi; add $0x1,0x10(%rbx); lea -8(%rsp),%rsi
        assert_eq!(of(&[0x49, 0x8b, 0xbc, 0xc4, 8, 10, 0, 0]).memory, Some((12, 0xa08)));
        let add = of(&[0x48, 0x83, 0x43, 0x10, 1]);
        assert_eq!((add.length, add.memory, add.changed), (5, Some((3, 16)), 0));
        assert_eq!(of(&[0x48, 0x8d, 0x74, 0x24, 0xf8]).memory, Some((4, -8)));
        // mov %rbx,%rdi; mov %fs:0x28,%rax; cmpl $0,(%rax)
        assert_eq!(of(&[0x48, 0x89, 0xdf]).copied, Some((7, 3)));
        assert_eq!(of(&[0x64, 0x48, 0x8b, 4, 0x25, 0x28, 0, 0, 0]).memory, None);
        assert_eq!(of(&[0x83, 0x38, 0]).memory, Some((0, 0)));
        // jne; jmp; call; ret; jmp *0x280(%rax)
        assert_eq!(of(&[0x0f, 0x85, 1, 0, 0, 0]).next, Next::Either(1));
        assert_eq!(of(&[0xeb, 0xfe]).next, Next::Jump(-2));
        assert_eq!((of(&[0xe8, 1, 0, 0, 0]).next, of(&[0xc3]).next), (Next::Call, Next::Nowhere));
        let jump = of(&[0xff, 0xa0, 0x80, 2, 0, 0]);
        assert_eq!((jump.memory, jump.next), (Some((0, 0x280)), Next::Nowhere));
        // endbr64; nopw 0(%rax,%rax,1); movabs; vpcmpeqb (%rdi),%ymm0,%ymm1; andn; a kmov of EVEX' neighbour
        assert_eq!(of(&[0xf3, 0x0f, 0x1e, 0xfa]).length, 4);
        assert_eq!(of(&[0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0]).length, 9);
        assert_eq!(of(&[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8]).length, 10);
        let compare = of(&[0xc5, 0xfd, 0x74, 0x0f]);
        assert_eq!((compare.length, compare.memory, compare.changed), (4, Some((7, 0)), 0));
        assert_eq!(of(&[0xc4, 0xe2, 0x78, 0xf2, 0xc1]).changed & 1, 1);
        assert_eq!(of(&[0x62, 0xf1, 0x7e, 0x48, 0x6f, 0x47, 1]).length, 7);
        assert_eq!((instruction(&[]), instruction(&[0x48]), instruction(&[0x0f, 0x0a])), (None, None, None));
    }
}
