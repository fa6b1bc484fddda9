//@ about: R_X86_64_64 adds its addend, positive and negative, to a symbol of another object
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ libc: none,musl
//@ build: libb.so = array.c
//@ build: liba.so = pointers.c -l:libb.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so
//@ elf: liba.so has R_X86_64_64

#include "start.h"

extern int array[10], *forward, *backward, *plain;

int main(int argc, char **argv, char **envp)
{
    check_eq(forward, array + 7);
    check_eq(backward, array - 3);
    check_eq(plain, array);
    check_eq(*forward, 70);
    exit_group(0);
}
