//@ about: With address space for one page more at each try, dlopen of two TLS libraries, with two threads running, fails with a text and leaves nothing until there is enough; then it works in every thread.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: libb.so = ../parts/tls.c -DWHO=b -DSIZE=100000
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=50000 -Wl,--no-as-needed -l:libb.so
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: no: glibc makes blocks at their first touch, and then ends the process

#include "../parts/whole.h"
#include <sys/resource.h>

static pthread_barrier_t is_open;
static int (*check_a)(long), (*check_b)(long);
static void *waits(void *mark)
{
    pthread_barrier_wait(&is_open);
    check_eq(check_a((long)mark), 0);
    check_eq(check_b((long)mark), 0);
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    struct rlimit limit;
    pthread_barrier_init(&is_open, NULL, 3);
    for (long i = 0; i < 2; i++)
        threads[i] = started(waits, (void *)i);
    // What a loader keeps for later openings it may keep.
    closed(opened("liba.so", RTLD_NOW));
    check_eq(dlopen("libnone.so", RTLD_NOW), NULL);
    check(dlerror());
    struct whole before = whole();
    getrlimit(RLIMIT_AS, &limit);
    rlim_t full = limit.rlim_cur;
    long failures = 0;
    void *a = NULL;
    for (int page = 0; !a; page++) {
        long pages;
        FILE *file = fopen("/proc/self/statm", "r");
        check_eq(fscanf(file, "%ld", &pages), 1);
        fclose(file);
        check(page < 1000);
        limit.rlim_cur = ((rlim_t)pages + (rlim_t)page) * 4096;
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        a = dlopen("liba.so", RTLD_NOW);
        const char *text = a ? NULL : dlerror();
        limit.rlim_cur = full;
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        if (!a) {
            failures++;
            check(text && (strstr(text, "liba.so") || strstr(text, "libb.so")));
            check_gone("/liba.so");
            check_gone("/libb.so");
            struct whole now = whole();
            check_eq(now.objects.total, before.objects.total);
            check_eq(now.descriptor, before.descriptor);
        }
    }
    check(failures > 10);
    check_a = (int (*)(long))found(a, "a_check");
    check_b = (int (*)(long))found(a, "b_check");
    pthread_barrier_wait(&is_open);
    for (int i = 0; i < 2; i++)
        joined(threads[i]);
    say("ok\n");
}
