//@ about: Threads that a destructor of dlclose starts and joins make thread_local objects of the library that is being closed, and destroy them: in its code, before it goes.
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: prog = main.cc -pthread
//@ stdout: closing
//@ stdout: thread's object of 1
//@ stdout: thread's object of 2
//@ stdout: closed
//@ stdout: ok
//@ oracle: differs: glibc deadlocks: who makes a thread_local object needs the lock that dlclose has

#include "../parts/dl.h"

int main()
{
    alarm(10);
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
