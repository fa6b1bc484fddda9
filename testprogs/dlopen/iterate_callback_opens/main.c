//@ about: dl_iterate_phdr's callback may open and close a library.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a
//@ build: prog = main.c
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: ok

#include "../parts/dl.h"

static int callback(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)info, (void)size, (void)unused;
    closed(opened("liba.so", RTLD_NOW));
    return 1;
}

int main(void)
{
    alarm(5);
    check_eq(dl_iterate_phdr(callback, NULL), 1);
    check_gone("/liba.so");
    say("ok\n");
}
