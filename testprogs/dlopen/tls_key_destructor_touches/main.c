//@ about: A pthread key's destructor, the last code of a thread, makes the first touch of an opened library's TLS; nothing is lost in 2000 threads.
//@ axes: opt=-O2
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=100000
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int (*first)(long);
static pthread_key_t key;
static void destructor(void *mark)
{
    check_eq(first((long)mark), 0);
}
static void *thread(void *mark)
{
    pthread_setspecific(key, mark);
    return NULL;
}

int main(void)
{
    long before = 0;
    first = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    pthread_key_create(&key, destructor);
    for (long i = 0; i < 2000; i++) {
        joined(started(thread, (void *)(i + 1)));
        if (i == 50)
            before = resident_pages();
    }
    check(resident_pages() <= before + 1024);
    say("ok\n");
}
