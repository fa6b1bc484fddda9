//@ about: With musl DT_RUNPATH is searched for what the libraries below need, too, and $ORIGIN in it is the folder of the object that has it
//@ libc: musl
//@ sh: mkdir sub
//@ build: libb.so = b.c -Wl,-soname,libb.so
//@ build: liba.so = a.c -l:libb.so -Wl,-rpath,/nowhere -Wl,-soname,liba.so
//@ sh: mv liba.so libb.so sub; patchelf --remove-rpath sub/liba.so
//@ build: prog = main.c -Lsub -l:liba.so -Wl,-rpath,$ORIGIN/sub -Wl,-rpath-link,sub
//@ elf: prog has (RUNPATH)
//@ elf: sub/liba.so lacks (RUNPATH) (RPATH)
//@ stdout: 3

#include <stdio.h>

int a(void);

int main(void)
{
    printf("%d\n", a());
}
