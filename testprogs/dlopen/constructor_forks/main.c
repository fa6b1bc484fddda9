//@ about: A constructor that forks: the child opens other libraries and its own object again, though its constructor is still running.
//@ libc: glibc,musl
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ stdout: child has opened
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    closed(opened("liba.so", RTLD_NOW));
    check_gone("/liba.so");
    say("ok\n");
}
