//@ about: A glibc program linked -static-pie, which sets up its own TLS and IFUNCs, runs with its threads when given to the loader.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold
//@ skip: ld=gold : gold knows no --no-dynamic-linker, so -static-pie does not link
//@ libc: glibc
//@ build: prog = main.c -static-pie -pthread
//@ elf: prog lacks INTERP NEEDED
//@ run: one two
//@ start: direct
//@ stdout: ./prog one two
//@ stdout: thread 1 counted to 1123
//@ stdout: thread 2 counted to 2123
//@ stdout: initial 123

#include <pthread.h>
#include <stdio.h>

static __thread volatile long counter = 123;

static void *count(void *arg)
{
    for (long i = 0; i < 1000 * (long)arg; i++)
        counter++;
    printf("thread %ld counted to %ld\n", (long)arg, counter);
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = 0; i < argc; i++)
        printf("%s%c", argv[i], i == argc - 1 ? '\n' : ' ');
    for (long i = 1; i < 3; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, count, (void *)i) || pthread_join(thread, NULL))
            return 1;
    }
    printf("initial %ld\n", counter);
    return 0;
}
