//! What a program gets that its user has no say in: /etc/ld.so.preload, and where `$ORIGIN` may lead in a setuid program.
//! Each script runs in a mount namespace of its own, where /etc and /usr/lib can be written to, and is run with the
//! system's loader too, which must do the same.

mod common;

use common::{SYSTEM_LOADER, loader, must, run, shell};
use std::path::Path;

/// Runs `build`, then `script` in the namespace, with `loader` as `$LOADER`, in a folder that any user can reach. What
/// they said, without the folder's name.
fn by(loader: &Path, build: &str, script: &str) -> String {
    let who = if loader == Path::new(SYSTEM_LOADER) { "theirs" } else { "ours" };
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let home = std::env::temp_dir().join(format!("ld-rs-{name}-{who}-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("folder");
    let enter = format!(
        "umask 22; chmod 755 .; cp {} loader; export LOADER=$PWD/loader; (set -e; {build}\n) || exit 1
         exec unshare {} -m bash -c 'mkdir over; mount -t tmpfs none over && chmod 755 over || exit
            for on in etc usr/lib; do mkdir -p over/$on/up over/$on/work
                mount -t overlay -o lowerdir=/$on,upperdir=over/$on/up,workdir=over/$on/work none /$on || exit; done
            rm -f /etc/ld.so.preload; exec 2>&1; . ./script'",
        loader.display(),
        if is_root() { "" } else { "-r" }
    );
    std::fs::write(home.join("script"), script).expect("script");
    let outcome = run(&mut shell(&home, &enter));
    std::fs::remove_dir_all(&home).expect("clean");
    assert_eq!((outcome.end.as_str(), outcome.stderr.as_str()), ("exit 0", ""), "{}", outcome.stdout);
    outcome.stdout.replace(&home.display().to_string(), "HOME")
}

/// What ours said, which must be what the system's loader says.
fn by_both(build: &str, script: &str) -> String {
    let [ours, theirs] = [loader().as_path(), Path::new(SYSTEM_LOADER)].map(|loader| by(loader, build, script));
    // Ours has notes beside glibc's lines.
    let ours: String = ours.split_inclusive('\n').filter(|line| !line.starts_with("  note: ")).collect();
    for (number, (our, their)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(our, their, "line {number} of\n{ours}\n{theirs}");
    }
    assert_eq!(ours.lines().count(), theirs.lines().count(), "{ours}\n{theirs}");
    ours
}

fn is_root() -> bool {
    // SAFETY: geteuid has no preconditions.
    unsafe { libc::geteuid() == 0 }
}

/// Objects that say that they are there: constructors run from the last to the first.
const OBJECTS: &str = r#"
    echo '#include <unistd.h>
__attribute__((constructor)) static void there(void) { write(1, NAME, 2); }' > object.c
    echo 'int main(void) { return 0; }' > main.c
    for name in a b c d; do gcc -shared -fPIC -DNAME="\"$name \"" object.c -o libpre$name.so; done
    gcc main.c -o prog -Wl,--dynamic-linker=$LOADER"#;

#[test]
fn preload_file() {
    let mut script = "export LD_PRELOAD=$PWD/libpred.so LD_LIBRARY_PATH=$PWD\n".to_owned();
    for (name, text) in [
        ("one", "$PWD/libprea.so"),
        ("no line end", "$PWD/libprea.so $PWD/libpreb.so"),
        ("separators", "\\n\\n  $PWD/libprea.so:$PWD/libpreb.so\\t$PWD/libprec.so\\n$PWD/libpred.so\\n"),
        ("a comment", "$PWD/libpreb.so#$PWD/libprec.so\\n $PWD/libprea.so"),
        ("a comment at the end", "$PWD/libprea.so\\n#"),
        ("a comment alone", "#x\\n"),
        ("separators alone", " :\\t\\n"),
        ("nothing", ""),
        ("missing", "$PWD/none.so\\nnone.so:$PWD/libpreb.so"),
        ("no object", "$PWD/main.c $PWD/libprea.so"),
        ("twice", "$PWD/libprea.so $PWD/libprea.so"),
        ("no separator", "$PWD/libprea.so;$PWD/libpreb.so"),
        ("tokens", "$PWD/\\$LIB/../../libprea.so \\${ORIGIN}/libpreb.so"),
        ("the library path", "libprec.so"),
        ("a long name", "/$(printf %5000s x | tr '\\040' x) $PWD/libprea.so"),
    ] {
        script += &format!(
            "printf '%b' \"{text}\" > /etc/ld.so.preload; echo; echo '{name}:'
             for start in ./prog \"$LOADER ./prog\" \"$LOADER --preload $PWD/libprec.so ./prog\"; do $start; echo $?; done\n"
        );
    }
    script +=
        "echo directory; rm /etc/ld.so.preload; mkdir /etc/ld.so.preload; ./prog; echo $?; rmdir /etc/ld.so.preload
        echo link; ln -s nowhere /etc/ld.so.preload; ./prog; echo $?\n";
    let said = by_both(&format!("{OBJECTS}; mkdir -p lib/x86_64-linux-gnu"), &script);
    assert!(said.contains("\nseparators:\nc b a d 0\nc b a d 0\nb a c d 0\n"), "{said}");
    assert!(said.contains("object 'HOME/none.so' from /etc/ld.so.preload cannot be preloaded (cannot open"), "{said}");
    // Comments behind the first, which glibc's loader forgets; a pipe, for which glibc's loader waits; more than anybody writes by hand; what inspections show; another tree's.
    let script = "printf '%s\\n' \"#$PWD/libprea.so\" \"$PWD/libpreb.so#$PWD/libprec.so\" \"#\" > /etc/ld.so.preload; ./prog; echo $?
        : > /etc/ld.so.preload; rm /etc/ld.so.preload; mkfifo /etc/ld.so.preload; ./prog; echo $?; $LOADER /bin/rm /etc/ld.so.preload
        head -c 3000000 /dev/zero > /etc/ld.so.preload; ./prog; echo $?
        : > /etc/ld.so.preload; mkdir -p tree/etc tree/usr; mount --rbind /usr tree/usr || exit
        for sub in lib lib64; do ln -s usr/$sub tree/$sub; done; cp libprea.so /usr/lib; cp prog /usr/lib
        echo /lib/libprea.so > tree/etc/ld.so.preload; $LOADER --sysroot $PWD/tree /lib/prog; echo $?
        echo $PWD/libpreb.so > /etc/ld.so.preload
        for way in --list --paths; do [[ $($LOADER $way ./prog) == *libpreb.so* ]] && echo listed; done";
    assert_eq!(by(&loader(), OBJECTS, script), "b 0\n0\n0\na 0\nlisted\nlisted\n");
}

/// In secure mode a name with a slash is taken, any other only if the file has the bit and without ld.so.cache.
#[test]
fn preload_file_in_secure_mode() {
    if !is_root() || must(&mut shell(Path::new("/"), "findmnt -no OPTIONS -T /tmp")).contains("nosuid") {
        return; // nobody can make the program setuid
    }
    let script = "chmod 4755 prog; cp libprea.so libpreb.so /usr/lib; chmod 4755 /usr/lib/libprea.so; cp libprec.so /usr/lib; /sbin/ldconfig
        cp libpred.so /usr/lib; chmod 4644 /usr/lib/libpred.so
        echo \"libprea.so libpreb.so $PWD/libpreb.so none.so libprec.so \\$LIB/libpred.so libpred.so \\$ORIGIN/libpred.so\" > /etc/ld.so.preload
        setpriv --reuid 65534 --clear-groups ./prog; echo $?; ./prog; echo $?
        chmod 600 /etc/ld.so.preload; setpriv --reuid 65534 --clear-groups ./prog; echo $?";
    let said = by_both(OBJECTS, script);
    assert!(said.contains("\nd b a 0\n"), "{said}");
}

/// Of LD_PRELOAD a setuid program takes names without a slash, of files with the set-user-ID bit in the default directories.
#[test]
fn preload_variable_in_secure_mode() {
    if !is_root() || must(&mut shell(Path::new("/"), "findmnt -no OPTIONS -T /tmp")).contains("nosuid") {
        return; // nobody can make the program setuid
    }
    let script = "chmod 4755 prog; cp libprea.so libpreb.so libprec.so /usr/lib; chmod 4755 /usr/lib/libprea.so; /sbin/ldconfig
        cp libpred.so /usr/lib; chmod 4644 /usr/lib/libpred.so; mkdir there; cp libprec.so there/libpree.so; chmod 4755 there/libpree.so
        try() { setpriv --reuid 65534 --clear-groups env \"$@\" ./prog; echo $?; }
        try LD_PRELOAD=\"libprea.so $PWD/libpreb.so:libprec.so /usr/lib/libpred.so none.so libpred.so\"
        try LD_PRELOAD=libpree.so LD_LIBRARY_PATH=$PWD/there
        try LD_PRELOAD=libprea.so LD_PRELOAD=libpred.so; try LD_PRELOAD=; try LD_PRELOAD=../lib/libpred.so
        echo libpred.so > /etc/ld.so.preload; try LD_PRELOAD=libprea.so";
    let said = by_both(OBJECTS, script);
    assert!(said.contains("\nd a 0\n"), "{said}");
}

/// Where tokens may stand in what a setuid program brings with it, and lead to.
#[test]
fn tokens_in_secure_mode() {
    if !is_root() || must(&mut shell(Path::new("/"), "findmnt -no OPTIONS -T /tmp")).contains("nosuid") {
        return;
    }
    let build = r#"
        mkdir near; echo 'const char *whose(void) { return "near"; }' | gcc -shared -fPIC -x c - -o near/libx.so -Wl,-soname,libx.so
        mkdir far; echo 'const char *whose(void) { return "far"; }' | gcc -shared -fPIC -x c - -o far/libx.so -Wl,-soname,libx.so
        echo '#include <stdio.h>
        const char *whose(void); int main(void) { puts(whose()); return 0; }' > main.c
        link() { gcc main.c -o $1 -L near -lx -Wl,--dynamic-linker=$LOADER "${@:2}"; }
        # What is needed by a token.
        for token in '$ORIGIN/near' '${ORIGIN}/near' '/$LIB' 'x/$PLATFORM' 'x$ORIGIN'; do
            link "needs-$((++n))"; patchelf --replace-needed libx.so "$token/libx.so" needs-$n; done
        patchelf --replace-needed '$ORIGIN/near/libx.so' '$ORIGINAL/libx.so' needs-1 --output needs-6
        # Lists: by the program's own place, and by a library's.
        link list-1 "-Wl,-rpath,\$ORIGIN/near:$PWD/far"; link list-2 '-Wl,-rpath,$ORIGIN/../trusted:/usr/lib/far'
        link list-3 '-Wl,-rpath,$ORIGIN/../trusted:/usr/lib/far' -Wl,--disable-new-dtags
        link list-4 "-Wl,-rpath,/\$LIB/near:$PWD/far"
        echo 'const char *whose(void); const char *through(void) { return whose(); }' |
            gcc -shared -fPIC -x c - -o far/liby.so -Wl,-soname,liby.so -L near -lx '-Wl,-rpath,$ORIGIN/../near'
        sed s/whose/through/g main.c > through.c
        gcc through.c -o list-5 -L far -ly -L near -Wl,-rpath,$PWD/far -Wl,--dynamic-linker=$LOADER -Wl,--allow-shlib-undefined
        echo '#include <dlfcn.h>
        #include <stdio.h>
        int main(int c, char **v) { for (v++; *v; v++) puts(dlopen(*v, RTLD_NOW) ? "opened" : dlerror()); return 0; }' > open.c
        gcc -w open.c -o open -Wl,--dynamic-linker=$LOADER; patchelf --add-needed '$ORIGIN/libx.so' far/liby.so --output far/libz.so
        chmod 4755 needs-* list-* open"#;
    let script = "user() { setpriv --reuid 65534 --clear-groups \"$@\"; echo $?; }
        mkdir -p /usr/lib/tool /usr/lib/trusted /usr/lib/far; cp near/libx.so /usr/lib/trusted; cp far/libx.so /usr/lib/far
        cp -p list-2 list-3 open /usr/lib/tool; mkdir /usr/lib/tool/near; cp near/libx.so /usr/lib/tool/near; cp near/libx.so /usr/lib
        for program in needs-* list-*; do echo $program; user ./$program; done
        # From a place that can be trusted; then by a link that anybody can make, from one that cannot.
        for program in list-2 list-3; do user /usr/lib/tool/$program; ln /usr/lib/tool/$program /usr/lib/$program; user /usr/lib/$program; done
        mkdir /usr/lib/trusted/sub; for at in /usr/lib/tool .; do
            user $at/open '$ORIGIN/near/libx.so' '$ORIGIN/../../../tmp/libx.so' '/$LIB/libm.so.6' $PWD/far/liby.so $PWD/far/libz.so; done";
    let said = by_both(build, script);
    assert!(
        said.contains("DST not allowed in SUID/SGID programs") && said.contains("\nnear\n") && said.contains("\nfar\n"),
        "{said}"
    );
}

/// What an ldconfig before 2.37 notes of `tls` and platform subdirectories, for the loader of the same glibc.
#[test]
fn old_subdirectories_in_the_cache() {
    let build = r#"
        at=usr/lib/x86_64-linux-gnu; for sub in . tls x86_64 tls/x86_64 haswell xeon_phi; do mkdir -p $at/$sub
            echo "const char *whose(void) { return \"$sub\"; }" | gcc -shared -fPIC -x c - -o $at/$sub/libx.so -Wl,-soname,libx.so; done
        echo 'int puts(const char *); const char *whose(void); int main(void) { puts(whose()); return 0; }' > main.c
        gcc -w main.c -o prog -L $at -lx -Wl,--dynamic-linker=$LOADER"#;
    let script = "cp -r usr/lib/. /usr/lib; cd /usr/lib/x86_64-linux-gnu; home=$OLDPWD
        try() { /sbin/ldconfig; $home/prog; echo $?; }; try; rm tls/x86_64/libx.so; try; rm tls/libx.so; try; rm haswell/libx.so; try
        rm x86_64/libx.so; try; rm libx.so; try";
    let said = by_both(build, script);
    assert!(said.starts_with("tls/x86_64\n0\ntls\n0\n") && said.contains("\n.\n0\n"), "{said}");
}

/// Where nothing is mounted on /proc, LD_ORIGIN_PATH is the directory of the program that the kernel started.
#[test]
fn origin_path() {
    let build = r#"
        for name in near far; do mkdir $name; echo "const char *whose(void) { return \"$name\"; }" |
            gcc -shared -fPIC -x c - -o $name/libx.so -Wl,-soname,libx.so; done
        echo 'int puts(const char *); const char *whose(void); int main(void) { puts(whose()); return 0; }' > main.c
        gcc -w main.c -o prog -L near -lx '-Wl,-rpath,$ORIGIN/near' -Wl,--dynamic-linker=$LOADER; mkdir there; cp -r far there/near"#;
    let script = "try() { ./prog; echo $?; LD_ORIGIN_PATH=$PWD/there ./prog; LD_ORIGIN_PATH=$PWD ./prog; LD_ORIGIN_PATH=/none ./prog; echo $?
            LD_ORIGIN_PATH=$PWD/there/ $LOADER ./prog; }
        try; mount -t tmpfs none /proc; try";
    let said = by_both(build, script);
    assert!(said.starts_with("near\n0\nnear\nnear\nnear\n0\nnear\n"), "{said}");
    assert!(said.contains("No such file or directory\n127\nfar\nnear\n") && said.ends_with("\n127\nnear\n"), "{said}");
}
