//@ about: dlopen searches the RUNPATH of the object that calls it, with its $ORIGIN, and not that of others.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libcaller.so = ../origin_in_name/caller.c -Wl,-rpath,$ORIGIN/deep
//@ build: prog = main.c
//@ sh: mkdir -p sub/deep; mv libcaller.so sub; mv liba.so sub/deep
//@ elf: sub/libcaller.so has RUNPATH
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *caller = opened("./sub/libcaller.so", RTLD_NOW);
    check(!dlopen("liba.so", RTLD_NOW));
    void *a = must(((void *(*)(const char *))found(caller, "opens"))("liba.so"));
    check_here("/sub/deep/liba.so");
    check_eq(opened("liba.so", RTLD_NOW), a);
    closed(a);
    closed(a);
    check_gone("/liba.so");
    say("ok\n");
}
