//@ about: --argv0 sets argv[0] and nothing else
//@ rule: --argv0: The program's argv[0].
//@ libc: none,musl
//@ build: prog = main.c
//@ run: one two
//@ loader: --argv0 another
//@ stdout: 3 another one two

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("%d %s %s %s\n", (long)argc, argv[0], argv[1], argv[2]);
    check(!argv[3]);
    exit_group(0);
}
