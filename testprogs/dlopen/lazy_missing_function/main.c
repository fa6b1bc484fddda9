//@ about: RTLD_LAZY opens an object with a missing function and its other functions work; RTLD_NOW refuses it by name.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: {dir}/liba.so: undefined symbol: nowhere
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("liba.so", RTLD_NOW));
    say("%s\n", dlerror());
    check_gone("/liba.so");
    void *a = opened("liba.so", RTLD_LAZY);
    check_eq(((int (*)(int))found(a, "works"))(0), 3);
    closed(a);
    check_gone("/liba.so");
    say("ok\n");
}
