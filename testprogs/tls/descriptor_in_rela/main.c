//@ about: TLSDESC relocations that stand in DT_RELA are applied.
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2
//@ libc: none,musl
//@ skip: ld=bfd : this linker puts them into DT_JMPREL: descriptor_in_jmprel
//@ skip: ld=gold : this linker puts them into DT_JMPREL: descriptor_in_jmprel
//@ build: liba.so = ../parts/defines.c -DWHO=a -mtls-dialect=gnu2
//@ build: prog = main.c -l:liba.so
//@ sh: readelf -Wr liba.so | awk '/^Relocation section/ { here = /.rela.dyn/ } here && /TLSDESC/ { n++ } END { exit n != 2 }'
//@ elf: liba.so has (RELA)
//@ stdout: ok

#include "per_thread.h"
#include "start.h"

way a_counter, a_blank;

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    way *const counters[] = {a_counter, NULL};
    way *const blanks[] = {a_blank, NULL};
    check_per_thread(counters, 123);
    check_per_thread(blanks, 0);
    print("ok\n");
    return 0;
}
