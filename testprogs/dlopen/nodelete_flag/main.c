//@ about: DF_1_NODELETE keeps an object, a needed one too, with its data; its destructors run at exit.
//@ rule: DF_1_NODELETE: The object stays when its last handle is closed; its destructors run at exit.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -z nodelete
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ elf: libb.so has NODELETE
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: leaving
//@ stdout: b ends

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_LAZY);
    check_eq(((int (*)(void))found(a, "b"))(), 1);
    closed(a);
    check_gone("/liba.so");
    check_here("/libb.so");
    void *b = opened("libb.so", RTLD_LAZY);
    check_eq(((int (*)(void))found(b, "b"))(), 2);
    closed(b);
    check_here("/libb.so");
    say("leaving\n");
}
