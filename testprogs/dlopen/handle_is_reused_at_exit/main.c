//@ about: At exit a destructor closes a library whose destructors have run, which goes, and opens another, which may get its place and handle: those that are still to be destroyed are, once each.
//@ libc: glibc
//@ build: libq.so = lib.c -DWHO="q"
//@ build: libp.so = lib.c -DWHO="p"
//@ build: libb.so = lib.c -DWHO="b"
//@ build: libd.so = lib.c -DWHO="d"
//@ build: prog = main.c -rdynamic
//@ stdout: +b
//@ stdout: +p
//@ stdout: +q
//@ stdout: exit
//@ stdout: -b
//@ stdout: -p
//@ stdout: +d
//@ stdout: -q

#include "../parts/dl.h"

static void *b;
void destroyed(const char *who)
{
    say("-%s\n", who);
    if (strcmp(who, "p") != 0)
        return;
    closed(b);
    check_gone("/libb.so");
    void *d = opened("libd.so", RTLD_NOW);
    check_eq(((int (*)(void))found(d, "value"))(), 'd');
}

int main(void)
{
    alarm(10);
    b = opened("libb.so", RTLD_NOW);
    opened("libp.so", RTLD_NOW);
    opened("libq.so", RTLD_NOW);
    say("exit\n");
}
