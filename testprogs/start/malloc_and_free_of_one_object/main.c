//@ about: Where a preloaded library has a free but no malloc, the loader gives it nothing that libc's malloc made.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc,musl
//@ build: libfree.so = free.c
//@ build: prog = main.c libfree.so -pthread
//@ env: LD_PRELOAD={dir}/libfree.so
//@ stdout: ok

#include <pthread.h>
#include <unistd.h>

int frees(void);

static void *nothing(void *unused)
{
    return unused;
}

int main(void)
{
    pthread_t thread;
    int before = frees();
    int failed = pthread_create(&thread, NULL, nothing, NULL);
    if (!failed && frees() == before)
        write(1, "ok\n", 3);
    pthread_join(thread, NULL);
}
