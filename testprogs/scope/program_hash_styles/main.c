//@ about: a library finds a symbol of a program that has only a SysV hash table
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so -Wl,-E -Wl,--hash-style=sysv
//@ elf: prog has (HASH)
//@ elf: prog lacks (GNU_HASH)

#include "start.h"

int back(void) { return 5; }
int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 5);
    exit_group(0);
}
