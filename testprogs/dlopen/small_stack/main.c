//@ about: dlopen, a failing dlopen, dlsym and dlclose work in threads with the smallest stack there is.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: libb.so = ../parts/tls.c -DWHO=b
//@ build: liba.so = ../parts/tls.c -DWHO=a -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static void *opens(void *unused)
{
    for (int i = 0; i < 20; i++) {
        void *a = opened("liba.so", RTLD_NOW);
        check_eq(((int (*)(long))found(a, "b_check"))(3), 0);
        check(!dlopen("libnone.so", RTLD_NOW));
        check(dlerror());
        closed(a);
    }
    return unused;
}

int main(void)
{
    pthread_attr_t small;
    check_eq(pthread_attr_init(&small), 0);
    check_eq(pthread_attr_setstacksize(&small, 16384), 0);
    for (int i = 0; i < 5; i++) {
        pthread_t thread;
        check_eq(pthread_create(&thread, &small, opens, NULL), 0);
        joined(thread);
    }
    say("ok\n");
}
