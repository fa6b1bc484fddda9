//@ about: A destructor that exit runs opens a library that is new, whose constructors run, and asks for one that was destroyed before, which is there and is not constructed again; what comes so late is not destroyed.
//@ libc: glibc
//@ build: liba.so = lib.c -DWHO="a" -DMINE=a -DOPENS="libc1.so"
//@ build: libb.so = lib.c -DWHO="b" -DMINE=b
//@ build: libc1.so = lib.c -DWHO="c" -DMINE=c
//@ build: prog = main.c
//@ stdout: +b
//@ stdout: +a
//@ stdout: exit
//@ stdout: -b
//@ stdout: -a
//@ stdout: +c
//@ stdout: opened

#include "../parts/dl.h"

int main(void)
{
    alarm(10);
    opened("libb.so", RTLD_NOW);
    opened("liba.so", RTLD_NOW);
    say("exit\n");
}
