// gold and mold put local symbols into .dynsym for some relocations; no linker does so for data of this kind, so that the
// symbol is made local afterwards.
//@ about: a relocation against an STB_LOCAL symbol means the object's own, whatever else has that name
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -fPIC -l:liba.so -Wl,-E
//@ sh: sh local.sh liba.so own
//@ elf: liba.so has R_X86_64_64

#include "start.h"

int own = 1;
int sees(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(sees(), 2);
    exit_group(0);
}
