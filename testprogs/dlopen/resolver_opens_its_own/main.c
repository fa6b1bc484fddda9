//@ about: An IFUNC resolver that dlopen runs opens its own library, and one that needs it: the handles are good, and its constructors run once, when it is whole.
//@ libc: glibc
//@ build: libres.so = ../resolver_opens/lib.c -DRESOLVERS
//@ build: libuser.so = ../resolver_opens/lib.c -Wl,-z,now -Wl,-soname,libuser.so -Wl,--no-as-needed -l:libres.so
//@ build: libabove.so = ../resolver_opens/lib.c -DABOVE -Wl,--no-as-needed -l:libuser.so
//@ build: prog = main.c -rdynamic
//@ stdout: user begins
//@ stdout: user ends
//@ stdout: ok
//@ oracle: differs: glibc runs constructors of what is not relocated yet, or crashes

#include "../parts/dl.h"

static void *self, *above;
void act(int what)
{
    if (what == 2) {
        self = opened("libuser.so", RTLD_NOW);
        check_eq(((int (*)(void))found(self, "base"))(), 1);
    }
    if (what == 3)
        above = opened("libabove.so", RTLD_LAZY);
}

int main(void)
{
    alarm(5);
    void *user = opened("libuser.so", RTLD_NOW);
    check_eq(self, user);
    check_eq(((int (*)(void))found(user, "user"))(), 15);
    check_eq(((int (*)(void))found(above, "above"))(), 115);
    closed(self);
    closed(user);
    check_here("/libuser.so");
    closed(above);
    check_gone("/libuser.so");
    check_gone("/libabove.so");
    say("ok\n");
}
