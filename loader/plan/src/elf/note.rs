//! Notes (gABI "Note Section"): who a file is, and what it asks for.

use super::{LE, Word, array};
use object::elf;

/// The build id in the notes of `bytes`, a PT_NOTE's contents; the linker's hash of the file.
#[must_use]
pub fn build_id(bytes: &[u8]) -> Option<&[u8]> {
    find(bytes, elf::NT_GNU_BUILD_ID)
}

/// Bytes of a PT_NOTE that are looked at: a build id, or the properties, for which there is a PT_GNU_PROPERTY too, stand in the
/// first hundred of any real one, and one that is said to have 16 TiB costs no more.
pub const MOST: u64 = 1 << 16;

/// What the notes of an object ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asks {
    /// That it be sealed once it is relocated (`ld -z memory-seal`), by a property without a value.
    pub seal: bool,
    /// Levels of the CPU, a bit each.
    pub levels: u32,
}

impl Asks {
    /// Adds what the notes of `bytes`, a PT_NOTE's contents, ask for, as far as their properties are whole. Each of these has a
    /// type, a size and a value, and fills a multiple of 8 bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        const SEAL: u32 = 3;
        let bytes = bytes.get(..MOST as usize).unwrap_or(bytes);
        let mut rest = find(bytes, elf::NT_GNU_PROPERTY_TYPE_0).unwrap_or_default();
        while let [kind, size, ..] = array::<Word>(rest) {
            let end = (size.get(LE) as usize).saturating_add(8);
            let Some(value) = rest.get(8..end) else { return };
            match kind.get(LE) {
                SEAL => self.seal = true,
                crate::arch::LEVELS_NEEDED => {
                    self.levels |= array::<Word>(value).first().map_or(0, |word| word.get(LE))
                }
                _ => {}
            }
            rest = rest.get(end.saturating_add(7) & !7..).unwrap_or_default();
        }
    }
}

/// What GNU's note of this `kind` holds. Those with properties begin at multiples of 8 bytes, where their sizes put them anyway.
fn find(bytes: &[u8], kind: elf::NoteType) -> Option<&[u8]> {
    const HEADER: usize = 12;
    let mut rest = bytes;
    loop {
        let [name_size, size, found] = array::<Word>(rest.get(..HEADER)?) else { return None };
        let (name_size, size) = (name_size.get(LE) as usize, size.get(LE) as usize);
        let start = HEADER.checked_add(name_size.checked_next_multiple_of(4)?)?;
        let end = start.checked_add(size)?;
        if found.get(LE) == kind.0 && rest.get(HEADER..)?.starts_with(elf::ELF_NOTE_GNU) {
            return rest.get(start..end);
        }
        rest = rest.get(end.checked_next_multiple_of(4)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_of_two() {
        let notes = b"\x04\0\0\0\x02\0\0\0\x01\0\0\0GNU\0ab\0\0\x04\0\0\0\x03\0\0\0\x03\0\0\0GNU\0xyz";
        assert_eq!(build_id(notes), Some(&b"xyz"[..]));
        assert_eq!(build_id(notes.get(..30).unwrap_or_default()), None);
        assert_eq!(build_id(&[0xff; 12]), None);
    }

    fn asks(bytes: &[u8]) -> Asks {
        let mut asks = Asks::default();
        asks.add(bytes);
        asks
    }

    #[test]
    fn a_property_behind_another() {
        let asks_for_seal = |bytes: &[u8]| asks(bytes).seal;
        let levels_needed = |bytes: &[u8]| asks(bytes).levels;
        let property = |kind: u8, size: u8| [kind, 0, 0, 0, size, 0, 0, 0];
        let note = |properties: &[[u8; 8]]| {
            let size = u8::try_from(8 * properties.len()).unwrap_or(0);
            [&[4, 0, 0, 0, size, 0, 0, 0, 5, 0, 0, 0, b'G', b'N', b'U', 0], properties.as_flattened()].concat()
        };
        assert!(asks_for_seal(&note(&[property(3, 0)])));
        assert!(asks_for_seal(&note(&[property(1, 8), [9; 8], property(3, 0)])));
        // A value of 4 bytes is filled up to 8; what looks like the property in a value is none.
        assert!(asks_for_seal(&note(&[property(2, 4), [3, 0, 0, 0, 0, 0, 0, 0], property(3, 0)])));
        assert!(!asks_for_seal(&note(&[property(2, 4), property(3, 0)])));
        assert!(!asks_for_seal(&note(&[property(2, 0xff), property(3, 0)])));
        let cut = note(&[property(3, 0)]);
        assert!(!asks_for_seal(&note(&[])) && !asks_for_seal(cut.get(..20).unwrap_or_default()));
        assert!(!asks_for_seal(&[3; 40]));
        let mut needs = note(&[property(3, 0), [2, 0x80, 0, 0xc0, 4, 0, 0, 0], [0x18, 0, 0, 0, 0, 0, 0, 0]]);
        assert_eq!(levels_needed(&needs), 0x18);
        needs.truncate(36);
        assert_eq!((levels_needed(&needs), levels_needed(b"")), (0, 0));
    }
}
