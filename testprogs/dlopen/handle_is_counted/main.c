//@ about: Opening twice gives the same handle and runs constructors once; the object goes with the second dlclose.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: closed once
//@ stdout: a ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *first = opened("liba.so", RTLD_LAZY), *second = opened("liba.so", RTLD_NOW);
    check_eq(first, second);
    closed(first);
    check_here("/liba.so");
    say("closed once\n");
    closed(second);
    check_gone("/liba.so");
    say("ok\n");
}
