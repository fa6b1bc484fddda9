//@ about: dlclose frees a library's blocks in all threads that touched it: 300 openings of 1 MiB with four threads leave no memory.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x100000
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

enum { THREADS = 4, ROUNDS = 300 };
static int (*touch)(long);
static pthread_barrier_t barrier;
static void *touches(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&barrier);
        check_eq(touch(1), 0);
        pthread_barrier_wait(&barrier);
    }
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS];
    long before = 0;
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        threads[i] = started(touches, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        touch = (int (*)(long))found(a, "a_check");
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        closed(a);
        if (i == 20)
            before = resident_pages();
    }
    check(resident_pages() <= before + 2048);
    for (int i = 0; i < THREADS; i++)
        joined(threads[i]);
    say("ok\n");
}
