// No linker writes both tags today: the string of the soname becomes the DT_RPATH.
//@ about: in an object with both tags DT_RPATH is ignored
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mkdir one two; mv libb.so one
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:libb.so -Wl,--enable-new-dtags -Wl,-rpath,$ORIGIN/two -Wl,-soname,$ORIGIN/one
//@ sh: mv libb.so two; sh $SRC/../../parts/retag.sh prog 14 15
//@ elf: prog has (RPATH) (RUNPATH)

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(b(), 2);
    exit_group(0);
}
