//@ about: Where thread pointers lie closer than an initial-exec block is large, making one more thread fails with EAGAIN or works; no block is ever shared and the process lives.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x100000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/dl.h"

enum { THREADS = 30 };
static int (*first)(long), (*again)(long);
static atomic_int touched, go_on;
static void *touches(void *mark)
{
    check_eq(first((long)mark), 0);
    atomic_fetch_add(&touched, 1);
    while (!atomic_load(&go_on))
        usleep(1000);
    check_eq(again((long)mark), 0);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    pthread_attr_t small;
    check_eq(pthread_attr_init(&small), 0);
    check_eq(pthread_attr_setstacksize(&small, 16384), 0);
    void *a = opened("liba.so", RTLD_NOW);
    first = (int (*)(long))found(a, "a_check");
    again = (int (*)(long))found(a, "a_again");
    // Ordinary stacks lie far enough apart. They come first: a libc keeps small ones that have ended,
    // with their blocks, for a while.
    touched = go_on = 0;
    for (long i = 0; i < THREADS; i++)
        threads[i] = started(touches, (void *)i);
    while (atomic_load(&touched) < THREADS)
        usleep(1000);
    atomic_store(&go_on, 1);
    for (int i = 0; i < THREADS; i++)
        joined(threads[i]);
    for (int round = 0; round < 3; round++) {
        int made = 0;
        touched = go_on = 0;
        for (long i = 0; i < THREADS; i++) {
            int error = pthread_create(&threads[made], &small, touches, (void *)(i + 1));
            check(error == 0 || error == EAGAIN);
            made += !error;
        }
        check(made >= 1);
        while (atomic_load(&touched) < made)
            usleep(1000);
        atomic_store(&go_on, 1);
        for (int i = 0; i < made; i++)
            joined(threads[i]);
    }
    closed(a);
    say("ok\n");
}
