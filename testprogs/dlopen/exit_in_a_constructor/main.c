//@ about: exit() in a constructor of an opened library runs exit handlers and the destructors of what is there.
//@ libc: glibc,musl
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = lib.c -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ stdout: b begins
//@ stdout: handler
//@ stdout: b ends
//@ exit: 5

#include "../parts/dl.h"

static void handler(void)
{
    say("handler\n");
}

int main(void)
{
    alarm(5);
    atexit(handler);
    opened("liba.so", RTLD_NOW);
    say("not reached\n");
}
