//@ about: Two files of one name in two folders are two objects; a plain name then means the one whose name or soname it is.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/speaks.c -DWHO=one -DSILENT
//@ sh: mkdir one two; mv liba.so one
//@ build: liba.so = ../parts/speaks.c -DWHO=two -DSILENT
//@ sh: mv liba.so two
//@ stdout: ok
//@ build: prog = main.c

#include "../parts/dl.h"

int main(void)
{
    void *one = opened("./one/liba.so", RTLD_NOW), *two = opened("./two/liba.so", RTLD_NOW);
    check(one != two);
    found(one, "one");
    found(two, "two");
    check(absent(one, "two"));
    // Neither has a soname, and a path is no name.
    check(!dlopen("liba.so", RTLD_NOW));
    closed(one);
    check_gone("/one/liba.so");
    check_here("/two/liba.so");
    say("ok\n");
}
