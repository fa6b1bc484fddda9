//@ about: dlsym of libc's functions: an IFUNC gives its choice, a name with two versions the default one, dlvsym the old one.
//@ libc: glibc
//@ build: prog = main.c
//@ stdout: ok

#include "../parts/dl.h"

int main(void)
{
    char from[] = "four", to[5] = {0};
    void *(*copy)(void *, const void *, size_t) = (void *(*)(void *, const void *, size_t))found(RTLD_DEFAULT, "memcpy");
    check_text((const char *)copy(to, from, 5), "four");
    check_eq(must(dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.14")), copy);
    copy = (void *(*)(void *, const void *, size_t))must(dlvsym(RTLD_NEXT, "memcpy", "GLIBC_2.2.5"));
    check_text((const char *)copy(to, from, 5), "four");
    size_t (*length)(const char *) = (size_t(*)(const char *))found(RTLD_NEXT, "strlen");
    check_eq(length("four"), 4);
    check(must(dlvsym(RTLD_DEFAULT, "pthread_cond_wait", "GLIBC_2.2.5")) != found(RTLD_DEFAULT, "pthread_cond_wait"));
    check_eq(must(dlvsym(RTLD_DEFAULT, "pthread_cond_wait", "GLIBC_2.3.2")), found(RTLD_DEFAULT, "pthread_cond_wait"));
    say("ok\n");
}
