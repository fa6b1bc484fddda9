//@ about: a DT_RPATH of the program serves the libraries of its libraries too
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: liba.so = through.c -DNAME=a -DNEXT=b -l:libb.so
//@ build: prog = main.c -l:liba.so -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/sub
//@ sh: patchelf --remove-rpath liba.so; mkdir sub; mv libb.so sub
//@ elf: prog has (RPATH)
//@ elf: prog lacks (RUNPATH)
//@ elf: liba.so lacks RPATH RUNPATH

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 2);
    exit_group(0);
}
