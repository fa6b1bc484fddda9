//! x86-64: relocation types of the psABI (table 4.9 and the TLS supplement), and what systems for this machine call their
//! files and folders.

pub mod code;

use super::TlsVariant;
use crate::reloc::{Class, NoValue, Store, Target};
use object::elf::{self, Machine, RelocationType};

/// e_machine.
pub const MACHINE: Machine = elf::EM_X86_64;
/// Its name in error texts.
pub const MACHINE_NAME: &str = "x86-64";
/// What a file must have instead of DT_REL, as an error says it: the psABI has relocations with addends only.
pub const NO_REL: &str = "DT_RELA, the only form of x86-64";
/// The property by which an object asks for levels of the CPU (GNU_PROPERTY_X86_ISA_1_NEEDED).
pub const LEVELS_NEEDED: u32 = 0xc000_8002;
/// What `$LIB` stands for, as Debian's glibc has it.
pub const LIB: &[u8] = b"lib/x86_64-linux-gnu";
/// The path of glibc's loader (the psABI's).
pub const GLIBC_LOADER: &[u8] = b"/lib64/ld-linux-x86-64.so.2";
/// Its DT_SONAME.
pub const GLIBC_LOADER_NAME: &[u8] = b"ld-linux-x86-64.so.2";
/// glibc's default directories: Debian's, then those of systems that keep 64-bit libraries apart.
pub const GLIBC_DIRECTORIES: [&[u8]; 6] =
    [b"/lib/x86_64-linux-gnu", b"/usr/lib/x86_64-linux-gnu", b"/lib", b"/usr/lib", b"/lib64", b"/usr/lib64"];
/// How many of them Debian's glibc has, too, and tells of (dlinfo, RTLD_DI_SERINFO).
pub const GLIBC_DIRECTORIES_SHOWN: usize = 4;
/// Subdirectories of `glibc-hwcaps`, best first, by micro-architecture level 4, 3, 2.
pub const GLIBC_HWCAPS: [&[u8]; 3] = [b"x86-64-v4", b"x86-64-v3", b"x86-64-v2"];
/// Flags of an ld.so.cache entry for this machine: FLAG_X8664_LIB64 | FLAG_ELF_LIBC6 (glibc `sysdeps/generic/ldconfig.h`).
pub const CACHE_FLAGS: i32 = 0x0303;
/// The path of musl, which is its own loader.
pub const MUSL_LOADER: &[u8] = b"/lib/ld-musl-x86_64.so.1";
/// Names by which objects need musl; also its DT_SONAME.
pub const MUSL_NAMES: [&[u8]; 3] = [b"libc.so", b"libc.musl-x86_64.so.1", b"ld-musl-x86_64.so.1"];
/// The file that lists musl's default directories.
pub const MUSL_DIRECTORIES_FILE: &[u8] = b"/etc/ld-musl-x86_64.path";
/// Where Debian keeps libraries that were made for musl.
pub const MUSL_DEBIAN_DIRECTORY: &[u8] = b"/usr/lib/x86_64-linux-musl";
/// One past the last user address (47 bits, without the last page).
pub const MAX_ADDRESS: u64 = 0x7fff_ffff_f000;
/// Static TLS lies below the thread pointer. runtime's blueprint of a thread relies on it.
pub const TLS_VARIANT: TlsVariant = TlsVariant::Below;
/// Bytes in a huge page (one of the second level), where it also begins at a multiple of this.
pub const HUGE: u64 = 2 << 20;
/// The relocation of which most tables consist: bias + addend.
pub const RELATIVE: RelocationType = elf::R_X86_64_RELATIVE;

/// Whether `kind` stores the plain address of a symbol in a word, and with its addend or without (psABI: that of GLOB_DAT
/// and JUMP_SLOT is not used). Nearly all symbolic relocations are of these types.
#[inline]
#[must_use]
pub const fn word_of_address(kind: RelocationType) -> Option<bool> {
    match kind {
        elf::R_X86_64_JUMP_SLOT | elf::R_X86_64_GLOB_DAT => Some(false),
        elf::R_X86_64_64 => Some(true),
        _ => None,
    }
}

/// The class of `kind`, or `None` for a type that must not be in a loaded file.
#[inline]
#[must_use]
pub const fn class(kind: RelocationType) -> Option<Class> {
    Some(match kind {
        elf::R_X86_64_NONE => Class::None,
        elf::R_X86_64_RELATIVE => Class::Relative,
        elf::R_X86_64_IRELATIVE => Class::Irelative,
        elf::R_X86_64_64
        | elf::R_X86_64_GLOB_DAT
        | elf::R_X86_64_32
        | elf::R_X86_64_32S
        | elf::R_X86_64_PC32
        | elf::R_X86_64_PC64
        | elf::R_X86_64_SIZE32
        | elf::R_X86_64_SIZE64 => Class::Address,
        elf::R_X86_64_JUMP_SLOT => Class::Call,
        elf::R_X86_64_COPY => Class::Copy,
        elf::R_X86_64_DTPMOD64 | elf::R_X86_64_DTPOFF64 => Class::Tls,
        elf::R_X86_64_TPOFF64 => Class::StaticTls,
        elf::R_X86_64_TLSDESC => Class::Descriptor,
        _ => return None,
    })
}

/// The psABI's name for `kind`, without R_X86_64_; `None` for a type that must not be in a loaded file.
#[must_use]
pub const fn name(kind: RelocationType) -> Option<&'static str> {
    Some(match kind {
        elf::R_X86_64_NONE => "NONE",
        elf::R_X86_64_RELATIVE => "RELATIVE",
        elf::R_X86_64_IRELATIVE => "IRELATIVE",
        elf::R_X86_64_64 => "64",
        elf::R_X86_64_GLOB_DAT => "GLOB_DAT",
        elf::R_X86_64_JUMP_SLOT => "JUMP_SLOT",
        elf::R_X86_64_COPY => "COPY",
        elf::R_X86_64_DTPMOD64 => "DTPMOD64",
        elf::R_X86_64_DTPOFF64 => "DTPOFF64",
        elf::R_X86_64_TPOFF64 => "TPOFF64",
        elf::R_X86_64_TLSDESC => "TLSDESC",
        _ => return None,
    })
}

/// The value of a relocation of class Address, Call or Tls at `place` (P) with `addend` (A).
pub fn value(kind: RelocationType, target: &Target, place: u64, addend: u64) -> Result<Store, NoValue> {
    let address = target.address.wrapping_add(addend);
    Ok(match kind {
        elf::R_X86_64_64 => Store::Xword(address),
        // psABI: the addend of these is not used.
        elf::R_X86_64_GLOB_DAT | elf::R_X86_64_JUMP_SLOT => Store::Xword(target.address),
        elf::R_X86_64_32 => Store::Word(u32::try_from(address).map_err(|_| NoValue::Range(address))?),
        elf::R_X86_64_32S => signed(address)?,
        elf::R_X86_64_PC32 => signed(address.wrapping_sub(place))?,
        elf::R_X86_64_PC64 => Store::Xword(address.wrapping_sub(place)),
        elf::R_X86_64_SIZE64 => Store::Xword(target.size.wrapping_add(addend)),
        elf::R_X86_64_SIZE32 => {
            let size = target.size.wrapping_add(addend);
            Store::Word(u32::try_from(size).map_err(|_| NoValue::Range(size))?)
        }
        elf::R_X86_64_DTPMOD64 => Store::Xword(target.module),
        elf::R_X86_64_DTPOFF64 => Store::Xword(target.offset.wrapping_add(addend)),
        elf::R_X86_64_TPOFF64 => {
            Store::Xword(target.offset.wrapping_add(addend).wrapping_add_signed(target.tls_distance))
        }
        _ => return Err(NoValue::Type),
    })
}

/// How many bytes a relocation of this type stores.
#[must_use]
pub const fn width(kind: RelocationType) -> u64 {
    match kind {
        elf::R_X86_64_32 | elf::R_X86_64_32S | elf::R_X86_64_PC32 | elf::R_X86_64_SIZE32 => 4,
        elf::R_X86_64_TLSDESC => 16,
        elf::R_X86_64_NONE | elf::R_X86_64_COPY => 0,
        _ => 8,
    }
}

fn signed(value: u64) -> Result<Store, NoValue> {
    match i32::try_from(value.cast_signed()) {
        Ok(word) => Ok(Store::Word(word.cast_unsigned())),
        Err(_) => Err(NoValue::Range(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_the_psabi() {
        let target = Target { address: 0x1000, offset: 0x10, size: 24, module: 3, tls_distance: -0x40 };
        let value = |kind, addend| value(kind, &target, 0x2000, addend);
        assert_eq!(value(elf::R_X86_64_64, 8), Ok(Store::Xword(0x1008)));
        assert_eq!(value(elf::R_X86_64_GLOB_DAT, 8), Ok(Store::Xword(0x1000)));
        assert_eq!(value(elf::R_X86_64_PC32, 0), Ok(Store::Word(0xffff_f000)));
        assert_eq!(value(elf::R_X86_64_SIZE64, 1), Ok(Store::Xword(25)));
        assert_eq!(value(elf::R_X86_64_DTPMOD64, 0), Ok(Store::Xword(3)));
        assert_eq!(value(elf::R_X86_64_TPOFF64, 4), Ok(Store::Xword(0x14u64.wrapping_sub(0x40))));
        assert_eq!(value(elf::R_X86_64_32, u64::MAX - 0x1000), Err(NoValue::Range(u64::MAX)));
        assert_eq!(value(elf::R_X86_64_TPOFF32, 0), Err(NoValue::Type));
    }
}
