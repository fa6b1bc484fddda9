//@ about: code on the stack does not run
//@ rule: PT_GNU_STACK: Without PF_X stacks stay as they are.
//@ libc: none,musl
//@ build: prog = main.c
//@ elf: prog has GNU_STACK

#include "start.h"

int main(int argc, char **argv, char **envp)
{
    volatile unsigned char code[16] = {0xc3};
    long pid = syscall1(__NR_fork, 0);
    if (pid == 0) {
        ((void (*)(void))code)();
        exit_group(0);
    }
    int status = 0;
    check_eq(syscall6(__NR_wait4, pid, (long)&status, 0, 0, 0, 0), pid);
    check_eq(status & 127, 11);
    exit_group(0);
}
