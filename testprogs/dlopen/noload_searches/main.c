//@ about: RTLD_NOLOAD searches as an open does: what no file answers to is an error, a file that is not loaded none; an object is found by any name of its file, made global and kept.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,-soname,liba.so.1
//@ build: libuser.so = user.c -Wl,-z,lazy
//@ sh: printf 'no ELF at all, but long enough for a header of one, sixty-four bytes' > text.so; mkdir -p dir; ln liba.so dir/other.so
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}:{dir}/dir
//@ stdout: libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ./libnone.so: cannot open shared object file: No such file or directory
//@ stdout: liba.so.1: cannot open shared object file: No such file or directory
//@ stdout: ./text.so: invalid ELF header
//@ stdout: ./dir: cannot read file data: Is a directory
//@ stdout: ok

#include "../parts/dl.h"

static void fails(const char *name)
{
    check(!dlopen(name, RTLD_LAZY | RTLD_NOLOAD));
    say("%s\n", dlerror());
}

int main(void)
{
    fails("libnone.so");
    fails("./libnone.so");
    fails("liba.so.1");
    fails("./text.so");
    fails("./dir");
    static const char *const names[] = {"liba.so", "./liba.so", "other.so", "$ORIGIN/dir/other.so"};
    for (int i = 0; i < 4; i++) {
        check(!dlopen(names[i], RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE | RTLD_NOLOAD));
        check_eq(dlerror(), NULL);
    }
    check_gone("/liba.so");
    check_gone("/other.so");
    void *a = opened("liba.so", RTLD_LAZY);
    for (int i = 0; i < 4; i++) {
        check_eq(dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD), a);
        closed(a);
    }
    check_eq(dlopen("liba.so.1", RTLD_LAZY | RTLD_NOLOAD), a);
    closed(a);
    // The promotion of one that is there.
    void *user = opened("libuser.so", RTLD_LAZY);
    check(absent(RTLD_DEFAULT, "a"));
    check_eq(dlopen("other.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL), a);
    closed(a);
    check_eq(((int (*)(void))found(user, "user"))(), 1);
    check_eq(((int (*)(void))found(RTLD_DEFAULT, "a"))(), 2);
    closed(user);
    check_eq(dlopen("./dir/other.so", RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE), a);
    for (int i = 0; i < 5; i++)
        closed(a);
    check_here("/liba.so");
    say("ok\n");
}
