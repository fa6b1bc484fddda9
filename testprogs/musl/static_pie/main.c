//@ about: A static-pie program as musl's toolchains make it (rcrt1.o, no PT_INTERP) runs when it is given to ld-rs, with its threads, arguments and thread-local data
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ libc: musl
//@ build: prog = main.c -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text,--hash-style=sysv -l:rcrt1.o -l:crti.o -l:crtn.o
//@ elf: prog lacks INTERP (NEEDED)
//@ elf: prog has (HASH)
//@ start: direct
//@ run: one
//@ stdout: 2 one 123 7
//@ oracle: no: the kernel starts such a program without it

#include <pthread.h>
#include <stdio.h>

static __thread int counter = 123;
static int start = 7, *where = &start;

static void *body(void *arg)
{
    *(int *)arg = counter;
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    int seen = 0;
    counter = 1;
    if (pthread_create(&thread, NULL, body, &seen) || pthread_join(thread, NULL))
        return 1;
    printf("%d %s %d %d\n", argc, argv[1], seen, *where);
}
