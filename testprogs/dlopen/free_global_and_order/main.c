//@ about: Without a libc: a library with dependencies is constructed in order, RTLD_GLOBAL serves a later one, a missing symbol leaves nothing.
//@ build: libb.so = lib.c -DWHO=b
//@ build: liba.so = lib.c -DWHO=a -l:libb.so
//@ build: libuser.so = user.c
//@ build: symbols.so = ../parts/loader_symbols.c -Wl,-soname,ld-linux-x86-64.so.2
//@ build: prog = main.c -l:symbols.so
//@ stdout: ./libuser.so: undefined symbol: b_value
//@ stdout: b begins
//@ stdout: a begins
//@ stdout: 7
//@ stdout: a ends
//@ stdout: b ends
//@ oracle: no: glibc's dlopen is in libc.so.6

#include "../parts/free_dl.h"
#include "start.h"

int main(int argc, char **argv, char **envp)
{
    (void)argc, (void)argv, (void)envp;
    check(!dlopen("./libuser.so", RTLD_NOW));
    print("%s\n", dlerror());
    void *a = dlopen("./liba.so", RTLD_NOW | RTLD_GLOBAL);
    check(a);
    void *user = dlopen("./libuser.so", RTLD_NOW);
    check(user);
    print("%d\n", (long)((int (*)(void))dlsym(user, "user"))());
    check_eq(dlclose(user), 0);
    check_eq(dlclose(a), 0);
    return 0;
}
