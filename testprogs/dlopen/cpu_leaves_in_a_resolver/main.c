//@ about: An IFUNC resolver of an opened library reads the CPU leaves of <sys/platform/x86.h> that nothing read before.
//@ axes: cc=gcc opt=-O2 pie=pie,nopie
//@ libc: glibc
//@ build: libleaves.so = lib.c
//@ build: prog = main.c
//@ stdout: the same

#include <dlfcn.h>
#include <stdio.h>

int main(void)
{
    void *library = dlopen("libleaves.so", RTLD_NOW);
    int (*are_the_same)(void) = library ? (int (*)(void))dlsym(library, "are_the_same") : NULL;
    printf("%s\n", are_the_same && are_the_same() ? "the same" : "others");
}
