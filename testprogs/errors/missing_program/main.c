//@ about: a program that is not there
//@ build: prog = main.c
//@ sh: rm prog
//@ start: direct
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: {prog}: cannot open shared object file: No such file or directory

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
