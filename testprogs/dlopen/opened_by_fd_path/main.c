//@ about: /proc/self/fd/N of a memfd opens as a library: only the file counts, not where it lies.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/mman.h>

int main(void)
{
    static char bytes[1 << 20];
    FILE *file = fopen("liba.so", "r");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    int fd = memfd_create("library", 0);
    check_eq(write(fd, bytes, size), size);
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    void *a = opened(name, RTLD_NOW);
    check_eq(((int (*)(void))found(a, "a"))(), 1);
    closed(a);
    say("ok\n");
}
