//@ about: A program of musl without start-up code finds its environment: musl's linker sets it, not only its start-up code.
//@ libc: musl
//@ build: prog = main.c -nostartfiles
//@ env: FOUND=yes
//@ stdout: yes

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

__attribute__((used)) static void begin(long *stack)
{
    const char *found = getenv("FOUND");
    if (found == NULL || environ != (char **)(stack + stack[0] + 2)) {
        _exit(1);
    }
    write(1, found, strlen(found));
    write(1, "\n", 1);
    _exit(0);
}

__asm__(".globl _start\n"
        "_start: mov %rsp, %rdi\n"
        "and $-16, %rsp\n"
        "call begin\n");
