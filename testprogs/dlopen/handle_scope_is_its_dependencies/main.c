//@ about: dlsym of a handle looks through the object and what it needs, breadth first, and nowhere else.
//@ libc: glibc,musl
//@ build: libd.so = ../parts/speaks.c -DWHO=d -DSILENT -DASKS
//@ build: libc1.so = empty.c -Wl,--no-as-needed -l:libd.so
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT -DASKS
//@ build: liba.so = empty.c -Wl,--no-as-needed -l:libc1.so -l:libb.so
//@ build: libother.so = ../parts/speaks.c -DWHO=other -DSILENT -DASKS
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

int own = 1;

int main(void)
{
    void *other = opened("libother.so", RTLD_NOW | RTLD_GLOBAL);
    void *a = opened("liba.so", RTLD_NOW);
    check_text(((const char *(*)(void))found(a, "who"))(), "b");
    found(a, "d");
    check(absent(a, "other"));
    check(absent(a, "own"));
    found(a, "malloc");
    // A dependency's handle does not reach its dependents.
    void *d = opened("libd.so", RTLD_NOW);
    check_text(((const char *(*)(void))found(d, "who"))(), "d");
    check(absent(d, "b"));
    closed(d);
    closed(a);
    closed(other);
    say("ok\n");
}
