//@ about: --library-path takes the place of LD_LIBRARY_PATH
//@ rule: --library-path: Takes the place of LD_LIBRARY_PATH.
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ sh: mkdir env option; mv libb.so env
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:libb.so
//@ sh: mv libb.so option
//@ env: LD_LIBRARY_PATH={dir}/env
//@ loader: --library-path {dir}/absent:{dir}/option

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(b(), 2);
    exit_group(0);
}
