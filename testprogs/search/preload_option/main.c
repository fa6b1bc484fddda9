//@ about: --preload takes a list too and comes together with LD_PRELOAD, which stands first
//@ rule: --preload: Objects to load after those of LD_PRELOAD and before those of /etc/ld.so.preload, separated by colons or spaces.
//@ libc: glibc,musl
//@ build: libp.so = lib.c -DVALUE=1 -DONLY=p
//@ build: libq.so = lib.c -DVALUE=2 -DONLY=q
//@ build: libr.so = lib.c -DVALUE=3 -DONLY=r
//@ build: prog = main.c -l:libr.so
//@ loader: --preload libp.so:libq.so
//@ env: LD_PRELOAD=libr.so
//@ stdout: 3 123
//@ musl oracle: differs: with musl the option replaces the variable

#include <stdio.h>

int which(void);
__attribute__((weak)) int p(void);
__attribute__((weak)) int q(void);
int r(void);

int main(void)
{
    if (!p || !q)
        return 1;
    printf("%d %d%d%d\n", which(), p(), q(), r());
    return 0;
}
