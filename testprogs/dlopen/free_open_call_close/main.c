//@ about: A program without a libc opens a library, calls it, sees an error's text and closes, by the loader's own exports.
//@ axes: cc=gcc,clang ld=bfd,lld,mold,gold opt=-O0,-O2
//@ build: liba.so = lib.c
//@ build: symbols.so = ../parts/loader_symbols.c -Wl,-soname,ld-linux-x86-64.so.2
//@ build: prog = main.c -l:symbols.so
//@ stdout: liba.so begins
//@ stdout: 1 2
//@ stdout: libnone.so: cannot open shared object file: No such file or directory
//@ stdout: ./liba.so: undefined symbol: nothing
//@ stdout: liba.so ends
//@ stdout: liba.so begins
//@ stdout: 1
//@ stdout: liba.so ends
//@ oracle: no: glibc's dlopen is in libc.so.6

#include "../parts/free_dl.h"
#include "start.h"

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    void *a = dlopen("./liba.so", RTLD_NOW);
    check(a);
    int (*count)(void) = (int (*)(void))dlsym(a, "count");
    check(count);
    int one = count(), two = count();
    print("%d %d\n", (long)one, (long)two);
    check_eq(dlerror(), NULL);
    check(!dlopen("libnone.so", RTLD_NOW));
    print("%s\n", dlerror());
    check_eq(dlerror(), NULL);
    check(!dlsym(a, "nothing"));
    print("%s\n", dlerror());
    check_eq(dlclose(a), 0);
    a = dlopen("./liba.so", RTLD_LAZY);
    check(a);
    count = (int (*)(void))dlsym(a, "count");
    print("%d\n", (long)count());
    check_eq(dlclose(a), 0);
    return 0;
}
