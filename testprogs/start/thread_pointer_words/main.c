// Without TLS of its own the program still gets a thread block: its compiler may put the canary to use.
//@ about: %fs:0 points to itself, %fs:0x28 is the canary from AT_RANDOM with its low byte zero, %fs:0x30 the pointer guard
//@ build: prog = main.c guarded.c -fstack-protector-all

#include "start.h"

int guarded(int n);

static unsigned long word(unsigned long offset)
{
    unsigned long value;
    __asm__("mov %%fs:(%1), %0" : "=r"(value) : "r"(offset));
    return value;
}

int main(int argc, char **argv, char **envp)
{
    unsigned long self = word(0);
    check(self && self % 16 == 0);
    check_eq(*(unsigned long *)self, self);
    const unsigned long *random = (const unsigned long *)aux(AT_RANDOM);
    check_eq(word(0x28), random[0] & ~0xfful);
    check_eq(word(0x30), random[1]);
    check_eq(guarded(5), 10);
    exit_group(0);
}
