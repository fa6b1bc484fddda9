//@ about: The module id of a closed library is given to the next one, another library, whose image every old thread sees fresh.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=64
//@ build: libb.so = ../parts/tls.c -DWHO=b -DSIZE=6400
//@ build: libkept.so = ../parts/tls.c -DWHO=kept
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

enum { THREADS = 3, ROUNDS = 20 };
static pthread_barrier_t barrier;
static int (*check_now)(long), (*kept_check)(long), (*kept_again)(long);

static void *old(void *arg)
{
    long mark = (long)arg;
    check_eq(kept_check(mark), 0);
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&barrier);
        if (round % (mark + 1) == 0)
            check_eq(check_now(mark), 0);
        check_eq(kept_again(mark), 0);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(void)
{
    size_t first = 0, id;
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS + 1);
    void *kept = opened("libkept.so", RTLD_NOW);
    kept_check = (int (*)(long))found(kept, "kept_check");
    kept_again = (int (*)(long))found(kept, "kept_again");
    for (long i = 0; i < THREADS; i++)
        threads[i] = started(old, (void *)i);
    for (int round = 0; round < ROUNDS; round++) {
        void *handle = opened(round % 2 ? "liba.so" : "libb.so", RTLD_NOW);
        check_eq(dlinfo(handle, RTLD_DI_TLS_MODID, &id), 0);
        if (!round)
            first = id;
        check_eq(id, first);
        check_now = (int (*)(long))found(handle, round % 2 ? "a_check" : "b_check");
        pthread_barrier_wait(&barrier);
        pthread_barrier_wait(&barrier);
        closed(handle);
    }
    for (int i = 0; i < THREADS; i++)
        joined(threads[i]);
    say("ok\n");
}
