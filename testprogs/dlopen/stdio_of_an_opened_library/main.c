//@ about: Data of libc is one for the program and for opened libraries: stdout, errno and environ.
//@ libc: glibc,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ stdout: one two three

#include "../parts/dl.h"

int main(void)
{
    void *a = opened("liba.so", RTLD_NOW);
    printf("one ");
    ((void (*)(void))found(a, "prints"))();
    errno = 0;
    ((void (*)(void))found(a, "fails"))();
    check_eq(errno, EBADF);
    setenv("MARK", "5", 1);
    check_text(((const char *(*)(void))found(a, "mark"))(), "5");
    closed(a);
    printf("three\n");
}
