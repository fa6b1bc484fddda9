//@ about: at the entry point the stack pointer is a multiple of 16, the direction flag is clear and rdx is the exit function
//@ build: liba.so = lib.c
//@ build: prog = main.c entry.S -l:liba.so -Wl,-e,entry
//@ stdout: library ends

#include "start.h"

unsigned long at_rsp, at_rflags;
void (*at_rdx)(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(at_rsp % 16, 0);
    check_eq(at_rsp, start_stack);
    check_eq(at_rflags & 0x400, 0);
    check(at_rdx);
    return 0;
}
