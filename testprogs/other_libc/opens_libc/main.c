//@ about: A library built for musl that needs or opens musl's libc, by any name that musl keeps for it, gets the process's libc and no second one
//@ libc: glibc,musl
//@ axes: cc=gcc,clang
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ sh: patchelf --add-needed libpthread.so --add-needed libm.so --add-needed libutil.so.1 libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: libc.so 1
//@ stdout: libc.musl-x86_64.so.1 1
//@ stdout: libutil.so.1 1
//@ stdout: libm.so: cos 1

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
