"""What a chroot into a tree needs, and ld-rs.so in place of the tree's loader: for `trees` and `sweep`.

All of it is done in mount, process and network namespaces that the callers have made.
"""

import contextlib
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys

import bounded

TREES = pathlib.Path(__file__).resolve().parents[2] / "target/trees"
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp/work",
               "LC_ALL": "C", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
               "PERL_HASH_SEED": "0"}
UNSHARE = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--net", "--ipc", "--uts", "--kill-child"]


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def loopback_up():
    """The namespace has a network of its own, where even lo is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP


def furnish(tree):
    """Mounts what a chroot needs."""
    mount("--make-rprivate", "/")
    mount("--bind", str(tree), str(tree))
    mount("-o", "remount,bind,ro", str(tree))
    mount("-t", "proc", "proc", f"{tree}/proc")
    mount("-t", "tmpfs", "-o", "mode=755", "none", f"{tree}/dev")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        pathlib.Path(f"{tree}/dev/{name}").touch()
        mount("--bind", f"/dev/{name}", f"{tree}/dev/{name}")
    for name in ("shm", "pts"):
        os.mkdir(f"{tree}/dev/{name}")
    mount("-t", "tmpfs", "none", f"{tree}/dev/shm")
    mount("-t", "devpts", "-o", "newinstance,ptmxmode=666", "none", f"{tree}/dev/pts")
    os.symlink("pts/ptmx", f"{tree}/dev/ptmx")
    for link, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"{tree}/dev/{link}")
    for directory in ("tmp", "run", "var/tmp"):
        mount("-t", "tmpfs", "-o", "mode=1777", "none", f"{tree}/{directory}")


def hold(tree, loader):
    """Copies `loader` to where the chroot's mounts do not hide it."""
    held = f"{tree}/run/ld-rs.so"
    pathlib.Path(held).write_bytes(loader)
    os.chmod(held, 0o755)
    return held


@contextlib.contextmanager
def in_force(tree, held):
    """In here, the file `held` lies over the tree's loader; proved by what that answers."""
    # The tree's own path, followed inside the tree.
    own = subprocess.run(["chroot", str(tree), "realpath", "/lib64/ld-linux-x86-64.so.2"], check=True,
                         capture_output=True, text=True).stdout.strip()
    own = f"{tree}{own}"
    mount("--bind", held, own)
    asked = bounded.run(["chroot", str(tree), "/lib64/ld-linux-x86-64.so.2", "--version"], 10)
    if not asked.out.startswith(b"ld-rs.so "):
        sys.exit("ld-rs.so is not in force")
    try:
        yield
    finally:
        # Lazily: with `/` as the tree, umount itself runs under it.
        subprocess.run(["umount", "--lazy", own], check=True)
