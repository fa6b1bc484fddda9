//@ about: Four threads count in one thread-local variable, each from 123 and each for itself; the initial thread's stays as it was.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: none,musl
//@ build: prog = main.c
//@ stdout: thread 0 counted to 123
//@ stdout: thread 1 counted to 1123
//@ stdout: thread 2 counted to 2123
//@ stdout: thread 3 counted to 3123
//@ stdout: thread 4 counted to 4123

#include "start.h"
#include "threads.h"

static __thread volatile long counter = 123;
static long results[5];
static struct barrier all_counted = {.parties = 4};

static void count(void *arg)
{
    long number = (long)arg;
    for (long i = 0; i < 1000 * number; i++)
        counter++;
    barrier_wait(&all_counted);
    results[number] = counter;
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    struct thread threads[4];
    for (long i = 0; i < 4; i++)
        thread_start(&threads[i], count, (void *)(i + 1));
    for (int i = 0; i < 4; i++)
        thread_join(&threads[i]);
    results[0] = counter;
    for (long i = 0; i < 5; i++)
        print("thread %d counted to %d\n", i, results[i]);
    return 0;
}
