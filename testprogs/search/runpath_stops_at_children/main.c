//@ about: a DT_RUNPATH of the program does not serve the libraries of its libraries
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: liba.so = through.c -DNAME=a -DNEXT=b -l:libb.so
//@ build: prog = main.c -l:liba.so -Wl,--enable-new-dtags -Wl,-rpath,$ORIGIN/sub
//@ sh: patchelf --remove-rpath liba.so; mkdir sub; mv libb.so sub
//@ elf: prog has (RUNPATH)
//@ elf: liba.so lacks RPATH RUNPATH
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libb.so: cannot open shared object file: No such file or directory

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(a());
}
