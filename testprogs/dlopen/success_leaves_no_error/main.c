//@ about: A call of the dlopen family that succeeds leaves no error of an earlier one; dladdr says nothing either way.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: libasks.so = asks.c
//@ build: prog = main.c
//@ stdout: in a constructor: none
//@ stdout: in a destructor: none
//@ stdout: in a constructor: none
//@ stdout: ok
//@ stdout: in a destructor: none

#include "../parts/dl.h"

static void fail(void)
{
    check(!dlopen("libnone.so", RTLD_NOW));
}

int main(void)
{
    char place[4096];
    Dl_info info;
    fail();
    void *a = dlopen("liba.so", RTLD_NOW);
    check_eq(dlerror(), NULL);
    fail();
    check_eq(dlopen("./liba.so", RTLD_NOW | RTLD_NOLOAD), a);
    check_eq(dlerror(), NULL);
    fail();
    check(dlmopen(LM_ID_BASE, "liba.so", RTLD_NOW) == a);
    check_eq(dlerror(), NULL);
    fail();
    check(dlopen(NULL, RTLD_NOW));
    check_eq(dlerror(), NULL);
    fail();
    check(dlsym(a, "a"));
    check_eq(dlerror(), NULL);
    fail();
    check(dlsym(RTLD_DEFAULT, "malloc"));
    check_eq(dlerror(), NULL);
    fail();
    check(dlvsym(RTLD_NEXT, "malloc", "GLIBC_2.2.5"));
    check_eq(dlerror(), NULL);
    fail();
    check_eq(dlinfo(a, RTLD_DI_LINKMAP, place), 0);
    check_eq(dlerror(), NULL);
    fail();
    check_eq(dlclose(a), 0);
    check_eq(dlerror(), NULL);
    // What succeeds with nothing is a success, too.
    fail();
    check(!dlopen("libasks.so", RTLD_NOW | RTLD_NOLOAD));
    check_eq(dlerror(), NULL);
    // These do not touch it.
    fail();
    check(dladdr((void *)main, &info) && !dladdr(place, &info));
    check_text(dlerror(), "libnone.so: cannot open shared object file: No such file or directory");
    // A constructor and a destructor see nothing of before; what they fail at is told after the call.
    fail();
    void *asks = dlopen("libasks.so", RTLD_NOW);
    check(ends_with(must(dlerror()), "/libasks.so: undefined symbol: missed_by_the_constructor"));
    fail();
    closed(asks);
    check(ends_with(must(dlerror()), "/libasks.so: undefined symbol: missed_by_the_destructor"));
    asks = dlopen("libasks.so", RTLD_NOW);
    check(dlsym(asks, "asks"));
    check_eq(dlerror(), NULL);
    say("ok\n");
}
