//! The stack the kernel made: argc, argv, envp, auxv, read once and patched in place.
//!
//! psABI "Process Initialization". In direct mode our own words leave argv, and everything behind
//! moves down, so that argv, envp and auxv stay contiguous and rsp stays aligned.

use alloc::{ffi::CString, vec::Vec};
use core::ffi::CStr;
use linux_raw_sys::auxvec as at;

/// The initial stack.
pub struct Stack {
    /// Points to argc.
    base: *mut usize,
    argc: usize,
    envc: usize,
    /// Entries of the auxiliary vector before AT_NULL.
    auxc: usize,
    /// The keys below [`AUX_KEYS`] that the kernel wrote there, a bit each.
    told: u64,
    /// The values, by key.
    values: [u64; AUX_KEYS],
}

/// Bytes of `struct rseq` that the kernel knows (<linux/auxvec.h>, Linux 6.3).
pub const AT_RSEQ_FEATURE_SIZE: u32 = 27;
/// The least stack of a signal handler, in bytes (<asm/auxvec.h>, Linux 5.14).
pub const AT_MINSIGSTKSZ: u32 = 51;
/// Entries of the auxiliary vector with this key or a larger one are only passed on.
const AUX_KEYS: usize = 52;

impl Stack {
    /// Reads the stack that the kernel handed over.
    ///
    /// # Safety
    /// `base` is the stack pointer at process entry, and nothing else holds it.
    #[must_use]
    pub unsafe fn new(base: *mut usize) -> Self {
        // SAFETY: the kernel wrote argc, argv, NULL, envp, NULL, auxv, AT_NULL.
        unsafe {
            let argc = *base;
            let envp = base.add(argc + 2);
            let envc = (0..).take_while(|index| *envp.add(*index) != 0).count();
            let auxv = envp.add(envc + 1);
            let (mut auxc, mut told, mut values) = (0, 0, [0; AUX_KEYS]);
            while let key @ 1.. = *auxv.add(2 * auxc) {
                if let Some(value) = values.get_mut(key) {
                    *value = *auxv.add(2 * auxc + 1) as u64;
                    told |= 1 << key;
                }
                auxc += 1;
            }
            Self { base, argc, envc, auxc, told, values }
        }
    }

    /// Words from argc to the end of AT_NULL.
    fn words(&self) -> usize {
        1 + self.argc + 1 + self.envc + 1 + 2 * (self.auxc + 1)
    }

    fn all(&self) -> &[usize] {
        // SAFETY: `new` counted these words.
        unsafe { core::slice::from_raw_parts(self.base, self.words()) }
    }

    fn all_mut(&mut self) -> &mut [usize] {
        // SAFETY: as `all`; `self` is borrowed exclusively.
        unsafe { core::slice::from_raw_parts_mut(self.base, self.words()) }
    }

    /// What goes into rsp.
    #[must_use]
    pub fn pointer(&self) -> *mut usize {
        self.base
    }

    /// The addresses of argv, envp and auxv, and argc, as the program will see them.
    #[must_use]
    pub fn vectors(&self) -> Vectors {
        let argv = self.base.wrapping_add(1);
        let envp = argv.wrapping_add(self.argc + 1);
        Vectors { argc: self.argc, argv, envp, auxv: envp.wrapping_add(self.envc + 1) }
    }

    /// The string that a word of argv or envp, or an auxiliary entry of such a kind, points to. The program may write
    /// to it: what is needed after hand-over is copied ([`lasting`]).
    fn string(&self, word: usize) -> &'static [u8] {
        // SAFETY: the kernel put NUL-terminated strings above the vectors, and what replaces one of them is kept for
        // good (`set_argv0`, `set_aux`). Until hand-over nobody writes to them.
        unsafe { CStr::from_ptr(word as *const core::ffi::c_char) }.to_bytes()
    }

    /// argv.
    #[must_use]
    pub fn args(&self) -> Vec<&'static [u8]> {
        self.all().iter().skip(1).take(self.argc).map(|word| self.string(*word)).collect()
    }

    /// envp.
    pub fn environment(&self) -> impl Iterator<Item = &'static [u8]> {
        self.variables(b"")
    }

    /// Those variables of envp that begin with one of `initials`; with none given all. How long the others are is not asked.
    pub fn variables(&self, initials: &'static [u8]) -> impl Iterator<Item = &'static [u8]> {
        let words = self.all().iter().skip(self.argc + 2).take(self.envc);
        let wanted = move |word: &&usize| {
            // SAFETY: the first byte of a string (see `string`).
            initials.is_empty() || initials.contains(unsafe { &*(**word as *const u8) })
        };
        words.filter(wanted).map(|word| self.string(*word))
    }

    /// The value of auxiliary entry `key`, below [`AUX_KEYS`], as the kernel wrote it, if it did.
    #[must_use]
    pub fn entry(&self, key: u32) -> Option<u64> {
        (self.told >> key & 1 != 0).then_some(self.values[key as usize])
    }

    /// The value of auxiliary entry `key`; 0 if the kernel gave none.
    #[must_use]
    pub fn aux(&self, key: u32) -> u64 {
        self.values[key as usize]
    }

    /// AT_PLATFORM, AT_BASE_PLATFORM, or AT_EXECFN, the path that the program was started by; empty if the kernel gave none.
    #[must_use]
    pub fn aux_string(&self, key: u32) -> &'static [u8] {
        let is_string = matches!(key, at::AT_PLATFORM | at::AT_BASE_PLATFORM | at::AT_EXECFN);
        match self.aux(key) {
            address if is_string && address != 0 => self.string(address as usize),
            _ => b"",
        }
    }

    /// The 16 random bytes of AT_RANDOM; zeroes if the kernel gave none.
    #[must_use]
    pub fn random(&self) -> [u8; 16] {
        let place = self.aux(at::AT_RANDOM) as *const [u8; 16];
        // SAFETY: null, or where the kernel put 16 bytes on the stack.
        unsafe { place.as_ref() }.copied().unwrap_or_default()
    }

    /// The auxiliary vector's entries as they stand: key and value.
    pub fn auxv_entries(&self) -> impl Iterator<Item = (u64, u64)> {
        let entries = self.all().get(self.argc + self.envc + 3..).unwrap_or_default().chunks_exact(2);
        entries.map(|pair| (pair[0] as u64, pair[1] as u64)).take(self.auxc)
    }

    /// AT_SECURE; where it is missing, a process is taken for secure if its ids differ.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        let differ = |[uid, euid, gid, egid]: [u32; 4]| uid != euid || gid != egid;
        self.entry(at::AT_SECURE).map_or_else(|| differ(crate::sys::ids()), |secure| secure != 0)
    }

    /// Removes the words `gone` of argv or envp (counted from argc), moving what follows down.
    fn remove(&mut self, gone: core::ops::Range<usize>) {
        let words = self.words();
        self.all_mut().copy_within(gone.end..words, gone.start);
    }

    /// Makes argument `count` the first one: our own name and options leave argv.
    pub fn shift_args(&mut self, count: usize) {
        let count = count.min(self.argc);
        self.remove(1..1 + count);
        self.argc -= count;
        let argc = self.argc;
        self.all_mut()[0] = argc;
    }

    /// Replaces argv[0].
    pub fn set_argv0(&mut self, name: &[u8]) {
        if self.argc > 0 {
            self.all_mut()[1] = lasting(name).as_ptr() as usize;
        }
    }

    /// Removes every environment variable for which `unwanted` says so. What stays moves together first, for there may
    /// be a hundred thousand; what follows moves once.
    pub fn filter_environment(&mut self, mut unwanted: impl FnMut(&'static [u8]) -> bool) {
        let start = self.argc + 2;
        let end = start + self.envc;
        let mut kept = start;
        for place in start..end {
            let variable = self.all()[place];
            if !unwanted(self.string(variable)) {
                self.all_mut()[kept] = variable;
                kept += 1;
            }
        }
        self.remove(kept..end);
        self.envc = kept - start;
    }

    /// Sets the value of an auxiliary entry that the kernel gave; AT_EXECFN to a C string that is kept for good.
    pub fn set_aux(&mut self, key: u32, value: u64) {
        let start = self.argc + self.envc + 3;
        for pair in self.all_mut()[start..].chunks_exact_mut(2) {
            if pair[0] == key as usize {
                pair[1] = value as usize;
            }
        }
    }
}

/// argc and the addresses of the three vectors on the stack.
#[derive(Debug, Clone, Copy)]
pub struct Vectors {
    /// The number of arguments.
    pub argc: usize,
    /// argv[0]'s place.
    pub argv: *mut usize,
    /// envp[0]'s place.
    pub envp: *mut usize,
    /// The first auxiliary entry.
    pub auxv: *mut usize,
}

/// `text` kept for the life of the process, a NUL behind it as behind what the kernel passes.
#[must_use]
pub fn lasting(text: &[u8]) -> &'static [u8] {
    let text = CString::new(text).unwrap_or_default();
    alloc::boxed::Box::leak(text.into_boxed_c_str()).to_bytes()
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code)]
    use super::*;
    use std::vec;

    /// A stack as the kernel makes it: two arguments, three variables, four auxiliary entries. Its words and strings
    /// stay for good.
    fn stack() -> Stack {
        let word = |text: &'static CStr| text.as_ptr() as usize;
        let (program, argument, first, secret, last) = (c"prog", c"x", c"A=1", c"LD_B=2", c"C=3");
        let random: &'static [u8; 16] = b"0123456789abcdef";
        let mut words = vec![2, word(program), word(argument), 0, word(first), word(secret), word(last), 0];
        for (key, value) in [
            (at::AT_ENTRY, 0x1234),
            (at::AT_RANDOM, random.as_ptr() as usize),
            (at::AT_EXECFN, word(c"/bin/prog")),
            (at::AT_SECURE, 0),
        ] {
            words.extend([key as usize, value]);
        }
        words.extend([at::AT_NULL as usize, 0]);
        // SAFETY: laid out as the kernel does it, and leaked.
        unsafe { Stack::new(words.leak().as_mut_ptr()) }
    }

    fn environment(stack: &Stack) -> Vec<&[u8]> {
        stack.environment().collect()
    }

    #[test]
    fn everything_is_found() {
        let stack = stack();
        assert_eq!(stack.args(), [b"prog", &b"x"[..]]);
        assert_eq!(environment(&stack), [&b"A=1"[..], b"LD_B=2", b"C=3"]);
        assert_eq!((stack.aux(at::AT_ENTRY), stack.entry(at::AT_SECURE), stack.is_secure()), (0x1234, Some(0), false));
        assert_eq!((stack.aux(at::AT_SYSINFO_EHDR), stack.entry(at::AT_PAGESZ)), (0, None));
        assert_eq!(stack.random(), *b"0123456789abcdef");
        assert_eq!((stack.aux_string(at::AT_EXECFN), stack.aux_string(at::AT_PLATFORM)), (&b"/bin/prog"[..], &b""[..]));
        // Not a string, whatever it is.
        assert_eq!(stack.aux_string(at::AT_ENTRY), b"");
    }

    #[test]
    fn what_leaves_moves_the_rest_down() {
        let mut stack = stack();
        stack.shift_args(1);
        stack.filter_environment(|variable| variable.starts_with(b"LD_"));
        stack.set_argv0(b"another");
        stack.set_aux(at::AT_ENTRY, 7);
        assert_eq!(stack.args(), [&b"another"[..]]);
        assert_eq!(environment(&stack), [&b"A=1"[..], b"C=3"]);
        assert_eq!(stack.auxv_entries().count(), 4);
        assert_eq!((stack.auxv_entries().next(), stack.random()), (Some((9, 7)), *b"0123456789abcdef"));
        // As a program counts: argc, argv, a null, envp, a null, entries up to AT_NULL.
        let Vectors { argc, argv, envp, auxv } = stack.vectors();
        // SAFETY: inside the words.
        unsafe {
            assert_eq!((argc, *stack.pointer(), *argv.add(1), *envp.add(2)), (1, 1, 0, 0));
            assert_eq!((envp, auxv, *auxv.add(8)), (argv.add(2), envp.add(3), 0));
        }
    }

    #[test]
    fn a_stack_without_anything_is_one() {
        let mut words = vec![0usize, 0, 0, 0, 0];
        // SAFETY: argc 0, and three ends.
        let mut stack = unsafe { Stack::new(words.as_mut_ptr()) };
        stack.shift_args(3);
        stack.set_argv0(b"x");
        stack.filter_environment(|_| true);
        assert_eq!((stack.args().len(), environment(&stack).len(), stack.auxv_entries().count()), (0, 0, 0));
        assert_eq!((stack.random(), stack.entry(at::AT_SECURE)), ([0; 16], None));
    }
}
