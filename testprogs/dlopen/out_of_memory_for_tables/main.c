//@ about: With address space that does not suffice for the loader's own tables, dlopen of a library with 40,000 symbols fails with a text, at whatever point, and leaves nothing; with enough it works.
//@ axes: opt=-O2
//@ libc: glibc
//@ build: libbig.so = lib.S
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/whole.h"
#include <sys/resource.h>

int main(void)
{
    struct rlimit limit;
    check_eq(dlopen("libnone.so", RTLD_NOW), NULL);
    check(dlerror());
    struct whole before = whole();
    getrlimit(RLIMIT_AS, &limit);
    rlim_t full = limit.rlim_cur;
    int failures = 0, successes = 0;
    for (rlim_t kilobytes = 64; successes < 10; kilobytes += 128) {
        long pages;
        FILE *file = fopen("/proc/self/statm", "r");
        check_eq(fscanf(file, "%ld", &pages), 1);
        fclose(file);
        check(kilobytes < 64 << 10);
        limit.rlim_cur = (rlim_t)pages * 4096 + (kilobytes << 10);
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        void *big = dlopen("libbig.so", RTLD_NOW);
        const char *text = big ? NULL : dlerror();
        limit.rlim_cur = full;
        check_eq(setrlimit(RLIMIT_AS, &limit), 0);
        if (big) {
            successes++;
            check(dlsym(big, "a_rather_long_name_so_that_it_costs_39999"));
            closed(big);
        } else {
            failures++;
            check(text && *text);
        }
        check_gone("/libbig.so");
        check_eq(whole().objects.total, before.objects.total);
        check_eq(whole().descriptor, before.descriptor);
    }
    check(failures > 10);
    say("ok\n");
}
