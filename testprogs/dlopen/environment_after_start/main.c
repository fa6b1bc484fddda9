//@ about: LD_LIBRARY_PATH of the start serves dlopen; what the program puts there later does not.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: prog = main.c
//@ sh: mkdir one two; mv liba.so one; mv libb.so two
//@ env: LD_LIBRARY_PATH={dir}/one
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    setenv("LD_LIBRARY_PATH", "two", 1);
    check(!dlopen("libb.so", RTLD_NOW));
    void *a = opened("liba.so", RTLD_NOW);
    check_here("/one/liba.so");
    closed(a);
    say("ok\n");
}
