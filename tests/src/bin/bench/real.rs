//! Programs of the machine, as they are installed. They are stopped before their first
//! constructor, so that their time is exec, mapping and relocation and nothing of their own.

use crate::cache;
use crate::workload::sources;
use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The file of a program, or nothing where it is not installed. Scripts that stand in front of
/// programs (version managers) are passed over; the distribution's own directory comes first.
pub fn find(name: &str) -> Option<PathBuf> {
    if name == "cc1" {
        let output = Command::new("gcc").arg("-print-prog-name=cc1").output().ok()?;
        let path = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        return path.is_absolute().then_some(path);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = [PathBuf::from("/usr/bin"), "/bin".into()].into_iter().chain(std::env::split_paths(&path));
    let dirs = dirs.chain([tools().join("usr/bin")]);
    dirs.map(|dir| dir.join(name)).find_map(|file| {
        let file = fs::canonicalize(file).ok()?;
        let mut magic = [0; 4];
        fs::File::open(&file).ok()?.read_exact(&mut magic).ok()?;
        (magic == *b"\x7fELF").then_some(file)
    })
}

/// The tree of large programs that `tests/trees/trees tools` makes.
fn tools() -> PathBuf {
    let tools = ld_rs_tests::repository().join("target/trees/tools");
    fs::canonicalize(&tools).unwrap_or(tools)
}

/// Where the libraries of a program of that tree are; nothing for an installed one.
pub fn library_path(program: &Path) -> Option<String> {
    let tools = tools();
    let libraries = tools.join("usr/lib/x86_64-linux-gnu");
    let dirs = ["", "blas", "lapack", "pulseaudio"].map(|dir| libraries.join(dir).display().to_string());
    program.starts_with(&tools).then(|| dirs.join(":"))
}

/// A folder for copies of `program` in which `$ORIGIN/..` looks as it does where it came from.
///
/// # Errors
/// When it cannot be made.
pub fn folder(name: &str, program: &Path) -> Result<PathBuf, String> {
    let fail = |e: std::io::Error| format!("{name}: {e}");
    let from = program.parent().ok_or("a program without a folder")?;
    let above = cache::root().join("real").join(name);
    let dir = above.join(from.file_name().unwrap_or_default());
    fs::create_dir_all(&dir).map_err(fail)?;
    for entry in fs::read_dir(from.join("..")).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let link = above.join(entry.file_name());
        if !link.exists() {
            let _ = fs::remove_file(&link);
            symlink(fs::canonicalize(entry.path()).map_err(fail)?, link).map_err(fail)?;
        }
    }
    Ok(dir)
}

/// The object that ends a process before its first constructor.
///
/// # Errors
/// When it cannot be built.
pub fn stop() -> Result<PathBuf, String> {
    let source = sources().join("stop.c");
    let text = fs::read_to_string(&source).map_err(|e| format!("{}: {e}", source.display()))?;
    let dir = cache::dir("stop", &text, |dir| {
        let source = source.to_string_lossy();
        let args = ["-O2", "-fPIC", "-shared", "-nostdlib", &source, "-o", "stop.so", "-Wl,-z,initfirst"];
        cache::tool(dir, "gcc", &args)
    })?;
    Ok(dir.join("stop.so"))
}
