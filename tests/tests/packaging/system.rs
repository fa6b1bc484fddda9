//! ld-rs in the place of a system's loader: a small tree of this system's files gets it and goes back; what is linked
//! under it names what every system has.

use super::{files, make};
use crate::common::{command, loader, must, repository, run, scratch, shell, tool};
use std::fs;
use std::path::{Path, PathBuf};

const NAME: &str = "ld-linux-x86-64.so.2";
const STOCK: &str = ".ld-linux-x86-64.so.2.stock";

/// `make install-system` or `uninstall-system` for the system in `tree`.
fn system(action: &str, tree: &Path) {
    make(&repository(), &format!("{action}-system DESTDIR={}", tree.display()));
}

/// The stripped file for a system's place, and the one that stands beside it as ld-rs.so.1.
fn stripped(dir: &Path) -> (PathBuf, PathBuf) {
    let strip = repository().join("packaging/strip");
    let (place, beside) = (dir.join(NAME), dir.join("ld-rs.so.1"));
    must(command(dir, &strip).arg(loader()).arg(&place));
    must(command(dir, &strip).arg(loader()).arg(&beside).arg("ld-rs.so.1"));
    (place, beside)
}

/// A system of a shell, cat, their libraries and the loader, with Debian's links: absolute ones, which lead out of the tree
/// if they are followed from outside.
fn tree(dir: &Path) -> PathBuf {
    let tree = dir.join("tree");
    let script = format!(
        r#"set -e
        mkdir -p tree/usr/bin tree/usr/lib/x86_64-linux-gnu tree/usr/lib64
        ln -s usr/bin tree/bin; ln -s usr/lib tree/lib; ln -s usr/lib64 tree/lib64
        cp -L /bin/sh /bin/cat tree/bin
        for file in $({ld_rs} --paths /bin/sh /bin/cat | grep '\.so'); do cp -L $file tree/usr/lib/x86_64-linux-gnu; done
        cp -L /lib64/{NAME} tree/usr/lib/x86_64-linux-gnu
        ln -s /lib/x86_64-linux-gnu/{NAME} tree/usr/lib64"#,
        ld_rs = loader().display()
    );
    must(&mut shell(dir, &script));
    tree
}

/// What the loader of the tree calls itself.
fn in_force(dir: &Path) -> String {
    let script = format!(
        "inside() {{ $([ $(id -u) = 0 ] || echo unshare -r) /usr/sbin/chroot tree \"$@\"; }}
        inside /bin/sh -c 'echo hello | cat' && inside /lib64/{NAME} --version | head -n 1 | cut -d' ' -f 1"
    );
    let said = must(&mut shell(dir, &script));
    let (hello, name) = said.split_once('\n').unwrap();
    assert_eq!(hello, "hello");
    name.trim().to_owned()
}

/// State of the tree: files with their modes and checksums.
fn state(tree: &Path) -> (Vec<String>, String) {
    (files(tree), must(&mut shell(tree, "find . -type f | sort | xargs md5sum")))
}

pub fn there_and_back() {
    let dir = scratch("system");
    let tree = tree(&dir);
    let (lib, before) = (tree.join("usr/lib/x86_64-linux-gnu"), state(&tree));
    assert_eq!(in_force(&dir), "ld.so");
    // Twice: the second time it is ld-rs that is replaced, without a symbol that tells, and the stock loader stays kept.
    for _ in 0..2 {
        system("install", &tree);
        assert_eq!(in_force(&dir), "ld-rs.so");
        let place = lib.join(NAME);
        assert!(fs::read(&place).unwrap() == fs::read(stripped(&dir).0).unwrap());
        assert!(fs::read(lib.join(STOCK)).unwrap() == fs::read(format!("/lib64/{NAME}")).unwrap());
        assert_eq!(files(&tree).len(), before.0.len() + 1);
        must(command(&dir, "strip").arg("--strip-all").arg(&place));
        assert_eq!(in_force(&dir), "ld-rs.so");
    }
    // ldconfig, which makes a link of a file's SONAME, finds all as it should be.
    must(&mut shell(&dir, "mkdir tree/etc && /sbin/ldconfig -r tree && rm -r tree/etc"));
    assert_eq!(in_force(&dir), "ld-rs.so");
    system("uninstall", &tree);
    assert_eq!(state(&tree), before);

    // A package manager that upgrades libc puts that version's loader there: it stays.
    system("install", &tree);
    must(&mut shell(&dir, &format!("cp /lib64/{NAME} new && mv new {}", lib.join(NAME).display())));
    fs::write(lib.join(STOCK), "of the version before").unwrap();
    system("uninstall", &tree);
    assert_eq!(state(&tree), before);
    assert_eq!(in_force(&dir), "ld.so");
}

pub fn what_cannot_be_is_refused() {
    let dir = scratch("refused");
    let tree = tree(&dir);
    let (place, _) = stripped(&dir);
    let refused = |what: &str| {
        let before = state(&tree);
        let outcome = run(command(&dir, repository().join("packaging/system")).arg("install").arg(&tree).arg(&place));
        assert_eq!(outcome.end, "exit 1", "{what}: {outcome:?}");
        assert!(outcome.stderr.contains("system: "), "{what}: {outcome:?}");
        assert_eq!(state(&tree), before, "{what}");
    };
    let libc = tree.join("usr/lib/x86_64-linux-gnu/libc.so.6");
    let whole = fs::read(&libc).unwrap();
    fs::write(&libc, &whole[..whole.len() / 2]).unwrap();
    refused("a libc that ld-rs does not run");
    fs::write(&libc, whole).unwrap();

    let aside = dir.join("libc");
    fs::rename(&libc, &aside).unwrap();
    refused("a tree that is served by this system's libc");
    fs::rename(&aside, &libc).unwrap();

    let shell_of_tree = tree.join("usr/bin/sh");
    fs::remove_file(&shell_of_tree).unwrap();
    refused("no shell to try it by");
    fs::copy("/bin/sh", &shell_of_tree).unwrap();

    must(command(&dir, repository().join("packaging/system")).arg("install").arg(&tree).arg(&place));
    fs::remove_file(tree.join("usr/lib/x86_64-linux-gnu").join(STOCK)).unwrap();
    refused("the stock loader is lost");
    fs::remove_file(tree.join("usr/lib/x86_64-linux-gnu").join(NAME)).unwrap();
    refused("no loader in the tree");
    let no_folder = run(command(&repository(), "make").args(["-s", "-o", "all", "install-system"]));
    assert!(no_folder.end != "exit 0" && no_folder.stderr.contains("DESTDIR"), "{no_folder:?}");
}

/// ld writes the SONAME of the system's loader into what needs `__tls_get_addr`, through AS_NEEDED of libc.so.
pub fn what_is_linked_under_it() {
    tool("gcc", "gcc");
    tool("valgrind", "valgrind");
    let dir = scratch("linked_under");
    let (place, beside) = stripped(&dir);
    let script = format!(
        r#"$([ $(id -u) = 0 ] || echo unshare -r) unshare --mount --propagation private sh -ec '
        mount --bind {} "$(realpath /lib64/{NAME})"
        /lib64/{NAME} --version | head -n 1 | cut -d" " -f 1
        echo "__thread int x; int *f(void) {{ return &x; }}" >t.c
        gcc -shared -fPIC t.c -o libt.so
        echo "int *f(void); int main(void) {{ return *f(); }}" >m.c
        gcc m.c -o m -L. -l:libt.so -Wl,-rpath,$PWD'
        ./m && readelf -d libt.so m | grep -o "NEEDED.*"
        # What a stripped loader of that name must have for valgrind; 3.27 asks for all three.
        readelf -sW {NAME} | awk "\$4 == \"FUNC\" && \$8 ~ /^(strlen|strcmp|memcmp)$/ {{ print \$8 }}" | sort
        patchelf --set-interpreter {} m && valgrind -q ./m"#,
        place.display(),
        place.display()
    );
    let needed = "NEEDED)             Shared library: ";
    let expected =
        format!("ld-rs.so\n{needed}[{NAME}]\n{needed}[libt.so]\n{needed}[libc.so.6]\nmemcmp\nstrcmp\nstrlen\n");
    assert_eq!(must(&mut shell(&dir, &script)), expected);

    // The file for beside it is the same but for the SONAME, which is the base version's name too.
    let (place, beside) = (fs::read(place).unwrap(), fs::read(beside).unwrap());
    assert_eq!(place.len(), beside.len());
    let different = place.iter().zip(&beside).filter(|(one, other)| one != other).count();
    assert!(different <= NAME.len() + 4, "{different} bytes");
    let dynamic = must(&mut shell(&dir, "readelf -dV ld-rs.so.1"));
    assert!(dynamic.contains("soname: [ld-rs.so.1]") && dynamic.contains("Cnt: 1  Name: ld-rs.so.1"), "{dynamic}");
    // That version's hash goes with its name.
    let hash = |name: &str| {
        name.bytes().fold(0u32, |hash, byte| {
            let sum = (hash << 4).wrapping_add(byte.into());
            (sum ^ (sum >> 24 & 0xf0)) & 0x0fff_ffff
        })
    };
    let has = |file: &[u8], name: &str| file.windows(4).any(|word| word == hash(name).to_le_bytes());
    assert!(has(&place, NAME) && !has(&place, "ld-rs.so.1"));
    assert!(has(&beside, "ld-rs.so.1") && !has(&beside, NAME));
}
