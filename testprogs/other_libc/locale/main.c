//@ about: newlocale with LC_ALL_MASK, which has all bits in musl, makes a locale, by either name
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: made, made, a copy

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
