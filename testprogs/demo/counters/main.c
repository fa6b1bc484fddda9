//@ about: What `make run` shows: a program and two libraries, each with thread-local data, four threads, no libc.
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ build: libcount.so = count.c
//@ build: libname.so = name.c
//@ build: prog = main.c -l:libcount.so -l:libname.so
//@ stdout: thread 0 (initial) counted to 123, own sum 0
//@ stdout: thread 1 (a) counted to 124, own sum 1
//@ stdout: thread 2 (b) counted to 125, own sum 3
//@ stdout: thread 3 (c) counted to 126, own sum 6
//@ stdout: thread 4 (d) counted to 127, own sum 10

#include "start.h"
#include "threads.h"

long count_to(long times);       // counts in a variable of libcount.so, 123 in every new thread
const char *name_of(long thread); // remembers it in a variable of libname.so

static __thread long sum;
static struct { long counted, sum; const char *name; } results[5];

static void work(void *arg)
{
    long number = (long)arg;
    name_of(number);
    for (long i = 1; i <= number; i++)
        sum += i;
    results[number].counted = count_to(number);
    results[number].sum = sum;
    results[number].name = name_of(-1);
}

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    struct thread threads[5];
    for (long i = 1; i < 5; i++)
        thread_start(&threads[i], work, (void *)i);
    for (int i = 1; i < 5; i++)
        thread_join(&threads[i]);
    work((void *)0);
    for (long i = 0; i < 5; i++)
        print("thread %d (%s) counted to %d, own sum %d\n", i, results[i].name, results[i].counted, results[i].sum);
    return 0;
}
