//@ about: dlopen searches what the loader of the process's glibc searches: tls/ and the platform's subdirectories up to 2.36, their own set first, and not the empty one if it has nothing of the name
//@ libc: glibc
//@ build: liba.so = ../parts/speaks.c -DWHO=old -DSILENT -DASKS
//@ sh: mkdir -p sub/tls/x86_64 sub/x86_64; cp liba.so sub/tls/x86_64/liba.so; mv liba.so sub/x86_64/only.so
//@ build: sub/liba.so = ../parts/speaks.c -DWHO=new -DSILENT -DASKS
//@ build: prog = main.c -Wl,-rpath,$ORIGIN/sub
//@ stdout: ok

#include "../parts/dl.h"
#include <gnu/libc-version.h>

typedef const char *ask(void);

int main(void)
{
    bool old = atoi(strchr(gnu_get_libc_version(), '.') + 1) < 37;
    struct link_map *a = opened("liba.so", RTLD_NOW);
    check(ends_with(a->l_name, old ? "/sub/tls/x86_64/liba.so" : "/sub/liba.so"));
    void *only = dlopen("only.so", RTLD_NOW);
    check_eq(only != NULL, old);
    say("ok\n");
}
