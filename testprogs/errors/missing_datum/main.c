//@ about: a datum nobody defines: the program is not started
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = full.c
//@ build: prog = main.c -fPIC -l:liba.so
//@ build: liba.so = empty.c
//@ elf: prog has R_X86_64_GLOB_DAT
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: datum
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

extern int datum;

int main(int argc, char **argv, char **envp) { exit_group(datum); }
