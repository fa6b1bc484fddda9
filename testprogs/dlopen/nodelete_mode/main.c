//@ about: RTLD_NODELETE keeps an object with its data; its destructors run at exit.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: leaving
//@ stdout: a ends

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_LAZY | RTLD_NODELETE);
    check_eq(((int (*)(void))found(a, "a"))(), 1);
    closed(a);
    check_here("/liba.so");
    check_eq(opened("liba.so", RTLD_LAZY), a);
    check_eq(((int (*)(void))found(a, "a"))(), 2);
    closed(a);
    check_here("/liba.so");
    say("leaving\n");
}
