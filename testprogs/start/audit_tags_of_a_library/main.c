// A linker that sees DT_AUDIT of a library gives the program DT_DEPAUDIT: it comes later.
//@ about: DT_AUDIT and DT_DEPAUDIT of a library, at start-up and opened, ask for nothing: no word, and the objects that they name are not loaded
//@ rule: DT_AUDIT DT_DEPAUDIT: Those of libraries are ignored.
//@ libc: glibc
//@ build: liba.so = lib.c
//@ build: prog = main.c -l:liba.so
//@ build: liba.so = lib.c -Wl,--audit,libd.so -Wl,--depaudit,libe.so
//@ build: libb.so = lib.c -Wl,--audit,libd.so:libf.so
//@ build: libd.so = lib.c
//@ elf: prog lacks AUDIT
//@ elf: liba.so has (AUDIT) (DEPAUDIT)
//@ elf: libb.so has (AUDIT)
//@ stdout: ok

#include "../../dlopen/parts/dl.h"

int a(void);

int main(void)
{
    check_eq(a(), 1);
    opened("libb.so", RTLD_NOW);
    check(!listed("libd.so") && mappings("libd.so") == 0);
    say("ok\n");
}
