//@ about: A constructor opens a library, its destructor closes it; a constructor that opens its own object, or one that opens it back, gets the handle.
//@ libc: glibc
//@ build: libb.so = lib.c -DWHO="b" -DOPENS="liba.so"
//@ build: liba.so = lib.c -DWHO="a" -DOPENS="libb.so"
//@ build: libself.so = lib.c -DWHO="self" -DOPENS="libself.so"
//@ build: libd.so = ../parts/speaks.c -DWHO=d -DSILENT
//@ build: libc1.so = lib.c -DWHO="c" -DOPENS="libd.so"
//@ build: prog = main.c
//@ stdout: c begins
//@ stdout: c has libd.so
//@ stdout: c ends
//@ stdout: c has closed
//@ stdout: c is gone
//@ stdout: a begins
//@ stdout: b begins
//@ stdout: b has liba.so
//@ stdout: a has libb.so
//@ stdout: self begins
//@ stdout: self has libself.so
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    closed(opened("libc1.so", RTLD_NOW));
    check_gone("/libc1.so");
    check_gone("/libd.so");
    say("c is gone\n");
    void *a = opened("liba.so", RTLD_NOW);
    check_here("/libb.so");
    found(a, "handle");
    opened("libself.so", RTLD_NOW);
    say("ok\n");
    _exit(0);
}
