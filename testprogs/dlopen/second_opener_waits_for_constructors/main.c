//@ about: A thread that opens an object while another thread runs its constructors returns only when they are done.
//@ libc: glibc,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static void *opens(void *unused)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_eq(*(int *)found(a, "ready"), 1);
    closed(a);
    return unused;
}

int main(void)
{
    for (int round = 0; round < 5; round++) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            threads[i] = started(opens, NULL);
        for (int i = 0; i < 4; i++)
            joined(threads[i]);
        check_gone("/liba.so");
    }
    say("ok\n");
}
