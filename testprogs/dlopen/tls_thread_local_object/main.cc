//@ about: A C++ thread_local object of an opened library is constructed in each thread at its first use and destroyed at the thread's end, once, with dlclose between.
//@ axes: cc=gcc,clang
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: prog = main.cc -pthread
//@ stdout: constructed 1
//@ stdout: destroyed 1
//@ stdout: constructed 2
//@ stdout: closed
//@ stdout: destroyed 2
//@ stdout: ok

#include "../parts/dl.h"

static pthread_barrier_t barrier;
static void *thread(void *use)
{
    check_eq(((int (*)(int))use)(1), 1);
    check_eq(((int (*)(int))use)(1), 2);
    return nullptr;
}
static void *waiting_thread(void *use)
{
    check_eq(((int (*)(int))use)(2), 1);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return nullptr;
}

int main()
{
    pthread_barrier_init(&barrier, nullptr, 2);
    void *a = opened("liba.so", RTLD_NOW);
    void *use = found(a, "use");
    joined(started(thread, use));
    pthread_t t = started(waiting_thread, use);
    pthread_barrier_wait(&barrier);
    closed(a);
    say("closed\n");
    pthread_barrier_wait(&barrier);
    joined(t);
    say("ok\n");
}
