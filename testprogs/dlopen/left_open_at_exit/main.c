//@ about: Objects still open at exit are finished then: dependents first, after the exit handlers.
//@ libc: glibc,musl
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: handler
//@ stdout: a ends
//@ stdout: b ends

#include "../parts/dl.h"

static void handler(void)
{
    say("handler\n");
}

int main(void)
{
    atexit(handler);
    opened("liba.so", RTLD_NOW);
}
