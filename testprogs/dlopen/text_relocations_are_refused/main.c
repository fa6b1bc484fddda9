//@ about: With LD_RS_STRICT an object with text relocations is refused with a message, and leaves nothing.
//@ libc: glibc
//@ build: liba.so = lib.S -Wl,-z,notext
//@ build: prog = main.c
//@ elf: liba.so has TEXTREL
//@ env: LD_RS_STRICT=1
//@ stdout: ok
//@ oracle: differs: glibc makes the text writable and loads it

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("liba.so", RTLD_NOW));
    const char *text = dlerror();
    check(text && strstr(text, "liba.so") && strstr(text, "text relocation"));
    check_gone("/liba.so");
    say("ok\n");
}
