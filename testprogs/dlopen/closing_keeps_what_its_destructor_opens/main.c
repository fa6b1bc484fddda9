//@ about: What a destructor opens and keeps stays in memory though its destructors have run: a library of its own name is a new one, and it goes when the handle is given back.
//@ libc: glibc
//@ build: libneeded.so = lib.c -DNEEDED -Wl,-soname,libneeded.so
//@ build: libuser.so = lib.c -Wl,--no-as-needed -l:libneeded.so -Wl,-soname,libuser.so
//@ build: prog = main.c -rdynamic
//@ stdout: needed begins
//@ stdout: user ends
//@ stdout: needed ends
//@ stdout: needed begins
//@ stdout: needed ends
//@ stdout: needed begins
//@ stdout: user ends
//@ stdout: needed ends
//@ stdout: ok
//@ oracle: differs: glibc has decided before destructors run what goes: the handle points to unmapped memory

#include "../parts/dl.h"

void *kept;
const char *keep;

static int call(void *handle, const char *name)
{
    return ((int (*)(void))found(handle, name))();
}

int main(void)
{
    alarm(10);
    keep = "libneeded.so";
    closed(opened("libuser.so", RTLD_NOW));
    check_gone("/libuser.so");
    check_here("/libneeded.so");
    check_eq(call(kept, "value"), 3);
    void *again = opened("libneeded.so", RTLD_NOW);
    check(again != kept);
    closed(again);
    check_here("/libneeded.so");
    closed(kept);
    check_gone("/libneeded.so");
    keep = "libuser.so";
    closed(opened("libuser.so", RTLD_NOW));
    check_here("/libuser.so");
    check_eq(call(kept, "user"), 3);
    check(!dlopen("libuser.so", RTLD_NOW | RTLD_NOLOAD));
    closed(kept);
    check_gone("/libuser.so");
    check_gone("/libneeded.so");
    say("ok\n");
}
