//@ about: an empty element of LD_LIBRARY_PATH is the current folder
//@ rule: LD_LIBRARY_PATH: An empty element is the current directory.
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ build: prog = main.c -l:libb.so
//@ sh: patchelf --remove-rpath prog
//@ env: LD_LIBRARY_PATH=/nonexistent:
//@ elf: prog lacks RPATH RUNPATH
//@ musl oracle: differs: for musl an empty element is not the current folder

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(b(), 1);
    exit_group(0);
}
