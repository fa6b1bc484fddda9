//@ about: setlocale to C.UTF-8 and multibyte functions work, in an opened library too.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"
#include <locale.h>

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    int (*width)(void) = (int (*)(void))found(a, "width");
    check_eq(width(), -1);
    check(setlocale(LC_ALL, "C.UTF-8"));
    check_eq(width(), 2);
    say("ok\n");
}
