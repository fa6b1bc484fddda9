//@ about: A program that asks for an executable stack has one, and so have its threads and what it opens; by the kernel, and by the loader where that maps the program.
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = ../../dlopen/executable_stacks/a.c
//@ build: prog = main.c -pthread -Wl,--no-as-needed -l:liba.so -Wl,-z,execstack
//@ elf: prog has RWE
//@ stdout: x x x
//@ stdout: 3

#include "../../parts/executable_stacks.h"
