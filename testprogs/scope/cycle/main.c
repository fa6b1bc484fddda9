//@ about: two libraries that need each other, and one that needs itself
//@ libc: none,musl
//@ build: libb.so = lib.c -DNAME=b -DNEXT=a -Wl,-z,undefs
//@ build: liba.so = lib.c -DNAME=a -DNEXT=b -l:libb.so
//@ build: libb.so = lib.c -DNAME=b -DNEXT=a -l:liba.so
//@ build: libs.so = lib.c -DNAME=s -DNEXT=s
//@ build: prog = main.c -l:liba.so -l:libs.so
//@ sh: patchelf --add-needed libs.so libs.so
//@ elf: liba.so has [libb.so]
//@ elf: libb.so has [liba.so]
//@ elf: libs.so has [libs.so]

#include "start.h"

int a(int);
int s(int);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(10), 10);
    check_eq(s(7), 7);
    exit_group(0);
}
