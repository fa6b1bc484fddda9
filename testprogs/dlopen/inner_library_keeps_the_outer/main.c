//@ about: A library that another's constructor opened and that is bound to that other keeps it: closing the outer one unloads neither. Its destructor, which closes the inner one, runs at exit.
//@ libc: glibc,musl
//@ build: libinner.so = lib.c -DINNER
//@ build: libouter.so = lib.c
//@ build: prog = main.c
//@ stdout: closed
//@ stdout: inner ends: 9
//@ stdout: outer ends: 9
//@ stdout: outer has closed

#include "../parts/dl.h"

int main(void)
{
    alarm(5);
    void *outer = opened("libouter.so", RTLD_NOW);
    closed(outer);
    closed(outer);
    check_here("/libouter.so");
    check_here("/libinner.so");
    say("closed\n");
}
