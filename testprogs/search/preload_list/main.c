//@ about: LD_PRELOAD is separated by colons and spaces, and its objects stand before the libraries in the order given
//@ rule: LD_PRELOAD: Objects to load before all others, separated by colons or spaces.
//@ libc: none,musl
//@ build: libp.so = lib.c -DVALUE=1 -DONLY=p
//@ build: libq.so = lib.c -DVALUE=2 -DONLY=q
//@ build: libr.so = lib.c -DVALUE=3 -DONLY=r
//@ build: liba.so = lib.c -DVALUE=4 -DONLY=a
//@ build: prog = main.c -l:liba.so
//@ env: LD_PRELOAD=libp.so: libq.so {dir}/libr.so
//@ musl oracle: differs: musl looks for a preloaded object in no RUNPATH of the program

#include "start.h"

int which(void);
int a(void);
__attribute__((weak)) int p(void);
__attribute__((weak)) int q(void);
__attribute__((weak)) int r(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(which(), 1);
    check(p && q && r);
    check_eq(p() * 100 + q() * 10 + r(), 123);
    check_eq(a(), 4);
    exit_group(0);
}
