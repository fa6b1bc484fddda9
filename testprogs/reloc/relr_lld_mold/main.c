//@ about: RELR as lld and mold pack it, beside RELA for what is symbolic
//@ axes: ld=lld,mold
//@ libc: none,musl
//@ build: liba.so = tables.c datum.c -DCHECK=a_check -Wl,--pack-dyn-relocs=relr
//@ build: prog = main.c tables.c -DCHECK=own_check -l:liba.so -Wl,--pack-dyn-relocs=relr -fPIC
//@ elf: liba.so has (RELR) (RELRSZ)
//@ elf: prog has (RELR) (RELRSZ) (RELA)
//@ musl oracle: no: musl knows DT_RELR from 1.2.4 on and dies before

#include "start.h"

int a_check(void);
int own_check(void);
extern int datum;

int main(int argc, char **argv, char **envp)
{
    check_eq(a_check(), 0);
    check_eq(own_check(), 0);
    check_eq(datum, 9);
    exit_group(0);
}
