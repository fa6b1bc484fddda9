//@ about: An IFUNC of an opened library is resolved once it is relocated, by its own calls and by dlsym.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    for (int mode = RTLD_LAZY; mode <= RTLD_NOW; mode++) {
        void *a = opened("liba.so", mode);
        check_eq(((int (*)(void))found(a, "chosen"))(), 42);
        check_eq(((int (*)(void))found(a, "calls"))(), 43);
        closed(a);
    }
    say("ok\n");
}
