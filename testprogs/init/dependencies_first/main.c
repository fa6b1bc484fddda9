// d needs nothing; b and x need d; a needs b and x; the program needs a and d.
//@ about: a library is initialised after everything it needs
//@ libc: none,musl
//@ build: libd.so = lib.c -DNAME=d -DNEEDS=NONE
//@ build: libx.so = lib.c -DNAME=x -DNEEDS=ONE(d) -l:libd.so
//@ build: libb.so = lib.c -DNAME=b -DNEEDS=ONE(d) -l:libd.so
//@ build: liba.so = lib.c -DNAME=a -DNEEDS=ONE(b)ONE(x) -l:libb.so -l:libx.so
//@ build: prog = main.c -fPIC -l:liba.so -l:libd.so

#include "start.h"

extern int a_ready, d_ready;

int main(int argc, char **argv, char **envp)
{
    check(a_ready && d_ready);
    exit_group(0);
}
