//@ about: dlopen without address space for the object fails with a text that names it, leaves nothing, and succeeds when there is space again; malloc and the threads live.
//@ libc: glibc
//@ build: libb.so = ../parts/speaks.c -DWHO=b -DSILENT
//@ build: liba.so = big.c -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/whole.h"
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit;
    struct whole before = whole();
    getrlimit(RLIMIT_AS, &limit);
    rlim_t full = limit.rlim_cur;
    long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &pages), 1);
    fclose(file);
    limit.rlim_cur = (rlim_t)pages * 4096 + (16 << 20);
    for (int i = 0; i < 20; i++) {
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        void *a = dlopen("liba.so", RTLD_NOW);
        const char *text = dlerror();
        check(!a && text && strstr(text, "liba.so"));
        free(must(malloc(1000)));
    }
    limit.rlim_cur = full;
    check_eq(setrlimit(RLIMIT_AS, &limit), 0);
    check_gone("/liba.so");
    check_gone("/libb.so");
    check_unchanged(before);
    closed(opened("liba.so", RTLD_NOW));
    check_unchanged(before);
    say("ok\n");
}
