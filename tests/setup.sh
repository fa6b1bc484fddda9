#!/bin/sh
# `make setup`, and the first step of `make test`: says what a fresh Debian or Ubuntu lacks for the tests
# and, as root, installs it. Quick when nothing is missing. A test whose tool is missing fails, it is
# never skipped. SETUP=no installs nothing.
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

echo "The tests need packages that are not installed:" >&2
echo "   $missing" >&2
if [ "${SETUP:-yes}" = no ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Install them: sudo apt-get install$missing" >&2
    exit 1
fi
if [ -t 2 ]; then
    echo "They are going to be installed by apt-get in 5 seconds; Ctrl-C stops this, SETUP=no never installs." >&2
    sleep 5
else
    echo "They are installed by apt-get now (SETUP=no never installs)." >&2
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -q -y --no-install-recommends $missing
