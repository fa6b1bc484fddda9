//@ about: With LD_RS_STRICT an object that wants an executable stack is refused with a message, and leaves nothing.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,-z,execstack
//@ build: prog = main.c
//@ env: LD_RS_STRICT=1
//@ stdout: ok
//@ oracle: differs: glibc makes all stacks executable

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("liba.so", RTLD_NOW));
    const char *text = dlerror();
    check(text && strstr(text, "liba.so") && strstr(text, "executable stack"));
    check_gone("/liba.so");
    say("ok\n");
}
