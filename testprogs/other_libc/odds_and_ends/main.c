//@ about: Other limits and constants: stacks of 2,048 bytes, numeric scopes in getnameinfo, getopt that ends at the first argument, no lists of users
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: stack 0 0 22
//@ stdout: name 0 127.0.0.1
//@ stdout: options ab, first argument at 3
//@ stdout: nobody logged in

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
