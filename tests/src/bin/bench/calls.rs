//! The programs that time one call into the loader after start-up (testprogs/bench/calls.c).

use crate::cache;
use crate::workload::{in_parallel, sources};
use std::fs;
use std::path::PathBuf;

/// Tiny TLS libraries: as many as calls.c loads (MOST and SPARE).
const TINY: usize = 1050;
/// Those that the second program is linked against.
const STARTED_WITH: usize = 1000;

/// The folder of `calls` and of `calls-1000`, which has a thousand TLS modules from the start.
///
/// # Errors
/// When a compiler is missing or refuses.
pub fn build() -> Result<PathBuf, String> {
    let mut key = String::from(include_str!("calls.rs"));
    let source = |name: &str| sources().join(name).to_string_lossy().into_owned();
    for name in ["calls.c", "throw.cc", "access.S", "tiny.S"] {
        key += &fs::read_to_string(source(name)).map_err(|e| format!("{}: {e}", source(name)))?;
    }
    cache::dir("calls", &key, |dir| {
        let library = |from: &str, to: &str, variable: &str| {
            let args = ["-shared", "-nostdlib", variable, &source(from), "-o", to];
            cache::tool(dir, "gcc", &args)
        };
        library("access.S", "access.so", "-DVARIABLE=early")?;
        library("access.S", "late.so", "-DVARIABLE=late")?;
        library("tiny.S", "t0000.so", "-DTINY")?;
        in_parallel(TINY - 1, &|i| {
            let copy = dir.join(format!("t{:04}.so", i + 1));
            fs::copy(dir.join("t0000.so"), copy).map(|_| ()).map_err(|e| e.to_string())
        })?;
        cache::tool(dir, "gcc", &["-O2", "-Wall", "-DFOLDER=\"calls/\"", "-c", &source("calls.c")])?;
        cache::tool(dir, "g++", &["-O2", "-Wall", "-c", &source("throw.cc")])?;
        let tiny: Vec<String> = (0..STARTED_WITH).map(|i| format!("-l:t{i:04}.so")).collect();
        for (program, tiny) in [("calls", &[][..]), ("calls-1000", &tiny[..])] {
            let mut args = vec!["calls.o", "throw.o", "-o", program, "-L.", "-Wl,-rpath,$ORIGIN"];
            args.extend(["-Wl,--no-as-needed", "-l:access.so"]);
            args.extend(tiny.iter().map(String::as_str));
            cache::tool(dir, "g++", &args)?;
        }
        Ok(())
    })
}
