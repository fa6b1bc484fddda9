//@ about: dlvsym finds each version, dlsym the default one; a version that is not there is an error that names it.
//@ libc: glibc
//@ build: libv.so = lib.c -Wl,--version-script=v.map
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: {dir}/libv.so: undefined symbol: f, version V3
//@ stdout: {dir}/libv.so: undefined symbol: g, version V1
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *v = opened("libv.so", RTLD_NOW);
    check_eq(((int (*)(void))must(dlvsym(v, "f", "V1")))(), 1);
    check_eq(((int (*)(void))must(dlvsym(v, "f", "V2")))(), 2);
    check_eq(((int (*)(void))found(v, "f"))(), 2);
    check_eq(((int (*)(void))must(dlvsym(v, "g", "V2")))(), 3);
    check(!dlvsym(v, "f", "V3"));
    say("%s\n", dlerror());
    check(!dlvsym(v, "g", "V1"));
    say("%s\n", dlerror());
    check(dlvsym(RTLD_DEFAULT, "malloc", "GLIBC_2.2.5"));
    check(!dlvsym(RTLD_DEFAULT, "f", "V1"));
    say("ok\n");
}
