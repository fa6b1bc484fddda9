//@ about: LD_BIND_NOW makes a lazy dlopen refuse a missing function.
//@ libc: glibc
//@ build: liba.so = ../lazy_missing_function/lib.c
//@ build: prog = main.c
//@ env: LD_BIND_NOW=1
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: {dir}/liba.so: undefined symbol: nowhere
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("liba.so", RTLD_LAZY));
    say("%s\n", dlerror());
    check_gone("/liba.so");
    say("ok\n");
}
