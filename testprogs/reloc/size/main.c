//@ about: R_X86_64_SIZE64 and SIZE32 hold the size of the symbol, which is the one found, plus the addend
//@ rule: R_X86_64_SIZE32 R_X86_64_SIZE64: The size of the definition that was found, and the addend.
//@ libc: none,musl
//@ build: libb.so = array.c
//@ build: liba.so = sizes.S -l:libb.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libb.so
//@ elf: liba.so has R_X86_64_SIZE64 R_X86_64_SIZE32
//@ musl oracle: differs: musl has no relocations of these types

#include "start.h"

extern unsigned long sizes[2];

int main(int argc, char **argv, char **envp)
{
    check_eq(sizes[0], 1000 + 3);
    check_eq(sizes[1], 1000);
    exit_group(0);
}
