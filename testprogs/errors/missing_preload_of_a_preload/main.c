//@ about: a preloaded object whose own library is missing is given up with a warning that names the missing one
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b
//@ build: libp.so = lib.c -DNAME=p -l:libb.so
//@ build: prog = main.c
//@ sh: rm libb.so
//@ env: LD_PRELOAD={dir}/libp.so
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libb.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
