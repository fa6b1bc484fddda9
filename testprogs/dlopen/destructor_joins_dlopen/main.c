//@ about: A destructor run by dlclose starts and joins a thread that calls dlopen.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = lib.c -pthread
//@ build: prog = main.c -pthread
//@ stdout: thread has opened
//@ stdout: destructor has joined
//@ stdout: ok
//@ oracle: differs: glibc deadlocks

#include "../parts/dl.h"

int main(void)
{
    alarm(3);
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
