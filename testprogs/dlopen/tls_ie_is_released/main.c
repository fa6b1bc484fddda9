//@ about: An initial-exec object of 4 MiB is opened and closed 300 times with threads running: address space and memory do not grow.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x400000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/dl.h"

static pthread_barrier_t end;
static void *waits(void *unused)
{
    pthread_barrier_wait(&end);
    return unused;
}
static void pages(long *total, long *resident)
{
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld %ld", total, resident), 2);
    fclose(file);
}

int main(void)
{
    pthread_t threads[3];
    pthread_barrier_init(&end, NULL, 4);
    for (int i = 0; i < 3; i++)
        threads[i] = started(waits, NULL);
    long total, resident, total_before = 0, resident_before = 0;
    for (int i = 0; i < 300; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        long *data = ((long *(*)(void))found(a, "a_address"))();
        check_eq(*data, 123);
        *data = i;
        closed(a);
        if (i == 10)
            pages(&total_before, &resident_before);
    }
    pages(&total, &resident);
    check(total <= total_before + 64);
    check(resident <= resident_before + 64);
    pthread_barrier_wait(&end);
    for (int i = 0; i < 3; i++)
        joined(threads[i]);
    say("ok\n");
}
