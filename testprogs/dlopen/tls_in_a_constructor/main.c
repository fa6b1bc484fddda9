//@ about: A constructor of an opened library uses its TLS, and what it leaves is there for the thread that opened it, alone.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c lib.c -DWHO=a
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static void *looks(void *address)
{
    check_eq(*((long *(*)(void))address)(), 123);
    return NULL;
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_eq(((int (*)(long))found(a, "a_again"))(99), 0);
    joined(started(looks, found(a, "a_address")));
    say("ok\n");
}
