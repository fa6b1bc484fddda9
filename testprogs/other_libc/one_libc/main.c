//@ about: A library built for musl shares memory, streams, errno, thread-local data and threads with the program, and references without a version mean the newest
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: errno 2, thread-local 8 7
//@ stdout: realpath /
//@ stdout: waited
//@ stdout: from the program: 42

#include "../parts/open.h"
#include <stdlib.h>

int main(void)
{
    int (*run)(void) = opened();
    if (!run || run())
        return 1;
    char *(*given)(void) = (char *(*)(void))dlsym(dlopen("./libmusl.so", RTLD_NOW), "given");
    char *text = given();
    printf("from the program: %s\n", text);
    free(text);
    return 0;
}
