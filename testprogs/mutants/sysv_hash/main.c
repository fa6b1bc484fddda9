//@ about: A seed of malformed files: DT_HASH alone, DT_RPATH, everything bound at once, local-dynamic TLS
//@ axes: ld=bfd,lld pie=pie,nopie opt=-O2
//@ build: libbase.so = ../parts/base.c -ftls-model=local-dynamic -Wl,--hash-style=sysv -z now -Wl,-init,base_init -Wl,-fini,base_fini
//@ build: libmiddle.so = ../parts/middle.c -ftls-model=global-dynamic -Wl,--hash-style=sysv -z now -Wl,--disable-new-dtags -l:libbase.so
//@ build: prog = main.c -Wl,--hash-style=sysv -z now -Wl,--disable-new-dtags -l:libmiddle.so -l:libbase.so
//@ elf: libbase.so has (HASH) (INIT)
//@ elf: libbase.so lacks GNU_HASH VERSYM
//@ elf: prog has (RPATH) (HASH)
//@ elf: prog lacks GNU_HASH RUNPATH
//@ stdout: DT_INIT of base
//@ stdout: constructor of base
//@ stdout: constructor of middle
//@ stdout: entry
//@ stdout: 80 4 44 41 11 second
//@ stdout: destructor of middle
//@ stdout: destructor of base
//@ stdout: DT_FINI of base

#include "../parts/program.h"
