//@ about: a fixed-address program's PLT entry is the address of a library's function for everyone, the library included
//@ axes: cc=gcc,clang ld=bfd,lld,mold pie=nopie
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -fno-plt -l:liba.so
//@ skip: cc=clang : clang 14 takes the address through the GOT where -fno-plt is given

#include "start.h"

int f(void);
int (*library_address(void))(void);
static int (*const table[])(void) = {f};

int main(int argc, char **argv, char **envp)
{
    check_eq(table[0](), 5);
    check_eq(table[0], library_address());
    check((unsigned long)table[0] < 1ul << 31);
    exit_group(0);
}
