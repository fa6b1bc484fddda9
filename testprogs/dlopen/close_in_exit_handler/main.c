//@ about: dlclose and dlopen in an exit handler and in a destructor at exit work; an object's own atexit handlers run at its dlclose.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: libh.so = handler.c
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: handler of the object
//@ stdout: handler closes
//@ stdout: a ends
//@ stdout: handler opens
//@ stdout: b begins
//@ stdout: destructor of the program
//@ stdout: b ends

#include "../parts/dl.h"

static void *a;

static void handler(void)
{
    say("handler closes\n");
    closed(a);
    check_gone("/liba.so");
    say("handler opens\n");
    opened("libb.so", RTLD_NOW);
}
__attribute__((destructor)) static void destructor(void)
{
    say("destructor of the program\n");
    check_eq(((int (*)(void))found(dlopen("libb.so", RTLD_LAZY | RTLD_NOLOAD), "b"))(), 1);
}

int main(void)
{
    atexit(handler);
    a = opened("liba.so", RTLD_NOW);
    void *h = opened("libh.so", RTLD_NOW);
    ((void (*)(void))found(h, "install"))();
    closed(h);
    check_gone("/libh.so");
}
