//@ about: Constructors of an opened object get argc, argv and envp as those of the start do, DT_INIT before DT_INIT_ARRAY; DT_FINI_ARRAY before DT_FINI.
//@ libc: glibc
//@ build: liba.so = lib.c -Wl,-init,old_init -Wl,-fini,old_fini
//@ build: prog = main.c
//@ elf: liba.so has (INIT) (INIT_ARRAY) (FINI) (FINI_ARRAY)
//@ run: one two
//@ env: MARK=here
//@ stdout: init 3 two
//@ stdout: constructor 3 two here
//@ stdout: destructor
//@ stdout: fini

#include "../parts/dl.h"

int main(void)
{
    closed(opened("liba.so", RTLD_NOW));
}
