//@ about: dlmopen into a new namespace is refused with a text that says so, and leaves nothing.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ stdout: ok
//@ oracle: differs: glibc has separate namespaces

#include "../parts/dl.h"

int main(void)
{
    struct seen before = look(NULL);
    check(!dlmopen(LM_ID_NEWLM, "liba.so", RTLD_NOW));
    const char *text = dlerror();
    check(text && strstr(text, "liba.so") && strstr(text, "namespace"));
    check_gone("/liba.so");
    check_eq(look(NULL).adds, before.adds);
    say("ok\n");
}
