//@ about: Two threads give back the last two handles of a library at once: it is destroyed once, and is gone when both are back. Of more that give a handle back than have one, of a library that stays for another, each but the first is told so.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: libuser.so = ../parts/speaks.c -DWHO=user -DSILENT -Wl,--no-as-needed -l:liba.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: ok

#include "../parts/dl.h"

enum { THREADS = 4 };
atomic_int alive;
static atomic_int refused;
static pthread_barrier_t barrier;

static void *closes(void *handle)
{
    pthread_barrier_wait(&barrier);
    closed(handle);
    return NULL;
}
static void *tries(void *handle)
{
    pthread_barrier_wait(&barrier);
    if (dlclose(handle) != 0) {
        check(strstr(must(dlerror()), "liba.so: shared object not open"));
        atomic_fetch_add(&refused, 1);
    }
    return NULL;
}

int main(void)
{
    alarm(20);
    pthread_t threads[THREADS];
    for (int i = 0; i < 200; i++) {
        pthread_barrier_init(&barrier, NULL, 2);
        void *a = opened("liba.so", RTLD_NOW);
        check_eq(opened("liba.so", RTLD_NOW), a);
        for (int thread = 0; thread < 2; thread++)
            threads[thread] = started(closes, a);
        for (int thread = 0; thread < 2; thread++)
            joined(threads[thread]);
        check_gone("/liba.so");
        check_eq(atomic_load(&alive), 0);
    }
    void *user = opened("libuser.so", RTLD_NOW);
    for (int i = 0; i < 200; i++) {
        pthread_barrier_init(&barrier, NULL, THREADS);
        void *a = opened("liba.so", RTLD_NOW);
        atomic_store(&refused, 0);
        for (int thread = 0; thread < THREADS; thread++)
            threads[thread] = started(tries, a);
        for (int thread = 0; thread < THREADS; thread++)
            joined(threads[thread]);
        check_eq(atomic_load(&refused), THREADS - 1);
        check_eq(atomic_load(&alive), 1);
    }
    closed(user);
    check_gone("/liba.so");
    say("ok\n");
}
