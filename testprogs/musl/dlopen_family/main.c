//@ about: dlopen with the mode 0, counted handles, kept objects, constructors once and destructors at exit, errors that go with a success, all as musl does it
//@ libc: musl
//@ build: libb.so = b.c
//@ build: liba.so = a.c -l:libb.so
//@ build: prog = main.c -rdynamic
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: closed
//@ stdout: handler
//@ stdout: a ends
//@ stdout: b ends

#include "../../dlopen/parts/dl.h"

int own(void) { return 77; }
static void handler(void) { say("handler\n"); }

int main(void)
{
    struct seen before = look("/liba.so");
    check_eq(before.count, 0);
    void *a = opened("liba.so", 0);
    check_eq(a, opened("./liba.so", RTLD_LAZY | RTLD_GLOBAL));
    struct seen after = look("/liba.so");
    check_eq(after.count, 1);
    check_eq(after.total, before.total + 2);
    check_eq(after.adds, before.adds + 2);
    check_eq(after.subs, before.subs);
    check_eq(((int (*)(void))found(a, "next"))(), 2);
    check_eq(((int (*)(void))found(a, "own"))(), 1);
    check_eq(((int (*)(void))found(RTLD_DEFAULT, "own"))(), 77);
    check_eq(((int (*)(void))found(dlopen(NULL, RTLD_NOW), "own"))(), 77);
    check(absent(a, "no_such"));
    check(!dlerror());
    check(!dlopen("libnone.so", RTLD_NOW));
    check(!dlopen("libb.so.none", RTLD_NOW | RTLD_NOLOAD));
    check(dlerror());
    check(!dlerror());

    Dl_info info;
    void *next = found(a, "next");
    check(dladdr((char *)next + 1, &info));
    check_text(info.dli_sname, "next");
    check_eq(info.dli_saddr, next);
    check(ends_with(info.dli_fname, "/liba.so"));
    struct link_map *map;
    check_eq(dlinfo(a, RTLD_DI_LINKMAP, &map), 0);
    check(ends_with(map->l_name, "/liba.so"));
    check_eq(map->l_addr, (uintptr_t)info.dli_fbase);

    for (int i = 0; i < 5; i++)
        dlclose(a);
    int *counter = (int *)found(opened("liba.so", RTLD_NOW | RTLD_NOLOAD), "counter");
    check_eq(++*counter, 8);
    check_eq(look("/liba.so").subs, before.subs);
    say("closed\n");
    atexit(handler);
    return 0;
}
