// Linkers put IRELATIVE where they like; the resolver here reads what other relocations fill in.
//@ about: IRELATIVE: a static IFUNC of the program and of a library, resolved after the object's other relocations
//@ rule: R_X86_64_IRELATIVE: What the resolver answers, once all else of the objects is relocated.
//@ axes: cc=gcc,clang ld=bfd,lld,mold pie=pie,nopie
//@ libc: none,musl
//@ build: liba.so = both.c -DENTRY=a
//@ build: prog = main.c both.c -DENTRY=own -l:liba.so
//@ elf: liba.so has R_X86_64_IRELATIV
//@ elf: prog has R_X86_64_IRELATIV
//@ musl oracle: differs: musl knows no IFUNC

#include "start.h"

int a(void);
int own(void);

int main(int argc, char **argv, char **envp)
{
    check_eq(a(), 7);
    check_eq(own(), 7);
    exit_group(0);
}
