#!/bin/sh
# Makes a fresh Debian or Ubuntu fit for `make test`: says what is missing and, as root, installs
# it. Quick when nothing is missing. A test whose tool is missing fails, it is never skipped.
set -eu

# tool:package, a tool being a command or a file
tools="
gcc:gcc g++:g++ /usr/include/x86_64-linux-gnu/asm/unistd.h:libc6-dev ld.bfd:binutils
ld.gold:binutils readelf:binutils objcopy:binutils as:binutils clang:clang clang++:clang
ld.lld:lld mold:mold patchelf:patchelf go:golang-go musl-gcc:musl-tools
strace:strace gdb:gdb valgrind:valgrind git:git gzip:gzip tar:tar sed:sed grep:grep
perl:perl python3:python3 bash:bash make:make file:file prlimit:util-linux
mandoc:mandoc /usr/share/bash-completion/bash_completion:bash-completion dpkg-deb:dpkg unshare:util-linux
"

missing=
for entry in $tools; do
    tool=${entry%%:*}
    case $tool in
    /*) [ -e "$tool" ] && continue ;;
    *) command -v "$tool" >/dev/null && continue ;;
    esac
    package=${entry#*:}
    # Newer distributions ship gold apart from the other binutils.
    if [ "$tool" = ld.gold ] && command -v as >/dev/null; then
        package=binutils-gold
    fi
    case " $missing " in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "the tests need:$missing" >&2
    echo "  sudo apt-get install$missing" >&2
    exit 1
fi
echo "installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing
