//@ about: a library of a library that is nowhere; nothing of the program has run
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b
//@ build: liba.so = lib.c -DNAME=a -l:libb.so
//@ build: prog = main.c -l:liba.so
//@ sh: rm libb.so
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libb.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
