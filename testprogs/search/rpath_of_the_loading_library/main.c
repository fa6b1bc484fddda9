//@ about: a DT_RPATH reaches from the library that has it to what its own library needs
//@ libc: none,musl
//@ build: libx.so = lib.c -DNAME=x -DVALUE=3
//@ build: libb.so = through.c -DNAME=b -DNEXT=x -l:libx.so
//@ build: liba.so = through.c -DNAME=a -DNEXT=b -l:libb.so -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/sub
//@ build: prog = main.c -l:liba.so
//@ sh: patchelf --remove-rpath libb.so; mkdir sub; mv libb.so libx.so sub
//@ elf: liba.so has (RPATH)
//@ elf: prog has (RUNPATH)

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 3);
    exit_group(0);
}
