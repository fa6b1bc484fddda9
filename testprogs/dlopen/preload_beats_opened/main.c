//@ about: A preloaded definition and the program's own come before an opened library's, and a datum copied into the program is the one all see.
//@ libc: glibc,musl
//@ build: libshared.so = shared.c
//@ build: libpre.so = ../parts/speaks.c -DWHO=preloaded -DSILENT -DASKS
//@ build: liba.so = ../parts/speaks.c user.c -DWHO=a -DSILENT -DASKS -l:libshared.so
//@ build: prog = main.c -fno-pic -no-pie -l:libshared.so
//@ elf: prog has R_X86_64_COPY
//@ env: LD_PRELOAD={dir}/libpre.so
//@ stdout: ok

#include "../parts/dl.h"

extern int shared;

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_text(((const char *(*)(void))found(a, "a_asks"))(), "preloaded");
    check_text(((const char *(*)(void))found(a, "who"))(), "a");
    check_eq(((int *(*)(void))found(a, "address"))(), &shared);
    say("ok\n");
}
