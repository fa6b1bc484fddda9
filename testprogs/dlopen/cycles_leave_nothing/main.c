//@ about: Ten thousand openings and closings of a library with dependencies and TLS leave neither memory nor mappings.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = tls.c ../parts/speaks.c -DWHO=a -DSILENT -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ run: 10000
//@ stdout: ok

#include "../parts/dl.h"

static void cycles(int count)
{
    for (int i = 0; i < count; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        check_eq(++*(long *)found(a, "variable"), 124);
        closed(a);
    }
}

int main(int argc, char **argv)
{
    check_eq(argc, 2);
    cycles(500);
    int lines = mappings(NULL);
    long before = resident_pages();
    cycles(atoi(argv[1]) - 500);
    check_eq(mappings(NULL), lines);
    check(resident_pages() <= before + 8);
    say("ok\n");
}
