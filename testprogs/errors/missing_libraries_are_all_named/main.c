//@ about: every library that is nowhere is named, the program's and the libraries', each once, in the order of the search
//@ libc: none,musl
//@ build: libd.so = lib.c -DNAME=d
//@ build: libx.so = lib.c -DNAME=x
//@ build: libb.so = lib.c -DNAME=b -l:libd.so -l:libx.so
//@ build: liba.so = lib.c -DNAME=a
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libx.so
//@ sh: rm liba.so libx.so libd.so
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: liba.so: cannot open shared object file: No such file or directory
//@ stderr: {prog}: error while loading shared libraries: libx.so: cannot open shared object file: No such file or directory
//@ stderr: {prog}: error while loading shared libraries: libd.so: cannot open shared object file: No such file or directory
//@ oracle: differs: glibc names the first alone
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int main(int argc, char **argv, char **envp) { exit_group(0); }
