//@ about: bss of 40 MiB in program and library is zero to the last byte and writable, and the data before it is intact
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = big.c -DCHECK=a_check
//@ build: prog = main.c big.c -DCHECK=own_check -l:liba.so

#include "start.h"

int a_check(void);
int own_check(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a_check(), 0);
    check_eq(own_check(), 0);
    exit_group(0);
}
