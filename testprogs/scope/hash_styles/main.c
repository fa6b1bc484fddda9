//@ about: libraries with only a SysV hash table, only a GNU one, and both; names that are there and names that are not
//@ libc: none,musl
//@ build: libs.so = lib.c -DP=s -Wl,--hash-style=sysv
//@ build: libg.so = lib.c -DP=g -Wl,--hash-style=gnu
//@ build: libb.so = lib.c -DP=b -Wl,--hash-style=both
//@ build: prog = main.c -fPIC -l:libs.so -l:libg.so -l:libb.so
//@ elf: libs.so has (HASH)
//@ elf: libs.so lacks (GNU_HASH)
//@ elf: libg.so has (GNU_HASH)
//@ elf: libg.so lacks (HASH)
//@ elf: libb.so has (HASH) (GNU_HASH)

#include "start.h"

#define LIBRARY(p, n)                                                                        \
    int p##_zero(void), p##_one(void), p##_two(void), p##_three(void);                       \
    __attribute__((weak)) int p##_four(void);                                                \
    static void p(void)                                                                      \
    {                                                                                        \
        check_eq(p##_zero(), n);                                                             \
        check_eq(p##_one(), n + 1);                                                          \
        check_eq(p##_two(), n + 2);                                                          \
        check_eq(p##_three(), n + 3);                                                        \
        check(!p##_four);                                                                    \
    }
LIBRARY(s, 0)
LIBRARY(g, 10)
LIBRARY(b, 20)

int main(int argc, char **argv, char **envp)
{
    s(), g(), b();
    exit_group(0);
}
