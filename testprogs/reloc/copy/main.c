//@ about: COPY: a library's datum moves into the program, initialised, and the library uses the copy
//@ rule: R_X86_64_COPY: The data of the definition that comes behind the program in the scope.
//@ axes: cc=gcc,clang ld=bfd,lld,mold pie=nopie,pie
//@ libc: none,musl
//@ skip: cc=clang pie=pie : clang reaches extern data of a PIE through the GOT
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ elf: prog has R_X86_64_COPY

#include "start.h"

extern int datum[4];
int *where(void);
int sum(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(where(), datum);
    check_eq(datum[0] * 1000 + datum[1] * 100 + datum[2] * 10 + datum[3], 1234);
    datum[3] = 40;
    check_eq(sum(), 46);
    exit_group(0);
}
