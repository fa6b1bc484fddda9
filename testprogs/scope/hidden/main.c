//@ about: hidden symbols of several objects do not meet
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: libb.so = lib.c -DNAME=b -DVALUE=2
//@ build: prog = main.c -l:liba.so -l:libb.so -Wl,-E

#include "start.h"

int hidden = 3;
int a(void);
int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a() * 100 + b() * 10 + hidden, 123);
    exit_group(0);
}
