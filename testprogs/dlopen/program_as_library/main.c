//@ about: A position-independent program and a fixed-address one cannot be opened, with glibc's words.
//@ rule: DF_1_PIE: Such an object can be neither needed nor opened.
//@ libc: glibc
//@ build: pie = other.c -pie
//@ build: fixed = other.c -no-pie
//@ build: prog = main.c
//@ stdout: ./pie: cannot dynamically load position-independent executable
//@ stdout: ./fixed: cannot dynamically load executable
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    check(!dlopen("./pie", RTLD_NOW));
    say("%s\n", dlerror());
    check(!dlopen("./fixed", RTLD_NOW));
    say("%s\n", dlerror());
    check_gone("/pie");
    check_gone("/fixed");
    say("ok\n");
}
