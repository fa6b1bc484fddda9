//@ about: RTLD_NODELETE with RTLD_NOLOAD keeps an object that was opened without it.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: leaving
//@ stdout: a ends

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_LAZY);
    check_eq(opened("liba.so", RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE), a);
    closed(a);
    closed(a);
    check_here("/liba.so");
    say("leaving\n");
}
