//! The ELF header, judged by the file alone (gABI chapter 4): whether it is an object of this machine, and where
//! its program headers are.
//!
//! Called for every file before anything of it is mapped, for the program the kernel mapped, and for the vdso.

use super::LE;
use crate::error::{Cause, Malformed};
use object::elf;
use object::pod::from_bytes;

type Ehdr = elf::FileHeader64<object::LittleEndian>;
pub(super) type Phdr = elf::ProgramHeader64<object::LittleEndian>;

/// Size of the ELF header in bytes.
pub const EHDR_SIZE: usize = size_of::<Ehdr>();
/// Size of a program header in bytes.
pub const PHDR_SIZE: u64 = size_of::<Phdr>() as u64;

/// More program headers than any linker writes.
pub const MAX_PHNUM: u16 = 1024;
/// How many versions of its ABI glibc 2.36 knows (libc-abis): what an object of a later one asks for is not there.
const GNU_ABI_VERSIONS: u8 = 4;

/// What kind of object a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ET_EXEC: at fixed addresses.
    Fixed,
    /// ET_DYN: anywhere.
    Dynamic,
}

/// The facts of the ELF header.
#[derive(Debug, Clone, Copy)]
pub struct Ident {
    /// e_type.
    pub kind: Kind,
    /// e_entry.
    pub entry: u64,
    /// e_phoff.
    pub phoff: u64,
    /// e_phnum.
    pub phnum: u16,
}

/// The sentence for a file that does not begin as an ELF file does.
pub const NO_ELF: &str = "invalid ELF header";

/// Judges the first bytes of a file of `file_len` bytes: the ELF header.
pub fn ident(start: &[u8], file_len: u64) -> Result<Ident, Cause> {
    let magic = start.get(..start.len().min(4)).unwrap_or_default();
    if !magic.is_empty() && !elf::ELFMAG.starts_with(magic) {
        // glibc counts the bytes before it looks at them.
        return Err(if start.len() < size_of::<Ehdr>() { Cause::Empty } else { Cause::Plain(NO_ELF) });
    }
    if magic.len() < 4 {
        return Err(Cause::Empty);
    }
    let Ok((ehdr, _)) = from_bytes::<Ehdr>(start) else {
        return Err(Cause::Plain("file too short"));
    };
    let id = &ehdr.e_ident;
    if id.class != elf::ELFCLASS64 {
        return Err(Cause::Class(id.class.0));
    }
    if id.data != elf::ELFDATA2LSB {
        return Err(Cause::Plain("ELF file data encoding not little-endian"));
    }
    if id.version.0 != elf::EV_CURRENT.0 {
        return Err(Cause::Plain("ELF file version ident does not match current one"));
    }
    if id.os_abi != elf::ELFOSABI_SYSV && id.os_abi != elf::ELFOSABI_GNU {
        return Err(Cause::Plain("ELF file OS ABI invalid"));
    }
    if id.abi_version >= if id.os_abi == elf::ELFOSABI_GNU { GNU_ABI_VERSIONS } else { 1 } {
        return Err(Cause::Plain("ELF file ABI version invalid"));
    }
    if id.padding != [0; 7] {
        return Err(Cause::Plain("nonzero padding in e_ident"));
    }
    if u32::from(elf::EV_CURRENT.0) != ehdr.e_version.get(LE) {
        return Err(Cause::Plain("ELF file version does not match current one"));
    }
    let machine = ehdr.e_machine.get(LE);
    if machine != crate::arch::MACHINE {
        return Err(Cause::Machine(machine.0));
    }
    let kind = match ehdr.e_type.get(LE) {
        elf::ET_EXEC => Kind::Fixed,
        elf::ET_DYN => Kind::Dynamic,
        _ => return Err(Cause::Plain("only ET_DYN and ET_EXEC can be loaded")),
    };
    if u64::from(ehdr.e_phentsize.get(LE)) != PHDR_SIZE {
        return Err(Cause::Plain("ELF file's phentsize not the expected size"));
    }
    let phnum = ehdr.e_phnum.get(LE);
    if phnum == 0 {
        return Err(Cause::Plain(super::header::NO_SEGMENTS));
    }
    if phnum > MAX_PHNUM {
        return Err(Malformed::new("e_phnum", phnum.into(), "at most 1024").into());
    }
    let phoff = ehdr.e_phoff.get(LE);
    let table = u64::from(phnum).saturating_mul(PHDR_SIZE);
    if phoff.checked_add(table).is_none_or(|end| end > file_len) {
        return Err(Cause::Plain("cannot read file data"));
    }
    Ok(Ident { kind, entry: ehdr.e_entry.get(LE), phoff, phnum })
}

/// Writes over the identification of the ELF file that begins with `start`, and over e_version, what [`ident`] wants.
pub fn identify(start: &mut [u8]) {
    if let Ok((ehdr, _)) = object::pod::from_bytes_mut::<Ehdr>(start) {
        ehdr.e_ident = elf::Ident {
            magic: ehdr.e_ident.magic,
            class: elf::ELFCLASS64,
            data: elf::ELFDATA2LSB,
            version: elf::EV_CURRENT,
            os_abi: elf::ELFOSABI_SYSV,
            abi_version: 0,
            padding: [0; 7],
        };
        ehdr.e_version.set(LE, elf::EV_CURRENT.0.into());
    }
}

/// How long a file says it is by its ELF header alone, however short it may be: the end of its section
/// headers, which stand last with every linker. `None` if it is no such file.
#[must_use]
pub fn claimed_size(start: &[u8]) -> Option<u64> {
    let (ehdr, _) = from_bytes::<Ehdr>(start).ok()?;
    let table = u64::from(ehdr.e_shnum.get(LE)).saturating_mul(ehdr.e_shentsize.get(LE).into());
    let is_elf = ehdr.e_ident.magic == elf::ELFMAG && ehdr.e_ident.class == elf::ELFCLASS64;
    ehdr.e_shoff.get(LE).checked_add(table).filter(|_| is_elf)
}

impl Ident {
    /// Where the program headers are in the file: offset and size in bytes.
    #[must_use]
    pub fn table(&self) -> (u64, u64) {
        (self.phoff, u64::from(self.phnum).saturating_mul(PHDR_SIZE))
    }
}
