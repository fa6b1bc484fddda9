//! For objects built for musl: <regex.h>. Resolution binds their references to these.

use super::{OUT_OF_MEMORY, Pointer, Text, host};
use core::ffi::c_int;
use core::ptr::null_mut;

// --- regex.h

/// `regex_t` of musl: glibc's stands in memory of its own.
#[repr(C)]
pub struct Expression {
    groups: usize,
    host: Pointer,
    unused: [usize; 4],
    groups_again: usize,
    last: usize,
}

/// Bytes of glibc's `regex_t`, and where it counts groups.
const HOST_EXPRESSION: usize = 64;
const HOST_GROUPS: usize = 48;

musl! {
    /// regcomp.
    regcomp as "__ld_rs_musl_regcomp" (expression: *mut Expression, text: Text, flags: c_int) -> c_int {
        // SAFETY: the caller's promise; glibc's expression is as large as was asked for.
        unsafe {
            let host = host::malloc(HOST_EXPRESSION);
            if host.is_null() {
                return OUT_OF_MEMORY;
            }
            host.write_bytes(0, HOST_EXPRESSION);
            let answer = host::regcomp(host, text, flags);
            if answer != 0 {
                host::free(host);
                return answer;
            }
            let groups = host.byte_add(HOST_GROUPS).cast::<usize>().read();
            expression.write(Expression { groups, host, unused: [0; 4], groups_again: groups, last: 0 });
        }
        0
    }
    /// regexec: a place in the text has 8 bytes there, 4 here.
    regexec as "__ld_rs_musl_regexec"
    (expression: *const Expression, text: Text, count: usize, found: *mut [i64; 2], flags: c_int) -> c_int {
        /// Up to so many groups there is room on the stack.
        const FEW: usize = 16;
        let mut few = [[-1; 2]; FEW];
        // SAFETY: the caller's promise: an expression of `regcomp`, and room for `count` places unless it has none.
        unsafe {
            let count = if found.is_null() { 0 } else { count };
            let places = match count <= FEW {
                true => few.as_mut_ptr(),
                false => host::malloc(count.saturating_mul(size_of::<[c_int; 2]>())).cast::<[c_int; 2]>(),
            };
            if places.is_null() {
                return OUT_OF_MEMORY;
            }
            // What glibc leaves alone stays.
            (0..count).for_each(|at| places.add(at).write((*found.add(at)).map(|place| place as c_int)));
            let answer = host::regexec((*expression).host, text, count, places, flags);
            (0..count).for_each(|at| found.add(at).write((*places.add(at)).map(i64::from)));
            if count > FEW {
                host::free(places.cast());
            }
            answer
        }
    }
    /// regfree.
    regfree as "__ld_rs_musl_regfree" (expression: *mut Expression) {
        // SAFETY: the caller's promise.
        unsafe {
            let host = core::mem::replace(&mut (*expression).host, null_mut());
            if !host.is_null() {
                host::regfree(host);
                host::free(host);
            }
        }
    }
}
