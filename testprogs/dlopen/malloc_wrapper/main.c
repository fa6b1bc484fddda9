//@ about: A preloaded malloc that finds the next one by dlsym at its first call, with a failing dlsym too: the loader's dl functions never call malloc on the way.
//@ libc: glibc,musl
//@ build: libwrap.so = wrap.c
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: prog = main.c -pthread
//@ env: LD_PRELOAD={dir}/libwrap.so
//@ stdout: ok

#include "../parts/dl.h"

static void *touches(void *a)
{
    check_eq(((int (*)(long))found(a, "a_check"))(3), 0);
    free(must(malloc(100)));
    return NULL;
}

int main(void)
{
    free(must(malloc(10)));
    void *a = opened("liba.so", RTLD_NOW);
    touches(a);
    joined(started(touches, a));
    closed(a);
    check(((long (*)(void))found(RTLD_DEFAULT, "wrapped"))() >= 2);
    say("ok\n");
}
