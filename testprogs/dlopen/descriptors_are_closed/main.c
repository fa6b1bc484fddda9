//@ about: dlopen leaves no descriptor behind, whether it succeeds or fails.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ sh: printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text.so
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    int lowest = dup(0);
    for (int i = 0; i < 100; i++) {
        closed(opened("liba.so", RTLD_NOW));
        check(!dlopen("./text.so", RTLD_NOW));
        check(!dlopen("libnone.so", RTLD_NOW));
    }
    check_eq(dup(0), lowest + 1);
    say("ok\n");
}
