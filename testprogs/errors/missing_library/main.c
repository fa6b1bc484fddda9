//@ about: a library of the program that is nowhere
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a
//@ build: prog = main.c -l:liba.so
//@ sh: rm liba.so
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: liba.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
