//@ about: A library with thread-local data is opened when the first thread has ended, so that /proc/self has no descriptors.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static pthread_t first;

static void *other(void *unused)
{
    check_eq(pthread_join(first, NULL), 0);
    // The kernel ends it after its joiner may go on.
    while (access("/proc/self/fd/1", F_OK) == 0) {
        usleep(1000);
    }
    opened("liba.so", RTLD_NOW);
    say("ok\n");
    exit(0);
}

int main(void)
{
    alarm(5);
    first = pthread_self();
    pthread_t thread;
    check_eq(pthread_create(&thread, NULL, other, NULL), 0);
    pthread_exit(NULL);
}
