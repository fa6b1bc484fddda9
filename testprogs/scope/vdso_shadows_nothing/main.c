// The vdso has clock_gettime, getcpu and __vdso_getcpu.
//@ about: the vdso is in no look-up scope: its names neither win nor satisfy a weak reference
//@ libc: none,musl
//@ build: liba.so = lib.c
//@ build: prog = main.c -fPIC -l:liba.so

#include "start.h"

int clock_gettime(void);
__attribute__((weak)) int getcpu(void);
__attribute__((weak)) int __vdso_getcpu(void);
__attribute__((weak)) int __vdso_clock_gettime(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(clock_gettime(), 42);
    check(!getcpu && !__vdso_getcpu && !__vdso_clock_gettime);
    exit_group(0);
}
