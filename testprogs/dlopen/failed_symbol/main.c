//@ about: A missing function with RTLD_NOW or -z now and a missing datum in any mode: nothing stays, no constructor runs; once it is there the same dlopen succeeds.
//@ axes: ld=bfd,lld,mold,gold
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = function.c ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: libn.so = function.c ../parts/speaks.c -DWHO=n -Wl,--no-as-needed -l:libb.so -z now
//@ build: libd.so = datum.c ../parts/speaks.c -DWHO=d -Wl,--no-as-needed -l:libb.so
//@ build: libgives.so = gives.c
//@ build: prog = main.c
//@ run: {dir}
//@ env: LD_LIBRARY_PATH={dir}
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: d begins
//@ stdout: n begins
//@ stdout: ok

#include "../parts/whole.h"

int main(int argc, char **argv)
{
    (void)argc;
    struct whole before = whole();
    check_fails("liba.so", RTLD_NOW, "%s/liba.so: undefined symbol: nowhere", argv[1]);
    check_fails("libn.so", RTLD_LAZY, "%s/libn.so: undefined symbol: nowhere", argv[1]);
    check_fails("libd.so", RTLD_LAZY, "%s/libd.so: undefined symbol: nothing", argv[1]);
    check_fails("libd.so", RTLD_NOW | RTLD_GLOBAL, "%s/libd.so: undefined symbol: nothing", argv[1]);
    check_gone("/libb.so");
    check_unchanged(before);
    check(absent(RTLD_DEFAULT, "b"));
    opened("libgives.so", RTLD_NOW | RTLD_GLOBAL);
    opened("liba.so", RTLD_NOW);
    check_eq(*((int *(*)(void))found(opened("libd.so", RTLD_LAZY), "datum"))(), 5);
    check_eq(((int (*)(void))found(opened("libn.so", RTLD_NOW), "function"))(), 4);
    say("ok\n");
    _exit(0);
}
