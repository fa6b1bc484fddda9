//@ about: The frame of pthread_cleanup_push is smaller in musl: handlers run when popped and when the thread is cancelled, the stack stays whole
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: popped, cancelled: 3, stack whole

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
