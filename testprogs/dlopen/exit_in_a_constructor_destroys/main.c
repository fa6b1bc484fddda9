//@ about: exit() in a constructor of an opened library runs that library's destructors, and those of what was constructed before, not of what was still to come.
//@ libc: glibc
//@ build: libc1.so = lib.c -DWHO="c" -DLEAVES=0
//@ build: libb.so = lib.c -DWHO="b" -DLEAVES=1 -Wl,--no-as-needed -l:libc1.so
//@ build: liba.so = lib.c -DWHO="a" -DLEAVES=0 -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ stdout: +c
//@ stdout: +b
//@ stdout: -b
//@ stdout: -c
//@ exit: 5

#include "../parts/dl.h"

int main(void)
{
    alarm(5);
    opened("liba.so", RTLD_NOW);
}
