//@ about: Detached threads that touch an opened library's TLS and end by themselves while libraries come and go.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=5000
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int (*first)(long);
static atomic_int running;
static void *touches(void *mark)
{
    check_eq(first((long)mark), 0);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

int main(void)
{
    pthread_attr_t detached;
    check_eq(pthread_attr_init(&detached), 0);
    check_eq(pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED), 0);
    first = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    for (long i = 0; i < 3000; i++) {
        pthread_t thread;
        while (atomic_load(&running) > 20)
            usleep(100);
        atomic_fetch_add(&running, 1);
        check_eq(pthread_create(&thread, &detached, touches, (void *)i), 0);
        if (i % 10 == 0) {
            void *b = opened("libb.so", RTLD_NOW);
            check_eq(((int (*)(long))found(b, "b_check"))(i), 0);
            closed(b);
        }
    }
    while (atomic_load(&running))
        usleep(100);
    say("ok\n");
}
