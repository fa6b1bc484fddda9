//@ about: a library with a DT_RUNPATH is not served by the DT_RPATH of its loaders
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mkdir one two; mv libb.so one
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: liba.so = through.c -DNAME=a -DNEXT=b -l:libb.so -Wl,--enable-new-dtags -Wl,-rpath,$ORIGIN/two
//@ build: prog = main.c -l:liba.so -Wl,--disable-new-dtags -Wl,-rpath,$ORIGIN/one
//@ sh: mv libb.so two
//@ elf: prog has (RPATH)
//@ elf: liba.so has (RUNPATH)

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 2);
    exit_group(0);
}
