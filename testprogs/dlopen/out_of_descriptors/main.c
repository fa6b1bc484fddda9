//@ about: Without a free descriptor dlopen fails with the system's reason and leaves nothing; with one it succeeds, and what is loaded already needs none.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = ../parts/speaks.c -DWHO=a -DSILENT -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ stdout: liba.so: cannot open shared object file: Too many open files
//@ stdout: ok

#include "../parts/whole.h"
#include <sys/resource.h>

int main(void)
{
    struct whole before = whole();
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t full = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)before.descriptor;
    check_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    check(!dlopen("liba.so", RTLD_NOW));
    say("%s\n", dlerror());
    limit.rlim_cur++;
    check_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    void *a = opened("liba.so", RTLD_NOW);
    limit.rlim_cur--;
    check_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    check_eq(opened("liba.so", RTLD_NOW), a);
    closed(a);
    closed(a);
    limit.rlim_cur = full;
    check_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    check_unchanged(before);
    say("ok\n");
}
