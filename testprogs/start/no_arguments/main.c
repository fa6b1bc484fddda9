//@ about: a program without arguments sees argc 1, and an empty argument is one
//@ libc: none,musl
//@ build: prog = main.c
//@ stdout: 1 ./prog

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("%d %s\n", (long)argc, argv[0]);
    check_eq(argv[1], 0);
    exit_group(0);
}
