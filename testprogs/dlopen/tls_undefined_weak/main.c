//@ about: An undefined weak thread-local variable of an opened library has address zero by descriptor.
//@ libc: glibc
//@ build: liba.so = lib.c -mtls-dialect=gnu2
//@ build: prog = main.c -pthread
//@ elf: liba.so has R_X86_64_TLSDESC
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check_eq(((void *(*)(void))found(opened("liba.so", RTLD_NOW), "address"))(), NULL);
    say("ok\n");
}
