//@ about: A failed dlopen takes no reference to a dependency that was open before, and does not make it global.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = ../failed_symbol/function.c -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: b begins
//@ stdout: b ends
//@ stdout: ok

#include "../parts/whole.h"

int main(int argc, char **argv)
{
    (void)argc;
    struct whole empty = whole();
    void *b = opened("libb.so", RTLD_NOW);
    struct whole before = whole();
    check_fails("liba.so", RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE, "%s/liba.so: undefined symbol: nowhere", argv[1]);
    check_unchanged(before);
    check(absent(RTLD_DEFAULT, "b"));
    closed(b);
    check_gone("/libb.so");
    check_unchanged(empty);
    say("ok\n");
}
