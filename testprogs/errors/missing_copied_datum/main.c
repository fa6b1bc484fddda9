//@ about: a datum to be copied that nobody defines
//@ axes: pie=nopie
//@ build: liba.so = full.c
//@ build: prog = main.c -l:liba.so
//@ build: liba.so = empty.c
//@ elf: prog has R_X86_64_COPY
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: datum

#include "start.h"

extern int datum;

int main(int argc, char **argv, char **envp) { exit_group(datum); }
