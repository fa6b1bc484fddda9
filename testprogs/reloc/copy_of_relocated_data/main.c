// So that the library is relocated first.
//@ about: COPY takes what relocation has already filled in: pointers in the datum are right in the copy
//@ axes: ld=bfd,lld,mold pie=nopie,pie
//@ libc: none,musl
//@ build: libb.so = target.c
//@ build: liba.so = lib.c -l:libb.so
//@ build: prog = main.c -l:liba.so -l:libb.so
//@ elf: prog has R_X86_64_COPY
//@ elf: liba.so has R_X86_64_64 R_X86_64_RELATIVE

#include "start.h"

extern const struct pointers {
    int *own, *other;
    int (*function)(void);
} pointers;

int main(int argc, char **argv, char **envp)
{
    check_eq(*pointers.own, 1);
    check_eq(*pointers.other, 2);
    check_eq(pointers.function(), 3);
    exit_group(0);
}
