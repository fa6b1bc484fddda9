//@ about: RTLD_NEXT asked by code that lies in no object is refused with glibc's words; RTLD_DEFAULT and dlopen there are the program's.
//@ libc: glibc
//@ build: libc_.so = ../parts/speaks.c -DWHO=c -DSILENT
//@ build: prog = main.c -rdynamic
//@ stdout: ok

#include "../parts/dl.h"
#include <sys/mman.h>

// Calls `function` with its own arguments, from memory that belongs to no object.
static void *called_from_nowhere(void *function)
{
    unsigned char code[] = {0x48, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,   0x48,
                            0x83, 0xec, 8,    0xff, 0xd0, 0x48, 0x83, 0xc4, 8,    0xc3};
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(code + 2, &function, sizeof function);
    memcpy(memory, code, sizeof code);
    check_eq(mprotect(memory, 4096, PROT_READ | PROT_EXEC), 0);
    return memory;
}

int own(void)
{
    return 1;
}

int main(void)
{
    void *(*sym)(void *, const char *) = called_from_nowhere(dlsym);
    void *(*vsym)(void *, const char *, const char *) = called_from_nowhere(dlvsym);
    void *(*open)(const char *, int) = called_from_nowhere(dlopen);
    static const char text[] = "RTLD_NEXT used in code not dynamically loaded";
    check(!sym(RTLD_NEXT, "malloc"));
    check_text(dlerror(), text);
    check(!sym(RTLD_NEXT, "nothing"));
    check_text(dlerror(), text);
    check(!vsym(RTLD_NEXT, "malloc", "GLIBC_2.2.5"));
    check_text(dlerror(), text);
    check_eq(sym(RTLD_DEFAULT, "own"), own);
    check(!sym(RTLD_DEFAULT, "nothing"));
    check(ends_with(must(dlerror()), "prog: undefined symbol: nothing"));
    check(!vsym(RTLD_DEFAULT, "malloc", "NEVER"));
    check(ends_with(must(dlerror()), "prog: undefined symbol: malloc, version NEVER"));
    // By the program's DT_RUNPATH.
    void *c = must(open("libc_.so", RTLD_NOW));
    check(sym(c, "c"));
    check(!sym(RTLD_DEFAULT, "c"));
    say("ok\n");
}
