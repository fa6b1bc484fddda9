//@ about: DT_RPATH comes before LD_LIBRARY_PATH
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mkdir env; mv libb.so env
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:libb.so -Wl,--disable-new-dtags
//@ env: LD_LIBRARY_PATH={dir}/env
//@ elf: prog has (RPATH)

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(b(), 2);
    exit_group(0);
}
