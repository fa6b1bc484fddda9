//! Where the lazy path of a PLT leads: only functions that do not exist are bound that way.

use core::arch::naked_asm;

/// Entered from PLT0 (psABI "Procedure Linkage Table"): GOT[1], our object number, and the index in
/// DT_JMPREL are on the stack. Does not return.
///
/// # Safety
/// Jumped to by a PLT whose GOT relocation filled.
#[unsafe(naked)]
pub unsafe extern "C" fn missing_function() {
    naked_asm!(
        "mov rdi, [rsp]",
        "mov rsi, [rsp + 8]",
        "and rsp, -16",
        "call {report}",
        "ud2",
        report = sym crate::dl::report_missing_function,
    )
}
