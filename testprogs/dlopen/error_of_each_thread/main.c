//@ about: dlerror belongs to its thread: another thread neither sees nor clears it, and threads that fail together read their own text.
//@ libc: glibc
//@ build: prog = main.c -pthread
//@ stdout: ok

#include "../parts/dl.h"

static void *reads_nothing(void *unused)
{
    (void)unused;
    check_eq(dlerror(), NULL);
    check(!dlopen("libother.so", RTLD_LAZY));
    return NULL;
}
static void *fails_often(void *number)
{
    char name[64], expected[128];
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "./libmissing%ld_%d.so", (long)number, i);
        snprintf(expected, sizeof expected, "%s: cannot open shared object file: No such file or directory", name);
        check(!dlopen(name, RTLD_LAZY));
        check_text(dlerror(), expected);
        check_eq(dlerror(), NULL);
    }
    return NULL;
}

int main(void)
{
    check(!dlopen("libmine.so", RTLD_LAZY));
    joined(started(reads_nothing, NULL));
    check_text(dlerror(), "libmine.so: cannot open shared object file: No such file or directory");
    pthread_t threads[4];
    for (long i = 0; i < 4; i++)
        threads[i] = started(fails_often, (void *)i);
    for (int i = 0; i < 4; i++)
        joined(threads[i]);
    say("ok\n");
}
