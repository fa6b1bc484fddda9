//@ about: $ORIGIN in a name given to dlopen is the folder of the object that calls dlopen.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libcaller.so = caller.c
//@ build: prog = main.c
//@ sh: mkdir -p sub/deep; mv libcaller.so sub; mv liba.so sub/deep
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("$ORIGIN/deep/liba.so", RTLD_NOW));
    void *a = opened("$ORIGIN/sub/deep/liba.so", RTLD_NOW);
    check_here("/sub/deep/liba.so");
    closed(a);
    void *caller = opened("${ORIGIN}/sub/libcaller.so", RTLD_NOW);
    a = must(((void *(*)(const char *))found(caller, "opens"))("$ORIGIN/deep/liba.so"));
    closed(a);
    say("ok\n");
}
