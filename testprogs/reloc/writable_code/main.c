//@ about: A segment that is both writable and executable is mapped so, of the program, a library and an opened library: its code changes itself, and relocations reach it.
//@ axes: ld=bfd,lld
//@ libc: glibc
//@ build: liba.so = code.S -DNAME=of_library
//@ build: libb.so = code.S -DNAME=of_opened
//@ build: prog = main.c code.S -DNAME=of_program -l:liba.so
//@ elf: prog has RWE
//@ elf: liba.so has RWE
//@ elf: libb.so has RWE
//@ stdout: 1 2 3, 1 2 3, 1 2 3
//@ stdout: rwxp rwxp rwxp
//@ stdout: closed

#include "../../parts/rights.h"
#include <dlfcn.h>
#include <sys/mman.h>

int of_program(void), of_library(void);

static void thrice(int (*count)(void), const char *end)
{
    printf("%d", count());
    printf(" %d", count());
    printf(" %d%s", count(), end);
}

int main(void)
{
    void *b = dlopen("libb.so", RTLD_NOW);
    int (*of_opened)(void) = (int (*)(void))dlsym(b, "of_opened");
    thrice(of_program, ", ");
    thrice(of_library, ", ");
    thrice(of_opened, "\n");
    printf("%s ", rights((void *)of_program));
    printf("%s ", rights((void *)of_library));
    printf("%s\n", rights((void *)of_opened));
    if (dlclose(b) || msync((void *)((unsigned long)of_opened & -4096), 4096, MS_ASYNC) == 0)
        return 1;
    puts("closed");
    return 0;
}
