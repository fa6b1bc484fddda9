//@ about: Two libraries that need each other are opened and closed as one, each constructed and destroyed once.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=half
//@ build: liba.so = ../parts/speaks.c -DWHO=half -Wl,--no-as-needed -l:libb.so
//@ build: libb.so = ../parts/speaks.c -DWHO=half -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c
//@ stdout: half begins
//@ stdout: half begins
//@ stdout: half ends
//@ stdout: half ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    found(a, "half");
    closed(a);
    check_gone("/liba.so");
    check_gone("/libb.so");
    say("ok\n");
}
