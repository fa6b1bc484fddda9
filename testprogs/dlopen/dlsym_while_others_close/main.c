//@ about: dlsym, dladdr and dlerror in four threads stay right while two others open and close libraries.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: libkept.so = ../parts/speaks.c -DWHO=kept -DSILENT
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static atomic_int stop;
static void *kept;
static void *opens(void *name)
{
    for (int i = 0; i < 3000; i++)
        closed(opened((const char *)name, RTLD_NOW | (i & 1 ? RTLD_GLOBAL : 0)));
    return NULL;
}
static void *looks(void *function)
{
    Dl_info info;
    while (!atomic_load(&stop)) {
        check_eq(found(kept, "kept"), function);
        check(dladdr(function, &info));
        check_text(info.dli_sname, "kept");
        found(RTLD_DEFAULT, "malloc");
        check(!dlsym(kept, "absent"));
        check(strstr(dlerror(), "undefined symbol: absent"));
    }
    return NULL;
}

int main(void)
{
    pthread_t openers[2], lookers[4];
    kept = opened("libkept.so", RTLD_NOW);
    for (int i = 0; i < 4; i++)
        lookers[i] = started(looks, found(kept, "kept"));
    openers[0] = started(opens, "liba.so");
    openers[1] = started(opens, "libb.so");
    joined(openers[0]);
    joined(openers[1]);
    atomic_store(&stop, 1);
    for (int i = 0; i < 4; i++)
        joined(lookers[i]);
    say("ok\n");
}
