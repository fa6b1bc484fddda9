//@ about: A unique symbol that a COPY relocation moved into the program is the program's for a library that asks itself first, too.
//@ axes: pie=nopie
//@ libc: glibc,musl
//@ build: liba.so = liba.c
//@ build: libb.so = libb.c -Wl,-Bsymbolic
//@ build: prog = main.c -fno-pic -l:liba.so
//@ elf: prog has R_X86_64_COPY
//@ elf: libb.so has SYMBOLIC R_X86_64_GLOB_DAT
//@ stdout: ok

#include "../parts/dl.h"

extern int one;
int *place_in_a(void);

int main(void)
{
    void *b = opened("libb.so", RTLD_NOW);
    check_eq(one, 1);
    check_eq(place_in_a(), &one);
    check_eq(((int *(*)(void))found(b, "place"))(), &one);
    say("ok\n");
}
