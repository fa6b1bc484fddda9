//@ about: A thread-exit destructor may open and close libraries and touch their TLS for the first time.
//@ libc: glibc
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: liba.so = lib.c
//@ build: prog = main.c -pthread
//@ stdout: destructor has opened
//@ stdout: ok

#include "../parts/dl.h"

static void *thread(void *registers)
{
    ((void (*)(void))registers)();
    return NULL;
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    pthread_t t = started(thread, found(a, "registers"));
    joined(t);
    closed(a);
    check(!listed("/libb.so"));
    say("ok\n");
}
