//@ about: RTLD_NOLOAD loads nothing and is no error; of an object that is there it takes a reference.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("liba.so", RTLD_LAZY | RTLD_NOLOAD));
    check_eq(dlerror(), NULL);
    check_gone("/liba.so");
    void *a = opened("liba.so", RTLD_LAZY);
    check_eq(dlopen("liba.so", RTLD_LAZY | RTLD_NOLOAD), a);
    closed(a);
    check_here("/liba.so");
    closed(a);
    check_gone("/liba.so");
    check(!dlopen("liba.so", RTLD_LAZY | RTLD_NOLOAD));
    say("ok\n");
}
