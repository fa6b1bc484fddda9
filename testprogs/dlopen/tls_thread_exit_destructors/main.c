//@ about: A pending thread-exit destructor keeps its object mapped after dlclose, runs at the thread's end with its data, and then the object can go.
//@ libc: glibc
//@ build: liba.so = lib.c ../parts/speaks.c -DWHO=a
//@ build: libother.so = ../parts/speaks.c -DWHO=other -DSILENT
//@ build: prog = main.c -pthread
//@ stdout: a begins
//@ stdout: closed
//@ stdout: destructor of 5
//@ stdout: thread has ended
//@ stdout: a ends
//@ stdout: ok

#include "../parts/dl.h"

static pthread_barrier_t barrier;

static void *thread(void *registers)
{
    ((void (*)(int))registers)(5);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return NULL;
}

int main(void)
{
    pthread_barrier_init(&barrier, NULL, 2);
    void *a = opened("liba.so", RTLD_NOW);
    pthread_t t = started(thread, found(a, "registers"));
    pthread_barrier_wait(&barrier);
    closed(a);
    say("closed\n");
    check_here("/liba.so");
    pthread_barrier_wait(&barrier);
    joined(t);
    say("thread has ended\n");
    // A loader may wait for the next dlclose to take it away.
    closed(opened("libother.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
