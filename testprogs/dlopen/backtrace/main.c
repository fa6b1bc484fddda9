//@ about: backtrace() through an opened library (libc opens libgcc_s for it) names its frames.
//@ libc: glibc
//@ build: liba.so = lib.c -fno-optimize-sibling-calls
//@ build: prog = main.c -rdynamic
//@ elf: prog lacks libgcc_s
//@ stdout: ok

#include "../parts/dl.h"
#include <execinfo.h>

static bool through, here;
static void callback(void)
{
    void *frames[50];
    int count = backtrace(frames, 50);
    char **names = backtrace_symbols(frames, count);
    for (int i = 0; i < count; i++) {
        through |= strstr(names[i], "liba.so(calls_back+0x") != NULL;
        here |= through && strstr(names[i], "(main+0x") != NULL;
    }
    free(names);
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check(!listed("/libgcc_s.so.1"));
    ((void (*)(void (*)(void)))found(a, "calls_back"))(callback);
    check(listed("/libgcc_s.so.1"));
    check(through && here);
    say("ok\n");
}
