//@ about: A preloaded library opens the RELRO pages of all objects, the loader's own too, changes a slot in them and closes them again, as tracers and profilers do.
//@ axes: ld=bfd,lld,mold
//@ libc: glibc,musl
//@ build: libhook.so = hook.c
//@ build: liba.so = a.c -Wl,-z,relro,-z,now
//@ build: prog = main.c -l:liba.so -Wl,-z,relro,-z,now -rdynamic
//@ env: LD_PRELOAD={dir}/libhook.so
//@ elf: prog has RELRO
//@ stdout: hooked
//@ stdout: hooked too

#include <stdio.h>

const char *answer(void) { return "not hooked"; }
const char *other_answer(void) { return "hooked too"; }
const char *(*const volatile slot)(void) = answer;
const char *of_library(void);

int main(void)
{
    puts(of_library());
    puts(slot());
    return 0;
}
