//@ about: Threads on stacks of the program's own, used again and unmapped: TLS of opened libraries, dynamic and initial-exec, is fresh each time.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=3000
//@ build: libi.so = ../parts/tls.c -DWHO=i -DSIZE=9000 -ftls-model=initial-exec
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: differs: glibc says "cannot allocate memory in static TLS block"

#include "../parts/dl.h"
#include <sys/mman.h>

static int (*check_a)(long), (*check_i)(long);
static void *touches(void *mark)
{
    check_eq(check_a((long)mark), 0);
    check_eq(check_i((long)mark), 0);
    return mark;
}

int main(void)
{
    enum { SIZE = 256 << 10 };
    check_a = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    check_i = (int (*)(long))found(opened("libi.so", RTLD_NOW), "i_check");
    void *stack = NULL;
    for (long i = 0; i < 200; i++) {
        if (i % 3 == 0)
            stack = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        pthread_attr_t own;
        pthread_t thread;
        check_eq(pthread_attr_init(&own), 0);
        check_eq(pthread_attr_setstack(&own, stack, SIZE), 0);
        check_eq(pthread_create(&thread, &own, touches, (void *)i), 0);
        check_eq(joined(thread), i);
        if (i % 3 == 2)
            check_eq(munmap(stack, SIZE), 0);
    }
    say("ok\n");
}
