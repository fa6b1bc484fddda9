//@ about: What an opened library needs is found by its own RUNPATH; that of the library's dependency serves only its own.
//@ libc: glibc
//@ build: libc1.so = ../parts/speaks.c -DWHO=c -DSILENT
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT -Wl,--no-as-needed -l:libc1.so -Wl,-rpath,$ORIGIN/deeper
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,--no-as-needed -l:libb.so -Wl,-rpath,$ORIGIN/deep -Wl,--allow-shlib-undefined
//@ build: libbad.so = ../parts/speaks.c -DWHO=bad -DSILENT -Wl,--no-as-needed -l:libb.so -l:libc1.so -Wl,-rpath,$ORIGIN/deep
//@ build: prog = main.c
//@ sh: mkdir -p sub/deep/deeper; mv liba.so libbad.so sub; mv libb.so sub/deep; mv libc1.so sub/deep/deeper
//@ stdout: libc1.so: cannot open shared object file: No such file or directory
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("sub/libbad.so", RTLD_NOW));
    say("%s\n", dlerror());
    check_gone("/libb.so");
    void *a = opened("sub/liba.so", RTLD_NOW);
    check_here("/sub/deep/deeper/libc1.so");
    found(a, "c");
    say("ok\n");
}
