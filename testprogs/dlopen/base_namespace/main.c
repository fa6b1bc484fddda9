//@ about: dlmopen into LM_ID_BASE is dlopen.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = must(dlmopen(LM_ID_BASE, "liba.so", RTLD_NOW));
    check_eq(opened("liba.so", RTLD_NOW), a);
    check_eq(must(dlmopen(LM_ID_BASE, NULL, RTLD_NOW)), opened(NULL, RTLD_NOW));
    closed(a);
    closed(a);
    check_gone("/liba.so");
    say("ok\n");
}
