//@ about: a program that is not there
//@ libc: none,musl
//@ build: prog = main.c
//@ sh: rm prog
//@ start: direct
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: {prog}: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
