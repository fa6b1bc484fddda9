//@ about: With an opened library of 32 MiB of initialised-to-zero TLS and little address space, pthread_create fails with EAGAIN, and works again when there is room.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x2000000
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: no: glibc makes the thread and ends the process at its first touch

#include "../parts/dl.h"
#include <sys/resource.h>

static int (*first)(long);
static void *touches(void *mark)
{
    check_eq(first((long)mark), 0);
    return NULL;
}

int main(void)
{
    struct rlimit limit;
    long pages;
    first = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    getrlimit(RLIMIT_AS, &limit);
    rlim_t full = limit.rlim_cur;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &pages), 1);
    fclose(file);
    limit.rlim_cur = (rlim_t)pages * 4096 + (24 << 20);
    check_eq(setrlimit(RLIMIT_AS, &limit), 0);
    for (int i = 0; i < 3; i++) {
        pthread_t thread;
        check_eq(pthread_create(&thread, NULL, touches, NULL), EAGAIN);
    }
    limit.rlim_cur = full;
    check_eq(setrlimit(RLIMIT_AS, &limit), 0);
    for (long i = 0; i < 3; i++)
        joined(started(touches, (void *)i));
    say("ok\n");
}
