//@ about: RELR as ld.bfd packs it: runs, gaps and single words, in program and library
//@ rule: DT_RELR: Applied before DT_RELA. The version GLIBC_ABI_DT_RELR, without which glibc refuses such an object that needs versions of libc.so.6, is not asked for: it warns loaders that do not know DT_RELR.
//@ libc: none,musl
//@ build: liba.so = tables.c -DCHECK=a_check -Wl,-z,pack-relative-relocs
//@ build: prog = main.c tables.c -DCHECK=own_check -l:liba.so -Wl,-z,pack-relative-relocs
//@ elf: liba.so has (RELR) (RELRSZ)
//@ elf: prog has (RELR) (RELRSZ)
//@ musl oracle: no: musl knows DT_RELR from 1.2.4 on and dies before

#include "start.h"

int a_check(void);
int own_check(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a_check(), 0);
    check_eq(own_check(), 0);
    exit_group(0);
}
