//@ about: The lengths in msghdr and cmsghdr have padding beside them in musl, which may hold anything
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: sent 5, received 5: hello
//@ stdout: descriptor 1: works
//@ stdout: sent 2 messages, received 2: ab cd
//@ stdout: too much control data: -1 12

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
