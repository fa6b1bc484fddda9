//@ about: a call to a function nobody defines ends the process with the sentence for it, and not before the call
//@ build: liba.so = full.c
//@ build: prog = main.c -Wl,-z,lazy -l:liba.so
//@ build: liba.so = empty.c
//@ elf: prog has R_X86_64_JUMP_SLO
//@ stdout: before
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: missing

#include "start.h"

int missing(void);

int main(int argc, char **argv, char **envp)
{
    print("before\n");
    missing();
    print("after\n");
    exit_group(0);
}
