//@ about: A seed of malformed files: DT_RELR, TLSDESC, both hash tables
//@ axes: ld=bfd pie=pie,nopie opt=-O2
//@ build: libbase.so = ../parts/base.c -mtls-dialect=gnu2 -z pack-relative-relocs -Wl,--hash-style=both -Wl,-soname,libbase.so
//@ build: libmiddle.so = ../parts/middle.c -mtls-dialect=gnu2 -z pack-relative-relocs -Wl,--hash-style=both -l:libbase.so -Wl,-soname,libmiddle.so
//@ build: prog = main.c -z pack-relative-relocs -Wl,--hash-style=both -l:libmiddle.so -l:libbase.so
//@ elf: libbase.so has RELR TLSDESC (HASH) GNU_HASH
//@ elf: libmiddle.so has TLSDESC
//@ stdout: constructor of base
//@ stdout: constructor of middle
//@ stdout: entry
//@ stdout: 80 4 44 41 11 second
//@ stdout: destructor of middle
//@ stdout: destructor of base

#include "../parts/program.h"
