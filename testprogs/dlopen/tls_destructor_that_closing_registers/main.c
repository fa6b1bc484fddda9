//@ about: A thread-exit destructor that a destructor of dlclose registers keeps its library until the thread ends; then it goes, with no destructor run twice.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: libother.so = ../parts/speaks.c -DWHO=other -DSILENT
//@ build: prog = main.c -pthread
//@ stdout: closed
//@ stdout: the thread ends
//@ stdout: thread's object of 5
//@ stdout: ok
//@ oracle: differs: glibc has decided before destructors run what goes: the thread's end calls unmapped memory

#include "../parts/dl.h"

static void *closes(void *unused)
{
    closed(opened("liba.so", RTLD_NOW));
    check_here("/liba.so");
    say("the thread ends\n");
    return unused;
}

int main(void)
{
    alarm(10);
    joined(started(closes, NULL));
    closed(opened("libother.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
