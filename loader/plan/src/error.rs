//! What can be wrong, with the facts: the object, the place, what was found, what was expected.
//!
//! The first line is glibc's sentence where glibc has one, because tools search for it.
//! Whoever catches an [`Error`] chooses the policy: stop, collect all, or keep it for dlerror.

use crate::Bytes;
use crate::arch;
use crate::fallible::{NoMemory, copied, with_capacity};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

/// Bytes of a name, shown as text; what is no printable UTF-8 is shown as `\xNN`, so that a file
/// cannot send control sequences to a terminal.
pub struct Text<'a>(pub &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for part in chunk.valid().split_inclusive(|c: char| c.is_control()) {
                match part.char_indices().next_back() {
                    Some((at, last)) if last.is_control() => {
                        f.write_str(part.get(..at).unwrap_or_default())?;
                        write!(f, "\\x{:02x}", u32::from(last))?;
                    }
                    _ => f.write_str(part)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

/// A structure of the file that is not as the format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The structure and field, in the ELF specification's words.
    pub place: &'static str,
    /// The value found there.
    pub found: u64,
    /// What the format asks for.
    pub expected: &'static str,
}

impl Malformed {
    /// A malformed `place`: `found` is not `expected`.
    #[must_use]
    pub const fn new(place: &'static str, found: u64, expected: &'static str) -> Self {
        Self { place, found, expected }
    }
}

/// Why an object cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A system call failed: what was tried, and errno.
    System(&'static str, i32),
    /// A finding for which a fixed sentence says all.
    Plain(&'static str),
    /// The file is no ELF file, or too short to tell, and shorter than an ELF header.
    Empty,
    /// `EI_CLASS` is not ELFCLASS64.
    Class(u8),
    /// `e_machine` is another machine's.
    Machine(u16),
    /// See [`Malformed`].
    Malformed(Malformed),
    /// No object of the scope defines this symbol.
    UndefinedSymbol {
        /// The symbol's name.
        name: Vec<u8>,
        /// The version asked for.
        version: Option<Vec<u8>>,
    },
    /// An object built for musl refers to what glibc cannot give.
    NotInGlibc {
        /// The symbol's name.
        name: Vec<u8>,
        /// Why not.
        why: &'static str,
    },
    /// The object does not define a version that another one needs.
    MissingVersion {
        /// The version's name.
        version: Vec<u8>,
        /// The object that needs it.
        required_by: Vec<u8>,
    },
    /// As [`Cause::MissingVersion`], of a version needed weakly: a warning.
    WeakVersion {
        /// The version's name.
        version: Vec<u8>,
        /// The object that needs it.
        required_by: Vec<u8>,
    },
    /// The object has no versions at all, though another one needs some: a warning.
    NoVersions {
        /// The object that needs them.
        required_by: Vec<u8>,
    },
    /// A relocation of a type that a loaded file must not hold.
    RelocationType {
        /// `r_type`.
        kind: u32,
        /// `r_offset`.
        place: u64,
    },
    /// A relocation whose value does not fit the place.
    RelocationRange {
        /// `r_type`.
        kind: u32,
        /// `r_offset`.
        place: u64,
        /// The value that was to be stored.
        value: u64,
    },
    /// There is too little room for what was to be done.
    Room {
        /// What could not be done.
        doing: &'static str,
        /// Bytes it takes.
        wanted: u64,
        /// Bytes there are, where that can be told.
        left: Option<u64>,
    },
}

/// An object and what is wrong with it. One word, for every step of a start returns one or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<[Facts; 1]>);

/// What an [`Error`] holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The object's name as the user knows it.
    pub object: Vec<u8>,
    /// What is wrong.
    pub cause: Cause,
    /// Facts that help, each a line of its own after the first.
    pub notes: Vec<Vec<u8>>,
}

impl Error {
    /// `object` cannot be used because of `cause`.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn new(object: &[u8], cause: Cause) -> Self {
        Self(Box::new([Facts { object: object.owned(), cause, notes: Vec::new() }]))
    }

    /// What dlerror says.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        alloc::format!("{self}").into_bytes()
    }

    /// As [`Error::new`], where no memory is a result and not the end of the process.
    #[cold]
    #[inline(never)]
    pub fn try_new(object: &[u8], cause: Cause) -> Result<Self, NoMemory> {
        // A box whose making can fail is made of a vector of one.
        let mut facts = with_capacity(1)?;
        facts.push(Facts { object: copied(object)?, cause, notes: Vec::new() });
        facts.into_boxed_slice().try_into().map(Self).map_err(|_| NoMemory)
    }

    /// The same error with one more fact.
    #[must_use]
    pub fn note(mut self, fact: &[u8]) -> Self {
        self.notes.push(fact.owned());
        self
    }

    /// glibc's exit code for this error at start-up.
    #[must_use]
    pub fn exit_code(&self) -> i32 {
        match self.cause {
            Cause::MissingVersion { .. } => 1,
            _ => 127,
        }
    }

    /// What stands between the program's name and the object's in the first line.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        match self.cause {
            Cause::UndefinedSymbol { .. } | Cause::NotInGlibc { .. } => "symbol lookup error: ",
            Cause::MissingVersion { .. } | Cause::WeakVersion { .. } | Cause::NoVersions { .. } => "",
            _ => "error while loading shared libraries: ",
        }
    }
}

impl Deref for Error {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        let [facts] = &*self.0;
        facts
    }
}

impl DerefMut for Error {
    fn deref_mut(&mut self) -> &mut Facts {
        let [facts] = &mut *self.0;
        facts
    }
}

impl From<NoMemory> for Cause {
    /// glibc's sentence for what an object needs of the loader's memory (`_dl_new_object`).
    fn from(_: NoMemory) -> Self {
        Cause::System("cannot create shared object descriptor", crate::errno::ENOMEM)
    }
}

impl From<Malformed> for Cause {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.object.is_empty() {
            write!(f, "{}: ", Text(&self.object))?;
        }
        self.cause.fmt(f)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cause::System(doing, errno) => write!(f, "{doing}: {}", Errno(*errno)),
            Cause::Plain(sentence) => f.write_str(sentence),
            Cause::Empty => f.write_str("file too short"),
            Cause::Class(1) => f.write_str("wrong ELF class: ELFCLASS32"),
            Cause::Class(class) => write!(f, "wrong ELF class: {class}"),
            Cause::Machine(found) => {
                write!(f, "wrong ELF machine: {found}, expected {} ({})", arch::MACHINE.0, arch::MACHINE_NAME)
            }
            Cause::Malformed(Malformed { place, found, expected }) => {
                write!(f, "malformed ELF file: {place}: found {found:#x}, expected {expected}")
            }
            Cause::UndefinedSymbol { name, version } => {
                write!(f, "undefined symbol: {}", Text(name))?;
                match version {
                    Some(version) => write!(f, ", version {}", Text(version)),
                    None => Ok(()),
                }
            }
            Cause::NotInGlibc { name, why } => {
                write!(f, "symbol {} of musl is not to be had in glibc: {why}", Text(name))
            }
            Cause::MissingVersion { version, required_by } => {
                write!(f, "version `{}' not found (required by {})", Text(version), Text(required_by))
            }
            Cause::WeakVersion { version, required_by } => {
                write!(f, "weak version `{}' not found (required by {})", Text(version), Text(required_by))
            }
            Cause::NoVersions { required_by } => {
                write!(f, "no version information available (required by {})", Text(required_by))
            }
            Cause::RelocationType { kind, place } => write!(f, "unexpected reloc type {kind:#04x} at {place:#x}"),
            Cause::RelocationRange { kind, place, value } => {
                write!(f, "relocation type {kind:#04x} at {place:#x}: value {value:#x} does not fit")
            }
            Cause::Room { doing, wanted, left } => {
                write!(f, "{doing}: {wanted} bytes wanted")?;
                left.map_or(Ok(()), |left| write!(f, ", {left} bytes left"))
            }
        }
    }
}

/// An errno value, shown as strerror shows it in the C locale.
pub struct Errno(pub i32);

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match crate::errno::text(self.0) {
            Some(text) => f.write_str(text),
            None => write!(f, "Error {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn control_and_invalid_bytes_are_escaped() {
        assert_eq!(format!("{}", Text(b"a\x1b[1m\xffz\n")), "a\\x1b[1m\\xffz\\x0a");
        assert_eq!(format!("{}", Text("grün".as_bytes())), "grün");
    }

    #[test]
    fn glibc_sentences() {
        let error = Error::new(b"libx.so", Cause::System("cannot open shared object file", crate::errno::ENOENT));
        assert_eq!(format!("{error}"), "libx.so: cannot open shared object file: No such file or directory");
        let error =
            Error::new(b"/l/libc.so.6", Cause::MissingVersion { version: b"V".to_vec(), required_by: b"./p".to_vec() });
        assert_eq!(format!("{error}"), "/l/libc.so.6: version `V' not found (required by ./p)");
    }
}
