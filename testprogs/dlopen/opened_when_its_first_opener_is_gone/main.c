//@ about: A library that came with one that is gone, and is kept by another, is opened as any other: whoever opens it returns when its constructors, which another thread runs, are done.
//@ libc: glibc
//@ build: libdeep.so = lib.c -DWHO="deep" -DMINE=deep -Wl,-soname,libdeep.so
//@ build: libn.so = lib.c -DWHO="n" -DMINE=n -DNEEDED=deep -Wl,-soname,libn.so -Wl,--no-as-needed -l:libdeep.so
//@ build: libr.so = lib.c -DWHO="r" -DMINE=r -DNEEDED=n -Wl,--no-as-needed -l:libn.so
//@ build: libs.so = lib.c -DWHO="s" -DMINE=s -DNEEDED=n -Wl,--no-as-needed -l:libn.so
//@ build: prog = main.c -rdynamic -pthread
//@ stdout: deep
//@ stdout: left
//@ stdout: n
//@ stdout: s
//@ stdout: ok
//@ oracle: no: glibc's lock stays taken where a constructor was left

#include "../parts/dl.h"
#include <setjmp.h>

static jmp_buf away;
static atomic_int in_n, opening, complete;

void constructs(const char *who)
{
    say("%s\n", who);
    if (strcmp(who, "deep") == 0)
        longjmp(away, 1);
    if (strcmp(who, "n") == 0) {
        atomic_store(&in_n, 1);
        while (!atomic_load(&opening))
            usleep(100);
        usleep(20000);
        atomic_store(&complete, 1);
    }
}
static void *opens(void *name)
{
    return opened((const char *)name, RTLD_NOW);
}

int main(void)
{
    alarm(10);
    if (setjmp(away) == 0)
        opened("libr.so", RTLD_NOW);
    say("left\n");
    void *r = must(dlopen("libr.so", RTLD_NOW | RTLD_NOLOAD));
    pthread_t thread = started(opens, "libs.so");
    while (!atomic_load(&in_n))
        usleep(100);
    closed(r);
    closed(r);
    check_gone("/libr.so");
    atomic_store(&opening, 1);
    void *n = opened("libn.so", RTLD_NOW);
    check_eq(atomic_load(&complete), 1);
    check_eq(((int (*)(void))found(n, "n"))(), 2);
    closed(n);
    closed(joined(thread));
    check_gone("/libn.so");
    say("ok\n");
}
