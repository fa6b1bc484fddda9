//@ about: As under musl dlclose runs no destructors of a library that was built for it, and its code stays
//@ libc: glibc,musl
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -ldl
//@ stdout: thread begins
//@ stdout: closed: 0
//@ stdout: runs
//@ stdout: ends

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    if (!run)
        return 1;
    void *library = dlopen("./libmusl.so", RTLD_NOW);
    dlclose(library);
    printf("closed: %d\n", dlclose(library)), fflush(stdout);
    return run();
}
