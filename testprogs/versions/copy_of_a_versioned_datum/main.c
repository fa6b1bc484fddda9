//@ about: a copied datum is looked up in its version: the default one at link time, though the library also has an older
//@ axes: pie=pie,nopie
//@ libc: none,musl
//@ build: libv.so = lib.c -Wl,--version-script=v.map
//@ build: prog = main.c -l:libv.so
//@ elf: prog has R_X86_64_COPY

#include "start.h"

extern int datum;

int main(int argc, char **argv, char **envp)
{
    check_eq(datum, 2);
    exit_group(0);
}
