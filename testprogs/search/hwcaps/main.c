//@ about: the best glibc-hwcaps folder this processor can use comes before the folder itself, and no other
//@ build: liba.so = lib.c -DNAME=a -DVALUE=2
//@ sh: mkdir -p glibc-hwcaps/x86-64-v2 glibc-hwcaps/x86-64-v3 glibc-hwcaps/x86-64-v4; mv liba.so glibc-hwcaps/x86-64-v2
//@ build: liba.so = lib.c -DNAME=a -DVALUE=3
//@ sh: mv liba.so glibc-hwcaps/x86-64-v3
//@ build: liba.so = lib.c -DNAME=a -DVALUE=4
//@ sh: mv liba.so glibc-hwcaps/x86-64-v4
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1
//@ build: prog = main.c -l:liba.so

#include "start.h"
#include <cpuid.h>

int a(void);

// Bits of the levels as the x86-64 psABI lists them; AVX and AVX-512 also need their state enabled by the system.
static int level(void)
{
    enum { SSE3 = 1 << 0, SSSE3 = 1 << 9, CX16 = 1 << 13, SSE4_1 = 1 << 19, SSE4_2 = 1 << 20, POPCNT = 1 << 23 };
    enum { FMA = 1 << 12, MOVBE = 1 << 22, OSXSAVE = 1 << 27, AVX = 1 << 28, F16C = 1 << 29 };
    enum { LAHF = 1 << 0, LZCNT = 1 << 5 };
    enum { BMI1 = 1 << 3, AVX2 = 1 << 5, BMI2 = 1 << 8 };
    const unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;
    unsigned eax, ebx, edx, c1, c80, b7 = 0, low = 0, high;
    __cpuid(1, eax, ebx, c1, edx);
    __cpuid(0x80000001, eax, ebx, c80, edx);
    unsigned c7;
    __get_cpuid_count(7, 0, &eax, &b7, &c7, &edx);
    if (c1 & OSXSAVE)
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    const unsigned v2 = SSE3 | SSSE3 | CX16 | SSE4_1 | SSE4_2 | POPCNT, v3 = FMA | MOVBE | OSXSAVE | AVX | F16C;
    if ((c1 & v2) != v2 || !(c80 & LAHF))
        return 1;
    if ((c1 & v3) != v3 || !(c80 & LZCNT) || (b7 & (BMI1 | AVX2 | BMI2)) != (BMI1 | AVX2 | BMI2) || (low & 6) != 6)
        return 2;
    if ((b7 & avx512) != avx512 || (low & 0xe6) != 0xe6)
        return 3;
    return 4;
}

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), level());
    exit_group(0);
}
