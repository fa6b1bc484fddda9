//@ about: A constructor of an opened library throws and catches, also across the library it needs; the library brings libstdc++ into a C program.
//@ libc: glibc
//@ build: libb.so = thrower.cc
//@ build: liba.so = lib.cc -l:libb.so
//@ build: prog = main.c
//@ elf: prog lacks libstdc++
//@ stdout: caught in a constructor: from b
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
