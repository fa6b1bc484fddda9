//@ about: A failed dlopen of TLS libraries leaves no module id behind: the next one has the id that was next before.
//@ libc: glibc
//@ build: libt.so = tls.c -DNAME=t
//@ build: libu.so = tls.c -DNAME=u
//@ build: liba.so = ../failed_symbol/datum.c tls.c -DNAME=a -Wl,--no-as-needed -l:libu.so
//@ build: prog = main.c
//@ env: LD_LIBRARY_PATH={dir}
//@ run: {dir}
//@ stdout: ok

#include "../parts/whole.h"

static size_t module(void *handle)
{
    size_t id = 0;
    check_eq(dlinfo(handle, RTLD_DI_TLS_MODID, &id), 0);
    return id;
}

int main(int argc, char **argv)
{
    (void)argc;
    void *t = opened("libt.so", RTLD_NOW);
    size_t next = module(t);
    closed(t);
    for (int i = 0; i < 5; i++)
        check_fails("liba.so", RTLD_NOW, "%s/liba.so: undefined symbol: nothing", argv[1]);
    t = opened("libt.so", RTLD_NOW);
    check_eq(module(t), next);
    check_eq(*(int *)found(t, "t"), 9);
    say("ok\n");
}
