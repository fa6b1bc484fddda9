//! Numbers and names of x86-64 that other rooms of runtime read or store: x87, rseq, vdso, and the machine code of
//! glibc's functions that tell of its build.

/// The x87 control word that glibc's `_init_first` compares with (_FPU_DEFAULT).
pub const FPU_DEFAULT: u16 = 0x037f;
/// RSEQ_SIG.
pub const RSEQ_SIGNATURE: usize = 0x5305_3053;
/// Where glibc 2.41 and later find the rseq area, in bytes from the thread pointer: in padding of struct pthread that they
/// leave unused.
pub const RSEQ_IN_PADDING: u16 = 2336;

/// Names of the vdso's functions.
pub mod vdso {
    /// clock_gettime
    pub const CLOCK_GETTIME: &[u8] = b"__vdso_clock_gettime";
    /// gettimeofday
    pub const GETTIMEOFDAY: &[u8] = b"__vdso_gettimeofday";
    /// time
    pub const TIME: &[u8] = b"__vdso_time";
    /// getcpu
    pub const GETCPU: &[u8] = b"__vdso_getcpu";
    /// clock_getres
    pub const CLOCK_GETRES: &[u8] = b"__vdso_clock_getres";
    /// getrandom, since Linux 6.11
    pub const GETRANDOM: &[u8] = b"__vdso_getrandom";
}

/// Bytes from the start of `code` to what it returns the address of, where it is `lea text(%rip), %rax; ret`.
#[must_use]
pub fn returned(code: &[u8]) -> Option<i64> {
    let (code, skipped) = after_endbr(code);
    let displacement = code.strip_prefix(&[0x48, 0x8d, 0x05])?.get(..4)?;
    Some(i64::from(i32::from_le_bytes(displacement.try_into().ok()?)) + skipped + 7)
}

/// The displacement of the jump in `code`, where it is `mov GOT(%rip), %rax; jmp *disp32(%rax)`.
#[must_use]
pub fn jumped_through(code: &[u8]) -> Option<u32> {
    let jump = after_endbr(code).0.get(7..)?.strip_prefix(&[0xff, 0xa0])?;
    Some(u32::from_le_bytes(jump.get(..4)?.try_into().ok()?))
}

/// Code without a leading endbr64, and how many bytes that was.
fn after_endbr(code: &[u8]) -> (&[u8], i64) {
    code.strip_prefix(&[0xf3, 0x0f, 0x1e, 0xfa]).map_or((code, 0), |rest| (rest, 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_read_with_and_without_endbr() {
        const ENDBR: &[u8] = &[0xf3, 0x0f, 0x1e, 0xfa];
        let lea = [0x48, 0x8d, 0x05, 0xf0, 0xff, 0xff, 0xff, 0xc3];
        assert_eq!((returned(&lea), returned(&[ENDBR, &lea].concat())), (Some(-9), Some(-5)));
        let jump = [0x48, 0x8b, 0x05, 1, 2, 3, 4, 0xff, 0xa0, 0x80, 2, 0, 0];
        assert_eq!((jumped_through(&jump), jumped_through(&[ENDBR, &jump].concat())), (Some(0x280), Some(0x280)));
        assert_eq!((returned(&jump), jumped_through(&lea)), (None, None));
        assert!((0..7).all(|length| returned(&lea[..length]).is_none()));
        assert!((0..13).all(|length| jumped_through(&jump[..length]).is_none()));
    }
}
