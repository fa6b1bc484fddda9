//@ about: A function whose address a program at fixed addresses takes has one address in the process: for relocations, and for dlsym by every handle.
//@ axes: ld=bfd,lld,gold
//@ libc: glibc
//@ build: libf.so = f.c
//@ build: libp.so = p.c
//@ build: prog = main.c -fno-pie -no-pie -Wl,--no-as-needed -l:libf.so
//@ stdout: ok

#include "../parts/dl.h"

int function(void);
int data_too(void);
void *address_of(void);
void *call(void *what)
{
    return what;
}

int main(void)
{
    void *self = opened(NULL, RTLD_NOW), *f = opened("libf.so", RTLD_NOW), *p = opened("libp.so", RTLD_NOW);
    void *address = call((void *)function);
    check_eq(found(RTLD_DEFAULT, "function"), address);
    check_eq(found(self, "function"), address);
    check_eq(address_of(), address);
    // Behind the program there is the library's own.
    check(found(RTLD_NEXT, "function") != address);
    check_eq(found(RTLD_NEXT, "function"), found(f, "function"));
    check_eq(((void *(*)(void))found(p, "by_relocation"))(), address);
    check_eq(((void *(*)(void))found(p, "by_name"))(), address);
    check_eq(((void *(*)(void))found(p, "by_handle_of_the_program"))(), address);
    check_eq(((int (*)(void))found(RTLD_DEFAULT, "function"))(), 7);
    // With a version, too, if it has that.
    check_eq(must(dlvsym(RTLD_DEFAULT, "qsort", "GLIBC_2.2.5")), call((void *)qsort));
    check_eq(must(dlvsym(self, "qsort", "GLIBC_2.2.5")), call((void *)qsort));
    check(!dlvsym(self, "qsort", "GLIBC_2.3"));
    // What is only called is not the program's.
    check_eq(data_too(), 8);
    check_eq(found(RTLD_DEFAULT, "data_too"), found(f, "data_too"));
    say("ok\n");
}
