//@ about: Opening a local object again with RTLD_GLOBAL puts it and what it needs into the global scope, for good; NOLOAD suffices.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,--no-as-needed -l:libb.so
//@ build: libuser.so = user.c
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *self = opened(NULL, RTLD_LAZY), *a = opened("liba.so", RTLD_LAZY);
    check(absent(self, "a"));
    check(!dlopen("libuser.so", RTLD_NOW));
    check_gone("/libuser.so");
    check_eq(opened("liba.so", RTLD_LAZY | RTLD_GLOBAL | RTLD_NOLOAD), a);
    check_eq(found(self, "a"), found(a, "a"));
    check_eq(found(self, "b"), found(a, "b"));
    void *user = opened("libuser.so", RTLD_NOW);
    check_eq(((int (*)(void))found(user, "user"))(), 2);
    closed(user);
    closed(a);
    check_eq(found(self, "a"), found(a, "a"));
    closed(a);
    check(absent(self, "a"));
    check(absent(self, "b"));
    check_gone("/liba.so");
    say("ok\n");
}
