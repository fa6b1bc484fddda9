//@ about: a library of which dlsym found a unique symbol stays, as if something were bound to it; another that only has one goes
//@ rule: STB_GNU_UNIQUE: An object of which dlsym finds one stays too.
//@ libc: glibc,musl
//@ build: liba.so = lib.S
//@ build: libb.so = lib.S
//@ build: prog = main.c

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("./liba.so", RTLD_NOW), *b = opened("./libb.so", RTLD_NOW);
    check_eq(*(int *)found(a, "only"), 1);
    check_eq(*(int *)found(b, "plain"), 2);
    closed(a);
    closed(b);
    check_here("/liba.so");
    check_gone("/libb.so");
}
