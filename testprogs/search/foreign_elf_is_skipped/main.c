//@ about: a file of the wrong class or machine in an earlier folder is passed over in silence
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ sh: mkdir class machine; cp liba.so class; cp liba.so machine
//@ sh: printf '\001' | dd of=class/liba.so bs=1 seek=4 conv=notrunc status=none
//@ sh: printf '\267' | dd of=machine/liba.so bs=1 seek=18 conv=notrunc status=none
//@ env: LD_LIBRARY_PATH={dir}/class:{dir}/machine

#include "start.h"

int a(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 1);
    exit_group(0);
}
