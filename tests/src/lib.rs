//! The harness around `ld-rs.so`: test programs are data (`testprogs/AREA/CLAIM/`), this is the
//! machine that reads their directives, builds every configuration, runs it in each way of
//! starting and beside the system's loader, and says what differed.
//!
//! Where what is decided: [`directive`] reads the header of a program, [`build`] turns one
//! configuration into files and checks them with readelf, [`run`] starts a process under limits
//! and compares what it did, [`claim`] ties the three together, [`matrix`] prints the result.

pub mod bizarre;
pub mod build;
pub mod claim;
pub mod directive;
pub mod matrix;
pub mod mutants;
pub mod progress;
pub mod run;

use std::path::{Path, PathBuf};

/// The loader of the system, the oracle of every expectation.
pub const SYSTEM_LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// musl's own linker, the same for programs of musl.
pub const MUSL_LOADER: &str = "/lib/ld-musl-x86_64.so.1";

/// The checkout this harness was built from.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::canonicalize(tests)
        .ok()
        .and_then(|dir| dir.parent().map(Path::to_path_buf))
        .expect("the harness runs inside its checkout")
}

/// The loader under test: `LD_RS`, else the release build of this checkout.
///
/// # Errors
/// When there is no such file, with the command that makes one.
pub fn ld_rs() -> Result<PathBuf, String> {
    let path = match std::env::var_os("LD_RS") {
        Some(path) => PathBuf::from(path),
        None => repository().join("target/release/ld-rs.so"),
    };
    std::fs::canonicalize(&path).map_err(|e| format!("{}: {e} (build it with `make`, or set LD_RS)", path.display()))
}

/// Whether only the system's loader is to run (`LD_RS=none`): for writing test programs.
pub fn oracle_only() -> bool {
    std::env::var_os("LD_RS").is_some_and(|v| v == "none")
}
