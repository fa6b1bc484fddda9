//@ about: An IFUNC resolver finds the addresses in its object's dynamic section already, at the start and in dlopen
//@ axes: ld=bfd,lld,mold
//@ libc: glibc
//@ build: libopened.so = lib.c
//@ build: libneeded.so = lib.c
//@ build: prog = main.c -l:libneeded.so
//@ stdout: 1
//@ stdout: 1

#include "../parts/dynamic.h"

int symbols_found(void);

int main(void)
{
    say("%d\n", symbols_found());
    say("%d\n", ((int (*)(void))found(opened("./libopened.so", RTLD_NOW), "symbols_found"))());
}
