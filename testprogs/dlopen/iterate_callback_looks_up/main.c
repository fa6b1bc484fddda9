//@ about: dl_iterate_phdr's callback may call dlsym, dladdr and dl_iterate_phdr.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

static int callback(struct dl_phdr_info *info, size_t size, void *count)
{
    Dl_info found_info;
    (void)info, (void)size;
    ++*(int *)count;
    found(RTLD_DEFAULT, "malloc");
    check(dladdr((void *)callback, &found_info));
    check(listed("/liba.so"));
    return 0;
}

int main(void)
{
    int count = 0;
    alarm(5);
    opened("liba.so", RTLD_NOW);
    dl_iterate_phdr(callback, &count);
    check_eq(count, look(NULL).total);
    say("ok\n");
}
