//@ about: A file that was replaced by another of the same name while open is a new object under the same path.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=new -DSILENT
//@ sh: mv liba.so new.so
//@ build: liba.so = ../parts/speaks.c -DWHO=old -DSILENT
//@ sh: mv liba.so old.so
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

static void becomes_a(const char *file)
{
    unlink("liba.so");
    check_eq(link(file, "liba.so"), 0);
}

int main(void)
{
    becomes_a("old.so");
    void *a = opened("./liba.so", RTLD_NOW);
    found(a, "old");
    becomes_a("new.so");
    // While the old one is there, its path means it.
    check_eq(opened("./liba.so", RTLD_NOW), a);
    closed(a);
    closed(a);
    check_gone("/liba.so");
    a = opened("./liba.so", RTLD_NOW);
    found(a, "new");
    say("ok\n");
}
