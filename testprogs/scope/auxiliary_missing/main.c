//@ about: an auxiliary filtee that is nowhere, is no ELF file, or is one of another machine is not missed: the filter does alone, and what else it names is used
//@ rule: DT_AUXILIARY: One that cannot be had, for whatever reason, is passed over in silence.
//@ libc: none,musl
//@ build: liba.so = lib.c -DVALUE=1 -Wl,-soname,liba.so
//@ build: libx.so = lib.c -DVALUE=3 -DX -Wl,-soname,libx.so -Wl,--auxiliary=libnowhere.so -Wl,--auxiliary=libtext.so -Wl,--auxiliary=libarm.so -Wl,--auxiliary=$ORIGIN/liba.so
//@ build: prog = main.c -fPIC -l:libx.so
//@ elf: libx.so has (AUXILIARY) [libnowhere.so] [$ORIGIN/liba.so]
//@ sh: echo text > libtext.so; cp liba.so libarm.so; printf '\267' | dd of=libarm.so bs=1 seek=18 conv=notrunc status=none
//@ musl oracle: differs: musl knows no filters

#include "start.h"

int value(void), x_value(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(value(), 1);
    check_eq(x_value(), 3);
    exit_group(0);
}
