//@ about: Constructors run once, dependencies first, over a shared dependency; destructors run in the reverse order, only of what goes.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: libd.so = ../parts/speaks.c -DWHO=d
//@ build: libc1.so = ../parts/speaks.c -DWHO=c -Wl,--no-as-needed -l:libd.so
//@ build: libb.so = ../parts/speaks.c -DWHO=b -Wl,--no-as-needed -l:libd.so
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so -l:libc1.so
//@ build: prog = main.c
//@ stdout: d begins
//@ stdout: c begins
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: c is opened
//@ stdout: a ends
//@ stdout: b ends
//@ stdout: a is closed
//@ stdout: c ends
//@ stdout: d ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    void *c = opened("libc1.so", RTLD_NOW);
    say("c is opened\n");
    closed(a);
    check_gone("/liba.so");
    check_gone("/libb.so");
    check_here("/libd.so");
    say("a is closed\n");
    closed(c);
    check_gone("/libd.so");
    say("ok\n");
}
