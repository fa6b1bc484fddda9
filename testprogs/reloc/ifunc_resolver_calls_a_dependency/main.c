//@ about: a resolver may call into the libraries its own library needs: they are relocated before it
//@ axes: ld=bfd,lld,mold
//@ build: libb.so = decide.c
//@ build: libi.so = ifunc.c -l:libb.so
//@ build: prog = main.c -l:libi.so

#include "start.h"

int chosen(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(chosen(), 8);
    exit_group(0);
}
