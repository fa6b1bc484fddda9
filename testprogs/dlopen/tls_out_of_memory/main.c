//@ about: With no address space for a library's 64 MiB block, dlopen, with a text that names bytes wanted and left, or the creation of the thread fails; the process lives, and later everything works.
//@ libc: glibc
//@ build: liba.so = ../parts/tls.c -DWHO=a -DSIZE=0x4000000
//@ build: prog = main.c -pthread
//@ stdout: ok
//@ oracle: differs: glibc ends the process at the first touch with "cannot allocate memory for thread-local data: ABORT"

#include "../parts/dl.h"
#include <sys/resource.h>

static void *touches(void *check_of_library)
{
    check_eq(((int (*)(long))check_of_library)(3), 0);
    return NULL;
}

int main(void)
{
    struct rlimit limit;
    long pages;
    getrlimit(RLIMIT_AS, &limit);
    rlim_t full = limit.rlim_cur;
    FILE *file = fopen("/proc/self/statm", "r");
    check_eq(fscanf(file, "%ld", &pages), 1);
    fclose(file);
    limit.rlim_cur = (rlim_t)pages * 4096 + (48 << 20);
    check_eq(setrlimit(RLIMIT_AS, &limit), 0);
    void *a = dlopen("liba.so", RTLD_NOW);
    if (a) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, touches, found(a, "a_check"));
        check(error == EAGAIN || error == ENOMEM);
    } else {
        const char *text = dlerror();
        check(text && strstr(text, "liba.so: "));
        const char *numbers = strstr(text, "thread-local data: ");
        unsigned long wanted, left;
        check_eq(sscanf(must(numbers), "thread-local data: %lu bytes wanted, %lu bytes left", &wanted, &left), 2);
        check(wanted >= 0x4000000 && left < wanted && left > (40 << 20));
    }
    free(must(malloc(10000)));
    limit.rlim_cur = full;
    check_eq(setrlimit(RLIMIT_AS, &limit), 0);
    if (!a)
        a = opened("liba.so", RTLD_NOW);
    joined(started(touches, found(a, "a_check")));
    touches(found(a, "a_check"));
    say("ok\n");
}
