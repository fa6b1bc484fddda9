//@ about: Thirty threads with 16 KiB stacks live at once, each with its block of an 8 KiB initial-exec object, old ones and new ones.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=8000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TPOFF64
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/dl.h"

enum { THREADS = 30 };
static int (*first)(long), (*again)(long);
static pthread_barrier_t is_open, all_touched;
static void *touches(void *mark)
{
    if ((long)mark < THREADS / 2)
        pthread_barrier_wait(&is_open);
    check_eq(first((long)mark), 0);
    pthread_barrier_wait(&all_touched);
    check_eq(again((long)mark), 0);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    pthread_attr_t small;
    check_eq(pthread_attr_init(&small), 0);
    check_eq(pthread_attr_setstacksize(&small, 16384), 0);
    pthread_barrier_init(&is_open, NULL, THREADS / 2 + 1);
    pthread_barrier_init(&all_touched, NULL, THREADS);
    for (long i = 0; i < THREADS / 2; i++)
        check_eq(pthread_create(&threads[i], &small, touches, (void *)i), 0);
    void *a = opened("liba.so", RTLD_NOW);
    first = (int (*)(long))found(a, "a_check");
    again = (int (*)(long))found(a, "a_again");
    pthread_barrier_wait(&is_open);
    for (long i = THREADS / 2; i < THREADS; i++)
        check_eq(pthread_create(&threads[i], &small, touches, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        joined(threads[i]);
    closed(a);
    say("ok\n");
}
