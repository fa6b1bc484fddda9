//! Link arguments of the bin: a static-pie that is also a shared object, so that programs can be
//! linked against it, with exactly the exports of `linker.ld`.

use std::path::Path;
use std::{env, fs, os::unix::fs::symlink};

fn main() {
    println!("cargo:rerun-if-changed=linker.ld");
    println!("cargo:rerun-if-changed=sections.ld");
    println!("cargo:rerun-if-changed=build.rs");
    let root = env::var("CARGO_MANIFEST_DIR").unwrap();
    let script = format!("{root}/linker.ld");
    for argument in [
        "-nostartfiles",
        "-nostdlib",
        "-no-pie",
        "-shared", // unlike -pie: other programs can be linked against the result
        "-Wl,-e,_start",
        "-Wl,--no-dynamic-linker",
        "-Wl,-z,text",
        "-Wl,-z,defs", // or a missing memcpy goes unnoticed
        "-Wl,-Bsymbolic",
        // What is linked where this file has the place of the system's loader must run elsewhere; packaging/strip gives
        // the file that stands beside that loader the name ld-rs.so.1, which has room here.
        "-Wl,-soname,ld-linux-x86-64.so.2",
        "-Wl,--hash-style=gnu",
        "-Wl,-z,relro",
        "-Wl,-z,pack-relative-relocs", // 24 bytes a word otherwise; a linker that does not know it says so and goes on
        "-Wl,-z,now",
        "-Wl,-z,noexecstack",
        "-Wl,--build-id=sha1",
        "-Wl,--no-undefined-version",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    println!("cargo:rustc-link-arg-bins=-Wl,--version-script={script}");
    println!("cargo:rustc-link-arg-bins=-Wl,-T,{root}/sections.ld");
    println!("cargo:rustc-link-arg-bins=-Wl,-u,strcmp"); // for valgrind, see there
    // Every export must be there: a missing one is a link error, not a surprise at run time.
    for symbol in exports(&fs::read_to_string(&script).unwrap()) {
        println!("cargo:rustc-link-arg-bins=-Wl,-u,{symbol}");
    }
    // Cargo cannot name a bin `ld-rs.so`: give target/PROFILE/ld-rs that name too.
    let out = env::var("OUT_DIR").unwrap();
    if let Some(profile) = Path::new(&out).ancestors().nth(3) {
        let link = profile.join("ld-rs.so");
        let _ = fs::remove_file(&link);
        symlink("ld-rs", &link).unwrap();
    }
}

/// The symbols that the version script makes global.
fn exports(script: &str) -> Vec<String> {
    let without_comments: String = script.split("/*").map(|part| part.rsplit("*/").next().unwrap()).collect();
    without_comments
        .split(['{', '}', ';'])
        .map(|word| word.replace("global:", "").trim().to_owned())
        .filter(|word| word.starts_with('_') || word.starts_with("dl"))
        .filter(|word| !word.contains(char::is_whitespace))
        .collect()
}
