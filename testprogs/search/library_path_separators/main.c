//@ about: both `:` and `;` separate the elements of LD_LIBRARY_PATH, tried in order; absent folders do no harm
//@ rule: LD_LIBRARY_PATH: Directories to search, separated by colons or semicolons, after DT_RPATH and before DT_RUNPATH.
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ build: prog = main.c -l:liba.so -l:libb.so
//@ sh: mkdir one two; mv liba.so one
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ sh: mv liba.so libb.so two
//@ env: LD_LIBRARY_PATH={dir}/absent;{dir}/one/:{dir}/main.c:{dir}/two;{dir}/absent
//@ musl oracle: differs: for musl a semicolon is part of a name

#include "start.h"

int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    check_eq(b(), 1);
    exit_group(0);
}
