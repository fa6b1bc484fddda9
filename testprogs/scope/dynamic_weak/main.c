//@ about: with LD_DYNAMIC_WEAK, whatever its value, a weak definition is passed over for a later one that is not weak; of weak ones alone the first counts
//@ axes: pie=pie,nopie ld=bfd,lld
//@ rule: LD_DYNAMIC_WEAK: A weak definition is passed over for a later one that is not; of weak ones alone the first counts. Without the variable the first counts, weak or not.
//@ libc: none,musl
//@ build: libw.so = lib.c -DKIND=__attribute__((weak)) -DVALUE=1 -DPREFIX=w_
//@ build: libs.so = lib.c -DKIND= -DVALUE=2 -DPREFIX=s_ -Wl,--hash-style=sysv
//@ build: libv.so = lib.c -DKIND=__attribute__((weak)) -DVALUE=3 -DPREFIX=v_
//@ build: prog = main.c -Wl,--no-as-needed -l:libw.so -l:libs.so -l:libv.so
//@ env: LD_DYNAMIC_WEAK=
//@ musl oracle: differs: musl has no such variable

#include "start.h"

int function(void);
extern int datum;
int lonely(void);
int (*pointer)(void) = function;
int w_sees(void);
int s_sees(void);
int v_sees(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(function() * 100 + pointer() * 10 + datum, 222);
    check_eq(w_sees() * 100 + s_sees() * 10 + v_sees(), 222);
    check_eq(lonely(), 1);
    exit_group(0);
}
