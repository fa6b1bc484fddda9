//@ about: Three thousand threads that each touch 256 KiB of an opened library's TLS leave no memory behind.
//@ axes: opt=-O2
//@ libc: glibc,musl
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x40000
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static int (*touch)(long);
static void *touches(void *mark)
{
    check_eq(touch((long)mark), 0);
    return NULL;
}
static long total_pages(void)
{
    long total;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &total), 1);
    fclose(file);
    return total;
}

int main(void)
{
    long total, resident, total_before = 0, resident_before = 0;
    touch = (int (*)(long))found(opened("liba.so", RTLD_NOW), "a_check");
    for (long i = 0; i < 750; i++) {
        pthread_t threads[4];
        for (int k = 0; k < 4; k++)
            threads[k] = started(touches, (void *)i);
        for (int k = 0; k < 4; k++)
            joined(threads[k]);
        if (i == 20) {
            total_before = total_pages();
            resident_before = resident_pages();
        }
    }
    total = total_pages();
    resident = resident_pages();
    check(resident <= resident_before + 1024);
    // Caches of stacks and arenas take what they take, but not 3000 blocks.
    check(total <= total_before + (256 << 20) / 4096);
    say("ok\n");
}
