//@ about: A constructor starts and joins a thread that walks dl_iterate_phdr: the list is free, and holds the object.
//@ libc: glibc
//@ build: liba.so = lib.c -pthread
//@ build: prog = main.c -pthread
//@ stdout: thread has walked
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    alarm(3);
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
