//@ about: GLIBC_TUNABLES switches features off that a glibc-hwcaps folder asks for: the next best one that is left is searched
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ sh: mkdir -p glibc-hwcaps/x86-64-v2 glibc-hwcaps/x86-64-v3 glibc-hwcaps/x86-64-v4; mv liba.so glibc-hwcaps/x86-64-v2
//@ build: liba.so = lib.c -DNAME=a -DVALUE=3
//@ sh: mv liba.so glibc-hwcaps/x86-64-v3; cp glibc-hwcaps/x86-64-v3/liba.so glibc-hwcaps/x86-64-v4
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: prog = main.c -l:liba.so
//@ env: GLIBC_TUNABLES=glibc.cpu.hwcaps=-SSE4_2:glibc.malloc.perturb=1:glibc.cpu.hwcaps=-XSAVEC,-BMI2,FMA

#include "start.h"
#include <cpuid.h>

int a(void);

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    // x86-64-v2 without the features that every processor of the last fifteen years has.
    enum { CX16 = 1 << 13, SSE4_2 = 1 << 20, POPCNT = 1 << 23, ALL = CX16 | SSE4_2 | POPCNT };
    unsigned eax, ebx, ecx, edx;
    __cpuid(1, eax, ebx, ecx, edx);
    check_eq(a(), (ecx & ALL) == ALL ? 2 : 1);
    return 0;
}
