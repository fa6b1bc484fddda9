//! The target `uses` under libFuzzer.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ld_rs_fuzz::targets::uses(bytes);
});
