//@ about: A file that ends before its segments do is refused and leaves nothing, instead of a SIGBUS later.
//@ libc: glibc
//@ build: libb.so = big.c ../parts/speaks.c -DWHO=b
//@ build: prog = main.c
//@ sh: head -c 9000 libb.so > cut; mv cut libb.so
//@ stdout: ok
//@ oracle: differs: glibc maps beyond the end of the file and dies by SIGBUS

#include "../parts/whole.h"

int main(void)
{
    struct whole before = whole();
    check(!dlopen("libb.so", RTLD_NOW));
    const char *text = dlerror();
    check(text && strstr(text, "libb.so"));
    check_gone("/libb.so");
    check_unchanged(before);
    say("ok\n");
}
