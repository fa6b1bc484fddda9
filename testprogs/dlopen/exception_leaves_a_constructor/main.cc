//@ about: An exception that leaves a constructor of an opened library ends the process by terminate() where <dlfcn.h>'s declaration of dlopen, which says that it does not throw, is believed.
//@ libc: glibc
//@ build: liba.so = lib.cc
//@ build: prog = main.cc
//@ exit: signal 6
//@ stdout: the constructor throws
//@ stderr: terminate called after throwing an instance of 'std::runtime_error'

#include "../parts/dl.h"

int main()
{
    try {
        dlopen("liba.so", RTLD_NOW);
    } catch (...) {
        say("dlopen was unwound\n");
    }
    say("after\n");
}
