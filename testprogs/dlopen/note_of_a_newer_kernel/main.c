//@ about: a library that asks for a Linux newer than any is opened
//@ rule: NT_GNU_ABI_TAG: Ignored, as from glibc 2.37 on. glibc 2.36 passes over a library that asks for a newer Linux than there is.
//@ libc: glibc
//@ build: liba.so = ../ignored_notes/notes.S -DKERNEL=99
//@ build: prog = main.c
//@ oracle: differs: glibc 2.36 passes over it, as newer ones do not

#include "../parts/dl.h"

int main(void)
{
    check_eq(*(int *)found(opened("./liba.so", RTLD_NOW), "value"), 5);
}
