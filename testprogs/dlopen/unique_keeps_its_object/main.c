//@ about: An object whose STB_GNU_UNIQUE symbol is bound stays for ever; a later object shares the symbol and its value.
//@ libc: glibc
//@ build: liba.so = lib.S
//@ build: libb.so = lib.S
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    int *first = ((int *(*)(void))found(a, "get"))();
    check_eq(*first, 7);
    *first = 8;
    closed(a);
    check_here("/liba.so");
    void *b = opened("libb.so", RTLD_NOW);
    check_eq(((int *(*)(void))found(b, "get"))(), first);
    check_eq(*first, 8);
    check_eq(found(b, "unique"), first);
    say("ok\n");
}
