//@ about: a filtee is searched before its filter, by DT_FILTER as by DT_AUXILIARY, for the program, the filter itself and others; what it does not have the filter serves
//@ rule: DT_FILTER: The object named comes right before this one in every scope; if it cannot be had, neither can this one.
//@ rule: DT_AUXILIARY: The object named comes right before this one in every scope, if it can be had.
//@ axes: ld=bfd,gold,lld,mold
//@ libc: none,musl
//@ build: liba.so = lib.c -DNAME=a -DVALUE=1 -Wl,-soname,liba.so
//@ build: libf.so = lib.c -DNAME=f -DVALUE=2 -Wl,-soname,libf.so -Wl,--filter=liba.so
//@ build: libx.so = lib.c -DNAME=x -DVALUE=3 -Wl,-soname,libx.so -Wl,--auxiliary=liba.so
//@ build: prog = main.c -fPIC -l:libf.so -l:libx.so
//@ elf: libf.so has (FILTER)
//@ elf: libx.so has (AUXILIARY)
//@ musl oracle: differs: musl knows no filters

#include "start.h"

int value(void);
int f_sees(void), x_sees(void), f_alone(void), x_alone(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(value(), 1);
    check_eq(f_sees(), 1);
    check_eq(x_sees(), 1);
    check_eq(f_alone(), 2);
    check_eq(x_alone(), 3);
    exit_group(0);
}
