// Depth first would find it in libx.so, which liba.so needs, before libb.so.
//@ about: look-up goes through the needed objects breadth first
//@ libc: none,musl
//@ build: libx.so = lib.c -DONLY=x -DWHICH -DVALUE=3
//@ build: liba.so = lib.c -DONLY=a -DVALUE=1 -l:libx.so
//@ build: libb.so = lib.c -DONLY=b -DWHICH -DVALUE=2
//@ build: prog = main.c -l:liba.so -l:libb.so

#include "start.h"

int which(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(which(), 2);
    exit_group(0);
}
