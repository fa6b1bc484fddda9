//@ about: a symbol in the base version of a library that has others serves a versioned reference
//@ libc: none,musl
//@ build: libv.so = lib.c -DVALUE=1 -Wl,--version-script=all.map
//@ build: prog = main.c -l:libv.so
//@ build: libv.so = lib.c -DVALUE=2 -Wl,--version-script=other.map

#include "start.h"

int f(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(f(), 2);
    exit_group(0);
}
