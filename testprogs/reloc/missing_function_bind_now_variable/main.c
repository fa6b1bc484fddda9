//@ about: with LD_BIND_NOW a function nobody defines ends the start, before any constructor
//@ rule: LD_BIND_NOW: If not empty, all functions are bound at start: one that is missing ends it.
//@ libc: none,musl
//@ build: liba.so = full.c
//@ build: prog = main.c -Wl,-z,lazy -l:liba.so
//@ build: liba.so = empty.c
//@ elf: prog has R_X86_64_JUMP_SLO
//@ env: LD_BIND_NOW=1
//@ exit: 127
//@ stderr: {prog}: symbol lookup error: {prog}: undefined symbol: missing
//@ musl oracle: differs: it says so in words of its own

#include "start.h"

int missing(void);

int main(int argc, char **argv, char **envp)
{
    if (argc > 1)
        missing();
    print("ran\n");
    exit_group(0);
}
