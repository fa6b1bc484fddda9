//@ about: a resolver may call into the libraries its own library needs: they are relocated before it
//@ axes: ld=bfd,lld,mold
//@ libc: none,musl
//@ build: libb.so = decide.c
//@ build: libi.so = ifunc.c -l:libb.so
//@ build: prog = main.c -l:libi.so
//@ musl oracle: differs: musl knows no IFUNC

#include "start.h"

int chosen(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(chosen(), 8);
    exit_group(0);
}
