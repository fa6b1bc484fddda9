//@ about: LD_DYNAMIC_WEAK holds for dlopen and dlsym: the program's weak definition is passed over for one of the opened library's scope, by RTLD_NEXT and by a handle too
//@ libc: glibc
//@ build: libw.so = lib.c -DKIND=__attribute__((weak)) -DVALUE=1
//@ build: libs.so = lib.c -DKIND= -DVALUE=2
//@ build: libx.so = opened.c -Wl,--no-as-needed -l:libw.so -l:libs.so
//@ build: prog = main.c -Wl,-E
//@ env: LD_DYNAMIC_WEAK=1

#include "../parts/dl.h"

__attribute__((weak)) int where(void) { return 7; }

static int ask(void *handle, const char *name)
{
    int (*function)(void) = dlsym(handle, name);
    check(function);
    return function();
}

int main(void)
{
    check_eq(where(), 7);
    check_eq(ask(RTLD_DEFAULT, "where"), 7);
    void *library = dlopen("./libx.so", RTLD_LAZY);
    check(library);
    // From its own scope behind the program's.
    check_eq(ask(library, "opened_sees"), 2);
    check_eq(ask(library, "opened_finds_next"), 2);
    check_eq(ask(library, "where"), 2);
    check_eq(ask(library, "only_weak"), 1);
    check_eq(ask(RTLD_DEFAULT, "where"), 7);
    // In the program's own scope now, for it and for what is looked up from now on.
    check(dlopen("./libx.so", RTLD_LAZY | RTLD_GLOBAL));
    check_eq(ask(RTLD_DEFAULT, "where"), 2);
    check_eq(where(), 7);
    return 0;
}
