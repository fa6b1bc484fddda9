//@ about: LD_LIBRARY_PATH comes before DT_RUNPATH
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mkdir env; mv libb.so env
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:libb.so -Wl,--enable-new-dtags
//@ env: LD_LIBRARY_PATH={dir}/env
//@ elf: prog has (RUNPATH)

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(b(), 1);
    exit_group(0);
}
