//@ about: A dependency that lacks a version: nothing stays, the text has glibc's words; with the right library the same dlopen succeeds.
//@ libc: glibc
//@ build: libv.so = gives.c -Wl,--version-script=new.map
//@ build: liba.so = uses.c ../parts/speaks.c -DWHO=a -l:libv.so
//@ sh: mv libv.so new.so
//@ build: libv.so = gives.c -Wl,--version-script=old.map
//@ sh: mv libv.so old.so
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: a begins
//@ stdout: a ends
//@ stdout: ok

#include "../parts/whole.h"

static void is_libv(const char *file)
{
    unlink("libv.so");
    check_eq(link(file, "libv.so"), 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    is_libv("old.so");
    struct whole before = whole();
    check_fails("liba.so", RTLD_LAZY, "%s/libv.so: version `V2' not found (required by %s/liba.so)", argv[1], argv[1]);
    check_gone("/liba.so");
    check_gone("/libv.so");
    check_unchanged(before);
    is_libv("new.so");
    void *a = opened("liba.so", RTLD_NOW);
    check_eq(((int (*)(void))found(a, "uses"))(), 3);
    closed(a);
    check_unchanged(before);
    say("ok\n");
}
