//@ about: dlopen, dlsym, call, dlclose: the object is in the list and mapped between, gone after, and a second opening finds a fresh image.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check_gone("/liba.so");
    for (int mode = RTLD_LAZY; mode <= RTLD_NOW; mode++) {
        void *a = opened("liba.so", mode);
        check_here("/liba.so");
        int (*count)(void) = (int (*)(void))found(a, "a");
        check_eq(count(), 1);
        check_eq(count(), 2);
        check_eq(*(int *)found(a, "a_count"), 2);
        closed(a);
        check_gone("/liba.so");
    }
    say("ok\n");
}
