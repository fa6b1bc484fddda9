//@ about: What ftw and nftw say of a file is counted from 1 in musl, from 0 in glibc; walks inside walks, and in two threads
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: 1 file, 2 directories, 1 link
//@ stdout: inner walks: 4 files
//@ stdout: 2 threads: 2 files, 4 directories

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
