//@ about: Threads with 16 KiB stacks are made and use 200 bytes and 64 KiB of an opened library's TLS.
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=200
//@ build: libb.so = ../parts/tls.c -DWHO=b -DSIZE=65536
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int (*check_a)(long), (*check_b)(long);
static void *touches(void *mark)
{
    check_eq(check_a((long)mark), 0);
    check_eq(check_b((long)mark), 0);
    return mark;
}

int main(void)
{
    check_a = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    check_b = (int (*)(long))found(opened("libb.so", RTLD_NOW), "b_check");
    pthread_attr_t small;
    check_eq(pthread_attr_init(&small), 0);
    check_eq(pthread_attr_setstacksize(&small, 16384), 0);
    for (long i = 0; i < 50; i++) {
        pthread_t thread;
        check_eq(pthread_create(&thread, &small, touches, (void *)i), 0);
        check_eq(joined(thread), i);
    }
    say("ok\n");
}
