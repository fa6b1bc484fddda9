//@ about: A library named libc.so that is an object's own stays that, also for an object that speaks of no libc else
//@ libc: glibc
//@ build: prog = main.c -ldl
//@ sh: $CC $CFLAGS -fPIC -shared -nostdlib libc.c -o libc.so -Wl,-soname,libc.so
//@ sh: $CC $CFLAGS -fPIC -shared -nostdlib lib.c -o libmusl.so ./libc.so '-Wl,-rpath,$ORIGIN'
//@ stdout: 42

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    printf("%d\n", run ? run() : -1);
    return 0;
}
