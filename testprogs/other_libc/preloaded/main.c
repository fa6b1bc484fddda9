//@ about: A library that was built for musl is preloaded into a program of glibc, and its functions go before those of libc
//@ libc: glibc,musl
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c
//@ env: LD_PRELOAD=./libmusl.so
//@ stdout: thread begins
//@ stdout: 77
//@ stdout: ends

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    printf("%d\n", atoi("1"));
    return 0;
}
