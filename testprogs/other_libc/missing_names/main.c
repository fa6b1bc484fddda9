//@ about: Names that glibc does not have, or only inside of libc_nonshared.a: exit and fork handlers, strlcpy, what gnulib asks of a stream
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: handlers 0 0 0
//@ stdout: strlcpy 5 hel, strlcat 8 helhell
//@ stdout: ahead 5 ello!, purged 0, error set
//@ stdout: rounds 1 2, thread is its process, not set-user-ID
//@ stdout: closed 0 -1, window -1, stream 0
//@ stdout: stat 0 0 0 0 -1
//@ stdout: before
//@ stdout: parent, child 7
//@ stdout: at exit

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
