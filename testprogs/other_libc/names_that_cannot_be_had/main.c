//@ about: A library built for musl that refers to what glibc cannot give is refused with the reason; weak references are no error
//@ libc: glibc
//@ oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ sh: musl-gcc $CFLAGS -DWEAK=1 -fPIC -shared lib.c -o libweak.so
//@ build: prog = main.c -ldl
//@ stdout: ./libmusl.so: symbol fgetln of musl is not to be had in glibc: the line would lie in a buffer that musl keeps in its FILE
//@ stdout: weak: 0

#include "../parts/open.h"

int main(void)
{
    opened();
    void *weak = dlopen("./libweak.so", RTLD_NOW);
    int (*run)(void) = weak ? (int (*)(void))dlsym(weak, "run") : 0;
    printf("weak: %d\n", run ? run() : -1);
    return 0;
}
