//@ about: A constructor starts and joins a thread that calls dlopen: no lock is held while constructors run.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = lib.c -pthread
//@ build: prog = main.c -pthread
//@ stdout: thread has opened
//@ stdout: constructor has joined
//@ stdout: ok
//@ oracle: differs: glibc deadlocks

#include "../parts/dl.h"

int main(void)
{
    alarm(3);
    void *a = opened("liba.so", RTLD_NOW);
    closed(a);
    say("ok\n");
}
