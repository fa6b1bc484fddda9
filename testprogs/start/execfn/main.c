//@ about: AT_EXECFN names the program, not the loader, and --argv0 does not change it
//@ build: prog = main.c
//@ loader: --argv0 another
//@ stdout: another ./prog

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    print("%s %s\n", argv[0], (char *)aux(AT_EXECFN));
    exit_group(0);
}
