//! Notes (gABI "Note Section"): who a file is.

use super::{Word, array};
use object::elf;

/// The build id in the notes of `bytes`, a PT_NOTE's contents; the linker's hash of the file.
#[must_use]
pub fn build_id(bytes: &[u8]) -> Option<&[u8]> {
    const HEADER: usize = 12;
    let mut rest = bytes;
    loop {
        let [name_size, size, kind] = array::<Word>(rest.get(..HEADER)?) else { return None };
        let (name_size, size) = (name_size.get(super::LE) as usize, size.get(super::LE) as usize);
        let start = HEADER.checked_add(name_size.checked_next_multiple_of(4)?)?;
        let end = start.checked_add(size)?;
        if kind.get(super::LE) == elf::NT_GNU_BUILD_ID.0 && rest.get(HEADER..)?.starts_with(elf::ELF_NOTE_GNU) {
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
}
