//@ about: a library with DF_1_INITFIRST is initialised before all others, also those it needs
//@ rule: DF_1_INITFIRST: Its constructors run before those of all other objects, what it needs itself included.
//@ build: libb.so = lib.c -DNAME="b"
//@ build: liba.so = lib.c -DNAME="a" -l:libb.so -Wl,-z,initfirst
//@ build: libx.so = lib.c -DNAME="x"
//@ build: prog = main.c -l:libx.so -l:liba.so
//@ elf: liba.so has INITFIRST
//@ stdout: a
//@ stdout: b
//@ stdout: x

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
