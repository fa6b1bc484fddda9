//@ about: a path that leads nowhere is named as it was given
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ sh: mkdir sub; mv liba.so sub
//@ build: prog = main.c sub/liba.so
//@ sh: rm sub/liba.so
//@ elf: prog has [sub/liba.so]
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: sub/liba.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
