//@ about: A library of start-up that asks for an executable stack gives the process one: the first thread's, what it grows by, and those of threads.
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: liba.so = ../../dlopen/executable_stacks/a.c -Wl,-z,execstack
//@ build: prog = main.c -pthread -Wl,--no-as-needed -l:liba.so -Wl,-z,noexecstack
//@ elf: liba.so has RWE
//@ elf: prog lacks RWE
//@ stdout: x x x
//@ stdout: 3

#include "../../parts/executable_stacks.h"
