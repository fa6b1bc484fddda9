//@ about: An object that was there from the start is opened by its soname and counted, and stays whatever is closed.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ stdout: a begins
//@ stdout: ok
//@ stdout: a ends

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW), *libc = opened("libc.so.6", RTLD_NOW);
    check_eq(found(a, "a"), found(RTLD_DEFAULT, "a"));
    check_eq(found(libc, "printf"), printf);
    for (int i = 0; i < 3; i++)
        closed(opened("liba.so", RTLD_NOW));
    closed(a);
    closed(libc);
    check_here("/liba.so");
    check_eq(((int (*)(void))found(RTLD_DEFAULT, "a"))(), 1);
    void *loader = opened("ld-linux-x86-64.so.2", RTLD_NOW | RTLD_NOLOAD);
    closed(loader);
    for (int i = 0; i < 2; i++) {
        // Empty since 2.34, and still needed by old programs.
        void *old = opened(i ? "libpthread.so.0" : "libdl.so.2", RTLD_NOW);
        found(old, "malloc");
        closed(old);
    }
    say("ok\n");
}
