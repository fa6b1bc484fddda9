//@ about: TLSDESC, general-dynamic, local-dynamic and initial-exec code of a library reach its variables of every kind, at start-up and in threads, beside a program with local-exec code
//@ axes: ld=bfd,lld,mold,gold opt=-O0,-O2 pie=pie,nopie
//@ libc: glibc,musl
//@ build: liba.so = ../../dlopen/parts/tls.c -DWHO=a -mtls-dialect=gnu2 -DALIGN=64
//@ build: libb.so = ../../dlopen/parts/tls.c -DWHO=b -DALIGN=4096 -DSIZE=200000
//@ build: libd.so = ../../dlopen/parts/tls.c -DWHO=d -ftls-model=local-dynamic -DVISIBLE="hidden" -DALIGN=512
//@ build: libe.so = ../../dlopen/parts/tls.c -DWHO=e -ftls-model=initial-exec
//@ build: prog = main.c -l:liba.so -l:libb.so -l:libd.so -l:libe.so -pthread
//@ elf: liba.so has TLSDESC
//@ elf: libe.so has R_X86_64_TPOFF64
//@ stdout: ok

#include "../../dlopen/parts/dl.h"

#define EACH(X) X(a) X(b) X(d) X(e)
#define DECLARE(who) int who##_check(long), who##_again(long);
#define CHECK(who) check_eq(who##_check(mark), 0);
#define AGAIN(who) check_eq(who##_again(mark), 0);
EACH(DECLARE)
static __thread volatile long own = 321;

static void *body(void *arg)
{
    long mark = (long)arg;
    check_eq(own, 321);
    own = mark;
    EACH(CHECK)
    EACH(AGAIN)
    check_eq(own, mark);
    return NULL;
}

int main(void)
{
    long mark = 1;
    body((void *)mark);
    pthread_t threads[8];
    for (long i = 0; i < 8; i++)
        threads[i] = started(body, (void *)(i + 2));
    for (int i = 0; i < 8; i++)
        joined(threads[i]);
    EACH(AGAIN)
    check_eq(own, 1);
    say("ok\n");
}
