//@ about: C++ static objects of an opened library, namespace and function-local, are destroyed at dlclose, in reverse order, and again at each opening.
//@ axes: cc=gcc,clang
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: prog = main.cc
//@ stdout: first constructed
//@ stdout: second constructed
//@ stdout: local constructed
//@ stdout: local destroyed
//@ stdout: second destroyed
//@ stdout: first destroyed
//@ stdout: first constructed
//@ stdout: second constructed
//@ stdout: second destroyed
//@ stdout: first destroyed
//@ stdout: ok

#include "../parts/dl.h"

int main()
{
    void *a = opened("liba.so", RTLD_NOW);
    ((void (*)())found(a, "use"))();
    closed(a);
    check_gone("/liba.so");
    closed(opened("liba.so", RTLD_NOW));
    say("ok\n");
}
