//@ about: COPY of a datum with two names: both mean the copy
//@ axes: ld=bfd,lld,mold pie=nopie
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ elf: prog has R_X86_64_COPY

#include "start.h"

extern int alias;
int read_strong(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(alias, 5);
    alias = 6;
    check_eq(read_strong(), 6);
    exit_group(0);
}
