//@ about: A dependency that was opened too stays after its last dlclose; one dlclose more is an error that names it.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: {dir}/libb.so: shared object not open
//@ stdout: a ends
//@ stdout: b ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_LAZY), *b = opened("libb.so", RTLD_LAZY);
    closed(b);
    check_here("/libb.so");
    check(dlclose(b) != 0);
    say("%s\n", dlerror());
    check_here("/libb.so");
    closed(a);
    check_gone("/liba.so");
    check_gone("/libb.so");
    say("ok\n");
}
