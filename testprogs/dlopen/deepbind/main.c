//@ about: RTLD_DEEPBIND puts an object's own scope before the global one, for it and for what it needs.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT -DASKS
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -DASKS -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

const char *who(void)
{
    return "the program";
}
typedef const char *ask(void);

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_text(((ask *)found(a, "a_asks"))(), "the program");
    check_text(((ask *)found(a, "b_asks"))(), "the program");
    closed(a);
    a = opened("liba.so", RTLD_NOW | RTLD_DEEPBIND);
    check_text(((ask *)found(a, "a_asks"))(), "a");
    check_text(((ask *)found(a, "b_asks"))(), "a");
    say("ok\n");
}
