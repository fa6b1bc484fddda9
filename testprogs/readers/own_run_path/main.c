//@ about: A program finds its DT_RUNPATH by its own _DYNAMIC, as systemd does; so does a library, by dl_iterate_phdr
//@ axes: ld=bfd,lld,mold pie=pie,nopie
//@ libc: glibc
//@ build: libself.so = lib.c -Wl,-rpath,/of/the/library -Wl,-soname,libself.so.7
//@ build: prog = main.c -Wl,-rpath,/of/the/program -l:libself.so
//@ sh: ln -s libself.so libself.so.7
//@ stdout: $ORIGIN:/of/the/program
//@ stdout: $ORIGIN:/of/the/library
//@ stdout: libself.so.7

#include "own.h"

const char *path_of_the_library(void);
const char *name_of_the_library(void);

int main(void)
{
    say("%s\n", text_of(_DYNAMIC, DT_RUNPATH));
    say("%s\n", path_of_the_library());
    say("%s\n", name_of_the_library());
}
