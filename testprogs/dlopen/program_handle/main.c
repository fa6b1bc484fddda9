//@ about: The handle of a NULL name finds the program's exports, its libraries' and those opened RTLD_GLOBAL, in this order, and not those of a local object.
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -DASKS
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT -DASKS
//@ build: libneeded.so = ../parts/speaks.c -DWHO=c -DSILENT -DASKS
//@ build: prog = main.c -rdynamic -Wl,--no-as-needed -l:libneeded.so
//@ stdout: ok

#include "../parts/dl.h"

int own = 5;
static int hidden unused_ok = 6;

int main(void)
{
    void *self = opened(NULL, RTLD_LAZY);
    check_eq(opened(NULL, RTLD_NOW), self);
    check_eq(opened("", RTLD_NOW), self);
    check_eq(found(self, "own"), &own);
    check(absent(self, "hidden"));
    check(absent(RTLD_DEFAULT, "hidden"));
    check_text(((const char *(*)(void))found(self, "who"))(), "c");

    void *a = opened("liba.so", RTLD_LAZY), *b = opened("libb.so", RTLD_LAZY | RTLD_GLOBAL);
    check(absent(self, "a"));
    check(absent(RTLD_DEFAULT, "a"));
    check_eq(found(self, "b"), found(b, "b"));
    check_text(((const char *(*)(void))found(self, "who"))(), "c");
    check_text(((const char *(*)(void))found(a, "who"))(), "a");
    closed(b);
    check(absent(self, "b"));
    closed(a);
    closed(self);
    closed(self);
    closed(self);
    check_eq(found(RTLD_DEFAULT, "own"), &own);
    say("ok\n");
}
