//@ about: glibc-hwcaps is looked into per folder: a plain file in an earlier folder wins over it in a later one
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ sh: mkdir -p one two/glibc-hwcaps/x86-64-v2; mv liba.so two/glibc-hwcaps/x86-64-v2
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: prog = main.c -l:liba.so
//@ sh: mv liba.so one
//@ env: LD_LIBRARY_PATH={dir}/one:{dir}/two

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    exit_group(0);
}
