//@ about: constructors and destructors with priorities, in a library and the program, with a libc; lazy output is flushed at exit
//@ libc: glibc,musl
//@ axes: cc=gcc,clang ld=bfd,lld,mold
//@ build: liba.so = both.c -DNAME="library"
//@ build: prog = main.c both.c -DNAME="program" -Wl,--no-as-needed -l:liba.so
//@ stdout: library 101
//@ stdout: library 102
//@ stdout: library plain
//@ stdout: program 101
//@ stdout: program 102
//@ stdout: program plain
//@ stdout: main
//@ stdout: atexit
//@ stdout: program ends plain
//@ stdout: program ends 102
//@ stdout: program ends 101
//@ stdout: library ends plain
//@ stdout: library ends 102
//@ stdout: library ends 101
//@ exit: 9

#include <stdio.h>
#include <stdlib.h>

static void handler(void) { puts("atexit"); }

int main(void)
{
    atexit(handler);
    puts("main");
    return 9;
}
