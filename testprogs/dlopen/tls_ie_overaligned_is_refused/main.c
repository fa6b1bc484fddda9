//@ about: Initial-exec TLS aligned beyond the thread pointers that exist is refused with a text, and leaves nothing.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DALIGN=4096 -ftls-model=initial-exec
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: ok

#include "../parts/whole.h"

int main(int argc, char **argv)
{
    (void)argc;
    struct whole before = whole();
    check_fails("liba.so", RTLD_NOW, "%s/liba.so: cannot allocate memory in static TLS block", argv[1]);
    check_unchanged(before);
    say("ok\n");
}
