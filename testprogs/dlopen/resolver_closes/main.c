//@ about: An IFUNC resolver closes libraries while its own is being opened: what that one is bound to stays until it goes too, what nobody needs goes with the next dlclose at the latest.
//@ libc: glibc
//@ build: libb.so = lib.c -DOF_B
//@ build: libc1.so = lib.c -DOF_C
//@ build: liba.so = lib.c -Wl,-z,now
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"

static void *b, *c;
static int calls;
void hook(void)
{
    if (!b)
        return;
    closed(b);
    closed(c);
    b = c = NULL;
    calls++;
}

int main(void)
{
    for (int i = 0; i < 3; i++) {
        c = opened("libc1.so", RTLD_NOW);
        b = opened("libb.so", RTLD_NOW | RTLD_GLOBAL);
        void *a = opened("liba.so", RTLD_NOW);
        check_eq(calls, i + 1);
        check_eq(((int (*)(void))found(a, "user"))(), 42);
        check_here("/libb.so");
        closed(a);
        check_gone("/liba.so");
        check_gone("/libb.so");
        check_gone("/libc1.so");
    }
    say("ok\n");
}
