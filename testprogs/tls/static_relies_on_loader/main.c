//@ about: A static (or static-pie) program without start-up code uses its thread-local variables: the loader lays out the block and sets %fs.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ skip: ld=gold pie=pie : gold knows no --no-dynamic-linker, so -static-pie does not link
//@ libc: static
//@ build: prog = main.c
//@ elf: prog has TLS
//@ elf: prog lacks INTERP R_X86_64
//@ oracle: differs: glibc's loader hands a static program to the kernel with execve, and nobody sets %fs
//@ stdout: ok

#include "start.h"

static __thread volatile int counter = 123;
static __thread volatile int blank[5];
static __thread volatile char aligned[64] __attribute__((aligned(64)));

int main(int argc, char **argv, char **envp)
{
    (void)argv, (void)envp;
    check_eq(argc, 1);
    check_eq(counter, 123);
    for (int i = 0; i < 5; i++)
        check_eq(blank[i], 0);
    check_eq((uintptr_t)aligned % 64, 0);
    check_eq(*(uintptr_t *)fs_word(0), fs_word(0));
    check(fs_word(0x28) != 0);
    counter++;
    blank[4] = 1;
    check_eq(counter, 124);
    print("ok\n");
    return 0;
}
