//@ about: regex_t and regmatch_t of musl have other members than those of glibc
//@ libc: glibc,musl
//@ axes: cc=gcc,clang opt=-O0,-O2
//@ glibc oracle: no: the system's loader has no libc for such a library
//@ sh: musl-gcc $CFLAGS -fPIC -shared lib.c -o libmusl.so
//@ build: prog = main.c -lpthread -ldl
//@ stdout: 3 groups
//@ stdout: match 0: 2-7 2-3 3-6 6-7 -1
//@ stdout: no match: 1
//@ stdout: many: 0-3 -1
//@ stdout: bad: 8 Missing parenthesis
//@ stdout: not told: 0 7

#include "../parts/open.h"

int main(void)
{
    int (*run)(void) = opened();
    return run ? run() : 1;
}
