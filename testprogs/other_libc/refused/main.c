//@ about: With LD_RS_OTHER_LIBC=refuse a library that was built for musl is not opened, as under the system's loader
//@ libc: glibc
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so && patchelf --replace-needed libc.so libc.musl-x86_64.so.1 libmusl.so
//@ build: prog = main.c -ldl
//@ env: LD_RS_OTHER_LIBC=refuse
//@ stdout: libc.musl-x86_64.so.1: cannot open shared object file: No such file or directory
//@ exit: 1

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
