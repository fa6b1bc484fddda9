# Builds libg0.so ... libg11.so with the compiler given: a graph of needs, of which 8 and 9 need each other.
set -e
here=$(dirname "$0")
node() {
    who=$1
    shift
    needed= needs= libs=
    for other; do
        needed="$needed int use_$other(int);" needs="$needs + use_$other(deep - 1)" libs="$libs -l:libg$other.so"
    done
    $so -fexceptions -DWHO="$who" -DNEEDED="$needed" -DNEEDS="$needs" "$here/lib.c" -o libg"$who".so -Wl,-soname,libg"$who".so \
        -L. -Wl,-rpath,'$ORIGIN' -Wl,--no-as-needed $libs
}
so="$1 -shared -fPIC"
node 0
node 1
node 2 0
node 3 0 1
node 4 2
node 5
node 6 3 5
node 7 4 6
node 8
node 9 8 1
node 8 9
node 10 8 5
node 11
