//@ about: A unique symbol of libraries linked -Bsymbolic is one for the process, and what defines it stays.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-Bsymbolic
//@ build: libb.so = lib.c -Wl,-Bsymbolic
//@ elf: liba.so has SYMBOLIC R_X86_64_GLOB_DAT
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW), *b = opened("libb.so", RTLD_NOW);
    check_eq(((void *(*)(void))found(a, "place"))(), ((void *(*)(void))found(b, "place"))());
    closed(b);
    closed(a);
    check(dlopen("liba.so", RTLD_NOW | RTLD_NOLOAD) != NULL);
    check(dlopen("libb.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
    say("ok\n");
}
