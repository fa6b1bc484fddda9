//@ about: What musl calls otherwise: POSIX basename, strerror_r that answers a number, setjmp that saves no mask, aliases that glibc does not have
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: lib . /
//@ stdout: strerror_r 0
//@ stdout: mask 1 after setjmp, 0 after sigsetjmp
//@ stdout: environment there
//@ stdout: nl_langinfo the same
//@ stdout: pow10 1000, res_init 0

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
