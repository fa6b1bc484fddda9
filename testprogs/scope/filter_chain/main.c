//@ about: a filtee that is a filter itself, several filtees of one filter, one that the program needs too, before and behind the filter: each comes right before its filter, but for one that is earlier already; constructors of filtees run first
//@ rule: DT_FILTER DT_AUXILIARY: Filtees of a filtee come before it; of several the first named comes first; one that stands earlier in the scope stays there. Their constructors run before the filter's.
//@ build: libe.so = lib.c -DNAME=e -DHAS=1 -Wl,-soname,libe.so
//@ build: libd.so = lib.c -DNAME=d -DHAS=3 -Wl,-soname,libd.so -Wl,--auxiliary=libe.so
//@ build: libc2.so = lib.c -DNAME=c -DHAS=7 -Wl,-soname,libc2.so
//@ build: libb.so = lib.c -DNAME=b -DHAS=15 -Wl,-soname,libb.so -Wl,--filter=libd.so -Wl,--auxiliary=libc2.so
//@ build: liba.so = lib.c -DNAME=a -DHAS=16 -Wl,-soname,liba.so
//@ build: libg.so = lib.c -DNAME=g -DHAS=48 -Wl,-soname,libg.so -Wl,--filter=liba.so
//@ build: prog = main.c -fPIC -Wl,--no-as-needed -l:liba.so -l:libb.so -l:libc2.so -l:libg.so
//@ stdout: a g e d c b 
//@ stdout: 1:e 2:d 4:c 8:b 16:a 32:g

#include "start.h"

char order[16];
int at;
const char *has1(void), *has2(void), *has4(void), *has8(void), *has16(void), *has32(void);

int main(int argc, char **argv, char **envp)
{
    print(order);
    print("\n1:");
    print(has1());
    print(" 2:");
    print(has2());
    print(" 4:");
    print(has4());
    print(" 8:");
    print(has8());
    print(" 16:");
    print(has16());
    print(" 32:");
    print(has32());
    print("\n");
    exit_group(0);
}
