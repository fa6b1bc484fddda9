//@ about: An initial-exec object of 4 MiB is opened and closed 1,500 times with threads running: address space and memory do not grow.
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
static long total_pages(void)
{
    long total;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &total), 1);
    fclose(file);
    return total;
}

int main(void)
{
    pthread_t threads[3];
    pthread_barrier_init(&end, NULL, 4);
    for (int i = 0; i < 3; i++)
        threads[i] = started(waits, NULL);
    long total, resident, total_before = 0, resident_before = 0;
    for (int i = 0; i < 1500; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        long *data = ((long *(*)(void))found(a, "a_address"))();
        check_eq(*data, 123);
        *data = i;
        closed(a);
        if (i == 50) {
            total_before = total_pages();
            resident_before = resident_pages();
        }
    }
    total = total_pages();
    resident = resident_pages();
    check(total <= total_before + 64);
    check(resident <= resident_before + 8);
    pthread_barrier_wait(&end);
    for (int i = 0; i < 3; i++)
        joined(threads[i]);
    say("ok\n");
}
