//@ about: a preloaded object is initialised too: before the program, after the libraries it needs
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME="b"
//@ build: libp.so = lib.c -DNAME="p" -l:libb.so
//@ build: liba.so = lib.c -DNAME="a"
//@ build: prog = main.c -l:liba.so
//@ env: LD_PRELOAD={dir}/libp.so
//@ stdout: b
//@ none stdout: a
//@ stdout: p
//@ musl stdout: a
//@ stdout: main

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("main\n");
    exit_group(0);
}
