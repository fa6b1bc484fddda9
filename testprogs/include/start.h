// `_start` for a program without start-up code: include it once a program and write
// `int main(int argc, char **argv, char **envp)`. The auxiliary vector is reached with aux().
// What the loader left in rdx is called after main, as atexit would; exit_group() skips it. With a libc, whose start-up
// code calls main, only aux() is of here.
#ifndef START_H
#define START_H

#include "free.h"
#include <elf.h>

#if __STDC_HOSTED__
#include <sys/auxv.h>

unused_ok static unsigned long aux(unsigned long type)
{
    return getauxval(type);
}
#else

int main(int argc, char **argv, char **envp);

static const Elf64_auxv_t *start_auxv;
static const unsigned long *start_stack;

unused_ok static unsigned long aux(unsigned long type)
{
    for (const Elf64_auxv_t *entry = start_auxv; entry->a_type != AT_NULL; entry++)
        if (entry->a_type == type)
            return entry->a_un.a_val;
    return 0;
}

__attribute__((noreturn, used)) static void start_c(unsigned long *stack, void (*fini)(void))
    __asm__("start_c");
static void start_c(unsigned long *stack, void (*fini)(void))
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    char **envp = argv + argc + 1;
    char **end = envp;
    while (*end)
        end++;
    start_stack = stack;
    start_auxv = (const Elf64_auxv_t *)(end + 1);
    int code = main(argc, argv, envp);
    if (fini)
        fini();
    exit_group(code);
}

__asm__(".text\n"
        ".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    mov %rdx, %rsi\n"
        "    and $-16, %rsp\n"
        "    call start_c\n"
        "    ud2\n"
        ".size _start, . - _start\n");

#endif

#endif
