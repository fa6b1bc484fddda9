//@ about: A seed of malformed files: versions both ways, COPY, IFUNC, general-dynamic and initial-exec TLS, DT_GNU_HASH
//@ axes: ld=bfd,lld,mold pie=pie,nopie opt=-O2
//@ build: libbase.so = ../parts/base.c -DVERSIONED -Wl,--version-script=base.map -Wl,-init,base_init -Wl,-fini,base_fini -Wl,-soname,libbase.so
//@ build: libmiddle.so = ../parts/middle.c -l:libbase.so -Wl,-soname,libmiddle.so
//@ build: prog = main.c -l:libmiddle.so -l:libbase.so
//@ elf: libbase.so has VERDEF DTPMOD64 R_X86_64_RELATIVE (INIT) INIT_ARRAY GNU_RELRO
//@ elf: libmiddle.so has VERNEED R_X86_64_TPOFF64 R_X86_64_JUMP_SLO
//@ elf: prog has R_X86_64_COPY GNU_HASH
//@ stdout: DT_INIT of base
//@ stdout: constructor of base
//@ stdout: constructor of middle
//@ stdout: entry
//@ stdout: 80 4 44 41 11 second
//@ stdout: destructor of middle
//@ stdout: destructor of base
//@ stdout: DT_FINI of base

#include "../parts/program.h"
