//@ about: Two local objects do not see each other; each binds to the global scope first, then to itself and what it needs.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -DASKS
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT -DASKS
//@ build: libc1.so = ../parts/speaks.c -DWHO=c -DSILENT -DASKS
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

typedef const char *ask(void);

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW), *b = opened("libb.so", RTLD_NOW | RTLD_LOCAL);
    check_text(((ask *)found(a, "a_asks"))(), "a");
    check_text(((ask *)found(b, "b_asks"))(), "b");
    closed(b);
    check_text(((ask *)found(a, "who"))(), "a");
    void *c = opened("libc1.so", RTLD_NOW | RTLD_GLOBAL);
    b = opened("libb.so", RTLD_NOW);
    check_text(((ask *)found(b, "b_asks"))(), "c");
    check_text(((ask *)found(b, "who"))(), "b");
    check_text(((ask *)found(a, "a_asks"))(), "a");
    closed(b);
    closed(c);
    b = opened("libb.so", RTLD_NOW);
    check_text(((ask *)found(b, "b_asks"))(), "b");
    say("ok\n");
}
