//@ about: a library needed on two ways is loaded and initialised once, and both ways see one variable
//@ libc: none,musl
//@ build: libd.so = d.c
//@ build: liba.so = way.c -DNAME=a -l:libd.so
//@ build: libb.so = way.c -DNAME=b -l:libd.so
//@ build: prog = main.c -l:liba.so -l:libb.so

#include "start.h"

int *a(void);
int *b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), b());
    check_eq(*a(), 1);
    exit_group(0);
}
