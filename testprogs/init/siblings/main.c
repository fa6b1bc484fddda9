// Nothing in the format says which comes first; programs have come to rely on what glibc does.
//@ about: libraries that do not need each other are initialised last needed first, as glibc does it; with musl, as musl does it, first needed first
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME="a"
//@ build: libb.so = lib.c -DNAME="b"
//@ build: libx.so = lib.c -DNAME="x"
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libx.so
//@ none stdout: x
//@ none stdout: b
//@ none stdout: a
//@ musl stdout: a
//@ musl stdout: b
//@ musl stdout: x

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
