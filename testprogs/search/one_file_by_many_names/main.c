//@ about: a hard link, a symbolic link and another path of a loaded file are that file: it is loaded and initialised once
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ sh: ln liba.so libb.so; ln -s liba.so libx.so; mkdir sub; ln -s ../libb.so sub/libd.so
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libx.so sub/libd.so
//@ elf: prog has [liba.so] [libb.so] [libx.so] [sub/libd.so]

#include "start.h"

extern int loads;

int main(int argc, char **argv, char **envp)
{
    check_eq(loads, 1);
    exit_group(0);
}
