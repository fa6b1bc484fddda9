//@ about: An object that another is bound to stays until that other goes too, though its own handle is closed; constructors and destructors in dependency order.
//@ libc: glibc
//@ build: libg.so = ../parts/speaks.c -DWHO=g
//@ build: libuser.so = user.c ../parts/speaks.c -DWHO=user
//@ build: prog = main.c
//@ stdout: g begins
//@ stdout: user begins
//@ stdout: g is closed
//@ stdout: user ends
//@ stdout: g ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *g = opened("libg.so", RTLD_NOW | RTLD_GLOBAL), *user = opened("libuser.so", RTLD_NOW);
    int (*uses)(void) = (int (*)(void))found(user, "uses");
    check_eq(uses(), 1);
    closed(g);
    say("g is closed\n");
    check_here("/libg.so");
    check_eq(uses(), 2);
    closed(user);
    check_gone("/libuser.so");
    check_gone("/libg.so");
    say("ok\n");
}
