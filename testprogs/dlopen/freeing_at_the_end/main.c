//@ about: __libc_freeres, which valgrind calls at the end of a program, finds what it frees in every link map, also of opened libraries.
//@ axes: pie=pie,nopie
//@ libc: glibc
//@ build: libneeded.so = ../parts/tls.c -DWHO=needed
//@ build: libopened.so = ../parts/tls.c -DWHO=opened
//@ build: libclosed.so = ../parts/tls.c -DWHO=closed
//@ build: prog = main.c -pthread -Wl,--no-as-needed -l:libneeded.so
//@ stdout: freed

#include "../parts/dl.h"

void __libc_freeres(void);

static void *nothing(void *arg)
{
    return arg;
}

int main(void)
{
    opened("libopened.so", RTLD_NOW);
    closed(opened("libclosed.so", RTLD_NOW));
    joined(started(nothing, NULL));
    __libc_freeres();
    // Nothing of stdio may be used any more.
    check_eq(write(1, "freed\n", 6), 6);
    _exit(0);
}
