//@ about: DT_RPATH of the caller and of the program serve a dlopen, while the caller has no RUNPATH.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: libcaller.so = ../origin_in_name/caller.c -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/deep
//@ build: prog = main.c -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/other
//@ sh: mkdir -p sub/deep other; mv libcaller.so sub; mv liba.so sub/deep; mv libb.so other
//@ elf: sub/libcaller.so has RPATH
//@ elf: prog has RPATH
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *caller = opened("./sub/libcaller.so", RTLD_NOW);
    void *(*opens)(const char *) = (void *(*)(const char *))found(caller, "opens");
    check(!dlopen("liba.so", RTLD_NOW));
    closed(must(opens("liba.so")));
    closed(must(opens("libb.so")));
    say("ok\n");
}
