//@ about: A missing dependency three levels down: nothing stays, no constructor runs, the text names it; once it is there the same dlopen succeeds.
//@ libc: glibc
//@ build: libd.so = ../parts/speaks.c -DWHO=d
//@ build: libc1.so = ../parts/speaks.c -DWHO=c -Wl,--no-as-needed -l:libd.so
//@ build: libb.so = ../parts/speaks.c -DWHO=b
//@ build: liba.so = ../parts/speaks.c -DWHO=a -Wl,--no-as-needed -l:libb.so -l:libc1.so
//@ build: prog = main.c
//@ sh: mv libd.so away.so
//@ stdout: d begins
//@ stdout: c begins
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: ok
//@ stdout: a ends
//@ stdout: b ends
//@ stdout: c ends
//@ stdout: d ends

#include "../parts/whole.h"

int main(void)
{
    unlink("libd.so");
    struct whole before = whole();
    check_fails("liba.so", RTLD_NOW | RTLD_GLOBAL, "libd.so: cannot open shared object file: No such file or directory");
    check_fails("liba.so", RTLD_LAZY, "libd.so: cannot open shared object file: No such file or directory");
    check_gone("/liba.so");
    check_gone("/libb.so");
    check_gone("/libc1.so");
    check_unchanged(before);
    check(absent(RTLD_DEFAULT, "b"));
    check_eq(link("away.so", "libd.so"), 0);
    void *a = opened("liba.so", RTLD_NOW);
    check_eq(((int (*)(void))found(a, "d"))(), 1);
    say("ok\n");
    closed(a);
    check_unchanged(before);
}
