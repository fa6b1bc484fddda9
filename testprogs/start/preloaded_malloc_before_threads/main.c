//@ about: A preloaded malloc is called by the first thread before there is a second: it may make itself ready without a lock.
//@ axes: cc=gcc opt=-O0 pie=pie,nopie
//@ libc: glibc
//@ build: libwrap.so = wrap.c -D_GNU_SOURCE
//@ build: prog = main.c libwrap.so -pthread
//@ env: LD_PRELOAD={dir}/libwrap.so
//@ stdout: ok

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

int first_caller(void);

static void *allocates(void *unused)
{
    (void)unused;
    free(malloc(1));
    return NULL;
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, allocates, NULL);
    pthread_join(thread, NULL);
    if (first_caller() == getpid())
        write(1, "ok\n", 3);
}
