//@ about: RTLD_NEXT and RTLD_DEFAULT look from the caller's place: in an opened object its own scope comes after the global one.
//@ libc: glibc
//@ build: libb.so = lib.c -DWHO="b"
//@ build: liba.so = lib.c -DWHO="a" -DASKS -Wl,--no-as-needed -l:libb.so
//@ build: libstart.so = lib.c -DWHO="start"
//@ build: prog = main.c -rdynamic -Wl,--no-as-needed -l:libstart.so
//@ stdout: ok

#include "../parts/dl.h"

typedef const char *ask(void);
const char *name(void)
{
    return "program";
}

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    check_text(((ask *)found(RTLD_DEFAULT, "name"))(), "program");
    check_text(((ask *)found(RTLD_NEXT, "name"))(), "start");
    check_text(((ask *)found(a, "next"))(), "b");
    check_text(((ask *)found(a, "default_of_all"))(), "program");
    check_text(((ask *)found(a, "default_of_own"))(), "local");
    check(absent(RTLD_DEFAULT, "local"));
    check(absent(RTLD_NEXT, "local"));
    say("ok\n");
}
