// No linker leaves these in a library of today: R_X86_64_64 is turned into them. `low` lies in the lowest 2 GiB, as the
// program has a fixed address; `own` is in reach of the word.
//@ about: R_X86_64_32 and R_X86_64_PC32 fill four bytes and leave the next ones alone
//@ rule: R_X86_64_32 R_X86_64_PC32: Four bytes; a value that does not fit is an error, of glibc a warning.
//@ axes: pie=nopie
//@ libc: none,musl
//@ build: liba.so = words.S
//@ build: prog = main.c -l:liba.so -Wl,-E
//@ sh: sh $SRC/../../parts/retype.sh liba.so low 10; sh $SRC/../../parts/retype.sh liba.so own 2
//@ elf: prog lacks R_X86_64_COPY
//@ elf: liba.so has R_X86_64_32 R_X86_64_PC32
//@ musl oracle: differs: musl has no relocations of these types

#include "start.h"

int low;
const unsigned *words(void);

int main(int argc, char **argv, char **envp)
{
    const unsigned *w = words();
    check_eq(w[0], &low + 1);
    check_eq(w[1], 0x11111111);
    check_eq((const char *)(w + 2) + (int)w[2], w + 5);
    check_eq(w[3], 0x22222222);
    check_eq(w[4], 44);
    exit_group(0);
}
