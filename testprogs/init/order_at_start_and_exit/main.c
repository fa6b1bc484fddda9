//@ about: Constructors of libraries, then the program's own, main, then exit handlers backwards, destructors of the program and of the libraries, users first; what an exit handler opens is constructed at once
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold pie=pie,nopie
//@ libc: glibc,musl
//@ build: libb.so = lib.c -DWHO="b"
//@ build: liba.so = lib.c -DWHO="a" -Wl,--no-as-needed -l:libb.so
//@ build: liblate.so = lib.c -DWHO="late"
//@ build: prog = main.c -Wl,--no-as-needed -l:liba.so
//@ elf: prog has (INIT_ARRAY) (FINI_ARRAY)
//@ stdout: +b
//@ stdout: +a
//@ stdout: +first
//@ stdout: +second
//@ stdout: main
//@ stdout: handler 2
//@ stdout: +late
//@ stdout: handler 1
//@ glibc stdout: -second
//@ glibc stdout: -first
//@ glibc stdout: -a
//@ glibc stdout: -b
//@ glibc stdout: -late
//@ musl stdout: -late
//@ musl stdout: -second
//@ musl stdout: -first
//@ musl stdout: -a
//@ musl stdout: -b

// How an object opened last stands among the others is each libc's own.
#include "../../dlopen/parts/dl.h"

__attribute__((constructor(101))) static void first(void) { say("+first\n"); }
__attribute__((constructor)) static void second(void) { say("+second\n"); }
__attribute__((destructor(101))) static void last(void) { say("-first\n"); }
__attribute__((destructor)) static void last_but_one(void) { say("-second\n"); }

static void handler_1(void) { say("handler 1\n"); }
static void handler_2(void)
{
    say("handler 2\n");
    opened("liblate.so", RTLD_NOW);
}

int main(void)
{
    atexit(handler_1);
    atexit(handler_2);
    say("main\n");
    return 0;
}
