//@ about: a function nobody defines costs nothing while it is not called, in program and library
//@ rule: LD_BIND_NOW: An empty value is none.
//@ build: liba.so = full.c
//@ build: libu.so = user.c -Wl,-z,lazy -l:liba.so
//@ build: prog = main.c -fPIE -Wl,-z,lazy -l:liba.so -l:libu.so
//@ build: liba.so = empty.c
//@ elf: prog has R_X86_64_JUMP_SLO
//@ elf: prog lacks NOW
//@ env: LD_BIND_NOW=
//@ stdout: ran

#include "start.h"

int missing(void);
int user(int);

int main(int argc, char **argv, char **envp)
{
    if (argc > 1)
        missing();
    user(argc > 1);
    print("ran\n");
    exit_group(0);
}
