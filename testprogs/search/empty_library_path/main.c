//@ about: an empty LD_LIBRARY_PATH is none, not the current folder
//@ rule: LD_LIBRARY_PATH: An empty value is none.
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DVALUE=1
//@ build: prog = main.c -l:libb.so
//@ sh: patchelf --remove-rpath prog
//@ env: LD_LIBRARY_PATH=
//@ exit: 127
//@ stderr: {prog}: error while loading shared libraries: libb.so: cannot open shared object file: No such file or directory
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int b(void);

int main(int argc, char **argv, char **envp)
{
    exit_group(b());
}
