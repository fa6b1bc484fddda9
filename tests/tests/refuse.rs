//! Out of memory in the loader's own tables at every point: a build of ld-rs with the feature `refuse`, whose heap refuses
//! the blocks that the program (`refuse/main.c`) says. dlopen, dlclose, dlsym, dlerror and pthread_create give an error or
//! work, and leave nothing. RLIMIT_AS alone would reach few of these points: the heap asks the kernel seldom. Not run under
//! the system's loader, which has no such build.

mod common;

use common::{command, must, repository, run, scratch, shell};
use std::path::Path;

#[test]
fn every_block_refused() {
    let dir = scratch("every_block");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refuse-build");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = std::process::Command::new(cargo);
    build.current_dir(repository()).arg("build").args(["--release", "-p", "ld-rs", "--features", "refuse"]);
    let status = build.arg("--target-dir").arg(&target).status().expect("cargo");
    assert!(status.success());
    let loader = target.join("release/ld-rs.so");
    let (parts, sources) = (repository().join("testprogs/dlopen/parts"), repository().join("tests/tests/refuse"));
    let (parts, from, interp) = (parts.display(), sources.display(), loader.display());
    let line = format!(
        "echo 'int of_b(void) {{ return 2; }}' | gcc -shared -fPIC -x c - -o libb.so && \
         echo 'int of_c(void) {{ return 3; }}' | gcc -shared -fPIC -x c - -o libc1.so && \
         gcc -shared -fPIC {from}/liba.c -o liba.so -L. -l:libb.so -Wl,-rpath,'$ORIGIN' && \
         gcc -I{parts} {from}/main.c -o prog -pthread -Wl,--dynamic-linker={interp} && \
         nm {interp} | awk '$3 == \"ld_rs_refuse\" {{ print $1 }}'"
    );
    let place = must(&mut shell(&dir, &line));
    let outcome = run(command(&dir, "./prog").arg(place.trim()));
    assert_eq!((outcome.end.as_str(), outcome.stdout.as_str(), outcome.stderr.as_str()), ("exit 0", "ok\n", ""));
}
